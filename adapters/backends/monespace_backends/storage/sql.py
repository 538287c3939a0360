"""Storage in a SQLite file or a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
    tuple_,
)

from .engine import WAIT, WRITES, Turns, make_engine
from .journeys import SqlJournal, SqlJourneys, SqlOutbox
from .people import SqlAccounts, SqlBudgets, SqlLinks, SqlSessions
from .schema import require_current, upgrade_engine
from .tables import budgets, from_instant, journal, journeys, links, outbox, sessions
from .transaction import Transaction, lock_number, translating

__all__ = ["SqlStorage", "open_storage"]

_LOCK = select(func.pg_advisory_xact_lock(bindparam("number")))


class SqlUnit:
    """The stores of one transaction; each is made when it is asked for, and costs nothing."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @property
    def journeys(self) -> SqlJourneys:
        """Journeys by token and by reference."""
        return SqlJourneys(self._transaction)

    @property
    def journal(self) -> SqlJournal:
        """The lines of each journey's journal."""
        return SqlJournal(self._transaction)

    @property
    def accounts(self) -> SqlAccounts:
        """Accounts, unique by RPPS digest and by e-mail digest."""
        return SqlAccounts(self._transaction)

    @property
    def sessions(self) -> SqlSessions:
        """Signed-in browsers."""
        return SqlSessions(self._transaction)

    @property
    def links(self) -> SqlLinks:
        """One-time links."""
        return SqlLinks(self._transaction)

    @property
    def budgets(self) -> SqlBudgets:
        """Counted events, by kind and keyed digest of the person."""
        return SqlBudgets(self._transaction)

    @property
    def outbox(self) -> SqlOutbox:
        """Messages waiting to leave."""
        return SqlOutbox(self._transaction)

    def lock(self, name: str) -> None:
        """Hold a named lock until the unit ends; on SQLite, write units are alone anyway."""
        self._transaction.require_writable()
        if self._transaction.engine == "postgresql":
            self._transaction.first(_LOCK, {"number": lock_number(name)})


# --- the purge: what is past its life, table by table --------------------------------------------

_DAY = timedelta(days=1)
_later = journal.alias("later")
_deadline: BindParameter[int] = bindparam("deadline")


def _deletion(table: Table, is_over: ColumnElement[bool], *, skip_held: bool = True) -> Delete:
    """Delete rows that are over, locked in the order of their keys before the first one goes.

    A server deletes in whatever order it meets the rows: two purges, or a purge and a step that
    counts two budgets, would wait for each other.  What somebody holds is left to the next purge.
    SQLite drops the clause: its write units are alone anyway.
    """
    key = table.primary_key.columns
    over = select(*key).where(is_over).order_by(*key).with_for_update(skip_locked=skip_held)
    return delete(table).where(tuple_(*key).in_(over))


_JOURNEYS = _deletion(journeys, journeys.c.expires_at <= _deadline)
# A journal goes as a whole: cut in the middle it would look damaged.  Only another purge holds
# its lines, so this one waits for it instead of taking the rest.
_JOURNAL = _deletion(
    journal,
    (journal.c.at < _deadline)
    & ~exists().where(_later.c.reference == journal.c.reference, _later.c.at >= _deadline),
    skip_held=False,
)
# A message that nobody came for ended when it became too late to send.
_OUTBOX = _deletion(outbox, func.coalesce(outbox.c.finished_at, outbox.c.expires_at) < _deadline)
_BUDGETS = _deletion(budgets, budgets.c.at <= _deadline)
_SESSIONS = _deletion(sessions, sessions.c.created_at <= _deadline)
_LINKS = _deletion(links, links.c.expires_at <= _deadline)


def _deletions(
    now: datetime, journal_before: datetime, session_life: timedelta
) -> dict[str, tuple[Delete, dict[str, int]]]:
    """List what to run, by table."""
    deadlines = {
        "journeys": (_JOURNEYS, now),
        "journal": (_JOURNAL, journal_before),
        "outbox": (_OUTBOX, journal_before),
        "budgets": (_BUDGETS, now - _DAY),
        "sessions": (_SESSIONS, now - session_life),
        "links": (_LINKS, now),
    }
    return {
        table: (statement, {"deadline": from_instant(deadline)})
        for table, (statement, deadline) in deadlines.items()
    }


# --- storage -------------------------------------------------------------------------------------


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
        self._is_closed = False
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
        for table, (statement, values) in _deletions(
            now, journal_before, self._session_life
        ).items():
            with self._transaction() as transaction:
                counts[table] = transaction.change(statement, values)
        return counts

    def close(self) -> None:
        """Close every connection: those in use, by a thread that delivers say, when given back."""
        self._is_closed = True
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
                if self._is_closed and not connection.invalidated:
                    connection.detach()  # given back to a pool that is gone, nobody would close it
                connection.close()  # rolls back what was not committed
