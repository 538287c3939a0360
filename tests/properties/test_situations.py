"""Every situation of small worlds, judged by a witness that reads no chart, and holes it finds.

A hole is a guard broken on purpose in a copy of a chart: what is found must be found by the fewest
acts, and must open in `monespace show`.
"""

import inspect
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from close_account.closing import AskClosing, closing

from monespace_cli.errors import Exit
from monespace_cli.main import cli
from monespace_flows.chart import Flow
from monespace_flows.flows import FLOWS, STANDARD
from monespace_flows.testing.situations import (
    AMELIE,
    Actor,
    Gesture,
    Hole,
    Person,
    Typing,
    World,
    alone,
    small,
    walk,
)
from monespace_flows.testing.situations.keys import Part
from monespace_flows.testing.situations.stage import Moment
from monespace_flows.testing.situations.walk import Walker
from monespace_flows.verify import book, witness
from tests.replaying import leave_alone
from tests.support.desk import WHY

from .worlds import WORLDS, broken, explored

NOTHING_SHORTER = {
    ("creation", "code_matches", True, "creation"): ("I-S4", "submit_code (wrong)", 4),
    ("creation", "is_too_soon", False, "all resends"): ("I-S7", "resend_code (pressed)", 4),
    ("recovery", "email_is_own", False, "recovery"): ("I-S22", "activate (one's own)", 6),
    ("recovery", "account_was_changed", False, "two recoveries"): (
        "I-S11",
        "activate (of Paul's)",
        12,
    ),
    ("reset", "doctor_is_gone", True, "reset"): ("I-S15", "save_password (other again)", 4),
    ("signin", "credentials_are_right", True, "signin"): ("I-S18", "sign_in (wrong)", 2),
    ("settings", "present_password_is_wrong", False, "settings"): (
        "I-S18",
        "save (wrong password)",
        2,
    ),
}
"""A guard, what it always answers, and where: what is found, by which act, the how-manieth."""


SHORT = (
    *("reset", "recovery without an account", "a reset and settings"),
    *("a recovery and an erasure", "a reset and an erasure"),
)
"""Those that take a second or two: these are counted, too, where lines are."""


def holes(world: str, flows: tuple[Flow, ...]) -> dict[str, Hole]:
    """The first that is found in a world; its journals are not those of the charts that we have."""
    walker = Walker.of(WORLDS[world], flows, small())
    leave_alone(walker.stage.storage)
    walker.walk(first_only=True)
    return walker.holes


def asks_closing(typing: Typing) -> Iterator[Gesture]:
    yield Gesture("right", AskClosing(reason="Retraite", current_password=typing.password))
    yield Gesture("no reason", AskClosing(reason="", current_password=typing.password))
    yield Gesture("wrong", AskClosing(reason="Retraite", current_password="x"))


def pages_of(world: str) -> set[tuple[str, str]]:
    """Every page of the guide that a world must show: it has the name of its flow."""
    return {(world, state) for state in FLOWS[world].screens} if world in FLOWS else set()


class Archive:
    """Keeps nothing: why somebody leaves is not what is looked at."""

    def note(self, reason: str) -> None:
        """Let it go."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WORLDS if name not in SHORT])
def test_no_situation_breaks_an_invariant(name: str) -> None:
    walked = explored(name)

    assert [str(hole) for hole in walked.holes] == []
    assert walked.situations > 10
    assert pages_of(name) <= walked.pages


def test_every_page_of_the_guide_is_seen() -> None:
    """Each flow has a world of its name, and the walk of that one must come to all its pages."""
    assert set(FLOWS) <= set(WORLDS)


@pytest.mark.parametrize("name", SHORT)
def test_short_walks_find_nothing(name: str) -> None:
    walked = explored(name)

    assert walked.holes == ()
    assert pages_of(name) <= walked.pages


def test_a_locked_number_is_waited_for() -> None:
    walked = walk(evolve(WORLDS["a locked number"], waits=1))

    assert walked.holes == ()
    assert ("creation", "choose_channel") in walked.pages


@pytest.mark.parametrize("hole", NOTHING_SHORTER, ids=lambda it: f"{it[0]}-{it[1]}")
def test_a_broken_guard_is_found_by_the_fewest_acts(hole: tuple[str, str, bool, str]) -> None:
    flow, guard, answer, world = hole
    invariant, last, acts = NOTHING_SHORTER[hole]
    found = holes(world, broken(flow, guard, answer=answer))[invariant]

    assert found.path[-1].endswith(last)
    assert len(found.path) == acts


def test_a_counterexample_opens_in_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is told as a person's journey is, step by step, to who answers for it."""
    walked = walk(
        WORLDS["creation"], broken("creation", "code_matches", answer=True), first_only=True
    )
    hole = walked.holes[0]
    path = tmp_path / "hole.jsonl"
    hole.write_counterexample(path)
    monkeypatch.chdir(tmp_path)

    asked = ["show", hole.journals[0].reference, "--file", str(path), *WHY]
    shown = CliRunner().invoke(cli, asked)

    assert shown.exit_code == Exit.FOUND, shown.output
    assert "Veuillez saisir le code reçu" in shown.stdout
    assert str(hole).startswith("I-S4 in « creation »: one: start (creation);")


def test_an_error_of_ours_is_a_hole() -> None:
    """I-S26: whatever a person types, somebody is asked for something that there is not."""
    flows = broken("reset", "account_has_changed", answer=False)

    assert "I-S26" in holes("a reset and settings", flows)


def test_a_host_s_own_flow_is_walked_too() -> None:
    mine = closing(Archive())
    world = evolve(alone(mine, AMELIE), typed={"ask_closing": asks_closing})
    walker = Walker.of(world, (*STANDARD, mine), small())
    leave_alone(walker.stage.storage)  # told again by charts that have no such flow
    walker.walk(first_only=False)

    assert walker.holes == {}
    assert {(mine.name, state) for state in mine.screens} <= walker.pages


def test_a_command_of_a_host_s_is_pressed_both_ways_unless_it_says_how() -> None:
    mine = closing(Archive())
    world = alone(mine, AMELIE)
    walker = Walker.of(world, (*STANDARD, mine), small())
    leave_alone(walker.stage.storage)
    walker.walk(first_only=False)

    assert walker.holes == {}
    assert walker.pages == {(mine.name, mine.initial), (mine.name, "expired")}


def test_who_is_not_in_the_registry_has_no_account_in_a_world() -> None:
    nobody = Person(rpps="99000000093", birth_date="17/06/1975", address="nobody@cabinet.example")
    actor = Actor(browser="one", person=nobody, flows=("signin",))

    with pytest.raises(ValueError, match="nobody in the registry"):
        walk(World(name="nobody's", actors=(actor,), accounts=(nobody,)))


def test_moments_that_are_taken_for_one_behave_alike() -> None:
    """What is left out of a key changes nothing: the same acts, answers, and next situations."""
    compared = 0
    for name in ("a recovery and settings", "a reset and an erasure"):
        walker = Walker.of(WORLDS[name], STANDARD, small())
        known: dict[Part, Moment] = {}
        waiting = deque([walker.stage.open(WORLDS[name])])
        while waiting and len(known) < 60:
            moment = waiting.popleft()
            key = walker.keys.of(moment)
            if key in known:
                assert future(walker, moment) == future(walker, known[key])
                compared += 1
                continue
            known[key] = moment
            for act in walker.acts.of(moment):
                after, seen = walker.stage.do(moment, act)
                waiting.append(evolve(after, book=walker.witness.note(moment.book, seen)))

    assert compared > 30


def future(walker: Walker, moment: Moment) -> list[tuple[object, ...]]:
    """All that can be seen one act on."""
    found: list[tuple[object, ...]] = []
    for act in walker.acts.of(moment):
        after, seen = walker.stage.do(moment, act)
        noted = evolve(after, book=walker.witness.note(moment.book, seen))
        state = None if seen.view is None else seen.view.state
        found.append((str(act), state, seen.said, seen.refused, walker.keys.of(noted)))
    return found


def test_the_witness_reads_no_chart() -> None:
    """It is independent: it knows neither tables, nor facts, nor what is stored of journeys."""
    for module in (book, witness):
        source = inspect.getsource(module)
        for room in ("chart", "facts", "journey", "flows", "effects", "step", "retelling"):
            assert f"from ..{room}" not in source
    assert set(FLOWS) == {flow.name for flow in STANDARD}
