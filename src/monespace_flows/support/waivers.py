"""Drifts that were looked at and accepted: each with its reason and the day it ends.

A waiver is a table ``[[waiver]]`` of a TOML file, with the place it waives as the gate prints it::

    [[waiver]]
    flow = "creation"
    state = "enter_code"
    event = "submit_code"
    expected = "code.wrong"
    actual = "code.differs"
    reason = "new sentence, agreed with the Order"
    until = 2027-03-31
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date

from attrs import frozen

from .drift import Cluster, Place

__all__ = ["Judged", "Waiver", "WaiverUnreadable", "judge", "paste", "read_waivers"]

_NAMES = ("flow", "state", "event", "expected", "actual", "reason")


@frozen(kw_only=True)
class Waiver:
    """One accepted drift; it counts up to ``until``, that day included."""

    flow: str
    state: str
    event: str
    expected: str
    actual: str
    reason: str
    until: date

    def covers(self, place: Place) -> bool:
        """Whether it speaks of a place."""
        return (self.flow, self.state, self.event, self.expected, self.actual) == (
            place.flow,
            place.state,
            place.event,
            place.expected,
            place.actual,
        )


class WaiverUnreadable(ValueError):
    """A waiver that lacks something: which one of the file, and the ``name`` of what is missing."""

    def __init__(self, place: int, name: str) -> None:
        super().__init__(f"waiver {place}: {name} is missing or not of the right kind")
        self.place = place
        self.name = name


@frozen(kw_only=True)
class Judged:
    """Clusters apart: those to look at, those waived, and the waivers that serve no more."""

    open: tuple[Cluster, ...]
    waived: tuple[Cluster, ...]
    ended: tuple[Waiver, ...]
    unused: tuple[Waiver, ...]


def read_waivers(text: str) -> tuple[Waiver, ...]:
    """Read a file of waivers.

    Raises:
        WaiverUnreadable: a waiver lacks something.
        ValueError: it is not TOML.
    """
    waivers = []
    for place, table in enumerate(tomllib.loads(text).get("waiver", ()), start=1):
        until = table.get("until")
        missing = [name for name in _NAMES if not isinstance(table.get(name), str)]
        if missing or type(until) is not date or not table["reason"].strip():
            wrong = ", ".join(missing) or ("until" if type(until) is not date else "reason")
            raise WaiverUnreadable(place, wrong)
        waivers.append(Waiver(**{name: table[name] for name in _NAMES}, until=until))
    return tuple(waivers)


def judge(clusters: Iterable[Cluster], waivers: Sequence[Waiver], today: date) -> Judged:
    """Tell clusters that are waived today from those that are not."""
    living = [waiver for waiver in waivers if today <= waiver.until]
    standing, waived, used = [], [], set()
    for cluster in clusters:
        waiver = next((it for it in living if it.covers(cluster.place)), None)
        if waiver is None:
            standing.append(cluster)
        else:
            waived.append(cluster)
            used.add(waiver)
    return Judged(
        open=tuple(standing),
        waived=tuple(waived),
        ended=tuple(waiver for waiver in waivers if today > waiver.until),
        unused=tuple(waiver for waiver in living if waiver not in used),
    )


def paste(place: Place) -> str:
    """The waiver to paste for a place; its reason and end are left to fill in."""
    values = {
        "flow": place.flow,
        "state": place.state,
        "event": place.event,
        "expected": place.expected,
        "actual": place.actual,
        "reason": "",
    }
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(["[[waiver]]", *lines, "until = "])
