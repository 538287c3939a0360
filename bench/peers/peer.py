"""A peer that stands: its process, its database, its mails, and what a turn took of them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from attrs import define, frozen

from monespace_backends.storage import sqlite_url
from tests.servers import postgres

from ..people import Doctor
from ..standing import free_port, write_files
from .client import Caller, Journey, drive
from .inside import COUNTS
from .journeys import Allauth, Bare, FastapiUsers, Ours

__all__ = ["HASHES", "PEERS", "ROOT", "Standing", "Turn", "standing", "worlds"]

ROOT = Path(__file__).resolve().parents[2]
RIVALS = ROOT / ".venv-peers"
HASHES = {"cheap": "8,1,1", "owasp": "19456,2,1"}
"""argon2id's memory in KiB, times and lanes; the first is the least there can be."""

_SITES = "bench.peers.sites"
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60.0
_OF_OTHERS = ("MONESPACE_", "PEER_", "PYTHON", "UVICORN_", "WEB_CONCURRENCY", "GUNICORN_")
"""Variables that would have a peer served otherwise."""


# --- who they are --------------------------------------------------------------------------------


@frozen(kw_only=True)
class World:
    """What a peer stands on: its database, its files, the cost of a hash, who is known."""

    database: str
    folder: Path
    hash: str
    people: tuple[Doctor, ...]


Words = list[str | Path]


@frozen
class Peer:
    """How a peer is started at a port, who presses there, and what must be made before."""

    start: Callable[[int, World], Words]
    journeys: type
    prepare: tuple[str | Path, ...] = ()
    is_rival: bool = True


def _uvicorn(application: str) -> Callable[[int, World], Words]:
    words = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return lambda port, _: [
        *(RIVALS / "bin/python", "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)),
        *(*words, f"{_SITES}.{application}:application"),
    ]


def _gunicorn(port: int, world: World) -> Words:
    # Each at its best: a second thread pays for two hashes at once, and else only costs.
    threads = "1" if world.hash == "cheap" else "2"
    return [
        *(RIVALS / "bin/python", "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--threads", threads, "--keep-alive", "30"),
        *("--log-level", "warning", f"{_SITES}.allauth_site.wsgi:application"),
    ]


def _ours(port: int, world: World) -> Words:
    write_files(world.folder, [it.row for it in world.people])
    return [sys.executable, "-m", "bench.peers.ours", str(port), world.folder]


PEERS = {
    "fastapi-users": Peer(_uvicorn("fastapi_users_site"), FastapiUsers),
    "django-allauth": Peer(
        _gunicorn,
        Allauth,
        (RIVALS / "bin/python", "-m", "django", "migrate", "--run-syncdb", "-v", "0"),
    ),
    "starlette": Peer(_uvicorn("bare"), Bare),
    "monespace-flows": Peer(_ours, Ours, is_rival=False),
}


# --- a turn --------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Turn:
    """What so many journeys took, each figure for one of them; times are CPU milliseconds."""

    requests: float
    server: float
    database: float
    argon2: float
    hashes: float
    per_second: float
    others: float
    """Cores that everything else on the machine had meanwhile."""

    @property
    def both(self) -> float:
        """The server's CPU and its database's."""
        return self.server + self.database


@define
class Standing:
    """A peer that answers."""

    process: subprocess.Popen[bytes]
    port: int
    mails: Path
    journeys: dict[str, Journey]
    database: int | None
    """The first process of the database server."""

    def turn(self, journey: str, people: list[Doctor], clients: int) -> Turn:
        """Take people through a journey, and wait until all that they caused is done."""
        for left in self.mails.iterdir():
            left.unlink()
        before, began = self._read(), time.perf_counter()
        ended = drive(self.port, self.mails, self.journeys[journey], people, clients)
        self._settle()
        after, seconds = self._read(), time.perf_counter() - began
        taken = {name: after[name] - before[name] for name in after}
        mine = taken["server"] + taken["database"] + taken["client"]
        count = ended.journeys
        return Turn(
            requests=ended.requests / count,
            server=1000 * taken["server"] / count,
            database=1000 * taken["database"] / count,
            argon2=1000 * taken["hash_seconds"] / count,
            hashes=taken["hashes"] / count,
            per_second=count / ended.seconds,
            others=max(0.0, taken["machine"] - mine) / seconds,
        )

    def _settle(self) -> None:
        end = time.monotonic() + _PATIENCE
        while self.counts()["waiting"]:
            if time.monotonic() > end:
                raise RuntimeError("mails wait that nobody sends")
            time.sleep(0.05)

    def counts(self) -> dict[str, float]:
        """Ask the peer what it counted."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", COUNTS)
        counts: dict[str, float] = json.loads(connection.getresponse().read())
        connection.close()
        return counts

    def _read(self) -> dict[str, float]:
        return self.counts() | {
            "server": _seconds(self.process.pid),
            "database": 0.0 if self.database is None else _seconds(self.database),
            "client": time.process_time(),
            "machine": _busy_seconds(),
        }


def _seconds(pid: int) -> float:
    """The CPU of a process, of its children, and of those that it buried."""
    total = 0.0
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        total = sum(map(int, fields[11:15])) / _TICKS
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(_seconds(int(child)) for child in children.read_text().split())
    return total


def _busy_seconds() -> float:
    """The CPU of the whole machine: neither idle nor waiting for a disk."""
    with Path("/proc/stat").open(encoding="ascii") as lines:
        fields = [int(each) for each in lines.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICKS


# --- standing one up -----------------------------------------------------------------------------


@contextmanager
def standing(
    name: str, world: World, names: tuple[str, ...], server: str | None = None
) -> Iterator[Standing]:
    """Start a peer on an empty database: a SQLite file, or one of a PostgreSQL server."""
    peer, port, mails = PEERS[name], free_port(), world.folder / "mails"
    mails.mkdir()
    environment = _environment(world, mails)
    if peer.prepare:
        subprocess.run(peer.prepare, env=environment, cwd=world.folder, check=True)
    process = subprocess.Popen(peer.start(port, world), env=environment, cwd=world.folder)
    try:
        database = None if server is None else postgres.process(server)
        found = Standing(process, port, mails, {}, database)
        _wait(found)
        who: Any = peer.journeys()
        if isinstance(who, Ours):
            who = asyncio.run(Ours.asked(Caller(port, mails)))
        found.journeys = {it: getattr(who, it) for it in names if hasattr(who, it)}
        yield found
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(world: World, mails: Path) -> dict[str, str]:
    kept = {name: it for name, it in os.environ.items() if not name.startswith(_OF_OTHERS)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": f"{_SITES}.allauth_site.settings",
        "PEER_DATABASE": world.database,
        "PEER_HASH": HASHES[world.hash],
        "PEER_MAILS": str(mails),
        "PYTHONPATH": str(ROOT),
    }


def _wait(found: Standing) -> None:
    end = time.monotonic() + _PATIENCE
    while found.process.poll() is None and time.monotonic() < end:
        with suppress(OSError):
            found.counts()
            return
        time.sleep(0.05)
    raise RuntimeError("a peer did not start: what it said stands above")


@contextmanager
def worlds(
    folder: Path, hashing: str, people: tuple[Doctor, ...], server: str | None
) -> Iterator[Callable[[str], World]]:
    """Make a world for each peer that is asked for; their databases go when the block ends."""
    with ExitStack() as stack:

        def make(name: str) -> World:
            own = folder / name
            own.mkdir(parents=True)
            database = sqlite_url(own / "peer.db")
            if server is not None:
                database = stack.enter_context(postgres.fresh_database(server))
            return World(database=database, folder=own, hash=hashing, people=people)

        yield make
