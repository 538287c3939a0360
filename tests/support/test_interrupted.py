"""Long work stops at once when asked, says nothing, and leaves nothing half done."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from threading import Thread

import pytest

from monespace_cli.errors import Exit
from tests.cli.running import Ended, clean_environment, wait_for
from tests.support.desk import WHY, Desk
from tests.support.make_corpus import CORPUS

ROOT = Path(__file__).resolve().parents[2]

INTERRUPTED = """
import os, signal, pytest
from monespace_cli.main import main
from tests.cli.drivers import before_lines_are_read

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

before_lines_are_read(pytest.MonkeyPatch(), interrupt, after=2)
main()
"""
"""The program, with Ctrl+C pressed after it has read two of the journals."""


@pytest.mark.parametrize("command", ["gate", "verify", "stats", "shapes"])
def test_an_interrupt_ends_the_work_quietly(command: str, tmp_path: Path) -> None:
    """The corpus comes through a pipe that never ends, so the work cannot be done before."""
    pipe = tmp_path / "corpus.jsonl"
    os.mkfifo(pipe)
    text = (CORPUS / "format-1.jsonl").read_text("utf-8")
    arguments = [sys.executable, "-m", "monespace_cli", command, str(pipe)]
    program = subprocess.Popen(arguments, stdout=PIPE, stderr=PIPE, text=True)
    try:
        with pipe.open("w", encoding="utf-8") as corpus:
            corpus.write(text)
            corpus.flush()
            wait_for(lambda: _unread(corpus.fileno()) == 0, "the program to read")
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=30)
    finally:
        program.kill()
        program.communicate()

    assert program.returncode == Exit.INTERRUPTED
    assert (out, err.strip()) == ("", "")


def _unread(pipe: int) -> int:
    (count,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))
    return int(count)


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk where a doctor came back and back."""
    for _ in range(5):
        desk.person("creation").identifies().waits(minutes=1)
    return desk


def interrupted(
    desk: Desk, command: str, *arguments: str | Path, typed: str = "", terminal: int = PIPE
) -> Ended:
    """Run a command on the desk's data, and press Ctrl+C in the middle of them."""
    words = [command, *map(str, arguments), "--dir", str(desk.path), *WHY]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *words],
        input=typed,
        stdout=PIPE,
        stderr=terminal,
        text=True,
        check=False,
        cwd=ROOT,
        env=clean_environment(TERM="xterm"),
    )
    return Ended(done.returncode, done.stdout, done.stderr or "")


def test_a_search_that_is_interrupted_ends_quietly(busy: Desk) -> None:
    ended = interrupted(busy, "find", typed="99000000002\n")

    assert ended.code == Exit.INTERRUPTED
    assert (ended.out, ended.err.strip()) == ("", "")


def test_an_export_that_is_interrupted_writes_whole_lines_only(busy: Desk) -> None:
    everything = busy.ask("export", "--all").stdout
    ended = interrupted(busy, "export", "--all")

    assert ended.code == Exit.INTERRUPTED
    assert ended.err.strip() == ""
    assert ended.out.endswith("\n")
    assert everything.startswith(ended.out)
    assert ended.out != everything


@pytest.mark.parametrize("before", [None, "de la dernière fois"])
def test_an_export_that_is_interrupted_leaves_no_half_a_file(
    busy: Desk, tmp_path: Path, before: str | None
) -> None:
    """What was there before stays, and is not mixed with what is new."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    file = folder / "all.jsonl"
    if before is not None:
        file.write_text(before, "utf-8")
    ended = interrupted(busy, "export", "--all", "-o", file)

    assert ended.code == Exit.INTERRUPTED
    assert (ended.out, ended.err.strip()) == ("", "")
    assert [it.read_text("utf-8") for it in folder.iterdir()] == (
        [] if before is None else [before]
    )


def test_a_terminal_that_watched_gets_its_cursor_back(busy: Desk) -> None:
    with _terminal() as (terminal, shown):
        ended = interrupted(busy, "export", "--all", terminal=terminal)
    told = b"".join(shown)

    assert ended.code == Exit.INTERRUPTED
    assert told.rindex(b"\x1b[?25h") > told.rindex(b"\x1b[?25l")
    assert b"Traceback" not in told


@contextmanager
def _terminal() -> Iterator[tuple[int, list[bytes]]]:
    """Open a terminal; what it is told is read all along, or the program would have to wait."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        with suppress(OSError):  # as Linux says that nobody has the terminal open any more
            while told := os.read(ours, 4096):
                shown.append(told)

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield theirs, shown
    finally:
        os.close(theirs)
        reader.join(timeout=30)
        os.close(ours)
