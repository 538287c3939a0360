"""A server whose tables somebody holds: Ctrl+C ends a command at once all the same."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlalchemy import Connection, text

from tests.backends.storage.databases import by_hand

from .questions import WHY
from .running import PROGRAM, clean_environment, wait_for
from .service import Service

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("service", ["postgresql"], indirect=True),
]


@pytest.mark.parametrize("command", ["find", "export"])
def test_an_interrupt_does_not_wait_for_the_server(
    command: str, service: Service, tmp_path: Path
) -> None:
    """Nor does the server go on for someone who has left."""
    options = {"find": [], "export": ["--all", "-o", str(tmp_path / "all.jsonl")]}[command]
    words = [*PROGRAM, command, *options, *WHY, "--config", str(service.config)]
    with by_hand(service.url) as engine, engine.begin() as holder:
        holder.execute(text("LOCK TABLE journal"))
        with subprocess.Popen(
            words, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True, env=clean_environment()
        ) as program:
            assert program.stdin is not None
            program.stdin.write("99000000002\n")
            program.stdin.flush()
            wait_for(lambda: waiting(holder) == 1, "the program to wait")
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=30)
        wait_for(lambda: waiting(holder) == 0, "the server to give up")

    assert (program.returncode, out, err.strip()) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


def waiting(connection: Connection) -> int:
    """How many wait for what somebody else holds."""
    count = connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar()
    assert isinstance(count, int)
    return count
