"""What a database's failures are to the storage port: the errors, and which code is which.

Only what the database or the network did is translated.  A statement that is wrong, or a value
that does not fit, is a fault of ours and stays what it is.
"""

from __future__ import annotations

import sqlite3

from monespace_flows.errors import LostSwap, MonespaceError, PortBusy, PortUnavailable, UniqueBroken

__all__ = ["PORT", "RowDamaged", "SchemaMismatch", "of_server", "of_sqlite"]

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


def of_sqlite(code: int) -> MonespaceError | None:
    """The port's error for one of SQLite's extended codes, if the database or the disk failed."""
    if code in _SQLITE_UNIQUE:
        return UniqueBroken("a row that must be unique exists already")
    if code & _PRIMARY in _SQLITE_BUSY:
        return PortBusy(PORT)
    return PortUnavailable(PORT) if code & _PRIMARY in _SQLITE_UNAVAILABLE else None


def of_server(state: str) -> MonespaceError | None:
    """The port's error for one of PostgreSQL's codes, if the server or the network failed."""
    if state.startswith(_SERVER_UNIQUE):
        return UniqueBroken("a row that must be unique exists already")
    if state.startswith(_SERVER_LOST):
        return LostSwap("two transactions waited for each other")
    if state.startswith(_SERVER_BUSY):
        return PortBusy(PORT)
    return PortUnavailable(PORT) if state.startswith(_SERVER_UNAVAILABLE) else None
