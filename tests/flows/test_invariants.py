"""What must hold for all journeys, checked once over all of them."""

from __future__ import annotations

import inspect
import re
import string
from collections.abc import Iterator
from importlib import import_module
from typing import TypeVar

import pytest
from statemachine import State

from monespace_flows import effects, facts
from monespace_flows.chart import Chart, Flow, Row, Slot, rows
from monespace_flows.commands import COMMANDS, Command
from monespace_flows.driver.acts import executors_of, gatherers_of
from monespace_flows.effects import Effect
from monespace_flows.events import EVENTS, Event
from monespace_flows.facts import Facts, Problem
from monespace_flows.flows import FLOWS, STANDARD
from monespace_flows.flows.shared import table as shared
from monespace_flows.notices import NOTICES, PROBLEMS, words_of
from monespace_flows.policy import Policy
from monespace_flows.screens import Letter, Screen

BY_ADAPTERS = {"service.unavailable", "code.undelivered", "code.delayed"}
"""Notices that no row says: a port is down, so no step is taken; a message has not left."""

BY_THE_DRIVER = {"code.sms", "code.email", "reset.link", "email.confirm", "tries.warning"}
"""Letters that carry a code or a link, which only the driver knows."""

PRESSED_NOWHERE = {"tick", "use_link"}
"""Commands without a button: the clock's, and the one of a link's landing page."""

TABLE = [(name, row) for name, flow in FLOWS.items() for row in rows(flow.chart)]
SCREENS = [
    (name, state, screen) for name, flow in FLOWS.items() for state, screen in flow.screens.items()
]
LETTERS = [(name, letter) for name, flow in FLOWS.items() for letter in flow.letters.values()]

each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)


Kind = TypeVar("Kind")


def in_actions(pattern: str, table: Iterator[Row]) -> set[str]:
    found = (re.findall(pattern, action) for row in table for action in row.actions)
    return {word for words in found for each in words for word in each.split(", ")}


def states(flow: Flow) -> Iterator[State]:
    return iter(flow.chart.states)


# --- states, screens, buttons --------------------------------------------------------------------


@each_flow
def test_every_state_has_a_screen_and_every_screen_a_state(flow: Flow) -> None:
    """Nobody stands in a room that is not there."""
    assert {state.id for state in states(flow)} == set(flow.screens)


@each_flow
def test_every_screen_is_named_after_its_state(flow: Flow) -> None:
    """So that a journal's screen is found again."""
    assert {screen.id for screen in flow.screens.values()} == {
        f"{flow.name}.{state}" for state in flow.screens
    }


@each_flow
def test_every_chart_can_be_made_in_each_of_its_states(flow: Flow) -> None:
    """A misspelt guard is found only then."""
    for state in flow.screens:
        model = Slot()
        model.state = state
        assert flow.chart(model).model is model


def test_every_chart_has_a_name_of_its_own() -> None:
    """The library's signature cache knows classes by name."""
    charts = {flow.chart.__name__ for flow in FLOWS.values()}

    assert len(charts) == len(FLOWS)
    assert all(flow.chart.__bases__ == (Chart,) for flow in FLOWS.values())


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_every_button_has_a_row(name: str, state: str, screen: Screen) -> None:
    """Nobody presses in vain."""
    pressed = {button.command for button in screen.buttons}
    labels = [button.label for button in screen.buttons]

    assert pressed <= FLOWS[name].offered[state]
    assert len({*labels}) == len(labels)


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_every_row_has_a_button(name: str, state: str, screen: Screen) -> None:
    """But the clock's, and the link's."""
    pressed = {button.command for button in screen.buttons}

    assert FLOWS[name].offered[state] - pressed <= PRESSED_NOWHERE


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_every_open_screen_has_one_main_button_and_a_way_on(
    name: str, state: str, screen: Screen
) -> None:
    """Nobody gets stuck: a button or a link leads further."""
    main = [button for button in screen.buttons if button.primary]

    assert len(main) == (1 if {b.command for b in screen.buttons} - {"restart"} else 0)
    assert screen.buttons or screen.links
    assert screen.title


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_every_open_screen_is_left_otherwise_than_by_its_main_button(
    name: str, state: str, screen: Screen
) -> None:
    """Nobody is held: a command that always leads away stands beside the one that goes on."""
    flow = FLOWS[name]
    main = {button.command for button in screen.buttons if button.primary}
    shown = {button.command for button in screen.buttons if button.requires is None} - main
    leaving = {
        row.event
        for owner, row in TABLE
        if owner == name and row.source == state and row.target != state and not row.guards
    }

    assert state in flow.finals or shown & leaving


@each_flow
def test_giving_up_is_a_command_with_its_line(flow: Flow) -> None:
    """Every open state is left by « Recommencer » or « Abandonner », whatever else is there."""
    for state, screen in flow.screens.items():
        labels = [it.label for it in screen.buttons if it.command == "restart"]
        assert len(labels) == (0 if state in flow.finals else 1)
        assert {*labels} <= {"Recommencer", "Abandonner"}


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_a_button_that_depends_on_a_truth_names_one_of_the_journey(
    name: str, state: str, screen: Screen
) -> None:
    """A misspelt one would hide the button for good."""
    from monespace_flows.step import begin
    from tests.flows.charts import NOW

    journey = begin(FLOWS[name], "2345-6789", NOW)
    for button in screen.buttons:
        assert button.requires is None or hasattr(journey, button.requires)


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_the_fields_of_a_screen_are_those_of_its_command(
    name: str, state: str, screen: Screen
) -> None:
    """What is typed reaches the command, and no command waits for what nobody can type."""
    typed = {field.name for field in screen.fields if field.kind != "fixed"}
    main = [button.command for button in screen.buttons if button.primary]

    expected = {it.name for event in main for it in COMMANDS[event].__attrs_attrs__}
    assert typed == expected


@pytest.mark.parametrize(("name", "state", "screen"), SCREENS)
def test_whatever_is_typed_may_be_prolonged(name: str, state: str, screen: Screen) -> None:
    """D5: what the clock may erase offers more time."""
    if screen.is_typed:
        assert {"extend", "tick"} <= FLOWS[name].offered[state]


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "state", "event"),
    sorted({(name, row.source, row.event) for name, row in TABLE}),
)
def test_the_last_row_of_every_event_has_no_guard(name: str, state: str, event: str) -> None:
    """Every command is decided in every state that offers it; the rows before have one."""
    guards = [
        row.guards for row in rows(FLOWS[name].chart) if (row.source, row.event) == (state, event)
    ]

    assert guards[-1] == ()
    assert all(guards[:-1])


@each_flow
def test_final_states_have_no_rows_and_the_others_hear_the_clock(flow: Flow) -> None:
    """Whatever is open can expire; whatever ended stays."""
    for state, events in flow.offered.items():
        assert bool(events) is (state not in flow.finals)
        assert ("tick" in events) is (state not in flow.finals)


@each_flow
def test_every_flow_may_expire_and_every_state_is_reached(flow: Flow) -> None:
    """No room without a door."""
    reached, more = {flow.initial}, True
    while more:
        targets = {row.target for row in rows(flow.chart) if row.source in reached}
        more = not targets <= reached
        reached |= targets

    assert reached == set(flow.screens)
    assert "expired" in flow.finals


@pytest.mark.parametrize(("name", "row"), TABLE)
def test_a_row_is_internal_exactly_when_it_stays(name: str, row: Row) -> None:
    """A refusal does not enter the screen again."""
    assert row.internal is (row.source == row.target)


@pytest.mark.parametrize("name", FLOWS)
def test_every_event_is_a_command_s(name: str) -> None:
    """A table hears nothing else."""
    assert {event for events in FLOWS[name].offered.values() for event in events} <= set(COMMANDS)


def test_every_command_is_heard_somewhere() -> None:
    """None is left over."""
    heard = {row.event for _, row in TABLE}

    assert heard == set(COMMANDS)


@pytest.mark.parametrize("name", [*(flow.chart.__module__ for flow in STANDARD), shared.__name__])
def test_no_journey_waits_on_a_coroutine(name: str) -> None:
    """An un-awaited one is true: a guard would pass."""
    module = import_module(name)
    functions = [held for _, held in inspect.getmembers(module, inspect.isfunction)]

    assert not [it for it in functions if inspect.iscoroutinefunction(it)]
    assert not [it for it in functions if inspect.isgeneratorfunction(it)]


# --- notices, problems, letters ------------------------------------------------------------------


def test_every_notice_is_said_by_a_row_or_by_an_adapter() -> None:
    """And no row says one that is not listed."""
    said = in_actions(r"^say\((.*)\)$", iter([row for _, row in TABLE]))

    assert said | BY_ADAPTERS == set(NOTICES)
    assert not said & BY_ADAPTERS


def test_every_letter_is_sent_by_a_row_or_by_the_driver() -> None:
    """And no row sends one that its flow does not have."""
    for name, flow in FLOWS.items():
        table = iter([row for owner, row in TABLE if owner == name])
        sent = in_actions(r"SendLetter\(([^)]*)\)", table)
        assert sent == set(flow.letters) - BY_THE_DRIVER
    assert {letter.id for _, letter in LETTERS} >= BY_THE_DRIVER


@pytest.mark.parametrize("name", ["creation", "recovery"])
def test_a_flow_that_sends_codes_has_a_letter_for_each_channel(name: str) -> None:
    """By SMS it is short and bound to the site; by e-mail it has a subject."""
    sms, email = FLOWS[name].letters["code.sms"], FLOWS[name].letters["code.email"]

    assert sms.subject is None
    assert sms.paragraphs[-1] == "@{host} #{code}"
    assert email.subject
    assert "{code}" in email.paragraphs


@pytest.mark.parametrize(("name", "letter"), LETTERS)
def test_a_letter_names_only_what_the_driver_fills_in(name: str, letter: Letter) -> None:
    """A misspelt word would stop the message.

    A letter with a link says until when it is good, where it is no SMS.
    """
    names = {
        word
        for paragraph in (*letter.paragraphs, *letter.without_link)
        for _, word, _, _ in string.Formatter().parse(paragraph)
        if word is not None
    }

    assert names <= {"code", "life", "date", "host", "assistance"}
    by_sms = letter.to == "order"
    has_link = letter.link is not None and not by_sms
    assert has_link is ("{date}" in " ".join(letter.paragraphs))
    assert "{date}" not in " ".join(letter.without_link)


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_s_links_are_words_of_its_text(notice: object) -> None:
    """An adapter makes them live where they stand."""
    from monespace_flows.screens import Notice

    assert isinstance(notice, Notice)
    assert all(link.label in notice.text for link in notice.links)
    assert notice.text.format_map(words_of(Policy(), 60))
    assert NOTICES[notice.id] is notice


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_text_and_a_field(problem: Problem) -> None:
    """Whatever can be wrong is said beside the field that it is about."""
    fields = {field.name for _, _, screen in SCREENS for field in screen.fields}

    assert PROBLEMS[problem].format_map(words_of(Policy()))
    assert problem.field in fields


def test_a_field_s_hint_can_be_filled_in() -> None:
    """And its links are words of its label or of its hint, or a help of their own."""
    for _, _, screen in SCREENS:
        for field in screen.fields:
            assert field.hint is None or field.hint.format_map(words_of(Policy()))
            words = f"{field.label} {field.hint}"
            helps = [link.label for link in field.links if link.label not in words]
            assert helps in ([], ["Où trouver mon RPPS ?"])


# --- closed sets ---------------------------------------------------------------------------------


def kinds(root: type[Kind]) -> set[type[Kind]]:
    """All of ours that derives from a root, however far; a host may have its own."""
    found: set[type[Kind]] = set(root.__subclasses__())
    every = found.union(*(kinds(kind) for kind in found))
    return {kind for kind in every if kind.__module__.startswith("monespace_flows")}


def test_every_command_is_listed_under_its_own_event() -> None:
    """And a name from the wire finds no other."""
    assert {kind.event for kind in kinds(Command)} == set(COMMANDS)
    assert set(COMMANDS.values()) == kinds(Command)


def test_every_kind_of_facts_is_gathered() -> None:
    """But the clock's, which the driver knows."""
    gathered = {command.facts for command in COMMANDS.values()} - {facts.TickFacts}

    assert set(gatherers_of(FLOWS["reset"])) == gathered
    assert kinds(Facts) == gathered | {facts.TickFacts}


def test_every_effect_is_done_by_someone() -> None:
    """A notice is shown, all else is executed."""
    assert executors_of(STANDARD[0]).keys() == kinds(Effect) - {effects.Say}


def test_every_effect_is_wished_by_a_row() -> None:
    """None is left over."""
    actions = " ".join(action for _, row in TABLE for action in row.actions)
    by_parts = {effects.SendCode, effects.CancelCode, effects.ClearFailures, effects.Say}

    assert not [kind for kind in kinds(Effect) - by_parts if kind.__name__ not in actions]


def test_every_event_has_its_name() -> None:
    """A host listens by it."""
    assert {kind.__name__: kind for kind in kinds(Event)} == EVENTS


def test_an_effect_that_changes_something_leaves_its_state_or_says_so() -> None:
    """W1: nothing is done to an account behind a screen that does not tell."""
    changing = ("CreateAccount", "RecoverAccount", "ChangeCredentials", "OpenSession")
    for _, row in TABLE:
        if any(word in action for word in changing for action in row.actions):
            assert not row.internal or any("settings.saved" in action for action in row.actions)
