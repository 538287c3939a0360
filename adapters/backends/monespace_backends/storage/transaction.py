"""One transaction on one connection, and the errors of every statement in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NoReturn, Self, TypeVar

from sqlalchemy import Dialect, Engine, Executable, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monespace_flows.errors import MonespaceError, PortBusy, PortUnavailable

from ..patience import SILENT
from .database import PORT, of_connection, of_server, of_sqlite
from .engine import BOUNDS
from .naming import names_of
from .statements import Prepared, Values, prepare

__all__ = ()


class translating:  # noqa: N801 - it stands in a with statement, many times a request
    """Run a block whose database errors come out as those of the port.

    Raises:
        UniqueBroken: a row that must be unique exists already.
        LostSwap: the server ended one of two transactions that waited for each other.
        PortBusy: somebody else holds the database for too long.
        PortUnavailable: the database is away, full, damaged or read-only.
    """

    __slots__ = ("_dialect",)

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def __enter__(self) -> None:
        """Nothing has happened yet."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Translate what did."""
        if isinstance(error, PoolExhausted):
            raise PortBusy(PORT) from error
        if isinstance(error, DBAPIError):
            _raise(self._dialect, error, error.orig)
        if isinstance(error, self._dialect.loaded_dbapi.Error):
            _raise(self._dialect, error, error)


def _raise(dialect: Dialect, error: Exception, said: BaseException | None) -> NoReturn:
    translated = _translated(dialect, said)
    if translated is None:
        raise error
    if isinstance(translated, PortUnavailable):
        raise translated from error
    raise translated from None  # the driver resolves it, and a server's text quotes digests


def _translated(dialect: Dialect, said: BaseException | None) -> MonespaceError | None:
    code = getattr(said, "sqlite_errorcode", None)
    if code is not None:
        return of_sqlite(code, str(said))
    state = getattr(said, "sqlstate", None)
    if state is not None:
        diagnosis = getattr(said, "diag", None)
        return of_server(state, getattr(diagnosis, "message_primary", None) or "")
    lost = isinstance(said, dialect.loaded_dbapi.OperationalError)
    return of_connection(str(said)) if lost else None


# --- a connection, lent for as long as a unit lasts ----------------------------------------------

_BEGINNINGS: Final[Mapping[tuple[str, str], str]] = {
    ("sqlite", "reading"): "BEGIN",
    ("sqlite", "snapshot"): "BEGIN",
    ("sqlite", "writing"): "BEGIN IMMEDIATE",  # what reads first and writes later fails at once
    ("postgresql", "snapshot"): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    ("postgresql", "writing"): "BEGIN ISOLATION LEVEL READ COMMITTED",
}
"""How a unit begins.  Of one that only reads a server hears nothing: a transaction of READ
COMMITTED gives it nothing, and takes two round trips; behind a pooler it bears the bounds."""


_FAREWELL = ("08", "57P")  # the connection is broken; the server stops, or threw us out


class Lent:
    """A connection of the pool.

    What it is asked first shows whether it is still there: until it has answered once, another one
    takes its place, so that nobody notices that a server was started again.
    """

    __slots__ = ("_connection", "_engine", "_has_answered", "_is_last", "dialect", "start")

    def __init__(self, engine: Engine, is_last: Callable[[], bool] = bool) -> None:
        """Lend one; ``is_last`` says whether the pool is gone by the time it is given back."""
        self.dialect = engine.dialect
        self.start = names_of(engine).start
        self._engine = engine
        self._is_last = is_last
        self._has_answered = False

    def __enter__(self) -> Self:
        """Take it."""
        with translating(self.dialect):
            self._connection = self._take()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back, what was not committed rolled back."""
        connection = self._connection
        with translating(self.dialect):
            if connection.is_valid and self._is_last():
                connection.detach()  # given back to a pool that is gone, nobody would close it
            connection.close()

    def _take(self) -> Any:
        connection: Any = self._engine.raw_connection()
        if self.dialect.name == "postgresql" and not connection.driver_connection.autocommit:
            connection.driver_connection.autocommit = True  # a unit says itself how it begins
        return connection

    def run(self, text: str, parameters: Any, fetch: Callable[[Any], Any]) -> Any:
        """Run a statement, and fetch what is wanted of its answer."""
        while True:
            try:
                return self._run(self.dialect.do_execute, text, parameters, fetch)
            except self.dialect.loaded_dbapi.Error as error:
                if self._connection.is_valid or self._has_answered or str(error) == SILENT:
                    raise
            # One by one: after all that the pool had, a new one answers, or cannot be made.
            self._connection = self._take()

    def run_many(self, text: str, parameters: Sequence[Any]) -> int:
        """Run a statement once for each of some parameters; how many rows they changed."""
        found: int = self._run(self.dialect.do_executemany, text, parameters, _count)
        return found

    def _run(self, execute: Any, text: str, parameters: Any, fetch: Callable[[Any], Any]) -> Any:
        connection = self._connection
        try:
            cursor = connection.cursor()
            try:
                execute(cursor, text, parameters)
                found = fetch(cursor)
            finally:
                cursor.close()
        except self.dialect.loaded_dbapi.Error as error:
            if self._is_lost(error):
                connection.invalidate(error)
            raise
        self._has_answered = True
        return found

    def _is_lost(self, error: Any) -> bool:
        # A server that says good-bye is believed at once: the driver notices only at the next
        # statement that nobody listens any more.
        says_so = (getattr(error, "sqlstate", None) or "").startswith(_FAREWELL)
        return says_so or self.dialect.is_disconnect(error, self._connection.dbapi_connection, None)

    def commit(self) -> None:
        """Commit; when that fails, nobody gets the connection again, whatever is open on it."""
        try:
            self.dialect.do_commit(self._connection)
        except BaseException as error:
            self._connection.invalidate(error)
            raise

    @property
    def bounds(self) -> str | None:
        """What each transaction must begin with, where a pooler stands before the server."""
        bounds: str | None = self._connection.info.get(BOUNDS)
        return bounds

    @property
    def driver(self) -> Any:
        """The driver's own connection."""
        return self._connection.driver_connection


def _all(cursor: Any) -> list[dict[str, Any]]:
    names = [it[0] for it in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _first(cursor: Any) -> dict[str, Any] | None:
    row = cursor.fetchone()
    if row is None:
        return None
    return dict(zip([it[0] for it in cursor.description], row, strict=True))


def _count(cursor: Any) -> int:
    found: int = cursor.rowcount
    return found


def _nothing(_: Any) -> None:
    """Of what begins a unit there is no answer."""


# --- the transaction -----------------------------------------------------------------------------

_LOCK = select(func.pg_advisory_xact_lock(bindparam("number")))

Found = TypeVar("Found")


def lock_number(name: str) -> int:
    """Turn a name into the number by which PostgreSQL knows a lock, the same in every process."""
    digest = blake2b(name.encode(), digest_size=8, person=b"monespace").digest()
    return int.from_bytes(digest, signed=True)


class Transaction:
    """What the stores of a unit run their statements on.

    After a statement that failed, a server refuses the rest of the transaction, and takes its
    ``COMMIT`` for a ``ROLLBACK`` without a word.  So the first failure spoils the transaction on
    every engine: it can only be rolled back.

    ``key_ids`` are those of the keys of this process, where it is known which they are.
    """

    __slots__ = ("_lent", "_spoiled", "_writable", "key_ids")

    def __init__(
        self, lent: Lent, kind: str = "writing", *, key_ids: frozenset[str] | None = None
    ) -> None:
        """Begin one: ``"reading"``, ``"snapshot"`` or ``"writing"``."""
        self.key_ids = key_ids
        self._lent = lent
        self._writable = kind == "writing"
        self._spoiled = False
        beginning = _BEGINNINGS.get((self.engine, kind))
        bounds = lent.bounds
        if bounds is not None:
            beginning = f"{beginning or 'BEGIN READ ONLY'}; {bounds}"
        if beginning is not None:
            with translating(lent.dialect):
                lent.run(beginning, (), _nothing)

    @property
    def engine(self) -> str:
        """The name of the engine: ``sqlite`` or ``postgresql``."""
        return self._lent.dialect.name

    def all(self, statement: Executable, values: Values | None = None) -> list[dict[str, Any]]:
        """Read every row that a statement finds."""
        return self._run(statement, values or {}, _all)

    def first(self, statement: Executable, values: Values | None = None) -> dict[str, Any] | None:
        """Read the first row that a statement finds."""
        return self._run(statement, values or {}, _first)

    def change(self, statement: Executable, values: Values) -> int:
        """Run a statement that writes; how many rows it changed.

        Raises:
            RuntimeError: this unit only reads.
        """
        self.require_writable()
        return self._run(statement, values, _count)

    def change_each(self, statement: Executable, values: Sequence[Values]) -> int:
        """Run a statement that writes once for each of some values; how many rows it changed.

        Raises:
            RuntimeError: this unit only reads.
        """
        self.require_writable()

        def ask() -> int:
            prepared = self._prepared(statement, values[0])
            return self._lent.run_many(prepared.text, [prepared.fill_in(it) for it in values])

        return self._guarded(ask)

    def require_writable(self) -> None:
        """Raise ``RuntimeError`` in a unit that only reads."""
        if not self._writable:
            raise RuntimeError("this unit only reads")

    def lock(self, name: str) -> None:
        """Hold a named lock until the end; on SQLite, write units are alone anyway.

        Raises:
            RuntimeError: this unit only reads.
        """
        self.require_writable()
        if self.engine == "postgresql":
            self.first(_LOCK, {"number": lock_number(self._lent.start + name)})

    def commit(self) -> None:
        """Commit."""
        self._require_sound()
        with translating(self._lent.dialect):
            self._lent.commit()

    def _run(self, statement: Executable, values: Values, fetch: Callable[[Any], Found]) -> Found:
        def ask() -> Found:
            prepared = self._prepared(statement, values)
            found: Found = self._lent.run(prepared.text, prepared.fill_in(values), fetch)
            return found

        return self._guarded(ask)

    def _prepared(self, statement: Executable, values: Values) -> Prepared:
        return prepare(statement, self._lent.dialect, values, self._lent.start)

    def _guarded(self, ask: Callable[[], Found]) -> Found:
        self._require_sound()
        self._spoiled = True
        with translating(self._lent.dialect):
            found = ask()
        self._spoiled = False
        return found

    def _require_sound(self) -> None:
        if self._spoiled:
            raise RuntimeError("a unit in which something failed can only be rolled back")
