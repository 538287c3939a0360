"""Long work stops at once when asked, says nothing, and leaves nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monespace_cli.exits import Exit
from tests.support.make_corpus import CORPUS


@pytest.mark.parametrize("command", ["gate", "verify", "stats", "shapes"])
def test_an_interrupt_ends_the_work_quietly(command: str, tmp_path: Path) -> None:
    """The corpus comes through a pipe that never ends, so the work cannot be done before."""
    pipe = tmp_path / "corpus.jsonl"
    os.mkfifo(pipe)
    text = (CORPUS / "format-1.jsonl").read_text("utf-8")
    arguments = [sys.executable, "-m", "monespace_cli", command, str(pipe)]
    program = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        with pipe.open("w", encoding="utf-8") as corpus:
            corpus.write(text)
            corpus.flush()
            time.sleep(0.5)
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=30)
    finally:
        program.kill()
        program.communicate()

    assert program.returncode == Exit.INTERRUPTED
    assert (out, err.strip()) == ("", "")
