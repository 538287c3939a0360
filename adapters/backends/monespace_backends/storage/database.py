"""What SQLAlchemy and a bare driver must agree on: addresses, versions of the tables, failures."""

from __future__ import annotations

import sqlite3
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from monespace_flows.errors import (
    LostSwap,
    MonespaceError,
    PortBusy,
    PortUnavailable,
    Reasoned,
    UniqueBroken,
)

__all__ = ["sqlite_path"]

_SQLITE = "sqlite:///"


def sqlite_url(path: Path) -> str:
    """Write the URL of a SQLite file, whatever its path holds."""
    return _SQLITE + quote(str(path), safe=" +/")


def sqlite_path(url: str) -> str | None:
    """Read the path of a SQLite file from a URL; ``None`` for any other URL."""
    name = url.removeprefix(_SQLITE)
    if name in {url, "", ":memory:"} or "?" in name:
        return None
    return unquote(name)


# --- failures ------------------------------------------------------------------------------------
# Only what the database or the network did is translated.  A statement that is wrong, or a value
# that does not fit, is a fault of ours and stays what it is.

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


class SchemaFault(Enum):
    """Why the tables are refused."""

    NO_TABLES = "the database has no tables yet; run: monespace db upgrade"
    OLDER = "the tables are of an older version (revision {found}); run: monespace db upgrade"
    NEWER = "the database is of a newer version of monespace-flows than this one (revision {found})"


class SchemaMismatch(Reasoned[SchemaFault]):
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


# --- versions of the tables ----------------------------------------------------------------------

VERSION_TABLE: Final = "monespace_version"
"""Where Alembic notes the revision: a name of our own, since a host may use Alembic too."""

REVISIONS: Final = ("0001", "0002")
"""Every revision that this version of the library knows, oldest first."""


def check_revision(found: str | None) -> None:
    """Check that tables are those of this version.

    Args:
        found: the revision that the database notes; ``None`` when it has no tables.

    Raises:
        SchemaMismatch: they are missing, older or newer.
    """
    if found is None:
        raise SchemaMismatch(SchemaFault.NO_TABLES)
    check_known(found)
    if found != REVISIONS[-1]:
        raise SchemaMismatch(SchemaFault.OLDER, found=found)


def check_known(found: str | None) -> None:
    """Check that tables, if there are any, are not of a later version.

    Raises:
        SchemaMismatch: they are.
    """
    if found is not None and found not in REVISIONS:
        raise SchemaMismatch(SchemaFault.NEWER, found=found)
