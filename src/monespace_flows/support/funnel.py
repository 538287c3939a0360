"""Where people stop: by screen, and by cause; counts under five are never shown.

A cell of one to four journeys is shown as ``"<5"``, so that nobody can be told apart by a rare
path; :mod:`~monespace_flows.support.disclosure` sees to it that none can be worked out either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from ..facts import TickFacts
from ..journal import Entry
from .causes import Diagnosis, Status
from .disclosure import Cell, Name, Shape, disclose, least

__all__ = ["Funnel", "FunnelRow"]

_CAUSE = "cause"


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

    _shapes: dict[str, Counter[Shape]] = field(factory=dict)
    _order: dict[tuple[str, str], None] = field(factory=dict)

    def add(self, entries: Sequence[Entry], diagnosis: Diagnosis) -> None:
        """Count one journey."""
        last = entries[-1]
        late = diagnosis.status is Status.EXPIRED and isinstance(last.facts, TickFacts)
        stop = last.before if late else last.after
        cells = {(diagnosis.status.value, stop), (_CAUSE, diagnosis.cause_id)}
        for state in dict.fromkeys(entry.after for entry in entries):
            self._order[last.flow, state] = None
            if state not in (stop, last.after):
                cells.add(("went_on", state))
        self._shapes.setdefault(last.flow, Counter())[frozenset(cells)] += 1

    def rows(self) -> Sequence[FunnelRow]:
        """The table, flow by flow, screens in the order in which they were first met."""
        return [
            _row(name, state, shown)
            for name, shapes in self._shapes.items()
            for shown in (disclose(shapes),)
            for flow, state in self._order
            if flow == name
        ]

    def causes(self) -> Sequence[tuple[str, str, Cell]]:
        """The causes by flow, most frequent first; rare ones in the order of their names."""
        counted = [
            (flow, cause, cell)
            for flow, shapes in self._shapes.items()
            for (kind, cause), cell in disclose(shapes).items()
            if kind == _CAUSE
        ]
        return sorted(counted, key=lambda it: (it[0], -least(it[2]), it[1]))


def _row(flow: str, state: str, shown: Mapping[Name, Cell]) -> FunnelRow:
    def cell(kind: str) -> Cell:
        return shown.get((kind, state), 0)

    return FunnelRow(
        flow=flow,
        state=state,
        went_on=cell("went_on"),
        done=cell("done"),
        blocked=cell("blocked"),
        abandoned=cell("abandoned"),
        expired=cell("expired"),
        open=cell("open"),
    )
