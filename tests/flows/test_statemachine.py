"""python-statemachine, as far as we lean on it: patch releases change behaviour.

Each test states one fact.  When one fails after an upgrade, read what leaned on it before
changing the test.
"""

from __future__ import annotations

import gettext
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from statemachine import Event, State, StateChart
from statemachine.exceptions import InvalidDefinition, TransitionNotAllowed

from monespace_flows.chart import Chart, Slot, rows, say, stay
from monespace_flows.effects import Say
from monespace_flows.flows import FLOWS
from monespace_flows.notices import CODE_EXPIRED, CODE_WRONG

from .charts import Turnstile, breaks, is_first, never, slot

FLAGS = (
    "allow_event_without_transition",
    "catch_errors_as_events",
    "atomic_configuration_update",
    "enable_self_transition_entries",
)


class Told:
    """A model that notes every callback that the library looks up by its name."""

    def __init__(self, state: str | None = None) -> None:
        self.state = state
        self.told: list[str] = []

    def on_enter_state(self, state: State) -> None:
        self.told.append(f"enter {state.id}")

    def on_exit_state(self, state: State) -> None:
        self.told.append(f"exit {state.id}")


class Plain(StateChart[Any]):
    """Two states, with the library's own defaults."""

    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b))
    again = Event(a.to(a, internal=True))
    around = Event(a.to(a))


class Strict(Plain):
    """The same with our flags; it adds no transition, which is allowed to a test only."""

    allow_event_without_transition = False
    catch_errors_as_events = False
    atomic_configuration_update = True
    enable_self_transition_entries = False


def machine(state: str) -> Turnstile:
    return Turnstile(slot(state))


# --- failing closed ------------------------------------------------------------------------------


def test_the_four_flags_are_ours() -> None:
    """Their defaults fail open: three of them differ from ours."""
    assert [getattr(Chart, flag) for flag in FLAGS] == [False, False, True, False]
    assert [getattr(StateChart, flag) for flag in FLAGS] == [True, True, False, True]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_chart_of_ours_has_them(flow: Any) -> None:
    """A chart cannot take one back unseen."""
    assert [getattr(flow.chart, flag) for flag in FLAGS] == [False, False, True, False]


def test_an_event_without_a_row_is_refused() -> None:
    """And nothing has moved."""
    it = machine("open_")

    with pytest.raises(TransitionNotAllowed):
        it.send("jam")
    assert it.model.state == "open_"


def test_an_unknown_event_is_refused() -> None:
    """It is not ignored."""
    it = machine("closed")

    with pytest.raises(TransitionNotAllowed):
        it.send("fly")
    assert it.model.state == "closed"


def test_a_guard_that_raises_stops_the_step() -> None:
    """The next row is not tried, and the state is as before."""
    it = machine("closed")

    with pytest.raises(RuntimeError, match="a guard broke"):
        it.send("jam")
    assert it.model.state == "closed"


def test_an_action_that_raises_takes_the_move_back() -> None:
    """The state is as before; what the action wrote is not, so the slot is thrown away."""
    it = machine("closed")

    with pytest.raises(RuntimeError, match="an action broke"):
        it.send("snap")
    assert it.model.state == "closed"


def test_with_the_library_s_defaults_a_broken_guard_lets_the_next_row_fire() -> None:
    """This is why the flags are set."""

    class Trusting(StateChart[Any]):
        a = State(initial=True)
        b = State(final=True)
        c = State(final=True)
        go = Event(a.to(b, cond=breaks) | a.to(c))
        error_execution = Event(a.to(a, internal=True))

    it = Trusting(slot("a"))
    it.send("go")

    assert it.model.state == "c"


# --- which row -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("guards", "notice"), [((is_first, None), CODE_WRONG), ((never, None), CODE_EXPIRED)]
)
def test_the_first_row_whose_guard_holds_is_taken(guards: Any, notice: Any) -> None:
    """In the order in which rows are written; the last one without a guard takes the rest."""

    class Ordered(Chart):
        a = State(initial=True)
        b = State(final=True)
        go = Event(
            stay(a, cond=guards[0], on=say(CODE_WRONG)) | stay(a, on=say(CODE_EXPIRED)) | a.to(b)
        )

    it = Ordered(slot("a"))
    it.send("go")

    assert it.model.effects == [Say(notice.id)]


def test_all_guards_of_a_row_must_hold() -> None:
    """A list of guards is a conjunction."""

    class Both(Chart):
        a = State(initial=True)
        b = State(final=True)
        go = Event(a.to(b, cond=[is_first, never]))

    with pytest.raises(TransitionNotAllowed):
        Both(slot("a")).send("go")


def test_unless_is_a_guard_that_must_not_hold() -> None:
    """And introspection tells the two apart."""

    class Unless(Chart):
        a = State(initial=True)
        b = State(final=True)
        go = Event(a.to(b, unless=is_first) | stay(a, on=say(CODE_WRONG)))

    it = Unless(slot("a"))
    it.send("go")

    assert it.model.state == "a"
    assert [row.guards for row in rows(Unless)] == [("not is_first",), ()]


def test_guards_and_actions_are_given_the_model_by_name() -> None:
    """A plain function of the module is called with the slot."""
    it = machine("closed")

    it.send("push")

    assert it.model.state == "open_"


def test_a_guard_named_by_a_word_is_looked_up_only_when_a_machine_is_made() -> None:
    """So every chart must be made once in a test."""

    class Misspelt(Chart):
        a = State(initial=True)
        b = State(final=True)
        go = Event(a.to(b, cond="is_frist"))

    with pytest.raises(InvalidDefinition):
        Misspelt(slot("a"))


# --- standing where the model says ---------------------------------------------------------------


def test_a_new_machine_stands_where_its_model_says() -> None:
    """It enters nothing and calls nothing back."""
    model = Told("a")

    it = Strict(model)

    assert (it.a.is_active, model.told) == (True, [])


def test_a_machine_is_put_elsewhere_by_assignment() -> None:
    """One instance serves many journeys; nothing is called back."""
    it = machine("closed")
    it.send("push")

    it.model.state = "closed"
    it.send("push")

    assert it.model.state == "open_"


def test_start_value_enters_the_state() -> None:
    """This is why we assign instead."""
    model = Told()

    Strict(model, start_value="a")

    assert model.told == ["enter a"]


def test_an_unknown_state_is_only_found_later_and_as_a_bare_error() -> None:
    """This is why the step looks first."""
    it = machine("closed")
    it.model.state = "nowhere"

    with pytest.raises(Exception, match="nowhere") as failure:
        it.send("push")
    assert not isinstance(failure.value, TransitionNotAllowed)


def test_a_machine_that_reached_its_end_is_of_no_further_use() -> None:
    """This is why the step drops it."""
    it = machine("open_")
    it.send("push")
    assert it.is_terminated

    it.model.state = "closed"
    with pytest.raises(TransitionNotAllowed):
        it.send("push")


def test_a_machine_put_at_an_end_does_not_know_that_it_ended() -> None:
    """This is why finals are looked up in the chart."""
    assert not machine("passed").is_terminated


# --- staying -------------------------------------------------------------------------------------


def test_an_internal_row_calls_no_exit_and_no_entry() -> None:
    """A refusal leaves the person where they are."""
    model = Told("a")
    it = Strict(model)

    it.send("again")

    assert (model.state, model.told) == ("a", [])


def test_with_our_flag_an_external_loop_calls_none_either() -> None:
    """But ours are written internal, so that both settings do the same."""
    model = Told("a")

    Strict(model).send("again")
    Plain(model).send("around")

    assert model.told == ["exit a", "enter a"]


# --- what must stay out of charts ----------------------------------------------------------------


def test_a_row_without_an_event_fires_by_itself() -> None:
    """With whatever event comes next: this is why the lint refuses one."""

    class Hasty(Chart):
        a = State(initial=True)
        b = State()
        c = State(final=True)
        a.to(b)
        again = Event(stay(a) | stay(b))
        go = Event(a.to(c) | b.to(c))

    model = slot("a")
    Hasty(model).send("again")

    assert model.state == "b"


def test_an_event_is_matched_by_its_beginning() -> None:
    """This is why no name from outside is ever sent."""
    it = machine("closed")

    it.send("push.over")

    assert it.model.state == "open_"


def test_extending_a_chart_changes_the_one_extended() -> None:
    """This is why the lint refuses one that extends another."""

    class Base(Chart):
        a = State(initial=True)
        b = State(final=True)
        go = Event(a.to(b))

    before = len(list(rows(Base)))

    class Extended(Base):
        more = Event(Base.a.to(Base.b))

    assert len(list(rows(Extended))) > before
    assert len(Base.a.transitions) > 1


def test_a_callback_of_the_model_is_called_by_its_name() -> None:
    """This is why the slot has these names only, none of which is one of those."""
    names = set(Slot.__slots__) | {name for name in vars(Slot) if not name.startswith("_")}
    prefixes = ("on_", "before_", "after_", "prepare_", "validate_")

    assert names == {"at", "change", "effects", "facts", "journey", "known", "state"}
    assert not [name for name in names if name.startswith(prefixes)]


def test_importing_the_library_changes_the_process_s_text_domain() -> None:
    """This is why nobody may call a bare ``gettext``."""
    assert gettext.textdomain() == "statemachine"


# --- introspection, threads, logs ----------------------------------------------------------------


def test_the_table_can_be_read_back() -> None:
    """States, rows in their order, guards, actions and what is internal."""
    table = [(row.source, row.event, row.guards, row.target) for row in rows(Turnstile)]

    assert table == [
        ("closed", "push", ("is_first",), "open_"),
        ("closed", "push", (), "closed"),
        ("closed", "jam", ("breaks",), "open_"),
        ("closed", "jam", (), "passed"),
        ("closed", "snap", (), "passed"),
        ("open_", "push", (), "passed"),
        ("open_", "extend", (), "open_"),
    ]
    assert [row.actions for row in rows(Turnstile)][1] == ("say(code.wrong)",)


def test_machines_of_several_threads_do_not_meet() -> None:
    """Each thread has its own; together they do what one would."""
    results: list[str] = []

    def walk() -> None:
        it = machine("closed")
        for _ in range(50):
            it.model.state = "closed"
            it.send("push")
            results.append(it.model.state)

    threads = [threading.Thread(target=walk) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == ["open_"] * 300


@pytest.fixture
def library_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the library logs when asked for everything."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_the_library_s_own_log_and_repr_hold_nothing_of_the_slot(
    library_log: pytest.LogCaptureFixture,
) -> None:
    """It names states and events; facts and journeys travel in the slot, which has no repr."""
    it = machine("closed")
    it.model.journey = it.model.journey.__class__(
        reference="MARK", flow="MARK", state="closed", started_at=it.model.at,
        entered_at=it.model.at, shown_at=it.model.at, subject="MARK",
    )  # fmt: skip

    it.send("push")

    assert "push" in library_log.text
    assert "MARK" not in library_log.text + repr(it) + repr(it.model)
