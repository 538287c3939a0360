"""Forty calls: the terminal and the console say the right cause, and the right thing to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from monespace_cli.access.place import Place
from monespace_cli.main import cli
from monespace_flows.errors import PortUnavailable
from monespace_flows.support.catalogue import CAUSES
from monespace_flows.support.diagnosis import Status
from monespace_flows.wording import Text
from tests.cli.desk import Desk as Console
from tests.support.desk import WHY, Desk
from tests.support.stories import CALLS, Happened, folder_of_calls

EACH = pytest.mark.parametrize("number", range(len(CALLS)), ids=[it.name for it in CALLS])


@frozen
class Agent:
    """Someone at the desk, with a terminal and with a browser."""

    path: Path
    happened: tuple[Happened, ...]
    console: Console

    def runs(self, *words: str) -> Result:
        """How the program ends."""
        return CliRunner().invoke(cli, [*words, "--dir", str(self.path), *WHY])

    def types(self, *words: str) -> str:
        """What the program prints, its lines joined."""
        ended = self.runs(*words)
        assert ended.exit_code == 0, ended.output
        return " ".join(ended.stdout.split())

    def top(self, ringing: Happened) -> str:
        """What the console says of a journey before it tells it step by step."""
        page = self.console.look(f"/parcours/{ringing.reference}")
        return page[page.index("<h1>") : page.index("<h2>Messages")]


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """Sit down at the desk; the reason is given once."""
    path = tmp_path_factory.mktemp("calls")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MONESPACE_DIR", "MONESPACE_CONFIG"):
            patch.delenv(name, raising=False)
        patch.setenv("NO_COLOR", "1")
        happened = folder_of_calls(path)
        console = Console(path)
        console.give_grounds()
        yield Agent(path, happened, console)


@pytest.fixture
def ringing(number: int, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> Happened:
    """Make it the hour at which somebody rings."""
    happened = agent.happened[number]
    monkeypatch.setattr(Place, "now", lambda _: happened.at)
    return happened


def way_out(ringing: Happened) -> Text:
    """What the catalogue tells to do; once a journey that waits is over, nothing is left of it."""
    call = ringing.call
    if call.status in {Status.EXPIRED, Status.ABANDONED} and call.cause.startswith("waiting."):
        return Text("Recommencer une demande.", "Start a new journey.")
    return CAUSES[call.cause].way_out


def said(text: Text) -> re.Pattern[str]:
    """The sentences of the catalogue, whatever numbers stand in them."""
    plain = " ".join(text.fr.split())
    return re.compile(".+?".join(map(re.escape, re.split(r"\{\w+\}", plain))))


def holds(page: str, ringing: Happened) -> bool:
    """Whether a page says the cause, then what to do, with the words that there must be."""
    call = ringing.call
    told = said(CAUSES[call.cause].text).search(page)
    out = said(way_out(ringing)).search(page, told.end()) if told else None
    if told is None or out is None:
        return False
    heard, to_do = page[told.start() : out.start()], page[out.start() :]
    return all(it in heard for it in call.heard) and all(it in to_do for it in call.to_do)


def test_there_are_forty_and_no_two_are_one() -> None:
    assert len(CALLS) == 40
    for distinct in ({it.name for it in CALLS}, {it.says for it in CALLS}):
        assert len(distinct) == 40
    assert len({it.happens for it in CALLS}) == 40


@EACH
def test_why_says_the_cause_and_what_to_do(ringing: Happened, agent: Agent) -> None:
    told = json.loads(agent.types("why", ringing.reference, "--json"))

    assert told["cause_id"] == ringing.call.cause
    assert told["status"] == ringing.call.status.value
    assert holds(agent.types("why", ringing.reference), ringing)


@EACH
def test_show_says_the_cause_and_what_to_do(ringing: Happened, agent: Agent) -> None:
    shown = agent.types("show", ringing.reference)

    assert ringing.call.status.words.fr in shown
    assert holds(shown[: shown.index("Accès n°")], ringing)


@EACH
def test_the_console_says_the_cause_and_what_to_do(ringing: Happened, agent: Agent) -> None:
    top = agent.top(ringing)

    assert f" : {ringing.call.status.words.fr}, " in top
    assert holds(top, ringing)
    assert all(word in top[top.index("<h2>Que faire</h2>") :] for word in ringing.call.to_do)


@EACH
def test_what_nobody_can_correct_is_not_asked_of_the_caller(
    ringing: Happened, agent: Agent
) -> None:
    top = agent.top(ringing)
    is_theirs = "ne peut rien corriger" not in top and "pas une erreur de la personne" not in top

    assert is_theirs or not re.search("Et si…|La personne peut|Recommencer une demande", top)


def test_who_could_not_even_begin_is_told_to_try_again(desk: Desk) -> None:
    """The registry was down at the first press: the reference on the screen is of nothing yet."""
    desk.sandbox.registry.fail_next()
    person = desk.person("creation")
    with suppress(PortUnavailable):
        person.identifies()
    agent = Agent(desk.path, (), Console(desk.path))
    agent.console.give_grounds()
    page = agent.console.look(f"/parcours/{person.reference}")
    ended = agent.runs("why", person.reference)

    assert (ended.exit_code, "réessayer dans quelques minutes" in page) == (3, True)
    assert "réessayer dans quelques minutes" in " ".join(ended.stderr.split())
