"""A throw-away Redis: on a free port of the loopback, without a file, gone afterwards."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NO_SERVER = "no Redis here: apt-get install redis-server"
"""What to print when a test fails for want of a server."""


@contextmanager
def running() -> Iterator[str | None]:
    """Run a server and yield its address, or yield None where there is none to run."""
    program = shutil.which("redis-server", path="/usr/bin:/usr/local/bin")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        words = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", home]
        with subprocess.Popen([program, *words], stdout=subprocess.DEVNULL) as server:
            try:
                wait_for(port, server, "redis-server")
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                server.kill()


def free_port() -> int:
    """Find a port that nobody has taken yet."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def wait_for(port: int, server: subprocess.Popen[Any], name: str) -> None:
    """Wait until a server that was started takes connections; say what it said if it ended."""
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    _, said = server.communicate()
    raise RuntimeError(f"{name} ended with {server.returncode}: {said}")
