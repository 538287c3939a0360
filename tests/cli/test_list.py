"""`monespace list`: which journeys there are, newest first, and nobody's values."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monespace_backends.storage import open_storage
from tests.replaying import leave_alone

from .conftest import Call, checked
from .stories import Told, writing


def references(call: Call, told: Told, *more: str) -> list[str]:
    data = checked(call("list", "--dir", told.path, "--json", *more).stdout)
    return [journey["reference"] for journey in data["journeys"]]


def test_names_the_newest_first(told: Told, call: Call) -> None:
    assert references(call, told) == [told.reset, told.creation]


def test_shows_reference_time_flow_and_screen(told: Told, call: Call) -> None:
    lines = call("list", "--dir", told.path).stdout.splitlines()

    assert lines[0].split() == ["référence", "début", "état", "démarche,", "étape", "et", "cause"]
    assert lines[3].startswith(f"{told.creation}  ")
    assert lines[3].endswith("  TERMINÉ    création d'espace")
    assert lines[4].strip() == "Votre espace est créé : l'espace a été créé"
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("filters", [("--flow", "creation"), ("--state", "created")])
def test_can_be_narrowed(filters: tuple[str, ...], told: Told, call: Call) -> None:
    assert references(call, told, *filters) == [told.creation]


def test_dates_are_inclusive(told: Told, call: Call) -> None:
    """The minute that is named counts, at both ends."""
    row = call("list", "--dir", told.path, "--flow", "creation").stdout.splitlines()[1]
    day, minute = row.split()[1:3]
    today = "-".join(reversed(day.split("/")))

    assert references(call, told, "--since", f"{today}T{minute}", "--until", f"{today}T{minute}")
    assert len(references(call, told, "--since", today, "--until", today)) == 2
    assert references(call, told, "--until", "2001-01-01") == []


def test_tells_that_there_are_more(told: Told, call: Call) -> None:
    ended = call("list", "--dir", told.path, "--limit", "1")

    assert told.creation not in ended.stdout
    assert "Il y en a d'autres" in ended.stderr


def test_of_nothing_says_so(tmp_path: Path, call: Call) -> None:
    open_storage(f"sqlite:///{tmp_path / 'monespace.db'}").close()

    ended = call("list", "--dir", tmp_path)

    assert (ended.exit_code, ended.stdout) == (0, "")
    assert "Aucun parcours pour l’instant." in ended.stderr


def test_of_nothing_that_fits_says_so(told: Told, call: Call) -> None:
    assert "de cette sorte" in call("list", "--dir", told.path, "--flow", "settings").stderr


def test_goes_on_when_one_journal_is_damaged(told: Told, call: Call) -> None:
    leave_alone(told.storage)
    with closing(sqlite3.connect(told.path / "monespace.db")) as database, database:
        database.execute("UPDATE journal SET line = 'x' WHERE reference = ?", (told.reset,))

    ended = call("list", "--dir", told.path)

    assert told.creation in ended.stdout
    assert f"{told.reset} : journal abîmé" in ended.stderr


def test_still_names_journeys_that_were_purged(told: Told, call: Call) -> None:
    with writing(told.path) as box:
        now = box.clock.advance(hours=30)
        box.storage.purge(now, now.replace(year=now.year - 1))

    assert references(call, told) == [told.reset, told.creation]


@pytest.mark.parametrize("option", ["--flow", "--state", "--since", "--limit"])
def test_refuses_what_there_is_not(option: str, told: Told, call: Call) -> None:
    """In French, and without saying again what was typed."""
    ended = call("list", "--dir", told.path, option, "99000000002")

    assert ended.exit_code == 2
    assert option in ended.stderr
    assert "99000000002" not in ended.stderr


def test_wants_to_know_where(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    ended = call("list")

    assert ended.exit_code == 2
    assert "--config" in ended.stderr
    assert "--dir" in ended.stderr


def test_takes_the_place_from_the_environment(
    told: Told, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONESPACE_DIR", str(told.path))

    assert told.creation in call("list").stdout


def test_refuses_two_places(told: Told, call: Call) -> None:
    assert call("list", "--dir", told.path, "--config", "x.toml").exit_code == 2


def test_of_a_folder_without_data_says_what_to_do(tmp_path: Path, call: Call) -> None:
    ended = call("list", "--dir", tmp_path / "nowhere")

    assert ended.exit_code == 2
    assert "monespace demo" in ended.stderr
