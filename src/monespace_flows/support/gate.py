"""The gate: would today's charts have taken recorded journeys elsewhere?

Each journey is told again by the compiled tables; what differs is classed from harmless to grave
and clustered by where it happened, with the smallest journey as an example.  After a harmless
difference the telling goes on; once the person stands elsewhere it stops, since what they then
would have done is unknown.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

from attrs import define, field, frozen

from ..chart import Flow
from ..effects import kind_of
from ..journal.entry import ACCOUNT_JOURNAL, START
from ..retelling.fold import Outcome, fold
from ..retelling.table import MemoizedTable

__all__ = [
    "Cluster",
    "Drift",
    "DriftKey",
    "Gate",
    "Judged",
    "Report",
    "Waiver",
    "WaiverUnreadable",
    "judge",
    "paste",
    "read_waivers",
]

Raw = Mapping[str, Any]


class Drift(Enum):
    """What became of a journey, from harmless to grave."""

    SAME = "same"
    WORDING = "wording changed"
    NEW_EFFECT = "new optional effect"
    OTHER_CONTENT = "effect says otherwise"
    EFFECT_LOST = "effect missing or reordered"
    OTHER_SCREEN = "different next screen"
    OTHER_END = "different end"
    CANNOT_FOLD = "cannot fold"

    @property
    def grade(self) -> int:
        """How grave: 0 is harmless."""
        return _GRADES[self]


_GRADES = {drift: grade for grade, drift in enumerate(Drift)}


@frozen
class DriftKey:
    """Where journeys drift, and how: all that clusters them."""

    drift: Drift
    flow: str
    state: str
    event: str
    expected: str
    actual: str


@define
class Cluster:
    """The journeys that drift in one place."""

    place: DriftKey
    count: int = 0
    example: str = ""
    example_length: int = 0
    example_seq: int = 0
    fingerprint: str = ""

    def add(self, reference: str, length: int, seq: int, weight: int) -> None:
        """Count a journey; the shortest one is the example."""
        self.count += weight
        if not self.example or (length, reference) < (self.example_length, self.example):
            self.example, self.example_length, self.example_seq = reference, length, seq


@define
class Report:
    """What the gate found; a journey counts once, under its gravest drift.

    ``by_kind`` counts the journeys with lines of before the contents of effects were kept: these
    are compared by the kinds of their effects only.
    """

    journeys: int = 0
    steps: int = 0
    by_kind: int = 0
    by_drift: dict[Drift, int] = field(factory=lambda: dict.fromkeys(Drift, 0))
    clusters: dict[DriftKey, Cluster] = field(factory=dict)

    @property
    def touched(self) -> int:
        """How many journeys differ at all."""
        return self.journeys - self.by_drift[Drift.SAME]

    @property
    def share(self) -> float:
        """The share of journeys that differ, from 0 to 1."""
        return self.touched / self.journeys if self.journeys else 0.0

    def ranked(self) -> Sequence[Cluster]:
        """The clusters, gravest and most frequent first."""
        return sorted(
            self.clusters.values(),
            key=lambda it: (-it.place.drift.grade, -it.count, it.example, it.example_seq),
        )


class Gate:
    """Tells journeys again by the tables of some flows, today's or others."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self._tables = {name: MemoizedTable(flow) for name, flow in flows.items()}
        self.report = Report()

    def judge_all(self, journeys: Iterable[Sequence[Raw]]) -> Report:
        """Judge a corpus."""
        for journey in journeys:
            self.judge(journey)
        return self.report

    def judge(self, lines: Sequence[Raw], weight: int = 1) -> Drift:
        """Judge one journey, from its decoded lines; ``weight`` journeys went that way."""
        report = self.report
        if lines[0]["flow"] == ACCOUNT_JOURNAL:
            return Drift.SAME  # operators' acts: no table decides them, so that none can drift
        report.journeys += weight
        report.steps += weight * len(lines)
        report.by_kind += weight * any(it["effects"] and "told" not in it for it in lines)
        table = self._tables.get(lines[0]["flow"])
        if table is None:
            return self._settle(lines, weight, [(lines[0], Drift.CANNOT_FOLD, "", "unknown flow")])
        if lines[0]["command"] != START:
            return self._settle(lines, weight, _found(table, lines))
        found = _differences_at_start(table.flow, lines[0])
        if lines[0]["after"] == table.flow.initial:
            found += _found(table, lines[1:])
        return self._settle(lines, weight, found)

    def _settle(self, lines: Sequence[Raw], weight: int, found: list[_Found]) -> Drift:
        worst = Drift.SAME
        for place, line in {_place(*one): one[0] for one in found}.items():
            cluster = self.report.clusters.get(place)
            if cluster is None:
                cluster = self.report.clusters[place] = Cluster(place)
                cluster.fingerprint = line["fingerprint"]
            cluster.add(lines[0]["reference"], len(lines), line["seq"], weight)
            worst = max(worst, place.drift, key=_GRADES.__getitem__)
        self.report.by_drift[worst] += weight
        return worst


_Found = tuple[Raw, Drift, str, str]


def _place(line: Raw, drift: Drift, expected: str, actual: str) -> DriftKey:
    return DriftKey(drift, line["flow"], line["before"], line["command"], expected, actual)


def _found(table: MemoizedTable, lines: Sequence[Raw]) -> list[_Found]:
    found: list[_Found] = []
    for _, line, outcome in fold(table.answer, table.start, lines):
        recorded, today = _effects(line, outcome)
        if (
            outcome.state != line["after"]
            or outcome.notices != line["notices"]
            or outcome.screen != line["screen"]
            or recorded != today
        ):
            found += _differences(table.flow, line, outcome)
            if outcome.state != line["after"]:
                break
    return found


def _differences_at_start(flow: Flow, line: Raw) -> list[_Found]:
    if line["after"] not in flow.screens:
        return [(line, Drift.CANNOT_FOLD, line["after"], "unknown state")]
    if line["after"] != flow.initial:
        return [(line, Drift.OTHER_SCREEN, line["after"], flow.initial)]
    screen = flow.screens[flow.initial].id
    if line["screen"] != screen:
        return [(line, Drift.OTHER_SCREEN, line["screen"], screen)]
    return []


def _differences(flow: Flow, line: Raw, outcome: Outcome[int]) -> list[_Found]:
    if outcome.after is None or line["after"] not in flow.screens:
        return [(line, Drift.CANNOT_FOLD, line["after"], outcome.state)]
    if outcome.state != line["after"]:
        ends = outcome.state in flow.finals or line["after"] in flow.finals
        drift = Drift.OTHER_END if ends else Drift.OTHER_SCREEN
        return [(line, drift, line["after"], outcome.state)]
    found: list[_Found] = []
    if outcome.screen != line["screen"]:
        found.append((line, Drift.OTHER_SCREEN, line["screen"], outcome.screen))
    if outcome.notices != line["notices"]:
        found.append((line, Drift.WORDING, _listed(line["notices"]), _listed(outcome.notices)))
    recorded, today = _effects(line, outcome)
    if recorded != today:
        found.append((line, _drift(recorded, today), _listed(recorded), _listed(today)))
    return found


def _effects(line: Raw, outcome: Outcome[int]) -> tuple[Sequence[str], Sequence[str]]:
    """The effects of a line and today's, as far as the line tells."""
    told = line.get("told")
    if told is not None:
        return told, outcome.told
    return [wish["kind"] for wish in line["effects"]], outcome.effects


def _drift(recorded: Sequence[str], today: Sequence[str]) -> Drift:
    if list(map(kind_of, recorded)) == list(map(kind_of, today)):
        return Drift.OTHER_CONTENT
    return Drift.NEW_EFFECT if _holds(today, recorded) else Drift.EFFECT_LOST


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    """Whether ``shorter`` can be read in ``longer``, in order."""
    rest = iter(longer)
    return all(kind in rest for kind in shorter)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


# --- waivers: drifts that were looked at and accepted ---------------------------------------------

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

    def covers(self, place: DriftKey) -> bool:
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


def paste(place: DriftKey) -> str:
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
