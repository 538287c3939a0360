"""A whole creation journey over HTTP, against the floor of the same run.

The journey: start, identity, code by SMS, code typed, credentials; five JSON requests to a real
server (uvicorn, loopback, one kept connection) on a SQLite file, with argon2 at its cheapest.
The floor: as many bare Starlette requests, each with a bare SQLite commit, to another server of
the same kind.  What is counted is the CPU of the server's process, not of this one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_backends.storage import open_storage
from monespace_flows.ports import Message
from monespace_flows.serialization import from_json

from .server import KEY, rpps

__all__ = ["measure"]

_REQUESTS = 5
_JOURNEYS = 60
_ROUNDS = 5
_PASSWORD = "quatre chevaux verts dansent"
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> dict[str, float]:
    """Milliseconds of server CPU for a journey and its floor, for a request of each, the ratio."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(_serving("ours", folder))
        floor = stack.enter_context(_serving("floor", folder))
        person = _Person(ours, folder)
        taken: dict[str, list[float]] = {"journey": [], "floor": []}
        _cpu_ms(ours, person.journey, 10)
        _cpu_ms(floor, floor.journey, 10)
        for _ in range(_ROUNDS):
            taken["journey"].append(_cpu_ms(ours, person.journey, _JOURNEYS))
            taken["floor"].append(_cpu_ms(floor, floor.journey, _JOURNEYS))
    journey, bare = (statistics.median(taken[name]) for name in ("journey", "floor"))
    return {
        "journey_cpu_ms": round(journey, 2),
        "floor_cpu_ms": round(bare, 2),
        "request_cpu_ms": round(journey / _REQUESTS, 2),
        "floor_request_cpu_ms": round(bare / _REQUESTS, 2),
        "ratio": round(journey / bare, 2),
    }


class _Server:
    """A server under measure, and a kept connection to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self._connection = HTTPConnection("127.0.0.1", int(process.stdout.readline()))

    def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._connection.request("POST", path, json.dumps(body), headers)
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status not in (200, 201):
            raise RuntimeError(f"{path} answered {response.status}: {answer}")
        return answer

    def journey(self) -> None:
        for _ in range(_REQUESTS):
            self.post("/api/journeys", {"flow": "creation"})


class _Person:
    """Someone new for each journey; reads the code where the relay would."""

    def __init__(self, server: _Server, folder: Path) -> None:
        self._server = server
        self._storage = open_storage(f"sqlite:///{folder / 'bench.db'}")
        self._secrets = KeyedSecrets(Keys((KEY,)))
        self._number = 0

    def journey(self) -> None:
        self._number += 1
        post = self._server.post
        view = post("/api/journeys", {"flow": "creation"})
        path, token = f"/api/journeys/{view['reference']}", view["token"]
        identity = {"birth_date": "17/06/1975", "rpps": rpps(self._number), "accept_terms": True}
        view = post(f"{path}/submit_identity", identity, token)
        channel = view["screen"]["fields"][0]["options"][0]["value"]
        post(f"{path}/send_code", {"channel": channel}, token)
        post(f"{path}/submit_code", {"code": self._code(view["reference"])}, token)
        email = f"medecin{self._number}@bench.example"
        credentials = {
            "email": email,
            "email_confirmation": email,
            "password": _PASSWORD,
            "password_confirmation": _PASSWORD,
        }
        if post(f"{path}/activate", credentials, token)["state"] != "created":
            raise RuntimeError("the journey did not end in an account")

    def _code(self, reference: str) -> str:
        with self._storage.reading() as unit:
            waiting = unit.outbox.of_journey(reference)[-1]
        return from_json(self._secrets.unseal(waiting.sealed or ""), Message).code or ""


@contextmanager
def _serving(which: str, folder: Path) -> Iterator[_Server]:
    command = [sys.executable, "-m", "bench.server", which, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _Server(process)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _cpu_ms(server: _Server, work: Callable[[], None], times: int) -> float:
    began = _cpu_seconds(server.process.pid)
    for _ in range(times):
        work()
    return 1000 * (_cpu_seconds(server.process.pid) - began) / times


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
