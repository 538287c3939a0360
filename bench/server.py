"""The two servers of bench.journey, each a process: `python -m bench.server ours DIR`.

`ours` is the real app on a SQLite file in DIR; `floor` answers a JSON body with itself after one
bare commit, as lasting as ours.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path

import uvicorn
from argon2 import Parameters, Type
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from monespace_backends.blocklist import read_blocklist
from monespace_backends.emails import Emails
from monespace_backends.passwords import Argon2Passwords
from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_backends.storage import open_storage
from monespace_flows import Flows, Ports, Site
from monespace_flows.testing import MemoryClock, MemoryMessaging, MemoryRegistry
from monespace_http import HttpSettings, create_app

KEY = b"k" * 32
DOCTORS = 1000
CHEAPEST = Parameters(
    type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=1, memory_cost=8, parallelism=1
)


def rpps(number: int) -> str:
    """The number of one of the invented doctors."""
    return f"99{number:09}"


def ours(folder: Path, port: int) -> Starlette:
    """The real app, with argon2 at its cheapest so that what is left is ours."""
    registry = MemoryRegistry()
    for number in range(DOCTORS):
        registry.add(rpps(number), date(1975, 6, 17), mobile=f"+336{number:08}")
    ports = Ports(
        registry=registry,
        storage=open_storage(f"sqlite:///{folder / 'bench.db'}"),
        secrets=KeyedSecrets(Keys((KEY,))),
        passwords=Argon2Passwords(CHEAPEST),
        emails=Emails(),
        messaging=MemoryMessaging(),
        clock=MemoryClock(),
        blocklist=read_blocklist(),
    )
    settings = HttpSettings(
        keys=(KEY,), brakes=None, answer_floor=timedelta(0), answer_jitter=timedelta(0)
    )
    return create_app(Flows(ports, site=Site(base_url=f"http://127.0.0.1:{port}")), settings)


def floor(folder: Path, port: int) -> Starlette:
    """A bare Starlette route and a bare commit, on whatever port."""
    del port
    store = sqlite3.connect(folder / "floor.db", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, line TEXT)")

    async def answer(request: Request) -> JSONResponse:
        body = await request.json()
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO floor (line) VALUES (?)", ("x" * 600,))
        store.execute("COMMIT")
        return JSONResponse(body)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])


def main() -> None:
    """Serve on a free port of the loopback, and print it."""
    which, folder = sys.argv[1], Path(sys.argv[2])
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = {"ours": ours, "floor": floor}[which](folder, port)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=600)
    )
    print(port, flush=True)
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
