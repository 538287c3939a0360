"""The flows as data say what the charts say, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import pytest
from attrs import evolve
from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, Slot, say, stay
from monespace_flows.errors import JournalDamaged
from monespace_flows.facts import (
    IdentityFacts,
    IdentityVerdict,
    NoFacts,
    Problem,
    Role,
    TermsVerdict,
)
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import ACCOUNT_JOURNAL, Entry, Wish
from monespace_flows.journey import Journey
from monespace_flows.notices import IDENTITY_UNKNOWN
from monespace_flows.policy import Policy
from monespace_flows.retelling import compiled as compiled_module
from monespace_flows.retelling.compiled import (
    COMPILED,
    INDEX,
    CompiledFlow,
    FlowSummary,
    compiled_flow,
    listed_flows,
    retell,
)
from monespace_flows.retelling.fold import Divergence
from monespace_flows.retelling.standing import answer_key, standing, standing_data
from monespace_flows.retelling.table import replay
from monespace_flows.screens import Button, Screen
from monespace_flows.serialization import to_data
from monespace_flows.step import Stepped
from monespace_flows.verify import compilation
from monespace_flows.verify.compilation import compile_flow, compile_flows, compile_index
from tests.support.explore import decisions, start_of

EACH = pytest.mark.parametrize("name", FLOWS)


def compiled(name: str) -> CompiledFlow:
    found = compiled_flow(name)
    assert found is not None
    return found


def test_the_flows_are_written_an_answer_on_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small ones; that all files are those of today's charts is tested with the pages."""
    small = {name: FLOWS[name] for name in ("reset", "signin")}
    monkeypatch.setattr(compilation, "FLOWS", small)

    written = compile_flows()

    assert written == {name: (COMPILED / f"{name}.json").read_text("utf-8") for name in small}
    for text in written.values():
        answers = json.loads(text)["answers"]
        assert all(f"{json.dumps(key, ensure_ascii=False)}:" in text for key in answers)
        assert len(text.splitlines()) > len(answers)


def test_the_list_is_that_of_the_flows() -> None:
    compiled_module._listed.cache_clear()
    listed = listed_flows()

    assert listed == {name: FlowSummary(flow.label, flow.finals) for name, flow in FLOWS.items()}
    assert INDEX.read_text("utf-8") == compile_index()


def test_a_flow_s_file_is_read_once() -> None:
    compiled_flow.cache_clear()
    first, account = compiled("signin"), compiled(ACCOUNT_JOURNAL)

    assert compiled_flow("signin") is first
    assert compiled_flow(ACCOUNT_JOURNAL) is account
    assert compiled_flow("nothing of the kind") is None


def test_there_is_a_file_for_each_flow_and_no_other() -> None:
    assert {path.stem for path in COMPILED.iterdir()} == set(FLOWS)


@EACH
def test_the_outline_is_that_of_the_flow(name: str) -> None:
    flow, told = FLOWS[name], compiled(name)

    assert (told.name, told.version, told.fingerprint) == (name, flow.version, flow.fingerprint)
    assert told.finals == flow.finals
    assert {state: screen.title for state, screen in told.screens.items()} == {
        state: screen.title for state, screen in flow.screens.items()
    }
    for state, screen in flow.screens.items():
        buttons = [(button.command, button.label) for button in screen.buttons]
        assert [(it.command, it.label) for it in told.screens[state].buttons] == buttons


@EACH
def test_a_state_lives_as_long(name: str) -> None:
    policy = Policy()
    policy = evolve(policy, links=evolve(policy.links, life=timedelta(hours=7)))

    lives = {state: life(policy) for state, life in FLOWS[name].lives.items()}
    assert {state: life(policy) for state, life in compiled(name).lives.items()} == lives


@pytest.mark.slow
@EACH
def test_every_answer_is_the_chart_s(name: str) -> None:
    """On every standing, command and facts that any table could be asked about."""
    told = compiled(name)
    numbers = {json.dumps(it, sort_keys=True): at for at, it in enumerate(told.standings)}

    @cache
    def number_of(journey: Journey) -> int | None:
        return numbers.get(json.dumps(standing_data(to_data(journey)), sort_keys=True))

    key_once = cache(lambda event, facts: answer_key(0, event, facts)[1:])
    agreed = set()
    for journey, event, facts, found in decisions(FLOWS[name]):
        key = f"{number_of(journey)}{key_once(event, facts)}"
        if key in told.answers:
            assert isinstance(found, Stepped)
            after, notices, effects = told.answers[key]
            assert after == number_of(standing(found.journey))
            assert tuple(notices) == found.journey.notices
            assert effects == [effect.told for effect in found.effects]
            agreed.add(key)
    assert agreed == set(told.answers)


def test_no_other_name_is_looked_for_on_the_disk() -> None:
    assert compiled_flow("../../facts") is None


# --- what is dropped ----------------------------------------------------------------------------


def test_a_key_names_nobody() -> None:
    one = IdentityFacts(
        terms=TermsVerdict.ACCEPTED,
        identity=IdentityVerdict.RPPS_UNKNOWN,
        subject="k1:abc",
        role=Role.INTERN,
        wait=5,
    )

    assert answer_key(3, "go", one) == "3 go terms=accepted identity=rpps_unknown"


def test_of_a_form_only_its_shape_is_told() -> None:
    one = IdentityFacts(problems=(Problem.RPPS_SHAPE, Problem.BIRTH_DATE_RANGE))
    other = IdentityFacts(problems=(Problem.RPPS_REQUIRED,))

    assert answer_key(0, "go", one) == answer_key(0, "go", other) == "0 go malformed"


def is_asked(model: Slot) -> bool:
    assert isinstance(model.facts, IdentityFacts)
    return model.facts.identity is IdentityVerdict.RPPS_UNKNOWN


def knows_who(model: Slot) -> bool:
    return model.journey.role is not None


def keep_role(model: Slot) -> None:
    model.change(role=Role.DOCTOR)


class Nosy(Chart):
    """Decides by what a compiled flow forgets of a journey: the role."""

    here = State("Ici", initial=True)
    there = State("Là", final=True)
    submit_identity = Event(
        stay(here, cond=knows_who, on=say(IDENTITY_UNKNOWN))
        | here.to(there, cond=is_asked)
        | stay(here, on=keep_role),
    )


def flow_of(chart: type[Chart], life: object = None) -> Flow:
    screens = {name: Screen(id=f"test.{name}", title=name) for name in ("here", "there")}
    lives = {} if life is None else {"here": life}
    return Flow(
        name="test",
        version=1,
        chart=chart,
        screens={**screens, "here": evolve(screens["here"], buttons=(Button(*BUTTON),))},
        letters={},
        lives=lives,  # type: ignore[arg-type]  # one of them is wrong on purpose
    )


BUTTON = ("submit_identity", "Valider")


def test_a_chart_that_reads_what_is_dropped_cannot_be_compiled() -> None:
    with pytest.raises(ValueError, match="has two answers"):
        compile_flow(flow_of(Nosy))


class Plain(Chart):
    """Decides by a verdict."""

    here = State("Ici", initial=True)
    there = State("Là", final=True)
    submit_identity = Event(here.to(there, cond=is_asked) | stay(here))


def test_a_life_that_is_no_field_of_the_policy_cannot_be_compiled() -> None:
    with pytest.raises(TypeError, match="one field of the policy"):
        compile_flow(flow_of(Plain, life=lambda _: timedelta(hours=1)))


# --- telling again ------------------------------------------------------------------------------


def journal() -> Iterator[Entry]:
    """Two refusals at the first screen of a creation."""
    flow = FLOWS["creation"]
    yield start_of(flow)
    refused = evolve(
        start_of(flow),
        seq=1,
        command="submit_identity",
        facts=IdentityFacts(
            terms=TermsVerdict.ACCEPTED, identity=IdentityVerdict.RPPS_UNKNOWN, subject="k1:abc"
        ),
        notices=("identity.unknown",),
        effects=(Wish(kind="CountFailure", key="1", told="CountFailure(identity)"),),
    )
    yield refused
    yield evolve(refused, seq=2)


def test_a_journal_is_told_again() -> None:
    told = retell(compiled("creation"), tuple(journal()))

    assert told is not None
    assert told.divergence is None
    assert told.end == {"state": "enter_identity"}


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("state", {"after": "choose_channel"}),
        ("notices", {"notices": ("account.exists",)}),
        ("effects", {"effects": ()}),
        ("effects", {"effects": (Wish(kind="CountFailure", key="1", told="CountFailure(code)"),)}),
    ],
)
def test_the_first_difference_is_that_of_the_chart(what: str, change: dict[str, object]) -> None:
    start, first, second = journal()
    entries = (start, evolve(first, **change), second)  # type: ignore[arg-type]  # fields by name

    told = retell(compiled("creation"), entries)

    assert told is not None
    assert isinstance(told.divergence, Divergence)
    assert (told.divergence.seq, told.divergence.what) == (1, what)
    assert told.divergence == replay(FLOWS["creation"], entries).divergence


def test_where_it_has_no_answer_it_says_so() -> None:
    start, first, _ = journal()

    assert retell(compiled("creation"), (start, evolve(first, command="fly"))) is None
    assert retell(compiled("creation"), (start, evolve(first, facts=NoFacts()))) is None


def test_a_journal_begins_with_a_start() -> None:
    _, first, _ = journal()

    for entries in ((), (first,)):
        with pytest.raises(JournalDamaged, match="does not begin with a start"):
            retell(compiled("creation"), entries)
