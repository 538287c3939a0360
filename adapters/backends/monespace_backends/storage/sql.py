"""Storage in a SQLite file or a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine

from .engine import WAIT, WRITES, make_engine
from .purge import deletions
from .schema import require_current, upgrade_engine
from .transaction import Transaction
from .translating import translating
from .turns import Turns
from .unit import SqlUnit

__all__ = ["SqlStorage", "open_storage"]

_DAY = timedelta(days=1)


def open_storage(url: str, *, pool_size: int = 16, session_life: timedelta = _DAY) -> SqlStorage:
    """Open a database whose tables are of this version.

    A SQLite file is made, and brought to this version, if need be.  A server is not: other
    processes may use it, so its operator decides when (``monespace db upgrade``).

    Args:
        url: ``sqlite:///path/to/file`` or ``postgresql://user@host/database``.
        pool_size: the most connections open at once; as many as threads that use them is enough.
        session_life: the longest that a session may last; :meth:`SqlStorage.purge` forgets older
            ones.

    Raises:
        SchemaMismatch: the tables are missing, older or newer.
        PortUnavailable: the database cannot be reached.
        ValueError: the URL is neither of SQLite nor of PostgreSQL.
    """
    engine = make_engine(url, pool_size=pool_size)
    try:
        if engine.dialect.name == "sqlite":
            upgrade_engine(engine)
        else:
            require_current(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlStorage(engine, session_life=session_life)


class SqlStorage:
    """Journeys and all that goes with them, in one database.

    A unit is one transaction.  When the connection breaks during a commit, nobody can know
    whether it took place: ``PortUnavailable`` is raised, and the versions that every swap compares
    keep a second try from doing it twice.

    Args:
        engine: made by :func:`~monespace_backends.storage.engine.make_engine`.
        session_life: the longest that a session may last; :meth:`purge` forgets older ones.
        snapshots: whether a unit that only reads sees one moment on a server too, as it always
            does on SQLite.
    """

    def __init__(
        self, engine: Engine, *, session_life: timedelta = _DAY, snapshots: bool = False
    ) -> None:
        wait = engine.get_execution_options().get(WAIT)
        if wait is None:
            raise ValueError("the engine must be made by monespace_backends.storage.make_engine")
        self._wait: float = wait
        self._engine = engine
        self._reader = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._session_life = session_life
        self._turns: Turns | None = None
        if engine.dialect.name == "sqlite":
            self._turns = Turns.of(str(Path(engine.url.database or "").resolve()))
        else:  # a transaction of READ COMMITTED gives a reader nothing, and takes two round trips
            level = "REPEATABLE READ" if snapshots else "AUTOCOMMIT"
            self._reader = engine.execution_options(isolation_level=level)

    @classmethod
    def read_only(cls, url: str, *, pool_size: int = 2) -> Self:
        """Open a database on connections that it allows no write, for support staff.

        They read much in one unit, while others write: a journal that a purge takes away after its
        name was read would look damaged, so a unit sees one moment.

        Raises:
            SchemaMismatch: the tables are missing, older or newer.
            PortUnavailable: the database cannot be reached.
        """
        engine = make_engine(url, pool_size=pool_size, read_only=True)
        try:
            require_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, snapshots=True)

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """Open a unit that only reads."""
        with self._connected(self._reader) as connection:
            yield SqlUnit(Transaction(connection, writable=False))

    @contextmanager
    def writing(self) -> Iterator[SqlUnit]:
        """Open a unit that commits when its block ends, and rolls back when it raises."""
        with self._transaction() as transaction:
            yield SqlUnit(transaction)

    def purge(self, now: datetime, journal_before: datetime) -> dict[str, int]:
        """Delete what is past its life; the counts by table.

        Each table has a transaction of its own, so that nobody waits for all of them.
        """
        counts = {}
        for table, (statement, values) in deletions(
            now, journal_before, self._session_life
        ).items():
            with self._transaction() as transaction:
                counts[table] = transaction.change(statement, values)
        return counts

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        turn = self._turns.take(self._wait) if self._turns else nullcontext()
        with turn, self._connected(self._writer) as connection:
            transaction = Transaction(connection, writable=True)
            yield transaction
            transaction.commit()

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        with translating():
            connection = engine.connect()
        try:
            with translating():
                connection.begin()
            yield connection
        finally:
            with translating():
                connection.close()  # rolls back what was not committed
