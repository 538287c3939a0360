"""One step: where it may be taken, what it leaves behind, and how machines are kept."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from attrs import evolve
from statemachine import Event, State

from monespace_flows import step as stepping
from monespace_flows.chart import Chart, say, stay, wish
from monespace_flows.effects import CancelCode
from monespace_flows.errors import ChartRefused
from monespace_flows.facts import NoFacts, Problem
from monespace_flows.flows import FLOWS
from monespace_flows.journey import Journey
from monespace_flows.notices import CODE_EXHAUSTED, CODE_WRONG
from monespace_flows.step import Stepped, begin, step

from .charts import NOW, Turnstile, flow

LATER = NOW + timedelta(minutes=1)
FLOW = flow(Turnstile)
HERE = begin(FLOW, "2345-6789", NOW)


class Noisy(Chart):
    """Says and wishes."""

    a = State(initial=True)
    b = State(final=True)
    go = Event(stay(a, on=[say(CODE_WRONG), wish(CancelCode()), say(CODE_EXHAUSTED)]) | a.to(b))


def push(journey: Journey = HERE, event: str = "push") -> Stepped:
    return step(FLOW, journey, event, NoFacts(), LATER)


@pytest.fixture(autouse=True)
def no_machines() -> None:
    """Begin each test without a machine kept from another."""
    stepping._machines.by_flow.clear()


def kept() -> Chart | None:
    return stepping._machines.by_flow.get("test")


def test_a_journey_begins_at_its_flow_s_first_screen() -> None:
    """All its times are now, and nothing is known of the person."""
    journey = begin(FLOWS["creation"], "2345-6789", NOW)

    assert (journey.state, journey.seq, journey.subject) == ("enter_identity", 0, None)
    assert {journey.started_at, journey.entered_at, journey.shown_at} == {NOW}


def test_a_step_moves_a_copy() -> None:
    """The journey given is frozen and stays as it was."""
    stepped = push()

    assert (HERE.state, HERE.seq) == ("closed", 0)
    assert (stepped.journey.state, stepped.journey.seq) == ("open_", 1)


def test_entering_and_showing_have_their_own_times() -> None:
    """A step that stays shows the screen again, and does not enter it again."""
    stayed = push(evolve(HERE, seq=1)).journey
    moved = push().journey

    assert (stayed.state, stayed.entered_at, stayed.shown_at) == ("closed", NOW, LATER)
    assert (moved.entered_at, moved.shown_at) == (LATER, LATER)


def test_what_is_said_is_the_journey_s_and_what_is_wished_is_the_driver_s() -> None:
    """Notices are kept with the journey, in order; effects come out, without them."""
    stepped = step(flow(Noisy), evolve(HERE, state="a"), "go", NoFacts(), LATER)

    assert stepped.journey.notices == ("code.wrong", "code.exhausted")
    assert stepped.effects == (CancelCode(),)


def test_what_the_last_step_said_is_forgotten() -> None:
    """Each step begins without notices, problems or a wait."""
    before = evolve(
        HERE, notices=("code.wrong",), problems=(Problem.CODE_SHAPE,), wait=60, subject="s:1"
    )

    after = push(before).journey

    assert (after.notices, after.problems, after.wait, after.subject) == ((), (), 0, "s:1")


def test_facts_bring_a_wait_and_a_pseudonym() -> None:
    """What the driver found is the journey's from then on."""
    stepped = step(FLOW, HERE, "push", NoFacts(wait=7, subject="s:2"), LATER)

    assert (stepped.journey.wait, stepped.journey.subject) == (7, "s:2")


@pytest.mark.parametrize("state", ["nowhere", "", "Closed"])
def test_an_unknown_state_is_refused(state: str) -> None:
    """Never taken for one that would let a person through."""
    with pytest.raises(ChartRefused, match=f"test.{state} has no row"):
        push(evolve(HERE, state=state))


@pytest.mark.parametrize("event", ["fly", "extend", "push.over", "model", "__class__", ""])
def test_an_event_without_a_row_is_refused(event: str) -> None:
    """Names are looked up, never sent; the error does not repeat them."""
    with pytest.raises(ChartRefused) as refusal:
        push(event=event)

    assert str(refusal.value) == "test.closed has no row for this event"
    assert kept() is None


def test_nothing_leads_out_of_a_final_state() -> None:
    """It has no rows."""
    with pytest.raises(ChartRefused):
        push(evolve(HERE, state="passed"))


def test_a_machine_is_used_again() -> None:
    """Making one costs more than a step."""
    push()
    first = kept()

    push(evolve(HERE, seq=1))

    assert first is not None
    assert kept() is first


def test_a_machine_that_ended_begins_again() -> None:
    """One person's end is the next one's machine, which decides as a new one does."""
    push()
    first = kept()
    ended = push(evolve(HERE, state="open_"))

    again = push()

    assert ended.journey.state == "passed"
    assert first is not None
    assert kept() is first
    assert again == push()
    stepping._machines.by_flow.clear()
    assert again == push()


@pytest.mark.parametrize(
    ("event", "words"), [("jam", "a guard broke"), ("snap", "an action broke")]
)
def test_a_machine_that_raised_is_dropped(event: str, words: str) -> None:
    """The error reaches the caller, and the next step is taken by a new machine."""
    push()
    first = kept()

    with pytest.raises(RuntimeError, match=words):
        push(event=event)

    assert kept() is None
    assert push().journey.state == "open_"
    assert kept() is not first


def test_a_flow_of_the_same_name_has_a_machine_of_its_own_chart() -> None:
    """A table is never asked for another's rows."""
    push()

    stepped = step(flow(Noisy), evolve(HERE, state="a"), "go", NoFacts(), LATER)

    assert stepped.effects == (CancelCode(),)
    assert type(kept()) is Noisy


def test_each_thread_has_its_own_machine() -> None:
    """Many people at once do not meet in one slot."""
    results: list[tuple[str, int]] = []
    machines: set[int] = set()
    together = threading.Barrier(6)

    def walk(number: int) -> None:
        mine = evolve(HERE, reference=str(number))
        together.wait()
        for _ in range(50):
            after = push(mine).journey
            results.append((after.reference, after.seq))
        machines.add(id(kept()))
        together.wait()

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == sorted([(str(number), 1) for number in range(6)] * 50)
    assert len(machines) == 6


def test_a_step_asks_nothing_but_its_arguments() -> None:
    """The same ones give the same answer, whatever was asked between."""
    first = push()
    push(evolve(HERE, state="open_"))
    push(evolve(HERE, seq=1))

    assert push() == first
