"""Storage in a SQLite file or a PostgreSQL database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any, Protocol, Self

from attrs import frozen
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    select,
    text,
    true,
    tuple_,
)

from monespace_flows.errors import PortBusy, PortUnavailable

from .database import PORT, VERSION_TABLE
from .engine import WAIT, WRITES, Turns, make_engine
from .heads import SqlHeads
from .journeys import SqlJournal, SqlJourneys, SqlOutbox
from .keys import SqlKeys
from .people import SqlAccounts, SqlBudgets, SqlLinks, SqlSessions
from .schema import require_current, upgrade_engine
from .tables import budgets, from_instant, journal, journeys, links, outbox, sessions
from .transaction import Transaction, translating

__all__ = ["KeyWatch", "SqlStorage", "open_storage"]


class KeyWatch(Protocol):
    """Looks now and then whether this process still has every key that the database needs.

    ``key_ids`` are those of its file.
    """

    key_ids: frozenset[str]

    def look(self, *, writing: bool) -> None:
        """Look, if it is time; before a unit that writes, refuse when a key is missing.

        Raises:
            PortUnavailable: it is.
        """

    def leave(self) -> None:
        """Say that this process ends."""


_NOTHING_NEW = text(
    f"UPDATE {VERSION_TABLE} SET version_num = version_num"  # noqa: S608 - a constant
)


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
        self._transaction.lock(name)


# --- the purge: what is past its life, table by table, a batch at a time --------------------------
# A batch is a transaction of its own, and a pause follows it: whoever serves meanwhile waits for
# one batch at the most.  One transaction for a million lines held SQLite's only lock for ten
# seconds and grew its log by 1.6 GB.

_DAY = timedelta(days=1)
_BATCH = 500
_PAUSE = timedelta(milliseconds=20)
_later = journal.alias("later")
_deadline: BindParameter[int] = bindparam("deadline")


@frozen(eq=False)
class _Purged:
    """What goes of one table: a row whose ``end`` has come, if it ``is_over`` besides.

    ``whole`` names the column by which rows go together or not at all.
    """

    table: Table
    end: ColumnElement[int]
    is_over: ColumnElement[bool]
    whole: ColumnElement[str] | None = None

    @property
    def _key(self) -> list[ColumnElement[Any]]:
        return list(self.table.primary_key.columns)

    def find(self, after: Sequence[Any] | None) -> Select[Any]:
        """Find the next batch in the order of its index, so that none is looked at twice."""
        place = [self.end, *self._key]
        found = select(*place).where(self.end <= _deadline)
        if self.whole is None:  # else a server would compare with all that stays, each time
            found = found.where(self.is_over)
        if after is not None:
            # The first says so too, but a planner that is told sees the index.
            found = found.where(self.end >= after[0], tuple_(*place) > tuple_(*after))
        return found.order_by(*place).limit(_BATCH)

    def delete(self, found: Sequence[Sequence[Any]]) -> Delete:
        """Delete rows that were found, locked in the order of their keys before the first one goes.

        A server deletes in whatever order it meets the rows: two purges, or a purge and a step that
        counts two budgets, would wait for each other.  What somebody holds is left to the next
        purge.  SQLite drops the clause: its write units are alone anyway.
        """
        key = self._key
        over = select(*key).where(self.end <= _deadline, self.is_over).order_by(*key)
        if self.whole is None:
            keys = [tuple(row[1:]) for row in found]
            over = over.where(tuple_(*key).in_(keys)).with_for_update(skip_locked=True)
        else:  # only another purge holds such rows, so this one waits instead of taking the rest
            at = 1 + [it.name for it in key].index(self.whole.name)
            over = over.where(self.whole.in_(sorted({row[at] for row in found}))).with_for_update()
        return delete(self.table).where(tuple_(*key).in_(over))


_ALWAYS = true()
_JOURNEYS = _Purged(journeys, journeys.c.expires_at, _ALWAYS)
# A journal goes as a whole: cut in the middle it would look damaged.
_JOURNAL = _Purged(
    journal,
    journal.c.at,
    ~exists().where(_later.c.reference == journal.c.reference, _later.c.at > _deadline),
    whole=journal.c.reference,
)
# A message that nobody came for ended when it became too late to send.
_OUTBOX = _Purged(outbox, outbox.c.finished_at, _ALWAYS)
_NEVER_TAKEN = _Purged(outbox, outbox.c.expires_at, outbox.c.finished_at.is_(None))
_BUDGETS = _Purged(budgets, budgets.c.at, _ALWAYS)
_SESSIONS = _Purged(sessions, sessions.c.created_at, _ALWAYS)
_LINKS = _Purged(links, links.c.expires_at, _ALWAYS)


def _purged(
    now: datetime, journal_before: datetime, session_life: timedelta
) -> list[tuple[_Purged, int]]:
    """List what goes, and the last instant that is past its life."""
    before = from_instant(journal_before) - 1
    return [
        (_JOURNEYS, from_instant(now)),
        (_JOURNAL, before),
        (_OUTBOX, before),
        (_NEVER_TAKEN, before),
        (_BUDGETS, from_instant(now - _DAY)),
        (_SESSIONS, from_instant(now - session_life)),
        (_LINKS, from_instant(now)),
    ]


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
        self.pause: Callable[[float], object] = sleep
        """Lets others have their turn between two batches of a purge."""
        self._refuses_writes = False
        self._turns: Turns | None = None
        self._watch: KeyWatch | None = None
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

    def check(self) -> None:
        """Raise ``PortUnavailable`` while it cannot be read, or refuses what is written.

        A full disk is still read well: so after a write that failed, one that changes nothing is
        tried, until one succeeds.
        """
        with self.reading() as unit:
            unit.journeys.get("")
        if self._refuses_writes:
            with self._transaction() as transaction:
                transaction.change(_NOTHING_NEW, {})

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """Open a unit that only reads."""
        if self._watch is not None:
            self._watch.look(writing=False)
        with self._connected(self._reader) as connection:
            yield SqlUnit(Transaction(connection, writable=False))

    @contextmanager
    def writing(self) -> Iterator[SqlUnit]:
        """Open a unit that commits when its block ends, and rolls back when it raises."""
        if self._watch is not None:
            self._watch.look(writing=True)
        with self._transaction() as transaction:
            yield SqlUnit(transaction)

    def watch_keys(self, watch: KeyWatch) -> None:
        """Have someone look at the keys before units, until storage is closed."""
        self._watch = watch

    @contextmanager
    def keys(self, *, writing: bool) -> Iterator[SqlKeys]:
        """Open a unit on what the database knows of keys, which no watch looks at."""
        if writing:
            with self._transaction() as transaction:
                yield SqlKeys(transaction)
        else:
            with self._connected(self._reader) as connection:
                yield SqlKeys(Transaction(connection, writable=False))

    @contextmanager
    def heads(self) -> Iterator[SqlHeads]:
        """Open a unit on the heads of the journals, which no watch looks at."""
        with self._transaction() as transaction:
            yield SqlHeads(transaction)

    def purge(
        self,
        now: datetime,
        journal_before: datetime,
        *,
        report: Callable[[str, int], None] | None = None,
    ) -> dict[str, int]:
        """Delete what is past its life; the counts by table.

        It may be stopped at any time: what is gone is gone, and the next one goes on.
        """
        counts: dict[str, int] = {}
        for purged, deadline in _purged(now, journal_before, self._session_life):
            name = purged.table.name
            counts.setdefault(name, 0)
            for gone in self._batches(purged, {"deadline": deadline}):
                counts[name] += gone
                if report is not None:
                    report(name, counts[name])
                self.pause(_PAUSE.total_seconds())
        self._give_log_back()
        return counts

    def _batches(self, purged: _Purged, values: dict[str, int]) -> Iterator[int]:
        last: Sequence[Any] | None = None
        while True:
            with self._transaction() as transaction:
                rows = transaction.all(purged.find(last), values)
                found = [tuple(row.values()) for row in rows]
                gone = transaction.change(purged.delete(found), values) if found else 0
            if gone:
                yield gone
            if len(found) < _BATCH:
                return
            last = found[-1]

    def _give_log_back(self) -> None:
        """Cut SQLite's log to nothing, unless somebody reads: then the next purge does."""
        if self._turns is None:
            return
        with self._turns.take(self._wait), self._lent(self._engine) as connection:
            file: Any = connection.connection.driver_connection
            try:
                file.execute("PRAGMA busy_timeout = 100").close()  # writers wait as long as we do
                with suppress(sqlite3.Error):
                    file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                file.execute(f"PRAGMA busy_timeout = {self._wait * 1000:.0f}").close()

    def close(self) -> None:
        """Close every connection: those in use, by a thread that delivers say, when given back."""
        if self._watch is not None:
            self._watch.leave()
            self._watch = None
        self._is_closed = True
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        turn = self._turns.take(self._wait) if self._turns else nullcontext()
        try:
            with turn, self._connected(self._writer) as connection:
                known = None if self._watch is None else self._watch.key_ids
                transaction = Transaction(connection, writable=True, key_ids=known)
                yield transaction
                transaction.commit()
        except PortUnavailable as error:
            if error.port == PORT and not isinstance(error, PortBusy):
                self._refuses_writes = True
            raise
        self._refuses_writes = False

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        with self._lent(engine) as connection:
            with translating():
                connection.begin()
            yield connection

    @contextmanager
    def _lent(self, engine: Engine) -> Iterator[Connection]:
        with translating():
            connection = engine.connect()
        try:
            yield connection
        finally:
            with translating():
                if self._is_closed and not connection.invalidated:
                    connection.detach()  # given back to a pool that is gone, nobody would close it
                connection.close()  # rolls back what was not committed
