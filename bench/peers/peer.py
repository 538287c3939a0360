"""A peer that stands: its process, its database, its mails, and what a turn took of them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
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
from ..standing import free_port
from .client import Caller, Journey, drive
from .inside import COUNTS
from .journeys import Ours
from .who import HASHES, PEERS, ROOT, SITES, World

__all__ = ["Standing", "Turn", "standing", "worlds"]

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60.0
_OF_OTHERS = ("MONESPACE_", "PEER_", "PYTHON", "UVICORN_", "WEB_CONCURRENCY", "GUNICORN_")
"""Variables that would have a peer served otherwise."""


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
            "server": cpu_seconds(self.process.pid),
            "database": 0.0 if self.database is None else cpu_seconds(self.database),
            "client": time.process_time(),
            "machine": busy_seconds(),
        }


def cpu_seconds(pid: int) -> float:
    """The CPU of a process, of its children, and of those that it buried."""
    total = 0.0
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        total = sum(map(int, fields[11:15])) / _TICKS
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            total += sum(cpu_seconds(int(child)) for child in children.read_text().split())
    return total


def busy_seconds() -> float:
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
        "DJANGO_SETTINGS_MODULE": f"{SITES}.allauth_site.settings",
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
