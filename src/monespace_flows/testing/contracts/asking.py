"""Asking rules of a host's ports, and what came of it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any

from attrs import frozen

from .candidate import Candidate, Make
from .rules import RULES, Broken, Rule, shortened
from .trail import Recorded, Trail
from .waivers import Waiver

__all__ = ()

_HIDDEN = {"registry", "secrets", "passwords"}
_PORTS = {
    "storage", "twin", "registry", "secrets", "rotated", "retired", "passwords", "emails",
    "messaging", "away", "clock",
}  # fmt: skip

_MADE = {"fresh": "storage", "both": "twin", "each": "storage"}
"""What is called to have a storage, and what must be given for it."""


class End(Enum):
    """How the asking of a rule ended."""

    KEPT = "kept"
    BROKEN = "broken"
    WAIVED = "waived"
    ABSENT = "absent"

    @property
    def is_good(self) -> bool:
        """Whether nothing is to be done."""
        return self is not End.BROKEN


@frozen
class Outcome:
    """What came of one rule.

    Attributes:
        rule: the rule.
        end: how it ended.
        told: what was seen, or why the rule was not asked; it holds no value of a person.
        calls: the calls that led there, since the port was fresh.
    """

    rule: Rule
    end: End
    told: str = ""
    calls: tuple[str, ...] = ()


def rules_of(ports: Iterable[str] = ()) -> list[Rule]:
    """List the rules of some ports, or all, by number."""
    wanted = set(ports)
    return sorted(
        (it for it in RULES.values() if not wanted or it.port in wanted), key=lambda it: it.number
    )


def describe(outcome: Outcome) -> list[str]:
    """Say of a rule that is broken what it is, what was seen and done, and where to look."""
    rule = outcome.rule
    return [
        f"{rule.number}: {rule.sentence}",
        f"  seen: {outcome.told}",
        f"  else: {rule.danger}",
        f"  hint: {rule.hint}",
        *(["  after:"] if outcome.calls else []),
        *(f"    {call}" for call in outcome.calls),
    ]


def given(candidate: Candidate) -> list[str]:
    """Name the ports that a candidate gives, of those that have rules."""
    return sorted({it.port for it in RULES.values() if getattr(candidate, it.port) is not None})


def ask_each(
    make: Make, rules: Iterable[Rule], waivers: Sequence[Waiver], today: date
) -> Iterator[Outcome]:
    """Ask rules one by one, each of fresh ports."""
    for rule in rules:
        yield ask(make, rule, waivers, today)


def ask(make: Make, rule: Rule, waivers: Sequence[Waiver], today: date) -> Outcome:
    """Ask one rule.

    A waiver that ended counts for nothing, and one that is not needed breaks the rule: else it
    would hide the next fault.
    """
    outcome = _asked(make, rule)
    waiver = next((it for it in waivers if it.rule == rule.number), None)
    if waiver is None:
        return outcome
    if outcome.end is not End.BROKEN:
        told = "it is waived, and the waiver is not needed: take it out"
        return Outcome(rule, End.BROKEN, told)
    if today > waiver.until:
        told = f"{outcome.told}; its waiver ended on {waiver.until}"
        return Outcome(rule, End.BROKEN, told, outcome.calls)
    return Outcome(rule, End.WAIVED, f"until {waiver.until}: {waiver.reason}", outcome.calls)


def _asked(make: Make, rule: Rule) -> Outcome:
    trail = Trail()
    with closing(_Bench(make, trail)) as bench:
        why = bench.first.absent.get(rule.capability or "")
        if why is not None:
            return Outcome(rule, End.ABSENT, f"without {rule.capability}: {why}")
        missing = next((it for it in map(_given_as, rule.needs) if not bench.has(it)), None)
        if missing is not None:
            return _unasked(rule, missing, bench.first.unsaid)
        try:
            rule.body(**{name: bench.give(name) for name in rule.needs})
        except Broken as error:
            return Outcome(rule, End.BROKEN, str(error), trail.shown())
        except Exception as error:  # noqa: BLE001 - whatever a host's port raises breaks the rule
            return Outcome(rule, End.BROKEN, _of_error(error, rule), trail.shown())
    return Outcome(rule, End.KEPT)


def _given_as(name: str) -> str:
    """What must be given for a rule that needs ``name``."""
    return _MADE.get(name, name)


def _unasked(rule: Rule, missing: str, unsaid: str | None) -> Outcome:
    if unsaid is not None:
        return Outcome(rule, End.ABSENT, f"without {missing}: {unsaid}")
    told = f"the factory gives no {missing}: give it, or say in absent why it is not there"
    return Outcome(rule, End.BROKEN, told)


class _Bench:
    """What one rule works with: fresh ports, whose calls are noted."""

    def __init__(self, make: Make, trail: Trail) -> None:
        self._make = make
        self._trail = trail
        self.first = self._last = Candidate.of(make())

    def has(self, name: str) -> bool:
        """Whether the candidate gives something."""
        return getattr(self.first, name) is not None

    def give(self, name: str) -> Any:
        """Give what a rule needs, by the name of its parameter."""
        if name in _MADE:
            return getattr(self, f"_{name}")
        found = getattr(self.first, name)
        return self._noted(found, name) if name in _PORTS else found

    def close(self) -> None:
        """Close what was opened last."""
        self._last.close()

    def _fresh(self) -> Any:
        self._last.close()
        self._trail.clear()
        self._last = Candidate.of(self._make())
        return self._noted(self._last.storage, "storage")

    def _each(self, number: int) -> Any:
        """Even numbers have the storage, odd ones its twin, if there is one."""
        name = "twin" if number % 2 and self.first.twin is not None else "storage"
        return self._noted(getattr(self.first, name), name)

    def _both(self) -> tuple[Any, Any]:
        return self._fresh(), self._noted(self._last.twin, "twin")

    def _noted(self, port: object, name: str) -> Any:
        return Recorded(port, name, self._trail, hidden=name in _HIDDEN | {"rotated", "retired"})


def _of_error(error: Exception, rule: Rule) -> str:
    """Say what was raised and where; its own words may hold what a person typed."""
    *_, last = traceback.extract_tb(error.__traceback__)
    told = f"{type(error).__name__} was raised in {PurePath(last.filename).name}:{last.lineno}"
    return told if rule.port in _HIDDEN else f"{told}: {shortened(str(error))}"
