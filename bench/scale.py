"""`python -m bench scale`: the same crowd before one, two and four processes, on PostgreSQL.

Real servers of `monespace serve` with everything that several need: brakes counted in the database,
a relay in each process.  The client sends each request to the next server, as a proxy would that
knows of no session, and each client has an address of its own.  Layouts take turns, so that a slow
minute falls on all of them: read the ratios.

The client and PostgreSQL have the same cores as what is measured, and on two cores one server has
taken all that it can get.  So servers are also held to a share of a core each, as on machines of
their own that are small: what is measured then is what another one brings.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import NullPool, create_engine, text

from monespace_backends.messaging.sms import sms_text
from monespace_flows.ports import Message
from tests.servers import pgbouncer, postgres, storages

from .peers.client import Caller, drive_by
from .peers.journeys import Ours
from .peers.peer import busy_seconds, cpu_seconds
from .peers.table import figures
from .people import Doctor
from .standing import Part, free_port, write_files

ROOT = Path(__file__).resolve().parents[1]
_WARM_UP = 12
_LOOK = 0.01  # seconds between two looks at what a server has had
_SILENCE = 2.0  # seconds
_POOLED = 10
"""So many connections PgBouncer keeps to the server, whoever asks."""


class Mails:
    """The way out: one file an address, whole as soon as it can be seen."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def deliver(self, message: Message) -> None:
        """Write a message where the client looks for it."""
        draft = self._folder / f".{message.to}"
        draft.write_text(sms_text(message), encoding="utf-8")
        draft.replace(self._folder / message.to)


@define
class Roving(Caller):
    """A client whose requests go to one server after the other."""

    ports: tuple[int, ...] = ()
    _servers: Iterator[Caller] = field(init=False)
    _used: dict[int, float] = field(init=False, factory=dict)
    _all: list[Caller] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.take([Caller(port, self.mails) for port in self.ports])

    def take(self, servers: list[Caller]) -> None:
        """Ask these from now on."""
        self._all, self._servers = servers, cycle(servers)

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        server, now = next(self._servers), time.monotonic()
        # A server leaves a connection that is silent for five seconds; so does a proxy, sooner.
        if now - self._used.get(server.port, now) > _SILENCE:
            server.close()
        try:
            return await server._exchange(request)  # noqa: SLF001 - of the same class
        finally:
            self._used[server.port] = time.monotonic()

    def close(self) -> None:
        """Leave all connections."""
        for each in self._all:
            each.close()


@frozen
class Layout:
    """So many servers, of so many workers each, behind a pooler or not."""

    servers: int
    workers: int
    pooled: bool = False

    def __str__(self) -> str:
        servers = f"{self.servers} server{'s' if self.servers > 1 else ''}"
        workers = f" of {self.workers} workers" if self.workers > 1 else ""
        return servers + workers + (", PgBouncer" if self.pooled else "")


LAYOUTS = (
    Layout(1, 1), Layout(2, 1), Layout(4, 1), Layout(1, 2), Layout(1, 4),
    Layout(1, 1, pooled=True), Layout(4, 1, pooled=True),
)  # fmt: skip


@frozen(kw_only=True)
class Turn:
    """What a crowd cost before one layout; CPU milliseconds are for one journey."""

    per_second: float
    servers: float
    database: float
    memory: float
    """MB of all its processes; what they share is counted once."""
    connections: int
    """How many PostgreSQL had open at the end."""
    others: float


# --- one turn ------------------------------------------------------------------------------------


def turn(
    layout: Layout,
    server: str,
    folder: Path,
    people: list[Doctor],
    *,
    clients: int,
    share: float | None,
) -> Turn:
    """Stand a layout up on a database of its own, and take people through it."""
    mails = folder / "mails"
    mails.mkdir()
    write_files(folder, [it.row for it in people])
    parent = postgres.process(server)
    with storages.postgres_database(server) as direct, _pooled(layout, server, direct) as url:
        parts = _parts(layout, folder, mails, url)
        try:
            for part in parts:
                part.start()
            ports = tuple(it.port for it in parts)
            journey = Ours(starts_pressed=True).register

            def drive(some: list[Doctor]) -> float:
                callers = [
                    Roving(
                        ports[0],
                        mails,
                        {"X-Forwarded-For": f"192.0.2.{number + 1}"},  # as a proxy hands it on
                        ports=ports,
                    )
                    for number in range(clients)
                ]
                return asyncio.run(drive_by(callers, journey, some)).seconds

            drive(people[:_WARM_UP])
            crowd = people[_WARM_UP:]
            before, began = _read(parts, parent), time.perf_counter()
            with _held(parts, share):
                seconds = drive(crowd)
            taken = [b - a for a, b in zip(before, _read(parts, parent), strict=True)]
            mine, whole = sum(taken[:3]), time.perf_counter() - began
            return Turn(
                per_second=len(crowd) / seconds,
                servers=1000 * taken[0] / len(crowd),
                database=1000 * taken[1] / len(crowd),
                memory=sum(map(_memory, _processes(parts))),
                connections=_connections(direct),
                others=max(0.0, taken[3] - mine) / whole,
            )
        finally:
            for part in parts:
                part.end()


@contextmanager
def _held(parts: Sequence[Part], share: float | None) -> Iterator[None]:
    """Let each server have no more than a share of a core, by stopping it now and then."""
    if share is None:
        yield
        return
    over = Event()
    threads = [Thread(target=_hold, args=(part, share, over)) for part in parts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _hold(part: Part, share: float, over: Event) -> None:
    processes = list(_processes([part]))
    base, began = sum(map(cpu_seconds, processes[:1])), time.monotonic()
    while not over.wait(_LOOK):
        used = sum(map(cpu_seconds, processes[:1])) - base
        is_ahead = used > share * (time.monotonic() - began)
        for process in processes:
            os.kill(process, signal.SIGSTOP if is_ahead else signal.SIGCONT)
    for process in processes:
        os.kill(process, signal.SIGCONT)


def _read(parts: Sequence[Part], database: int) -> tuple[float, float, float, float]:
    served = sum(cpu_seconds(it.process.pid) for it in parts if it.process is not None)
    return served, cpu_seconds(database), time.process_time(), busy_seconds()


@contextmanager
def _pooled(layout: Layout, server: str, direct: str) -> Iterator[str]:
    if not layout.pooled:
        yield direct
        return
    with pgbouncer.running(server, servers=_POOLED) as pooler:
        if pooler is None:
            raise SystemExit(pgbouncer.NO_POOLER)
        yield pgbouncer.through(pooler, direct)


def _parts(layout: Layout, folder: Path, mails: Path, url: str) -> list[Part]:
    ports = [free_port() for _ in range(layout.servers)]
    found = []
    for number, port in enumerate(ports):
        config = folder / f"server{number}.toml"
        config.write_text(
            f"""
            base_url = "http://127.0.0.1:{ports[0]}"
            database = "{url}"
            keys_file = "keys"
            registry = "registry.csv"
            messaging.kind = "module"
            messaging.target = "bench.scale:Mails"
            messaging.options = {{ folder = "{mails}" }}
            argon2 = {{ memory_cost = 19456, time_cost = 2, parallelism = 1 }}
            policy.totals.emails_per_day = 1000000000
            [http]
            port = {port}
            trusted_proxies = ["127.0.0.1"]
            workers = {layout.workers}
            answer_floor = "0s"
            answer_jitter = "0s"
            [http.brakes]
            storage = "database"
            identity = "1000000/hour"
            identity_numbers = "1000000/hour"
            sign_in = "1000000/hour"
            start = "1000000/hour"
            """
        )
        words = ("serve", "--config", str(config))
        more = {"PYTHONPATH": str(ROOT)}  # where the way out is
        found.append(Part(f"server{number}", words, folder, port, more=more))
    return found


def _processes(parts: Sequence[Part]) -> Iterator[int]:
    for part in parts:
        if part.process is not None:
            yield part.process.pid
            children = Path(f"/proc/{part.process.pid}/task/{part.process.pid}/children")
            yield from map(int, children.read_text().split())


def _memory(process: int) -> float:
    with suppress(OSError):
        told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        found = re.search(r"^Pss:\s+([0-9]+)", told, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _connections(url: str) -> int:
    engine = create_engine(url, poolclass=NullPool)
    asked = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
    with engine.connect() as connection:
        return int(connection.execute(text(asked)).scalar_one())


# --- the table -----------------------------------------------------------------------------------


def table(turns: dict[Layout, list[Turn]]) -> list[str]:
    """One line a layout: least, median and most of its turns; times are of the same round's one."""
    alone = turns[LAYOUTS[0]]
    heads = (
        "", "journeys a second", "times one server", "CPU ms a journey, servers", "database",
        "MB, all processes", "connections",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for layout, some in turns.items():
        times = [it.per_second / one.per_second for it, one in zip(some, alone, strict=True)]
        cells = (
            str(layout),
            figures(it.per_second for it in some),
            figures(times),
            figures(it.servers for it in some),
            figures(it.database for it in some),
            f"{statistics.median(it.memory for it in some):.0f}",
            str(max(it.connections for it in some)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def measure(
    layouts: Sequence[Layout], rounds: int, count: int, clients: int, share: float | None
) -> dict[Layout, list[Turn]]:
    """Let layouts take turns."""
    people = [Doctor(number + 1) for number in range(_WARM_UP + count)]
    turns: dict[Layout, list[Turn]] = {layout: [] for layout in layouts}
    with postgres.running(durable=True, quick=False) as server:
        if server is None:
            raise SystemExit(postgres.NO_SERVER)
        for number in range(rounds):
            for layout in layouts:
                with tempfile.TemporaryDirectory(prefix="scale-") as folder:
                    found = turn(layout, server, Path(folder), people, clients=clients, share=share)
                turns[layout].append(found)
                said = f"round {number + 1}: {layout}: {found.per_second:.1f} a second"
                print(said, file=sys.stderr, flush=True)
    return turns


def main(words: Sequence[str]) -> int:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each layout (3)")
    parser.add_argument("--count", type=int, default=60, help="journeys a turn (60)")
    parser.add_argument("--clients", type=int, default=16, help="how many at once (16)")
    parser.add_argument("--share", type=float, default=0.2, help="of a core, where held (0.2)")
    told = parser.parse_args(words)
    for share in (None, told.share):
        layouts = LAYOUTS if share is None else LAYOUTS[:3]
        turns = measure(layouts, told.rounds, told.count, told.clients, share)
        held = "what they can get" if share is None else f"{share:g} of a core for each server"
        others = statistics.median(it.others for some in turns.values() for it in some)
        print(f"\n### {held}\n", *table(turns), sep="\n")
        print(f"\nOther work had {others:.1f} of {os.cpu_count()} cores (median of the turns).")
    return 0
