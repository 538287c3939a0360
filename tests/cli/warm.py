"""The program in a process of its own that has imported it beforehand.

Importing costs a second, and most commands a hundredth of it.  So one process imports everything,
and each run is a fork of it, with an environment, a folder, streams, signals and an end of its own.
What only a start from nothing shows is for :mod:`running`.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

__all__ = ["Fork", "Warm", "warm"]

_PATIENCE = 30.0
_LONGEST = 1 << 17  # of an order: the environment is most of it
_ALSO_IMPORTED = (  # by commands, when they run
    "alembic.command",
    "alembic.op",
    "monespace_backends.storage.schema",
    "monespace_backends.storage.sql",
    "monespace_cli.errors",
    "monespace_flows.support.timeline",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)


class Fork:
    """A run of the program, under the names that :class:`subprocess.Popen` has for it."""

    def __init__(self, answers: socket.socket, stdout: IO[str] | None) -> None:
        self.stdout = stdout
        self._answers = answers
        self._answers.settimeout(_PATIENCE)
        self.pid = self._answer()
        self._code: int | None = None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = _PATIENCE) -> int:
        """Wait until it has ended; its exit code, or the signal that killed it, negative."""
        if self._code is None:
            self._answers.settimeout(timeout)
            self._code = self._answer()
        return self._code

    def close(self) -> None:
        """Put away what was open for it."""
        self._answers.close()
        if self.stdout is not None:
            self.stdout.close()

    def _answer(self) -> int:
        answer = self._answers.recv(64)
        assert answer, "the process that forks has ended"
        return int(answer)


class Warm:
    """The process that forks, as tests see it."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders

    @contextmanager
    def start(
        self,
        *arguments: str | Path,
        environment: dict[str, str],
        stdout: IO[str] | None = None,
        stderr: IO[str] | None = None,
    ) -> Iterator[Fork]:
        """Run the program until the block ends; into a pipe unless told whereto."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = {"arguments": [*map(str, arguments)], "environment": environment}
        reading = None
        with there, open(os.devnull, "r+", encoding="utf-8") as nothing:  # noqa: PTH123 - no file
            if stdout is None:
                readable, writable = os.pipe()
                reading = os.fdopen(readable, encoding="utf-8")
            else:
                writable = os.dup(stdout.fileno())
            streams = [nothing.fileno(), writable, (stderr or nothing).fileno()]
            socket.send_fds(self._orders, [json.dumps(order).encode()], [there.fileno(), *streams])
            os.close(writable)
        fork = Fork(here, reading)
        try:
            yield fork
        finally:
            fork.kill()
            fork.wait()
            fork.close()

    def run(self, *arguments: str | Path, environment: dict[str, str]) -> tuple[int, str, str]:
        """Run the program to its end; its exit code, and what it wrote on each stream."""
        with (
            TemporaryFile("w+", encoding="utf-8") as out,
            TemporaryFile("w+", encoding="utf-8") as err,
        ):
            with self.start(*arguments, environment=environment, stdout=out, stderr=err) as fork:
                code = fork.wait()
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()


@contextmanager
def warm(environment: dict[str, str]) -> Iterator[Warm]:
    """Import the program once, and have it forked until the block ends."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with (
        there,
        subprocess.Popen(
            [sys.executable, __file__, str(there.fileno())],
            pass_fds=[there.fileno()],
            env=environment,
        ),
        here,  # closed first: then the process has no more orders to expect, and ends
    ):
        there.close()
        yield Warm(here)


# --- in the process that forks -------------------------------------------------------------------


def _serve(orders: socket.socket) -> bool:
    """Fork for each order; true in the process that is to be the program."""
    while True:
        message, fds, _, _ = socket.recv_fds(orders, _LONGEST, 4)
        if not message:
            _reap(0)
            return False
        if not os.fork():
            orders.close()
            return _watch(json.loads(message), *fds)
        for fd in fds:
            os.close(fd)
        _reap(os.WNOHANG)


def _watch(order: dict[str, Any], answers: int, *streams: int) -> bool:
    """Between the two: who waits for the program and tells how it ended."""
    with socket.socket(fileno=answers) as told:
        pid = os.fork()
        if pid:
            for fd in streams:
                os.close(fd)
            told.send(str(pid).encode())
            _, status = os.waitpid(pid, 0)
            told.send(str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    # Streams as the interpreter opens them, on what they are now.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv[1:] = order["arguments"]
    return True


def _reap(options: int) -> None:
    """Forget the watchers that are done."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


if __name__ == "__main__":
    del sys.path[0]  # this folder, whose modules have names that others' may have
    from monespace_cli.main import main
    from monespace_cli.program import COMMANDS

    for entry in COMMANDS.values():
        entry.load()
    for module in _ALSO_IMPORTED:
        import_module(module)
    gc.freeze()  # what no fork looks at is copied for none
    if _serve(socket.socket(fileno=int(sys.argv[1]))):
        try:
            main()
        except SystemExit as end:
            # Python would undo all that was imported first, which takes longer than most runs.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code if isinstance(end.code, int) else 0)
