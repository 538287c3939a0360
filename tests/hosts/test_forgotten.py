"""Whatever a host forgets of its flow is refused at start: a sentence says what and where."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve, frozen
from close_account.closing import AskClosing, CloseAccount, ClosingFacts, NoteReason, closing
from statemachine import Event, State

from monespace_flows import Flows
from monespace_flows.chart import Chart, Flow, Slot, say, stay, wish
from monespace_flows.commands import Command
from monespace_flows.effects import SendLetter
from monespace_flows.errors import ChartRefused, FactsUnfit
from monespace_flows.facts import Facts, NoFacts, SettingsFacts
from monespace_flows.flows import STANDARD
from monespace_flows.flows.shared.table import count_try
from monespace_flows.notices import JOURNEY_EXPIRED
from monespace_flows.screens import Screen
from monespace_flows.step import begin
from monespace_flows.testing import Sandbox
from monespace_flows.verify import explore
from monespace_flows.wording import Text
from monespace_http import create_app
from tests.flows.charts import NOW
from tests.http.visiting import settings

from .conftest import Archive

MINE = closing(Archive())


class Loose(Chart):
    """Forgets how a journey ends, who answers a press, and what a letter says."""

    here = State("Ici", initial=True)
    there = State("Là", final=True)
    never_heard = Event(here.to(there, on=wish(SendLetter("bare"))))
    extend = Event(stay(here))


class Tight(Chart):
    """Forgets nothing."""

    here = State("Ici", initial=True)
    expired = State("Trop tard", final=True)
    tick = Event(here.to(expired, on=say(JOURNEY_EXPIRED)))


@frozen(kw_only=True)
class Shown(Facts):
    """What was seen of a toy."""

    seen: bool = False


def was_seen(model: Slot) -> bool:
    """It was seen."""
    return model.known(Shown).seen


def is_rash(model: Slot) -> bool:
    """It has a problem."""
    return bool(model.facts.problems[0])


class Untyped:
    """Brings facts, and does not say what it finds."""

    def outside(self, case):  # type: ignore[no-untyped-def]  # what is forgotten
        """Find something."""


class Nosy(Chart):
    """Asks of a press what only another one brings."""

    here = State("Ici", initial=True)
    expired = State("Trop tard", final=True)
    extend = Event(stay(here, cond=was_seen) | stay(here))
    tick = Event(here.to(expired, on=say(JOURNEY_EXPIRED)))


class Rash(Chart):
    """Reads what may not be there."""

    here = State("Ici", initial=True)
    expired = State("Trop tard", final=True)
    extend = Event(stay(here, cond=is_rash) | stay(here))
    tick = Event(here.to(expired, on=say(JOURNEY_EXPIRED)))


class Eager(Chart):
    """Decides what must be known."""

    here = State("Ici", initial=True)
    expired = State("Trop tard", final=True)
    demand = Event(stay(here))
    tick = Event(here.to(expired, on=say(JOURNEY_EXPIRED)))


def toy(chart: type[Chart], **screen: object) -> Flow:
    screens = {
        state.id: Screen(id=state.id, title=state.id, **screen)  # type: ignore[arg-type]  # by name
        for state in chart.states
    }
    return Flow(
        name="toy",
        version=1,
        path="/jouet",
        label=Text("jouet", "toy"),
        yours="votre jouet",
        chart=chart,
        screens=screens,
    )


@frozen
class Idle(Command):
    """A command that no row decides."""

    event = "idle"
    facts = NoFacts


@frozen(kw_only=True)
class Demanding(Facts):
    """Facts that cannot say that nothing is known."""

    seen: bool


@frozen
class Demand(Command):
    """A command with such facts."""

    event = "demand"
    facts = Demanding


FORGOTTEN: dict[str, tuple[Flow, str]] = {
    "a name that can be an address": (
        evolve(MINE, name="Close account"),
        "Close account: name: write small letters",
    ),
    "the path": (evolve(MINE, path=""), "close_account: path: say where its pages are"),
    "the label": (evolve(MINE, label=Text("", "")), "close_account: label: say in both languages"),
    "what the person is told": (evolve(MINE, yours=""), "close_account: yours: say what"),
    "what it is good for": (evolve(MINE, about=""), "close_account: about: say what"),
    "a command": (evolve(MINE, commands=()), "no command has the event ask_closing"),
    "a row": (evolve(MINE, commands=(AskClosing, Idle)), "chart: no row decides idle"),
    "who brings the facts": (
        evolve(MINE, gatherers={}),
        "gatherers: nobody brings ClosingFacts, which ask_closing needs",
    ),
    "who does an effect": (
        evolve(MINE, executors={NoteReason: print}),
        "executors: nobody does CloseAccount",
    ),
    "a letter": (
        evolve(MINE, letters={"code.sms": MINE.letters["code.sms"]}),
        "letters: account.closed is sent and nowhere written",
    ),
    "a letter of the code": (
        evolve(MINE, letters={"account.closed": MINE.letters["account.closed"]}),
        "letters: code.sms is sent and nowhere written",
    ),
    "an end": (toy(Loose), "toy: chart: no final state expired"),
    "the clock": (toy(Loose), "toy: chart: no row of tick in here"),
    "its command": (toy(Loose), "toy: commands: no command has the event never_heard"),
    "its letter": (toy(Loose), "toy: letters: bare is sent and nowhere written"),
    "a notice": (
        toy(Tight, standing=("nobody.says",)),
        "toy: screens: here stands with the notice nobody.says, which no row says",
    ),
    "the type of an effect's context": (
        evolve(MINE, executors={**MINE.executors, NoteReason: lambda context, effect: None}),
        "executors: write what NoteReason works with: EffectContext[...]",
    ),
    "the type of what is found": (
        evolve(MINE, gatherers={ClosingFacts: Untyped()}),
        "gatherers: write what outside returns, where ClosingFacts are asked",
    ),
    "whether it is found for that row": (
        evolve(MINE, executors={**MINE.executors, CloseAccount: MINE.executors[NoteReason]}),
        "executors: CloseAccount works with FoundReason, and for submit_code Findings is what",
    ),
    "which facts a guard reads": (
        toy(Nosy),
        "toy: chart: was_seen, in a row of extend: FactsUnfit: reads Shown where NoFacts come",
    ),
    "that a guard is asked of any facts": (
        toy(Rash),
        "toy: chart: is_rash, in a row of extend: IndexError: tuple index out of range",
    ),
    "what is said while nothing is known": (
        evolve(toy(Eager), commands=(Demand,), gatherers={Demanding: Untyped()}),
        "toy: facts: give Demanding.seen a default: nothing may be known yet",
    ),
    "a state with a life": (
        evolve(toy(Tight), lives={"nowhere": lambda policy: policy.links.life}),
        "toy: lives: nowhere is no state of the chart",
    ),
    "another path": (
        evolve(MINE, path="/creation"),
        "close_account: creation has that name or path already",
    ),
}


def test_ours_forget_nothing() -> None:
    """As if each were new: a flow that was once found whole is not looked at again."""
    flows = [evolve(flow) for flow in STANDARD]

    assert list(Sandbox(flows=flows).flows.flows.values()) == flows


@pytest.mark.parametrize("what", FORGOTTEN)
def test_what_is_forgotten_is_named_at_start(what: str) -> None:
    flow, sentence = FORGOTTEN[what]

    with pytest.raises(ChartRefused) as refused:
        Flows(Sandbox().ports, flows=(*STANDARD, flow))
    assert sentence in str(refused.value)


def test_all_that_is_forgotten_is_named_at_once() -> None:
    flow = evolve(MINE, path="", yours="", gatherers={})

    with pytest.raises(ChartRefused) as refused:
        Flows(Sandbox().ports, flows=(*STANDARD, flow))
    assert len(str(refused.value).splitlines()) == 3


class Look(Command):
    """Says whether it was seen."""

    event = "look"
    facts = Shown


class Seen(Chart):
    """Ends for whoever looks."""

    here = State("Ici", initial=True)
    there = State("Là", final=True)
    expired = State("Trop tard", final=True)
    look = Event(here.to(there, cond=was_seen) | stay(here))
    tick = Event(here.to(expired, on=say(JOURNEY_EXPIRED)))


def test_the_answers_of_own_facts_are_read_from_their_type() -> None:
    """A yes or no, a verdict, contacts: each way is walked."""
    flow = evolve(toy(Seen), commands=(Look,))

    assert explore(flow).states == {"here", "there", "expired"}


def test_a_flow_that_another_one_needs_is_named() -> None:
    """A recovery may begin a reset."""
    without = tuple(flow for flow in STANDARD if flow.name != "reset")

    with pytest.raises(ChartRefused, match="recovery: no flow begins with request_link"):
        Flows(Sandbox().ports, flows=without)


def test_pages_need_somewhere_to_sign_in() -> None:
    without = tuple(flow for flow in STANDARD if not flow.for_guests)

    with pytest.raises(ValueError, match="no flow is for guests"):
        create_app(Sandbox(flows=without).flows, settings())


def test_what_forgets_nothing_is_taken() -> None:
    flows = Flows(Sandbox().ports, flows=(*STANDARD, MINE, toy(Tight))).flows

    assert list(flows)[-2:] == ["close_account", "toy"]


def declared_without_an_event() -> None:
    class Nameless(Command):
        facts = NoFacts


def declared_without_facts() -> None:
    class Factless(Command):
        event = "factless"


def declared_twice() -> None:
    class Save(Command):
        event = "save"
        facts = ClosingFacts


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (declared_without_an_event, "Nameless: event: name the event"),
        (declared_without_facts, "Factless: facts: name the type"),
        (declared_twice, "Save: event: save is another command's already"),
    ],
    ids=["event", "facts", "another's event"],
)
def test_a_command_says_its_event_and_its_facts(declare: Callable[[], None], sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        declare()


def test_a_command_may_share_an_event_that_means_the_same() -> None:
    """A host's journal is read by the event alone: the facts must be those that it knows."""

    class Save(Command):
        event = "save"
        facts = SettingsFacts

    assert Save.facts is SettingsFacts


def test_a_type_that_cannot_be_read_is_asked_for() -> None:
    """Its name is known to the type checker alone, say."""

    def note(context: "Elsewhere", effect: NoteReason) -> None:  # type: ignore[name-defined]  # noqa: F821, UP037 - on purpose
        del context, effect

    flow = evolve(MINE, executors={**MINE.executors, NoteReason: note})

    with pytest.raises(ChartRefused, match="write what NoteReason works with"):
        Flows(Sandbox().ports, flows=(*STANDARD, flow))


def test_a_code_that_was_never_sent_cannot_be_missed() -> None:
    """No row asks for it: the table itself is at fault."""
    model = Slot()
    model.journey, model.effects = begin(MINE, "", NOW), []

    with pytest.raises(FactsUnfit, match="never sent"):
        count_try(model)
