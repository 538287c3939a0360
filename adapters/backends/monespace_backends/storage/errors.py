"""What goes wrong in a database, as the errors of the storage port.

Only what the database or the network did is translated.  A statement that is wrong, or a value
that does not fit, is a fault of ours and stays what it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monespace_flows.errors import (
    LostSwap,
    MonespaceError,
    PortBusy,
    PortUnavailable,
    UniqueBroken,
)

__all__ = ["PORT", "RowDamaged", "SchemaMismatch", "raise_translated", "translating"]

PORT = "storage"
"""The port's name in the errors that a log shows."""

_SQLITE_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
_PRIMARY = 0xFF  # the low byte of SQLite's extended codes

# PostgreSQL's manual, appendix A (error codes): whole classes are named by two letters.
_SERVER_UNIQUE = ("23505",)
_SERVER_LOST = ("40001", "40P01")
_SERVER_BUSY = ("53300", "55P03")
_SERVER_UNAVAILABLE = ("08", "25006", "25P03", "28", "3D", "53", "57", "58", "XX")


class RowDamaged(MonespaceError):
    """A stored row cannot be read as what it should be; the message never quotes its values."""


class SchemaMismatch(MonespaceError):
    """The database has no tables, or those of another version; the message says what to do."""


def raise_translated(error: DBAPIError) -> NoReturn:
    """Raise what the port promises for a driver's error, or else the error itself.

    Raises:
        UniqueBroken: a row that must be unique exists already.
        LostSwap: the server ended one of two transactions that waited for each other.
        PortBusy: somebody else holds the database for too long.
        PortUnavailable: the database is away, full, damaged or read-only.
    """
    translated = _translated(error)
    if translated is None:
        raise error
    if isinstance(translated, PortUnavailable):
        raise translated from error
    raise translated from None  # the driver resolves it, and a server's text quotes the digests


@contextmanager
def translating() -> Iterator[None]:
    """Run a block whose database errors come out as those of the port."""
    try:
        yield
    except DBAPIError as error:
        raise_translated(error)
    except PoolExhausted as error:
        raise PortBusy(PORT) from error


def _translated(error: DBAPIError) -> MonespaceError | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _of_sqlite(code)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _of_server(state)
    lost = error.connection_invalidated or isinstance(error, OperationalError)
    return PortUnavailable(PORT) if lost else None


def _of_sqlite(code: int) -> MonespaceError | None:
    if code in _SQLITE_UNIQUE:
        return UniqueBroken("a row that must be unique exists already")
    if code & _PRIMARY in _SQLITE_BUSY:
        return PortBusy(PORT)
    return PortUnavailable(PORT) if code & _PRIMARY in _SQLITE_UNAVAILABLE else None


def _of_server(state: str) -> MonespaceError | None:
    if state.startswith(_SERVER_UNIQUE):
        return UniqueBroken("a row that must be unique exists already")
    if state.startswith(_SERVER_LOST):
        return LostSwap("two transactions waited for each other")
    if state.startswith(_SERVER_BUSY):
        return PortBusy(PORT)
    return PortUnavailable(PORT) if state.startswith(_SERVER_UNAVAILABLE) else None
