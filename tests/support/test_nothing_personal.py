"""Whatever was typed is nowhere in what support can see: commands, exports, access log, errors."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import pytest

from monespace_flows.commands import SignIn, SubmitCode, SubmitIdentity
from monespace_flows.journal.export import read_journeys
from tests.privacy.markers import assert_no_marker
from tests.support.desk import Desk
from tests.support.people import Person

ZELIE = ("23/04/1961", "99000004327")

TYPED = {
    "birth date": "23/04/1961",
    "birth date as ISO": "1961-04-23",
    "wrong birth date": "24/05/1962",
    "ill-formed birth date": "le 23 avril 61",
    "RPPS": "99000004327",
    "unknown RPPS": "99000008765",
    "national number": "899000004327",
    "mobile": "33612987643",
    "mobile as dialled": "0612987643",
    "the Order's address": "zelie.marqueur",
    "login": "canari.login",
    "other login": "canari.autre",
    "ill-formed login": "canari pas une adresse",
    "password": "perruche jaune citron",
    "new password": "perroquet bleu marine",
    "wrong password": "pinson rouge brique",
    "weak password": "moineau",
    "wrong code": "918273",
    "family name": "Marqueurdoux",
    "given name": "Zélie-Canarie",
}


def walk(desk: Desk) -> list[Person]:
    """Zélie goes through every flow and makes every mistake, typing a marker each time."""
    desk.sandbox.registry.add(
        ZELIE[1],
        date(1961, 4, 23),
        mobile="+33612987643",
        email="zelie.marqueur@medecin.example",
        family_name="Marqueurdoux",
        given_name="Zélie-Canarie",
    )
    login, other = "canari.login@exemple.example", "canari.autre@exemple.example"
    good, new, wrong = "perruche jaune citron", "perroquet bleu marine", "pinson rouge brique"
    creation = desk.person("creation")
    for born, rpps in (
        ("24/05/1962", ZELIE[1]),
        (ZELIE[0], "99000008765"),
        ("le 23 avril 61", "899000004327"),
    ):
        creation.press(SubmitIdentity(birth_date=born, rpps=rpps, accept_terms=True))
    creation.identifies(ZELIE).asks_code().types_code("918273").press(SubmitCode("abc"))
    desk.sandbox.clock.advance(minutes=2)
    creation.asks_again().types_code()
    creation.activates("canari pas une adresse", password=good).activates(login, password="moineau")
    creation.activates(login, password=good, password_again=wrong).activates(login, password=good)
    confirmation = [m for m in desk.sandbox.messages if m.purpose == "confirmation"][-1]
    signin = desk.person("signin").press(SignIn(email=login, password=wrong))
    signin.press(SignIn(email=other, password=wrong)).press(SignIn(email=login, password=good))
    desk.sandbox.flows.confirm_email(confirmation.link_token, signin.session)
    settings = desk.person("settings", signin.session)
    settings.saves(login, password=new, current=wrong).saves(login, password=new, current=good)
    reset = desk.person("reset").asks_link(other)
    changed = desk.person("reset").asks_link(login).opens().saves_password("moineau")
    changed.saves_password(good)
    recovery = desk.person("recovery").identifies(ZELIE).goes_on().asks_code("email").types_code()
    recovery.activates(login, password=good).activates(other, password=new)
    by_mail = desk.person("creation").identifies(ZELIE)
    return [creation, signin, settings, reset, changed, recovery, by_mail]


def drawn(desk: Desk, people: list[Person]) -> dict[str, str]:
    """The secrets that were drawn for her."""
    found = {}
    for number, message in enumerate(desk.sandbox.messages):
        if message.code:
            found[f"code {number}"] = message.code
        if message.link:
            found[f"link {number}"] = message.link_token
    for number, person in enumerate(people):
        found[f"token {number}"] = person.view.token
        if person.session:
            found[f"session {number}"] = person.session
    return found


@pytest.fixture
def world(desk: Desk) -> tuple[Desk, list[Person], dict[str, str]]:
    people = walk(desk)
    assert [person.view.status for person in people] == [
        "done", "done", "open", "open", "done", "done", "open",
    ]  # fmt: skip
    secrets = drawn(desk, people)
    assert len(secrets) > 10
    return desk, people, {**TYPED, **secrets}


def everything(desk: Desk, people: list[Person]) -> Iterator[tuple[str, ...]]:
    """Every command of support, in every form, on every journey."""
    for person in people:
        one = person.reference
        for name in ("why", "show", "step"):
            yield (name, one)
            yield (name, one, "--json")
        for form in ("json", "html", "svg", "mermaid"):
            yield ("export", one, "--to", form)
        for options in (("--all",), ("--nearest",), ("--shift", "1=+11m"), ("--at", "1", "x=y")):
            yield ("whatif", one, *options)
            yield ("whatif", one, *options, "--json")
        yield ("diff", one, people[0].reference)
        yield ("diff", one, people[0].reference, "--json")
    yield ("export", "--all")
    for typed in (ZELIE[1], "canari.autre@exemple.example"):
        yield ("find", typed)
        yield ("find", typed, "--json")


OPEN = [["gate"], ["verify"], ["shapes"], ["stats"], ["list"], ["access-log"]]


def test_no_command_shows_what_was_typed_or_drawn(
    world: tuple[Desk, list[Person], dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    desk, people, markers = world
    caplog.set_level(logging.DEBUG)
    # A code of six digits may stand by chance in a hash: hashes are not shown by these.
    for name, *options in everything(desk, people):
        if name == "find":
            result = desk.ask("find", *options[1:], typed=f"{options[0]}\n")
            assert result.exit_code == 0, result.output
        else:
            result = desk.ask(name, *options)
        shown = without_hashes(result.output) if name == "export" else result.output
        assert_no_marker(f"{name} {options}", shown, markers)
    for command in OPEN:
        for form in ([], ["--json"]):
            result = desk.run(*command, *form)
            assert result.exit_code == 0, result.output
            assert_no_marker(str(command), without_hashes(result.output), markers)
    access = desk.folder.access_log.read_text("utf-8")
    assert_no_marker("the access log", without_hashes(access), markers)
    assert_no_marker("the log", caplog.text, markers)


def without_hashes(text: str) -> str:
    """The text without the digests and random ids of journals, whose digits mean nothing."""
    import re

    return re.sub(r'"(previous|hash|subject|fingerprint|id)":\s*"[^"]*"', "", text)


def test_no_journal_holds_what_was_typed_or_drawn(
    world: tuple[Desk, list[Person], dict[str, str]],
) -> None:
    desk, people, markers = world
    path = desk.path / "all.jsonl"
    assert desk.ask("export", "--all", "-o", str(path)).exit_code == 0
    text = path.read_text("utf-8")

    assert {it.reference for it in read_journeys(text.splitlines())} >= {
        person.reference for person in people
    }
    assert_no_marker("the export", without_hashes(text), markers)


def test_a_traceback_on_the_way_shows_nothing_either(
    world: tuple[Desk, list[Person], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something breaks with a value in its hands: the program tells the kind and the place."""
    desk, people, markers = world

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError(f"{args!r} {ZELIE[1]} perruche jaune citron")

    monkeypatch.setattr("monespace_flows.support.diagnosis.diagnose", broken)
    monkeypatch.setattr("monespace_flows.support.timeline.timeline", broken)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        for name, *options in everything(desk, people[:1]):
            typed = options.pop(0) if name == "find" else ""
            result = desk.ask(name, *options, typed=f"{typed}\n")
            assert_no_marker(f"{name} {options}", without_hashes(result.output), markers)
            if result.exit_code == 70:
                assert result.stderr.startswith("monespace: erreur interne, à signaler")
                assert "RuntimeError, test_nothing_personal.py:" in result.stderr
            if result.exc_info and result.exc_info[2] is not None:
                told = "".join(traceback.format_exception(*result.exc_info))
                assert "SystemExit" in told
    assert_no_marker("what was printed", out.getvalue() + err.getvalue(), markers)


@pytest.mark.parametrize("command", ["why", "show", "step", "whatif", "export", "diff", "explain"])
def test_a_value_that_lands_on_the_wrong_command_is_not_repeated(
    desk: Desk, command: str, tmp_path: Path
) -> None:
    for name, value in TYPED.items():
        result = desk.ask(command, value, value)
        assert result.exit_code != 0, name
        assert_no_marker(f"{command} with the {name}", result.output, {name: value})
    if desk.folder.access_log.exists():
        assert_no_marker("the access log", desk.folder.access_log.read_bytes(), TYPED)
