"""No small count can be worked out from what `monespace stats` shows.

The reader here is the keenest there can be: they know every chart, and which shapes of journeys
were met. From the numbers shown they solve for each hidden one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monespace_flows.facts import Deadline, Facts, NoFacts, TickFacts
from monespace_flows.journal.entry import Entry
from monespace_flows.support.diagnosis import Diagnosis, Status
from monespace_flows.support.funnel import Cell, CellName, Funnel, Profile, disclose, least
from monespace_flows.wording import Text

# --- the reader ----------------------------------------------------------------------------------

_FAR = 40  # further than any count drawn here: finding two values needs no larger ones


def possible(cell: Cell) -> tuple[int, int]:
    """What a reader may think of a cell: one who has read the code takes ``>=20`` for 20 to 29."""
    match cell:
        case int():
            return cell, cell
        case "<5":
            return 1, 4
        case "<10":
            return 1, 9
        case ">=5":
            return 5, _FAR
        case str():
            low = int(cell.removeprefix(">="))
            return low, low + 9


def other_value(
    name: CellName,
    counts: Mapping[CellName, int],
    shown: Mapping[CellName, Cell],
    shapes: Sequence[Profile],
) -> int | None:
    """Another value of a cell with which journeys of these shapes show the same numbers."""
    low, high = possible(shown[name])
    for bounds in ((low, counts[name] - 1), (counts[name] + 1, high)):
        cells = {it: possible(cell) for it, cell in shown.items()} | {name: bounds}
        found = next(_solutions(shapes, cells), None)
        if found is not None:
            return sum(count for shape, count in zip(shapes, found, strict=True) if name in shape)
    return None


def _solutions(
    shapes: Sequence[Profile], left: Mapping[CellName, tuple[int, int]]
) -> Iterator[tuple[int, ...]]:
    """How many journeys of each shape there may be, so that every cell lies within its bounds."""
    if any(high < max(low, 0) for low, high in left.values()):
        return
    if not shapes:
        if all(low <= 0 for low, _ in left.values()):
            yield ()
        return
    first, *rest = shapes
    met = frozenset[CellName]().union(*rest)
    # A cell that no later shape touches must be filled by this one.
    floor = max((left[it][0] for it in first - met), default=0)
    if any(low > 0 for it, (low, _) in left.items() if it not in first | met):
        return
    for count in range(max(floor, 0), min(left[it][1] for it in first) + 1):
        after = {
            it: (low - count, high - count) if it in first else (low, high)
            for it, (low, high) in left.items()
        }
        for others in _solutions(rest, after):
            yield (count, *others)


def pinned(shapes: Mapping[Profile, int], shown: Mapping[CellName, Cell]) -> list[CellName]:
    """The hidden cells of which the reader is sure."""
    counts = counted(shapes)
    return [
        name
        for name, cell in shown.items()
        if isinstance(cell, str) and other_value(name, counts, shown, list(shapes)) is None
    ]


def counted(shapes: Mapping[Profile, int]) -> dict[CellName, int]:
    names = frozenset[CellName]().union(*shapes)
    return {name: sum(n for shape, n in shapes.items() if name in shape) for name in names}


def naively(shapes: Mapping[Profile, int]) -> dict[CellName, Cell]:
    """What hiding only the small ones shows."""
    return {name: "<5" if count < 5 else count for name, count in counted(shapes).items()}


# --- people who stop somewhere -------------------------------------------------------------------

NOTHING = Text("", "")
START = datetime(2026, 11, 22, 10, tzinfo=UTC)


@frozen
class Walk:
    """A way through screens, how it ended, and why; ``late``: the clock ended it."""

    states: tuple[str, ...]
    status: Status
    cause: str
    late: bool = False

    def entries(self) -> list[Entry]:
        pairs = zip(("", *self.states), self.states, strict=False)
        entries = [_line(seq, before, after) for seq, (before, after) in enumerate(pairs)]
        if self.late:
            entries.append(
                _line(
                    len(entries), self.states[-1], "expired", TickFacts(deadline=Deadline.JOURNEY)
                )
            )
        return entries

    def diagnosis(self) -> Diagnosis:
        return Diagnosis(
            status=Status.EXPIRED if self.late else self.status,
            cause_id=self.cause,
            count=1,
            short=NOTHING,
            cause=NOTHING,
            way_out=NOTHING,
            why=NOTHING,
        )

    def shape(self) -> Profile:
        """The cells in which it counts, told apart from the code that is tested."""
        stop = self.states[-1]
        passed = {("went_on", state) for state in self.states if state != stop}
        return frozenset({*passed, (self.diagnosis().status.value, stop), ("cause", self.cause)})


def _line(seq: int, before: str, after: str, facts: Facts | None = None) -> Entry:
    return Entry(
        seq=seq,
        at=START,
        reference="7K3Q-F9M2",
        flow="creation",
        flow_version=1,
        fingerprint="",
        before=before,
        command="start",
        facts=facts or NoFacts(),
        effects=(),
        after=after,
        notices=(),
        screen=after,
    )


STATES = ("enter_identity", "choose_channel", "enter_code", "created")
CAUSES = ("form", "code.differs", "code.expired", "waiting")


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """Forward as in a funnel, and now and then back."""
    states = STATES[: draw(st.integers(1, len(STATES)))]
    if draw(st.integers(0, 3)) == 0:
        states += (draw(st.sampled_from(STATES)),)
    status = draw(st.sampled_from([Status.BLOCKED, Status.OPEN]))
    return Walk(states, status, draw(st.sampled_from(CAUSES)), draw(st.booleans()))


crowds = st.dictionaries(walks(), st.integers(1, 13), min_size=1, max_size=5)


def shapes_of(crowd: Mapping[Walk, int]) -> dict[Profile, int]:
    shapes: dict[Profile, int] = {}
    for walk, count in crowd.items():
        shapes[walk.shape()] = shapes.get(walk.shape(), 0) + count
    return shapes


def shown_of(crowd: Mapping[Walk, int]) -> dict[CellName, Cell]:
    """Everything that the two tables show, cell by cell."""
    funnel = Funnel()
    for walk, count in crowd.items():
        for _ in range(count):
            funnel.add(walk.entries(), walk.diagnosis())
    kinds = ("went_on", "done", "blocked", "abandoned", "expired", "open")
    shown: dict[CellName, Cell] = {
        (kind, row.state): getattr(row, kind) for row in funnel.rows() for kind in kinds
    }
    return shown | {("cause", cause): cell for _, cause, cell in funnel.causes()}


FORM = Walk(("enter_identity",), Status.BLOCKED, "form")
CHOOSING = Walk(("enter_identity", "choose_channel"), Status.OPEN, "waiting")
CODED = Walk(("enter_identity", "choose_channel", "enter_code"), Status.OPEN, "code.expired")
FOUR = {Walk(("enter_identity",), Status.BLOCKED, cause): 1 for cause in CAUSES}

# --- what must hold ------------------------------------------------------------------------------


@settings(max_examples=300)
@given(crowds)
@example({CHOOSING: 6, CODED: 3})
@example({CHOOSING: 6, CODED: 4})
@example({CHOOSING: 9, FORM: 1, CODED: 9})
@example(FOUR)
def test_of_no_hidden_count_a_reader_can_be_sure(crowd: Mapping[Walk, int]) -> None:
    """Every hidden cell, the neighbours hidden for its sake too, may have another value."""
    shown = shown_of(crowd)

    assert pinned(shapes_of(crowd), shown) == []


@settings(max_examples=300)
@given(crowds)
def test_what_is_shown_is_true(crowd: Mapping[Walk, int]) -> None:
    counts = counted(shapes_of(crowd))
    for name, cell in shown_of(crowd).items():
        low, high = possible(cell)
        assert low <= counts.get(name, 0) <= high
        assert cell not in range(1, 5)


@pytest.mark.parametrize(
    ("crowd", "known"),
    [
        ({CHOOSING: 6, CODED: 3}, ("went_on", "choose_channel")),  # a step of the funnel
        ({FORM: 6, Walk(("enter_identity",), Status.BLOCKED, "waiting"): 2}, ("cause", "waiting")),
        (FOUR, ("blocked", "enter_identity")),  # four who are each one at least
    ],
)
def test_hiding_only_the_small_ones_would_not_do(crowd: dict[Walk, int], known: CellName) -> None:
    """The reader of these tests is keen enough to find them."""
    shapes = shapes_of(crowd)

    assert known in pinned(shapes, naively(shapes))
    assert pinned(shapes, disclose(shapes)) == []


# --- how it looks --------------------------------------------------------------------------------


def test_counts_alone_are_hidden_under_five() -> None:
    shown = disclose({frozenset({("open", f"{count}")}): count for count in range(1, 7)})

    assert list(shown.values()) == ["<5", "<5", "<5", "<5", 5, 6]
    assert disclose({}) == {}


def test_where_nothing_is_small_everything_is_exact() -> None:
    shown = shown_of({CHOOSING: 6, CODED: 5, FORM: 7})

    assert shown["went_on", "enter_identity"] == 11
    assert all(isinstance(cell, int) for cell in shown.values())


def test_the_fewest_and_smallest_neighbours_are_told_less_precisely() -> None:
    """That three went on hides behind the nine; the six who stayed stay exact."""
    shown = shown_of({CHOOSING: 6, CODED: 3})

    assert shown["went_on", "enter_identity"] == "<10"
    assert shown["went_on", "choose_channel"] == "<5"
    assert shown["open", "choose_channel"] == 6


def test_large_neighbours_are_rounded_down() -> None:
    """To the ten, or told to be five at least where the ten leaves no room."""
    reached = ("went_on", "enter_identity")
    hidden = ("blocked", "choose_channel")

    def reached_by(count: int) -> Cell:
        others = frozenset({reached, ("went_on", "choose_channel"), ("cause", "waiting")})
        return disclose({others: count, frozenset({reached, hidden}): 1})[reached]

    assert reached_by(1042) == ">=1040"
    assert reached_by(1048) == ">=5"


def test_cells_are_ranked_by_what_they_show() -> None:
    assert [least(cell) for cell in ("<5", "<10", ">=5", ">=1040", 0, 7)] == [0, 0, 5, 1040, 0, 7]
