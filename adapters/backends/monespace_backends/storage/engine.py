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
we ourselves a wait for a server that is there and says nothing (:func:`.impatient`).  Behind a
pooler these bounds are set for each transaction, since a session's would reach somebody else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakValueDictionary

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url

from monespace_flows.errors import PortBusy

from ..patience import impatient
from ..pooling import is_pooled
from .database import PORT, Database, is_busy
from .naming import call_tables

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

BOUNDS: Final = "monespace_bounds"
"""Where a connection through a pooler keeps what each of its transactions must begin with."""

_ISOLATION: Final = "READ COMMITTED"

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

_AGAIN_SECONDS: Final = 0.01

_SQLITE_WRITER_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    # What a long reader made the log grow by is given back once it is written over.
    f"PRAGMA journal_size_limit = {64 * 1024 * 1024}",
)


def make_engine(
    database: str | Engine,
    *,
    pool_size: int,
    read_only: bool = False,
    wait: float = WAIT_SECONDS,
    statement: float | None = STATEMENT_SECONDS,
    schema: str | None = None,
    table_prefix: str = "",
) -> Engine:
    """Make an engine for a SQLite file or a PostgreSQL database.

    Of a host's own engine the connections are not taken: ours are set up otherwise, and theirs
    would change under the host.  Others are made in the same way, by its address, its ``creator``
    and what listens to its connections, up to the size of its pool; it is never closed.

    Args:
        database: ``sqlite:///path/to/file``, ``postgresql://user@host/database``, or an engine of
            SQLAlchemy on one of them.
        pool_size: the most connections open at once; of a host's engine, its own pool says.
        read_only: whether the database itself must refuse to write.
        wait: the most seconds to wait for a lock, a turn or a free connection.
        statement: the most seconds for one statement on a server; ``None``: as long as it takes.
        schema: the schema of PostgreSQL that holds the tables, unless it is the usual one.
        table_prefix: what begins the names of our tables, so that others stand beside them.

    Raises:
        ValueError: the URL or the engine is of another kind, or a name cannot be one.
    """
    url = make_url(database) if isinstance(database, str) else database.url
    names = Database(url=str(url), schema=schema, table_prefix=table_prefix)
    kind = url.get_backend_name()
    if kind not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError(f"neither SQLite nor PostgreSQL: {kind}")
    is_file = kind == "sqlite"
    if is_file and (url.database or ":memory:").startswith((":memory:", "file:")):
        raise ValueError("SQLite needs a file, as in sqlite:///monespace.db")
    if not isinstance(database, str):
        made = _engine_beside(database, wait, statement, read_only=read_only)
    elif is_file:
        made = _sqlite_engine(url, pool_size, wait, read_only=read_only)
    else:
        made = _server_engine(url, pool_size, wait, statement, read_only=read_only)
    if is_file:
        event.listen(made, "begin", _begin)
    return call_tables(made, names)


def _sqlite_engine(url: URL, pool_size: int, wait: float, *, read_only: bool) -> Engine:
    if url.query:
        raise ValueError("a SQLite URL takes no options; a ? in a path is written %3F")
    settings = _file_settings(wait, read_only=read_only)
    # Never "rwc": a file that somebody removed must be missed, not made again and found empty.
    address = f"file:{quote(url.database or '')}?mode={'ro' if read_only else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address,
            uri=True,
            timeout=wait,
            isolation_level=None,  # the driver must begin nothing by itself: _begin does
            check_same_thread=False,
        )
        try:
            _set_file_up(connection, settings, wait)
        except BaseException:
            connection.close()  # nobody else knows of it yet
            raise
        return connection

    return create_engine(url, creator=connect, **_pooled(pool_size, wait), **_common(wait))


def _set_file_up(connection: sqlite3.Connection, settings: Iterable[str], wait: float) -> None:
    """Set a connection up, beside others who may be doing the same to a new file.

    The first to set its ``journal_mode`` makes a lock a higher one, for which SQLite never waits in
    spite of ``busy_timeout``: of two who hold the lower one, neither would get further.
    """
    until = monotonic() + wait
    for setting in settings:
        while not _took(connection, setting, until):
            sleep(_AGAIN_SECONDS)


def _took(connection: sqlite3.Connection, setting: str, until: float) -> bool:
    """Set one thing; not while somebody else is at it, unless it is too late to wait."""
    try:
        connection.execute(setting).close()
    except sqlite3.OperationalError as error:
        if not is_busy(error.sqlite_errorcode) or monotonic() > until:
            raise
        return False
    return True


def _file_settings(wait: float, *, read_only: bool) -> list[str]:
    settings = ["PRAGMA foreign_keys = ON", f"PRAGMA busy_timeout = {wait * 1000:.0f}"]
    return settings if read_only else [*settings, *_SQLITE_WRITER_SETTINGS]


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _server_engine(
    url: URL, pool_size: int, wait: float, statement: float | None, *, read_only: bool
) -> Engine:
    bounds = {"connect_timeout": f"{max(2, round(wait))}", **_ALIVE}
    url = url.update_query_dict({it: told for it, told in bounds.items() if it not in url.query})
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level=_ISOLATION,
        **_pooled(pool_size, wait),
        **_common(wait),
    )
    _set_up_server(engine, wait, statement, read_only=read_only)
    if statement is not None:
        event.listen(engine, "do_connect", impatient(statement + _GRACE_SECONDS))
    return engine


def _set_up_server(
    engine: Engine, wait: float, statement: float | None, *, read_only: bool
) -> None:
    """Have connections, or their transactions, bounded, and refused to write if they must not."""
    bounds = {"lock_timeout": wait} | (
        {} if statement is None else {"statement_timeout": statement}
    )
    settings = [f"{name} = {seconds * 1000:.0f}" for name, seconds in bounds.items()]

    def prepare(connection: Any, record: Any) -> None:
        connection.autocommit = True
        if is_pooled(connection):
            local = [*settings, *(["transaction_read_only = on"] if read_only else [])]
            record.info[BOUNDS] = "; ".join(f"SET LOCAL {it}" for it in local)
        else:
            session = [*settings, *(["default_transaction_read_only = on"] if read_only else [])]
            for setting in session:
                connection.execute(f"SET {setting}")
        connection.autocommit = False

    def begin(connection: Connection) -> None:
        bounds = connection.info.get(BOUNDS)
        if bounds is not None:
            connection.exec_driver_sql(bounds)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)


def _pooled(pool_size: int, wait: float) -> dict[str, Any]:
    return {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": wait}


def _common(wait: float) -> dict[str, Any]:
    return {"hide_parameters": True, "execution_options": {WAIT: wait}}  # errors end up in logs


# --- beside a host's own engine ------------------------------------------------------------------

_DRIVERS: Final = {"sqlite": "pysqlite", "postgresql": "psycopg"}
_BY_ISOLATION: Final = -1
"""``sqlite3.LEGACY_TRANSACTION_CONTROL``, which Python has since 3.12: ``isolation_level`` says."""


def _engine_beside(
    host: Engine, wait: float, statement: float | None, *, read_only: bool
) -> Engine:
    """Make an engine whose connections are made as a host's engine makes its own.

    Raises:
        ValueError: we cannot work with such connections; the message says with which.
    """
    kind, dialect = host.dialect.name, host.dialect
    if dialect.is_async or dialect.driver != _DRIVERS[kind]:
        raise ValueError(
            f"the engine speaks to {kind} by {dialect.driver}: give one of "
            f"{kind}+{_DRIVERS[kind]} that is not asynchronous, or the URL"
        )
    if isinstance(host.pool, StaticPool):
        told = "the engine has one connection for everybody (StaticPool): give the URL"
        raise ValueError(told)  # noqa: TRY004 - an argument of the right type
    isolation = {"isolation_level": _ISOLATION} if kind == "postgresql" else {}
    # What the host's engine learnt of its pool's connections is said to the new ones too.
    engine = create_engine(host.url, pool=host.pool.recreate(), **isolation, **_common(wait))
    if kind == "sqlite":
        event.listen(engine, "connect", _file_setter(wait, read_only=read_only))
    else:
        _set_up_server(engine, wait, statement, read_only=read_only)
    return engine


def _file_setter(wait: float, *, read_only: bool) -> Callable[[Any, object], None]:
    settings = _file_settings(wait, read_only=read_only)
    if read_only:
        settings.append("PRAGMA query_only = ON")  # the host's own way to connect may let us write

    def prepare(connection: Any, _: object) -> None:
        if getattr(connection, "autocommit", _BY_ISOLATION) != _BY_ISOLATION:
            connection.autocommit = _BY_ISOLATION
        connection.isolation_level = None  # the driver must begin nothing by itself: _begin does
        _set_file_up(connection, settings, wait)

    return prepare
