"""Storage in a SQLite file or a PostgreSQL database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any, Protocol, Self

from sqlalchemy import Engine, bindparam, insert, select, update

from monespace_flows.errors import PortBusy, PortUnavailable

from .database import PORT
from .engine import WAIT, Turns, make_engine
from .heads import SqlHeads
from .journeys import SqlJournal, SqlJourneys
from .keys import SqlKeys
from .outbox import SqlListeners, SqlOutbox
from .people import SqlAccounts, SqlBudgets, SqlCounts, SqlLinks, SqlSessions
from .purge import COUNTED, DAY, Purged, purged_at
from .schema import require_current, upgrade_engine
from .tables import VERSION, chores, from_instant
from .transaction import Lent, Transaction

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


_NOTHING_NEW = update(VERSION).values(version_num=VERSION.c.version_num)

_MICROSECOND = timedelta(microseconds=1)
_CHORE = select(chores).where(chores.c.name == bindparam("of"))
_FIRST_TURN = insert(chores)
_TURN = update(chores).where(chores.c.name == bindparam("of")).values(done_at=bindparam("at"))


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

    @property
    def listeners(self) -> SqlListeners:
        """Who ever listened to which kind of event."""
        return SqlListeners(self._transaction)

    def lock(self, name: str) -> None:
        """Hold a named lock until the unit ends; on SQLite, write units are alone anyway."""
        self._transaction.lock(name)


_BATCH = 500
_PAUSE = timedelta(milliseconds=20)


def open_storage(
    database: str | Engine,
    *,
    pool_size: int = 16,
    session_life: timedelta = DAY,
    schema: str | None = None,
    table_prefix: str = "",
) -> SqlStorage:
    """Open a database whose tables are of this version.

    A SQLite file is made, and brought to this version, if need be.  A server is not: other
    processes may use it, so its operator decides when (``monespace db upgrade``).

    Args:
        database: ``sqlite:///path/to/file``, ``postgresql://user@host/database``, or a host's own
            engine on one of them, as :func:`~monespace_backends.storage.make_engine` takes it.
        pool_size: the most connections open at once; as many as threads that use them is enough.
        session_life: the longest that a session may last; :meth:`SqlStorage.purge` forgets older
            ones.
        schema: the schema of PostgreSQL that holds the tables, unless it is the usual one.
        table_prefix: what begins the names of the tables, beside those of a host.

    Raises:
        SchemaMismatch: the tables are missing, older or newer, or others bear their names.
        PortUnavailable: the database cannot be reached.
        ValueError: the database is neither of SQLite nor of PostgreSQL, or a name cannot be one.
    """
    engine = make_engine(database, pool_size=pool_size, schema=schema, table_prefix=table_prefix)
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
        self, engine: Engine, *, session_life: timedelta = DAY, snapshots: bool = False
    ) -> None:
        wait = engine.get_execution_options().get(WAIT)
        if wait is None:
            raise ValueError(
                "the engine must be made by monespace_backends.storage.make_engine, which takes a "
                "host's own too"
            )
        self._wait: float = wait
        self._engine = engine
        self._kind = "snapshot" if snapshots else "reading"
        self._session_life = session_life
        self._is_closed = False
        self.pause: Callable[[float], object] = sleep
        """Lets others have their turn between two batches of a purge."""
        self._refuses_writes = False
        self._turns: Turns | None = None
        self._watch: KeyWatch | None = None
        if engine.dialect.name == "sqlite":
            self._turns = Turns.of(str(Path(engine.url.database or "").resolve()))

    @classmethod
    def read_only(
        cls,
        database: str | Engine,
        *,
        pool_size: int = 2,
        schema: str | None = None,
        table_prefix: str = "",
    ) -> Self:
        """Open a database on connections that it allows no write, for support staff.

        They read much in one unit, while others write: a journal that a purge takes away after its
        name was read would look damaged, so a unit sees one moment.

        Raises:
            SchemaMismatch: the tables are missing, older or newer.
            PortUnavailable: the database cannot be reached.
        """
        engine = make_engine(
            database,
            pool_size=pool_size,
            read_only=True,
            schema=schema,
            table_prefix=table_prefix,
        )
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
        with self._looking() as transaction:
            yield SqlUnit(transaction)

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
            with self._looking() as transaction:
                yield SqlKeys(transaction)

    def counts(self) -> SqlCounts:
        """Give the windows in which brakes count for all processes of this database."""
        return SqlCounts(self._looking, self._transaction)

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
        counts = dict.fromkeys(COUNTED, 0)
        for purged, deadline in purged_at(now, journal_before, self._session_life):
            name = purged.table.name
            for gone in self._batches(purged, {"deadline": deadline}):
                counts[name] = counts.get(name, 0) + gone
                if report is not None:
                    report(name, counts[name])
                self.pause(_PAUSE.total_seconds())
        self._give_log_back()
        return counts

    def take_turn(self, chore: str, now: datetime, every: timedelta) -> bool:
        """Say whether it is this process that does a chore now.

        Args:
            chore: its name, the same in every process.
            now: the time (UTC).
            every: how long after one did it nobody else does.

        Raises:
            PortUnavailable: the database did not answer.
        """
        with self._transaction() as transaction:
            transaction.lock(f"chore:{chore}")
            known = transaction.first(_CHORE, {"of": chore})
            if known is None:
                transaction.change(_FIRST_TURN, {"name": chore, "done_at": from_instant(now)})
                return True
            # One of the future: a clock was put back.
            is_due = not 0 <= from_instant(now) - known["done_at"] < every // _MICROSECOND
            if is_due:
                transaction.change(_TURN, {"of": chore, "at": from_instant(now)})
            return is_due

    def _batches(self, purged: Purged, values: dict[str, int]) -> Iterator[int]:
        last: Sequence[Any] | None = None
        while True:
            with self._transaction() as transaction:
                rows = transaction.all(purged.find(last, _BATCH), values)
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
        with self._turns.take(self._wait), Lent(self._engine, self._is_gone) as lent:
            file = lent.driver
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
        known = None if self._watch is None else self._watch.key_ids
        try:
            with turn, Lent(self._engine, self._is_gone) as lent:
                transaction = Transaction(lent, "writing", key_ids=known)
                yield transaction
                transaction.commit()
        except PortUnavailable as error:
            if error.port == PORT and not isinstance(error, PortBusy):
                self._refuses_writes = True
            raise
        self._refuses_writes = False

    @contextmanager
    def _looking(self) -> Iterator[Transaction]:
        with Lent(self._engine, self._is_gone) as lent:
            yield Transaction(lent, self._kind)

    def _is_gone(self) -> bool:
        return self._is_closed
