"""One transaction on one connection, and the errors of every statement in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Executable, RowMapping, bindparam, func, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monespace_flows.errors import MonespaceError, PortBusy, PortUnavailable

from .database import PORT, of_connection, of_server, of_sqlite

__all__ = ()


@contextmanager
def translating() -> Iterator[None]:
    """Run a block whose database errors come out as those of the port.

    Raises:
        UniqueBroken: a row that must be unique exists already.
        LostSwap: the server ended one of two transactions that waited for each other.
        PortBusy: somebody else holds the database for too long.
        PortUnavailable: the database is away, full, damaged or read-only.
    """
    try:
        yield
    except DBAPIError as error:
        translated = _translated(error)
        if translated is None:
            raise
        if isinstance(translated, PortUnavailable):
            raise translated from error
        raise translated from None  # the driver resolves it, and a server's text quotes digests
    except PoolExhausted as error:
        raise PortBusy(PORT) from error


def _translated(error: DBAPIError) -> MonespaceError | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return of_sqlite(code, str(error.orig))
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        diagnosis = getattr(error.orig, "diag", None)
        return of_server(state, getattr(diagnosis, "message_primary", None) or "")
    lost = error.connection_invalidated or isinstance(error, OperationalError)
    return of_connection(str(error.orig)) if lost else None


# --- the transaction -----------------------------------------------------------------------------

_Values = Mapping[str, Any]
_LOCK = select(func.pg_advisory_xact_lock(bindparam("number")))


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

    __slots__ = ("_connection", "_spoiled", "_writable", "key_ids")

    def __init__(
        self, connection: Connection, *, writable: bool, key_ids: frozenset[str] | None = None
    ) -> None:
        self.key_ids = key_ids
        self._connection = connection
        self._writable = writable
        self._spoiled = False

    @property
    def engine(self) -> str:
        """The name of the engine: ``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    def all(self, statement: Executable, values: _Values | None = None) -> Sequence[RowMapping]:
        """Read every row that a statement finds."""
        with self._guarded():
            return self._connection.execute(statement, values).mappings().all()

    def first(self, statement: Executable, values: _Values | None = None) -> RowMapping | None:
        """Read the first row that a statement finds."""
        with self._guarded():
            return self._connection.execute(statement, values).mappings().first()

    def change(self, statement: Executable, values: _Values | Sequence[_Values]) -> int:
        """Run a statement that writes; how many rows it changed.

        Raises:
            RuntimeError: this unit only reads.
        """
        self.require_writable()
        with self._guarded():
            return self._connection.execute(statement, values).rowcount

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
            self.first(_LOCK, {"number": lock_number(name)})

    def commit(self) -> None:
        """Commit."""
        self._require_sound()
        with translating():
            try:
                self._connection.commit()
            except BaseException:
                # SQLAlchemy rolls nothing back now, and would lend the open transaction to others.
                self._connection.invalidate()
                raise

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        self._require_sound()
        self._spoiled = True
        with translating():
            yield
        self._spoiled = False

    def _require_sound(self) -> None:
        if self._spoiled:
            raise RuntimeError("a unit in which something failed can only be rolled back")
