"""Somebody at a terminal is asked for the purpose and the ticket that they did not give."""

from __future__ import annotations

import json

import pytest

from monespace_cli.access import reading

from .conftest import Call
from .stories import Told


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sit somebody down who reads what is asked, and answers it."""
    monkeypatch.setattr(reading, "is_answered", lambda: True)


def last_record(told: Told, call: Call) -> tuple[str, str]:
    shown = json.loads(call("access-log", "--dir", told.path, "--json").stdout)
    record = shown["records"][-1]
    return record["purpose"], record["ticket"]


def test_what_is_missing_is_asked_for_once(told: Told, call: Call) -> None:
    ended = call("why", told.creation, "--dir", told.path, typed="appel\nSD-31\n")

    assert ended.exit_code == 0, ended.stderr
    assert ended.stderr.count("Motif (appel, incident, securite, legal ou essai) : ") == 1
    assert ended.stderr.count("Ticket, comme SD-1423 : ") == 1
    assert last_record(told, call) == ("caller", "SD-31")


def test_an_empty_answer_is_asked_for_again(told: Told, call: Call) -> None:
    ended = call("why", told.creation, "--dir", told.path, typed="\nincident\n\nSD-32\n")

    assert ended.exit_code == 0, ended.stderr
    assert last_record(told, call) == ("incident", "SD-32")


def test_only_what_is_missing_is_asked_for(told: Told, call: Call) -> None:
    ended = call("why", told.creation, "--dir", told.path, "--purpose", "legal", typed="SD-33\n")

    assert ended.exit_code == 0, ended.stderr
    assert "Motif" not in ended.stderr
    assert last_record(told, call) == ("legal", "SD-33")


def test_a_wrong_answer_is_refused_and_shows_nothing(told: Told, call: Call) -> None:
    ended = call("why", told.creation, "--dir", told.path, typed="curiosité\nSD-34\n")

    assert (ended.exit_code, ended.stdout) == (4, "")
    assert "ce motif n'existe pas" in ended.stderr


def test_variables_say_it_for_a_whole_call(
    told: Told, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONESPACE_PURPOSE", "essai")
    monkeypatch.setenv("MONESPACE_TICKET", "SD-35")

    for command in ("why", "show"):
        ended = call(command, told.creation, "--dir", told.path)
        assert (ended.exit_code, ended.stderr) == (0, "")
        assert last_record(told, call) == ("test", "SD-35")


@pytest.mark.parametrize(
    ("day", "told_so"),
    [
        ("31/02/2026", "--since : une date comme 22/11/2026"),
        ("28-11-2026", "--since : une date comme 22/11/2026"),
        ("demain", "hier, aujourd'hui"),
        ("", "--since : une date comme 22/11/2026"),
    ],
)
def test_a_wrong_date_names_its_option_and_what_would_do(
    day: str, told_so: str, told: Told, call: Call
) -> None:
    ended = call("list", "--since", day, "--dir", told.path)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told_so in " ".join(ended.stderr.split())
    assert "Aide : monespace list --help" in ended.stderr
