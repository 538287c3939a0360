"""A pure step against the bare library event it rests on.

Both fire the same event of the same chart with the same facts: `bare` is the library alone
(reused machine, state put back by assignment), `step` adds what we add (checks, the journey
before and after, notices and effects).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from attrs import evolve

from monespace_flows.chart import Slot
from monespace_flows.facts import CodeFacts, CodeVerdict, Facts, NoFacts
from monespace_flows.flows import FLOWS
from monespace_flows.journey import Journey, SentCode
from monespace_flows.step import begin, step

from .timing import side_by_side

__all__ = ["measure"]

_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_CREATION = FLOWS["creation"]


def measure() -> dict[str, float]:
    """Milliseconds of CPU, and the ratios."""
    asked = evolve(
        begin(_CREATION, "AAAA-AAAA", _NOW), state="enter_code", code=SentCode(sent_at=_NOW)
    )
    refused = CodeFacts(code=CodeVerdict.DIFFERS)
    works: dict[str, Callable[[], object]] = {}
    for name, event, facts in (
        ("one_row", "extend", NoFacts()),
        ("seventh_row", "submit_code", refused),
    ):
        works[f"bare_{name}"] = _bare(asked, event, facts)
        works[f"step_{name}"] = _step(asked, event, facts)
    taken = side_by_side(works, times=300)
    results = {f"{name}_ms": round(value, 4) for name, value in taken.items()}
    for name in ("one_row", "seventh_row"):
        ratio = taken[f"step_{name}"] / taken[f"bare_{name}"]
        results[f"ratio_{name}"] = round(ratio, 2)
    return results


def _bare(journey: Journey, event: str, facts: Facts) -> Callable[[], object]:
    slot = Slot()
    slot.state, slot.journey, slot.facts, slot.at, slot.effects = (
        journey.state,
        journey,
        facts,
        _NOW,
        [],
    )
    machine = _CREATION.chart(slot)

    def work() -> None:
        slot.state = journey.state
        slot.journey = journey
        slot.effects = []
        machine.send(event)

    return work


def _step(journey: Journey, event: str, facts: Facts) -> Callable[[], object]:
    return lambda: step(_CREATION, journey, event, facts, _NOW)
