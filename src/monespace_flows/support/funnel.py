"""Where people stop: by screen, and by cause; counts under five are never shown.

A cell of one to four journeys is shown as ``"<5"``, so that nobody can be told apart by a rare
path.  Hiding the small ones is not enough: where six stopped at a screen and nine reached it, three
went on.  So a neighbour is told less precisely too, the fewest and smallest that will do.

Every journey counts in several cells; these cells are its *profile*, and profiles hold whatever
binds the numbers: sums, the steps of a funnel, the causes that make up a column.  A hidden cell is
safe when one journey more, one less, or one of another profile that was met would change it and
show nowhere.  So even a reader who knows which profiles were met finds two counts possible, at
least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf

from attrs import define, field, frozen

from ..facts import TickFacts
from ..journal.entry import Entry
from .diagnosis import Diagnosis, Status

__all__ = ["Cell", "Funnel"]

SMALL = 5
"""The smallest count that is shown."""

_TEN = 2 * SMALL

Cell = int | str
"""A count, or ``"<5"``, ``"<10"`` (one to nine), ``">=1040"`` (that or more)."""

CellName = tuple[str, str]
Profile = frozenset[CellName]

_NOBODY: Profile = frozenset()


def disclose(profiles: Mapping[Profile, int]) -> Mapping[CellName, Cell]:
    """Say of every cell what may be shown.

    Args:
        profiles: how many journeys counted in the same cells.
    """
    counts: Counter[CellName] = Counter()
    for profile, count in profiles.items():
        counts.update(dict.fromkeys(profile, count))
    table = _Table(tuple(profiles), counts, {name: _forms(counts[name]) for name in counts})
    table.save_all()
    return {name: forms[0].text for name, forms in table.forms.items()}


def least(cell: Cell) -> int:
    """The count that a cell shows at least, to rank it without the one that it hides."""
    return cell if isinstance(cell, int) else int(cell.partition(">=")[2] or 0)


@frozen
class _Form:
    """A way of telling a count, and the counts that it leaves possible."""

    text: Cell
    low: int
    high: float

    def holds(self, count: int) -> bool:
        return self.low <= count <= self.high


def _forms(count: int) -> tuple[_Form, ...]:
    """How a count may be told, from the most precise way to the vaguest."""
    exact, below_ten = _Form(count, count, count), _Form(f"<{_TEN}", 1, _TEN - 1)
    if count < SMALL:
        return _Form(f"<{SMALL}", 1, SMALL - 1), below_ten
    vaguest = _Form(f">={SMALL}", SMALL, inf)
    if count < _TEN:
        return exact, below_ten, vaguest
    tens = count - count % _TEN
    return exact, _Form(f">={tens}", tens, tens + _TEN - 1), vaguest


_Widened = Mapping[CellName, tuple[_Form, ...]]


@define
class _Table:
    """The cells, each with the ways of telling it that are left; the first one is in force."""

    profiles: Sequence[Profile]
    counts: Mapping[CellName, int]
    forms: dict[CellName, tuple[_Form, ...]]

    def save_all(self) -> None:
        """Tell cells less precisely until every hidden one is safe."""
        safe: set[CellName] = set()
        # The smallest first: what saves them mostly saves the others too.  A cell told more vaguely
        # still allows the step that it allowed, so who is safe remains so.
        for name in sorted(self.counts, key=lambda it: (self.counts[it], it)):
            if name not in safe and isinstance(self.forms[name][0].text, str):
                safe |= self._save(name)

    def _save(self, name: CellName) -> Profile:
        """Make one move of a journey possible that changes a cell; returns all that it changes."""
        moves = ((self._widened(*move), move) for move in self._moves(name))
        # One more of any profile is always possible once its cells are told vaguely enough.
        widened, (left, joined) = min(
            ((needed, move) for needed, move in moves if needed is not None),
            key=lambda it: self._price(it[0]),
        )
        self.forms.update(widened)
        return left | joined

    def _moves(self, name: CellName) -> Iterator[tuple[Profile, Profile]]:
        """The cells that one journey leaves and those that it joins, changing ``name``."""
        for profile in self.profiles:
            if name in profile:
                for other in (_NOBODY, *self.profiles):
                    if name not in other:
                        yield profile - other, other - profile
                        yield other - profile, profile - other

    def _widened(self, left: Profile, joined: Profile) -> _Widened | None:
        """The cells that must be told less precisely for a move to show nowhere, if that helps."""
        needed: dict[CellName, tuple[_Form, ...]] = {}
        for step, names in ((-1, left), (1, joined)):
            for name in names:
                forms, count = self.forms[name], self.counts[name] + step
                if not forms[0].holds(count):
                    rest = next((i for i, form in enumerate(forms) if form.holds(count)), None)
                    if rest is None:
                        return None
                    needed[name] = forms[rest:]
        return needed

    def _price(self, widened: _Widened) -> tuple[int, int, Sequence[CellName]]:
        lost = sum(len(self.forms[name]) - len(forms) for name, forms in widened.items())
        return lost, sum(map(self.counts.__getitem__, widened)), sorted(widened)


# --- the funnel: by screen, and by cause ---------------------------------------------------------

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

    _profiles: dict[str, Counter[Profile]] = field(factory=dict)
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
        self._profiles.setdefault(last.flow, Counter())[frozenset(cells)] += 1

    def rows(self) -> Sequence[FunnelRow]:
        """The table, flow by flow, screens in the order in which they were first met."""
        shown = {flow: disclose(profiles) for flow, profiles in self._profiles.items()}
        return [
            _row(name, state, cells)
            for name, cells in shown.items()
            for flow, state in self._order
            if flow == name
        ]

    def causes(self) -> Sequence[tuple[str, str, Cell]]:
        """The causes by flow, most frequent first; rare ones in the order of their names."""
        counted = [
            (flow, cause, cell)
            for flow, profiles in self._profiles.items()
            for (kind, cause), cell in disclose(profiles).items()
            if kind == _CAUSE
        ]
        return sorted(counted, key=lambda it: (it[0], -least(it[2]), it[1]))


def _row(flow: str, state: str, shown: Mapping[CellName, Cell]) -> FunnelRow:
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
