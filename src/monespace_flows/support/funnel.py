"""Where people stop: by screen, and by cause; counts under five are never shown.

A cell of one to four journeys is shown as ``"<5"``, so that nobody can be told apart by a rare
path; no totals are given from which a hidden cell could be worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import define, field, frozen

from ..facts import TickFacts
from ..journal import Entry
from .causes import Diagnosis, Status

__all__ = ["SMALL", "Cell", "Funnel", "FunnelRow", "shown"]

SMALL = 5
"""The smallest count that is shown."""

Cell = int | str


def shown(count: int) -> Cell:
    """A count as it may be shown."""
    return "<5" if 0 < count < SMALL else count


@frozen(kw_only=True)
class FunnelRow:
    """One screen of a flow: how many went on from it, and how many stopped there, and how."""

    flow: str
    state: str
    went_on: Cell
    done: Cell
    blocked: Cell
    abandoned: Cell
    expired: Cell
    open: Cell


@define
class Funnel:
    """Counts journeys by where they stopped."""

    _went_on: Counter[tuple[str, str]] = field(factory=Counter)
    _stopped: Counter[tuple[str, str, Status]] = field(factory=Counter)
    _causes: Counter[tuple[str, str]] = field(factory=Counter)
    _order: dict[tuple[str, str], None] = field(factory=dict)

    def add(self, entries: Sequence[Entry], diagnosis: Diagnosis) -> None:
        """Count one journey."""
        last = entries[-1]
        late = diagnosis.status is Status.EXPIRED and isinstance(last.facts, TickFacts)
        stop = last.before if late else last.after
        for state in dict.fromkeys(entry.after for entry in entries):
            self._order[last.flow, state] = None
            if state not in (stop, last.after):
                self._went_on[last.flow, state] += 1
        self._stopped[last.flow, stop, diagnosis.status] += 1
        self._causes[last.flow, diagnosis.cause_id] += 1

    def rows(self) -> Sequence[FunnelRow]:
        """The table, flow by flow, screens in the order in which they were first met."""
        flows = dict.fromkeys(flow for flow, _ in self._order)
        return [
            self._row(flow, state) for name in flows for flow, state in self._order if flow == name
        ]

    def causes(self) -> Sequence[tuple[str, str, Cell]]:
        """The causes by flow, most frequent first; rare ones in the order of their names."""
        ranked = sorted(
            self._causes.items(), key=lambda it: (it[0][0], -max(it[1], SMALL), it[0][1])
        )
        return [(flow, cause, shown(count)) for (flow, cause), count in ranked]

    def _row(self, flow: str, state: str) -> FunnelRow:
        def stopped(status: Status) -> Cell:
            return shown(self._stopped[flow, state, status])

        return FunnelRow(
            flow=flow,
            state=state,
            went_on=shown(self._went_on[flow, state]),
            done=stopped(Status.DONE),
            blocked=stopped(Status.BLOCKED),
            abandoned=stopped(Status.ABANDONED),
            expired=stopped(Status.EXPIRED),
            open=stopped(Status.OPEN),
        )
