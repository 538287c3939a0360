"""The settings of a support machine: the service's, or much less."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import fields

from monespace_backends.settings.service import Settings
from monespace_backends.settings.sources import SettingsInvalid
from monespace_backends.settings.support import NOT_READ, ReadingSettings, read_reading_settings


def written(path: Path, text: str) -> Path:
    file = path / "monespace.toml"
    file.write_text(text, "utf-8")
    return file


def read(file: Path, **environment: str) -> ReadingSettings:
    return read_reading_settings(file, environment)


def test_every_setting_is_read_or_passed_over() -> None:
    """A new setting of the service must be put on one side."""
    known = {one.name for one in fields(ReadingSettings)}

    assert known | NOT_READ == {one.name for one in fields(Settings)}
    assert not known & NOT_READ


def test_a_database_is_enough(tmp_path: Path) -> None:
    settings = read(written(tmp_path, 'database = "sqlite:///monespace.db"'))

    assert settings.database.url == "sqlite:///monespace.db"
    assert settings.keys_file is None
    assert str(settings.zone) == "Europe/Paris"
    assert settings.support.access_log_of(tmp_path / "monespace.toml") == tmp_path / "access.jsonl"


def test_all_that_support_reads_is_read(tmp_path: Path) -> None:
    text = """
    database = "postgresql://reader@db/monespace"
    keys_file = "keys"
    zone = "Indian/Reunion"
    [support]
    access_log = "/var/log/monespace/access.jsonl"
    [policy.codes]
    tries = 3
    """
    settings = read(written(tmp_path, text))

    assert settings.keys_file == tmp_path / "keys"
    assert str(settings.zone) == "Indian/Reunion"
    assert settings.policy.codes.tries == 3
    assert settings.support.access_log == Path("/var/log/monespace/access.jsonl")


def test_what_concerns_the_service_alone_is_passed_over(tmp_path: Path) -> None:
    """Even where it is wrong: support's reading must not wait for a mail server's settings."""
    text = """
    base_url = 3
    database = "sqlite:///monespace.db"
    [smtp]
    hots = "mail.example"
    """
    settings = read(written(tmp_path, text), MONESPACE_SMTP__PORT="many", MONESPACE_POOL_SIZE="x")

    assert settings.database.url == "sqlite:///monespace.db"


def test_the_environment_wins(tmp_path: Path) -> None:
    file = written(tmp_path, 'database = "sqlite:///one.db"')

    assert read(file, MONESPACE_DATABASE="sqlite:///two.db").database.url == "sqlite:///two.db"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "database is missing"),
        ('databse = "x"\ndatabase = "y"', "databse is unknown, did you mean database?"),
        ('database = "x"\nzone = "Mars"', "zone is no time zone"),
        ('database = "x"\n[policy.codes]\ntries = "three"', "policy.codes.tries must be"),
    ],
)
def test_what_is_wrong_is_told(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=problem):
        read(written(tmp_path, text))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, "zone = 3\nsupport = 4")

    with pytest.raises(SettingsInvalid) as found:
        read(file, MONESPACE_SUPPORT__ACCESS_LOG="x")

    assert len(found.value.problems) >= 3


def test_a_variable_that_fits_nowhere_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, 'database = "x"')

    with pytest.raises(SettingsInvalid, match="no table"):
        read(file, MONESPACE_DATABASE__URL__HOST="x")
