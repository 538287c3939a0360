"""`python -m bench peers`: everybody in turn, in one run, and the tables of it."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path

from attrs import frozen

from monespace_backends.storage import sqlite_url
from tests.servers import postgres

from .. import journey as over_http
from ..people import Doctor
from . import alone, growth
from .journeys import JOURNEYS
from .peer import Standing, Turn, standing, worlds
from .table import OURS, figures, of_alone, of_peers
from .who import HASHES, PEERS, ROOT

__all__ = ["Asked", "main", "measure", "parser"]

DATABASES = ("sqlite", "postgresql")
_COUNT = {"cheap": 60, "owasp": 30}
_TEACHES = """
What is measured: the CPU of each peer's processes for one journey, its database's apart, argon2
within it; and journeys a second of so many clients.  All peers stand at once and take turns, so
that a slow minute falls on everybody: read the ratios, and each figure as least / median / most.

  register  an account, its address proved by a mail, signed in by password, who am I
  reset     a link by mail, another password, signed in, who am I
  cheap     argon2id at its least (8 KiB, once): what is left is the peer
  owasp     19456 KiB, twice: what people would wait for

The first run installs the rivals in .venv-peers, from bench/peers/requirements.txt; `make clean`
removes them.  PostgreSQL is started for the run, with the settings it has by itself.

examples:
  make bench ARGS=peers                                            (everything: some 10 minutes)
  make bench ARGS="peers --rounds 3 --hash cheap --db sqlite"      (a minute)
  python -m bench peers --peer monespace-flows --db sqlite         (only us: no rival is installed)
"""


@frozen(kw_only=True)
class Asked:
    """What to measure."""

    rounds: int
    peers: tuple[str, ...]
    journeys: tuple[str, ...]
    clients: int
    count: int | None = None
    warm_up: int = 16

    def often(self, hashing: str) -> int:
        """How many journeys a turn has."""
        return self.count or _COUNT[hashing]


def say(line: str) -> None:
    """Tell whoever waits."""
    print(line, file=sys.stderr, flush=True)


def show(*lines: str) -> None:
    """Give a part of the answer as soon as it is known."""
    print(*lines, sep="\n", flush=True)


# --- the turns -----------------------------------------------------------------------------------

Rounds = dict[str, dict[str, list[Turn]]]
Rates = dict[str, list[float]]


def measure(
    asked: Asked, hashing: str, folder: Path, server: str | None = None
) -> tuple[Rounds, Rates]:
    """Stand every peer up on its own database, and let them take turns.

    Returns:
        The turns, and how many hashes a second argon2 alone did just after those of each peer.
    """
    count = asked.often(hashing)
    people = tuple(Doctor(number + 1) for number in range(asked.warm_up + asked.rounds * count))
    rounds: Rounds = {name: {} for name in asked.peers}
    rates: Rates = {name: [] for name in asked.peers}
    with worlds(folder, hashing, people, server) as make, ExitStack() as stack:
        stood = {
            name: stack.enter_context(standing(name, make(name), JOURNEYS, server))
            for name in asked.peers
        }
        for name, peer in stood.items():
            told = [f"{it} {_warm(peer, it, people, asked):.0f}" for it in peer.journeys]
            say(f"  {name}: requests a journey: {', '.join(told)}")
        for number in range(asked.rounds):
            begin = asked.warm_up + number * count
            some = people[begin : begin + count]
            for name, peer in stood.items():
                for journey, turn in _turns(peer, some, asked):
                    rounds[name].setdefault(journey, []).append(turn)
                    say(f"  round {number + 1}: {name}, {journey}: {turn.both:.2f} ms")
                rates[name].append(alone.hashes_a_second(HASHES[hashing]))
    return rounds, rates


def _warm(peer: Standing, journey: str, people: Sequence[Doctor], asked: Asked) -> float:
    return peer.turn(journey, list(people[: asked.warm_up]), asked.clients).requests


def _turns(peer: Standing, people: Sequence[Doctor], asked: Asked) -> Iterator[tuple[str, Turn]]:
    """Register everybody, whether or not that is asked for: a reset needs accounts."""
    for journey in peer.journeys:
        turn = peer.turn(journey, list(people), asked.clients)
        if journey in asked.journeys:
            yield journey, turn


# --- what is told --------------------------------------------------------------------------------


def _tell(title: str, rounds: Rounds, rates: Rates, *, on_server: bool, real: bool) -> None:
    show(f"\n### {title}\n")
    show(*of_peers(rounds, on_server=on_server))
    if real:
        show(f"\nargon2 alone, two at once: {figures(chain(*rates.values()))} hashes a second.\n")
        show(*of_alone(rounds, rates))
    others = [it.others for turns in rounds.values() for some in turns.values() for it in some]
    if others:
        share = statistics.median(others)
        show(f"\nOther work had {share:.1f} of {os.cpu_count()} cores (median of the turns).")


def _tell_counted(folder: Path, servers: dict[str, str | None]) -> None:
    say("one request of ours beside a bare one with a bare commit")
    found = over_http.measure()
    show("\n### Counted\n\n| what | ours | beside it |\n|---|---|---|")
    show(
        f"| CPU ms of a request of the JSON, and of a bare Starlette request with a bare commit "
        f"| {found['request_cpu_ms']} | {found['floor_request_cpu_ms']}: {found['ratio']} times |"
    )
    for name, server in servers.items():
        say(f"bytes of a journey of {growth.STEPS} steps, {name}")
        with _empty(folder, server) as database:
            size = growth.bytes_a_journey(database)
        show(f"| bytes of a journey of {growth.STEPS} steps, {name} | {size:.0f} | |")


@contextmanager
def _empty(folder: Path, server: str | None) -> Iterator[str]:
    if server is None:
        yield sqlite_url(folder / "growth.db")
    else:
        with postgres.fresh_database(server) as database:
            yield database


# --- the command ---------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """Say what may be asked."""
    made = argparse.ArgumentParser(
        prog="python -m bench peers",
        description="Measure us beside fastapi-users, django-allauth and bare Starlette.",
        epilog=_TEACHES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--rounds", type=int, default=5, help="turns of each peer (5)")
    for option, known in (
        ("--db", DATABASES),
        ("--hash", tuple(HASHES)),
        ("--peer", tuple(PEERS)),
        ("--journey", JOURNEYS),
    ):
        made.add_argument(
            option, action="append", choices=known, help="only this one; may be repeated (all)"
        )
    made.add_argument("--count", type=int, help="journeys a turn (cheap: 60, owasp: 30)")
    made.add_argument("--clients", type=int, default=8, help="how many at once (8)")
    return made


def main(words: Sequence[str]) -> int:
    """Measure, and print the tables."""
    told = parser().parse_args(words)
    asked = Asked(
        rounds=max(1, told.rounds),
        peers=tuple(it for it in PEERS if it in (told.peer or PEERS)),
        journeys=tuple(told.journey or JOURNEYS),
        clients=told.clients,
        count=told.count,
    )
    if any(PEERS[name].is_rival for name in asked.peers):
        _install()
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary, ExitStack() as stack:
        servers: dict[str, str | None] = {}
        for name in told.db or DATABASES:
            servers[name] = stack.enter_context(_server()) if name == "postgresql" else None
        folder = Path(temporary)
        for name, server in servers.items():
            for hashing in told.hash or HASHES:
                title = f"{name}, {hashing} hash, rounds: {asked.rounds}"
                say(title)
                rounds, rates = measure(asked, hashing, folder / name / hashing, server)
                on_server, real = server is not None, hashing == "owasp"
                _tell(title, rounds, rates, on_server=on_server, real=real)
        if OURS in asked.peers:
            _tell_counted(folder, servers)
    return 0


@contextmanager
def _server() -> Iterator[str]:
    with postgres.running(durable=True, quick=False) as url:
        if url is None:
            raise SystemExit(f"{postgres.NO_SERVER}; or measure without: --db sqlite")
        yield url


def _install() -> None:
    """Have make bring the rivals, unless they are there."""
    made = subprocess.run(
        ["make", "--no-print-directory", ".venv-peers/.peers.stamp"],
        cwd=ROOT, stdout=sys.stderr, check=False,
    )  # fmt: skip
    if made.returncode:
        raise SystemExit("The rivals could not be installed; --peer monespace-flows needs none.")
