"""Every journey can be told again from its journal, with no port; and what differs is named."""

from __future__ import annotations

import pytest
from attrs import evolve
from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, say, stay
from monespace_flows.errors import JournalDamaged
from monespace_flows.facts import CodeFacts, CodeVerdict, NoFacts
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import START, Entry, Wish
from monespace_flows.notices import CODE_WRONG
from monespace_flows.retelling.fold import Divergence
from monespace_flows.retelling.table import replay
from monespace_flows.testing import Sandbox
from tests.journeys import acting

from .charts import NOW, flow


class Door(Chart):
    closed = State(initial=True)
    open_ = State()
    gone = State(final=True)
    knock = Event(stay(closed, on=say(CODE_WRONG)), name="Frapper")
    enter = Event(closed.to(open_) | open_.to(gone), name="Entrer")


DOOR = flow(Door)


def entry(seq: int, command: str, before: str, after: str, **changes: object) -> Entry:
    made = Entry(
        seq=seq,
        at=NOW,
        reference="2345-6789",
        flow="test",
        flow_version=1,
        fingerprint=DOOR.fingerprint,
        before=before,
        command=command,
        facts=NoFacts(),
        effects=(),
        after=after,
        notices=(),
        screen=f"test.{after}",
    )
    return evolve(made, **changes)  # type: ignore[arg-type]


JOURNAL = (
    entry(0, START, "closed", "closed", facts=NoFacts(subject="s:1")),
    entry(1, "knock", "closed", "closed", notices=("code.wrong",)),
    entry(2, "enter", "closed", "open_"),
)


@pytest.mark.parametrize(("name", "state"), acting.PLACES)
def test_every_journey_is_told_again_as_it_was(name: str, state: str) -> None:
    """The journey at the end is the one that is stored, to the last field."""
    sandbox = Sandbox()
    view = acting.PLACES[name, state](sandbox)

    told = replay(FLOWS[name], acting.journal_of(sandbox, view))

    assert told.divergence is None
    assert told.end == acting.journey_of(sandbox, view).journey


def test_a_journey_is_told_line_by_line() -> None:
    """Where the person stood after each, the start included."""
    told = replay(DOOR, JOURNAL)

    assert [journey.state for journey in told.reached] == ["closed", "closed", "open_"]
    assert [journey.notices for journey in told.reached] == [(), ("code.wrong",), ()]
    assert told.end.subject == "s:1"


@pytest.mark.parametrize(
    ("last", "divergence"),
    [
        (
            entry(2, "enter", "closed", "gone"),
            Divergence(seq=2, what="state", recorded="gone", replayed="open_"),
        ),
        (
            entry(2, "knock", "closed", "closed", notices=("code.expired",)),
            Divergence(seq=2, what="notices", recorded="code.expired", replayed="code.wrong"),
        ),
        (
            entry(2, "enter", "closed", "open_", effects=(Wish(kind="SendCode", key="k"),)),
            Divergence(seq=2, what="effects", recorded="SendCode", replayed=""),
        ),
        (
            entry(2, "fly", "closed", "open_"),
            Divergence(seq=2, what="command", recorded="fly", replayed="not offered"),
        ),
    ],
    ids=["state", "notices", "effects", "command"],
)
def test_the_first_difference_is_named(last: Entry, divergence: Divergence) -> None:
    """What the journal says, and what today's table would do."""
    told = replay(DOOR, (*JOURNAL[:2], last, entry(3, "fly", "gone", "gone")))

    assert told.divergence == divergence
    assert [journey.seq for journey in told.reached][:2] == [0, 1]


def test_what_comes_after_a_difference_is_not_told() -> None:
    """The journeys stop where today's table decided otherwise."""
    wrong = (JOURNAL[0], entry(1, "enter", "closed", "closed"), JOURNAL[2])

    told = replay(DOOR, wrong)

    assert [journey.state for journey in told.reached] == ["closed", "open_"]


@pytest.mark.parametrize("entries", [(), JOURNAL[1:]])
def test_a_journal_without_a_start_is_damaged(entries: tuple[Entry, ...]) -> None:
    """There is nothing to begin with."""
    with pytest.raises(JournalDamaged, match="begin with a start"):
        replay(DOOR, entries)


def test_a_start_alone_is_a_journey_at_its_first_screen() -> None:
    """Nothing has happened yet."""
    assert replay(DOOR, JOURNAL[:1]).end.state == "closed"


def test_a_changed_table_is_noticed() -> None:
    """A journal that was written by yesterday's table is compared with today's."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    entries = list(acting.journal_of(sandbox, view))
    entries[-1] = evolve(entries[-1], facts=CodeFacts(code=CodeVerdict.EXPIRED))

    told = replay(FLOWS["creation"], entries)

    assert told.divergence == Divergence(
        seq=3, what="state", recorded="choose_credentials", replayed="enter_code"
    )
    assert isinstance(FLOWS["creation"], Flow)
