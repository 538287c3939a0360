"""Who is measured: how each peer is served, and what it stands on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from ..people import Doctor
from ..standing import write_files
from .journeys import Allauth, Bare, FastapiUsers, Ours

__all__ = ["HASHES", "PEERS", "ROOT", "SITES", "World"]

ROOT = Path(__file__).resolve().parents[2]
SITES = "bench.peers.sites"
HASHES = {"cheap": "8,1,1", "owasp": "19456,2,1"}
"""argon2id's memory in KiB, times and lanes; the first is the least there can be."""

_PYTHON = ROOT / ".venv-peers" / "bin" / "python"


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
        *(_PYTHON, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)),
        *(*words, f"{SITES}.{application}:application"),
    ]


def _gunicorn(port: int, world: World) -> Words:
    # Each at its best: a second thread pays for two hashes at once, and else only costs.
    threads = "1" if world.hash == "cheap" else "2"
    return [
        *(_PYTHON, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--threads", threads, "--keep-alive", "30"),
        *("--no-control-socket", "--log-level", "warning"),
        f"{SITES}.allauth_site.wsgi:application",
    ]


def _ours(port: int, world: World) -> Words:
    write_files(world.folder, [it.row for it in world.people])
    return [sys.executable, "-m", "bench.peers.ours", str(port), world.folder]


PEERS = {
    "fastapi-users": Peer(_uvicorn("fastapi_users_site"), FastapiUsers),
    "django-allauth": Peer(
        _gunicorn,
        Allauth,
        (_PYTHON, "-m", "django", "migrate", "--run-syncdb", "-v", "0"),
    ),
    "starlette": Peer(_uvicorn("bare"), Bare),
    "monespace-flows": Peer(_ours, Ours, is_rival=False),
}
