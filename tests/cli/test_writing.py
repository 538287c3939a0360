"""What a command writes to a file is there as a whole, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from .conftest import Call
from .questions import WHY
from .stories import Told

WRITERS = {
    "export": ("export", "--all", *WHY, "-o"),
    "shapes": ("shapes", "-o"),
    "gate": ("gate", "--junit"),
}


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest, told: Told) -> tuple[str, ...]:
    """Name each command that writes a file, up to the file's name."""
    command, *options = WRITERS[request.param]
    return (command, "--dir", str(told.path), *options)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Make a folder in which nothing is yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def test_a_file_is_written_or_replaced(
    writer: tuple[str, ...], call: Call, elsewhere: Path
) -> None:
    file = elsewhere / "written"
    for _ in range(2):
        assert call(*writer, file).exit_code == 0

        assert file.read_text("utf-8").endswith("\n")
        assert list(elsewhere.iterdir()) == [file]
        file.write_text("de la dernière fois", "utf-8")


def test_a_place_that_is_not_there_is_said_in_a_sentence(
    writer: tuple[str, ...], call: Call, elsewhere: Path
) -> None:
    ended = call(*writer, elsewhere / "nowhere" / "written")

    assert ended.exit_code == 2
    assert "ne peut pas être écrit" in ended.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_as_it_was(
    writer: tuple[str, ...], call: Call, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = elsewhere / "written"
    file.write_text("de la dernière fois", "utf-8")

    def full(part: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    ended = call(*writer, file)

    assert ended.exit_code == 2
    assert "il n'y a plus de place sur le disque" in ended.stderr
    assert file.read_text("utf-8") == "de la dernière fois"
    assert list(elsewhere.iterdir()) == [file]


def test_a_link_goes_on_leading_where_it_led(
    writer: tuple[str, ...], call: Call, elsewhere: Path
) -> None:
    file, link = elsewhere / "written", elsewhere / "link"
    link.symlink_to(file)

    assert call(*writer, link).exit_code == 0
    assert link.is_symlink()
    assert file.read_text("utf-8").endswith("\n")


def test_a_pipe_is_written_to_and_stays_one(
    writer: tuple[str, ...], call: Call, elsewhere: Path
) -> None:
    """As is ``/dev/null``, which root could replace by a file, to everybody's harm."""
    pipe = elsewhere / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    ended = call(*writer, pipe)
    reader.join(timeout=10)

    assert ended.exit_code == 0
    assert read
    assert read[0].endswith("\n")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
