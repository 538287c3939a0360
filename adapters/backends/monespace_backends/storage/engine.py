"""Engines: how each kind of database is connected to, and whose turn it is to write.

SQLite: the file is in WAL mode, so readers never wait.  ``synchronous=FULL``, not ``NORMAL``: a
commit that was answered must survive a power cut, since the person was told that the account
exists and the letters have left.  It costs about 0.2 ms a commit where a password costs 25.
What is deleted is overwritten (``secure_delete``, which many builds leave off): whoever is erased
must not be left to be read in the file's free pages.
Write units begin with ``BEGIN IMMEDIATE``: a transaction that reads first and writes later fails
at once when another wrote in between, and no timeout helps.

PostgreSQL: ``READ COMMITTED``, with rows and names locked where the port says so.  A server that
is frozen, or a network that swallows everything, must not hold a request for as long as it lasts:
the server ends a statement that takes too long, the kernel a connection whose far end is gone, and
we ourselves a wait for a server that is there and says nothing (:func:`_impatient`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakValueDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from monespace_flows.errors import PortBusy

from .database import PORT

__all__ = ["make_engine"]


class Turns:
    """The right to write to one SQLite file, held by one thread of this process at a time.

    SQLite makes writers wait by sleeping and trying again, so that under load some wait very long
    (p99 36 ms instead of 10, at 8 threads).  A lock lets them through one by one.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    @contextmanager
    def take(self, wait: float) -> Iterator[None]:
        """Wait for a turn, and hold it.

        Raises:
            PortBusy: it did not come in ``wait`` seconds.
        """
        if not self._lock.acquire(timeout=wait):
            raise PortBusy(PORT)
        try:
            yield
        finally:
            self._lock.release()

    @classmethod
    def of(cls, path: str) -> Turns:
        """Give everybody in this process who writes to a file the same turns."""
        with _known_lock:
            turns = _known.get(path)
            if turns is None:
                turns = _known[path] = cls()
            return turns


_known: WeakValueDictionary[str, Turns] = WeakValueDictionary()
_known_lock = Lock()


# --- engines -------------------------------------------------------------------------------------

WRITES: Final = "monespace_writes"
"""The execution option of connections that begin a write unit."""

WAIT: Final = "monespace_wait"
"""The execution option of engines made here: how many seconds to wait for a lock or a turn."""

WAIT_SECONDS: Final = 5.0
"""The most that anyone waits, unless they say otherwise."""

STATEMENT_SECONDS: Final = 10.0
"""The most that a server works on one statement, unless they say otherwise."""

SILENT: Final = "the server does not answer"
"""What is told of a server that is there and says nothing."""

_GRACE_SECONDS: Final = 2.0
"""How long after that the server may take to say so."""

# libpq's own names, unless the URL has them: a far end that is gone shows within 15 seconds.
_ALIVE: Final = {
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "15000",
}

_SQLITE_WRITER_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    # What a long reader made the log grow by is given back once it is written over.
    f"PRAGMA journal_size_limit = {64 * 1024 * 1024}",
)
_SERVER_READER_SETTINGS = ("SET default_transaction_read_only = on",)


def make_engine(
    url: str,
    *,
    pool_size: int,
    read_only: bool = False,
    wait: float = WAIT_SECONDS,
    statement: float | None = STATEMENT_SECONDS,
) -> Engine:
    """Make an engine for a SQLite file or a PostgreSQL database.

    Args:
        url: ``sqlite:///path/to/file`` or ``postgresql://user@host/database``.
        pool_size: the most connections open at once.
        read_only: whether the database itself must refuse to write.
        wait: the most seconds to wait for a lock, a turn or a free connection.
        statement: the most seconds for one statement on a server; ``None``: as long as it takes.

    Raises:
        ValueError: the URL is of another kind.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, pool_size, wait, read_only=read_only)
    if parsed.get_backend_name() in {"postgres", "postgresql"}:
        return _server_engine(parsed, pool_size, wait, statement, read_only=read_only)
    raise ValueError(f"neither SQLite nor PostgreSQL: {parsed.get_backend_name()}")


def _sqlite_engine(url: URL, pool_size: int, wait: float, *, read_only: bool) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file, as in sqlite:///monespace.db")
    if url.query:
        raise ValueError("a SQLite URL takes no options; a ? in a path is written %3F")
    settings = ["PRAGMA foreign_keys = ON", f"PRAGMA busy_timeout = {wait * 1000:.0f}"]
    if not read_only:
        settings.extend(_SQLITE_WRITER_SETTINGS)
    # Never "rwc": a file that somebody removed must be missed, not made again and found empty.
    address = f"file:{quote(url.database)}?mode={'ro' if read_only else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address,
            uri=True,
            timeout=wait,
            isolation_level=None,  # the driver must begin nothing by itself: _begin does
            check_same_thread=False,
        )
        try:
            for setting in settings:
                connection.execute(setting).close()
        except BaseException:
            connection.close()  # nobody else knows of it yet
            raise
        return connection

    engine = create_engine(url, creator=connect, **_common(pool_size, wait))
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _server_engine(
    url: URL, pool_size: int, wait: float, statement: float | None, *, read_only: bool
) -> Engine:
    settings = [f"SET lock_timeout = {wait * 1000:.0f}"]
    if statement is not None:
        settings.append(f"SET statement_timeout = {statement * 1000:.0f}")
    if read_only:
        settings.extend(_SERVER_READER_SETTINGS)
    bounds = {"connect_timeout": f"{max(2, round(wait))}", **_ALIVE}
    url = url.update_query_dict({it: told for it, told in bounds.items() if it not in url.query})
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        **_common(pool_size, wait),
    )

    def prepare(connection: Any, _: object) -> None:
        connection.autocommit = True
        for setting in settings:
            connection.execute(setting)
        connection.autocommit = False

    event.listen(engine, "connect", prepare)
    if statement is not None:
        event.listen(engine, "do_connect", _impatient(statement + _GRACE_SECONDS))
    return engine


def _impatient(seconds: float) -> Callable[..., Any]:
    """Connect so that no wait for the server takes longer, whatever has become of it.

    A stopped process still has a kernel that answers for it: no timeout of the network ends that
    wait, nor does one that the server itself would have to keep.
    """
    import psycopg  # here: who has SQLite alone has none
    from psycopg.waiting import Ready

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, *args: Any, **settings: Any) -> Any:
            return super().wait(self._bounded(gen), *args, **settings)

        def _bounded(self, gen: Any) -> Any:
            end = monotonic() + seconds
            ready = None
            while True:
                try:
                    wanted = gen.send(ready)
                except StopIteration as done:
                    return done.value
                ready = yield wanted
                if ready == Ready.NONE and monotonic() > end:
                    gen.close()
                    self.pgconn.finish()  # in the middle of an answer: of no use to anybody
                    raise psycopg.OperationalError(SILENT)

    def connect(_: object, __: object, words: list[Any], settings: dict[str, Any]) -> Any:
        return Impatient.connect(*words, **settings)

    return connect


def _common(pool_size: int, wait: float) -> dict[str, Any]:
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": wait,
        "hide_parameters": True,  # errors end up in logs
        "execution_options": {WAIT: wait},
    }
