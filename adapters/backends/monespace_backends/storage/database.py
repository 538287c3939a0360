"""What SQLAlchemy and a bare driver must agree on: addresses, versions of the tables, failures."""

from __future__ import annotations

import re
import sqlite3
from enum import Enum
from pathlib import Path
from typing import Final, TypedDict
from urllib.parse import quote, unquote

from attrs import field, frozen

from monespace_flows.errors import (
    JourneyUnreadable,
    LostSwap,
    MonespaceError,
    PortBusy,
    PortUnavailable,
    Reasoned,
    UniqueBroken,
)

__all__ = ["Database", "Naming", "sqlite_path"]

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


# --- names ---------------------------------------------------------------------------------------
# They end up in the text of statements, so nothing is let in that would have to be quoted.

_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_LONGEST_SCHEMA = 63
_LONGEST_PREFIX = 30  # with the longest name of an index, what PostgreSQL does not cut
_RESERVED = ("pg_", "sqlite_")


class Naming(TypedDict):
    """Where our tables are in a database, as keyword arguments."""

    schema: str | None
    table_prefix: str


@frozen(kw_only=True)
class TableNames:
    """How our tables are called, so that they stand beside those of a host.

    Attributes:
        schema: PostgreSQL's schema that holds them; else the first one of ``search_path``.
        table_prefix: what begins the name of each table, and stands in that of each index.
    """

    schema: str | None = None
    table_prefix: str = ""

    def __attrs_post_init__(self) -> None:
        bounds = (
            ("schema", self.schema, _LONGEST_SCHEMA),
            ("table_prefix", self.table_prefix or None, _LONGEST_PREFIX),
        )
        for what, name, longest in bounds:
            if name is None:
                continue
            if not _NAME.fullmatch(name) or len(name) > longest:
                raise ValueError(
                    f"{what} must be small letters a-z, digits and _, no digit first, {longest} "
                    "characters at most"
                )
            if name.startswith(_RESERVED):
                raise ValueError(f"{what} must not begin with {' or '.join(_RESERVED)}")

    @property
    def start(self) -> str:
        """What stands before a table's own name in a statement."""
        schema = "" if self.schema is None else f'"{self.schema}".'
        return schema + self.table_prefix

    def beside(self, name: str) -> str:
        """Call an index or a constraint, ``ix_…`` say: its table's prefix stands in its name."""
        kind, _, rest = name.partition("_")
        return f"{kind}_{self.table_prefix}{rest}"


@frozen(kw_only=True)
class Database(TableNames):
    """A database, and how our tables are called in it.

    Attributes:
        url: ``sqlite:///path/to/file`` or ``postgresql://user@host/database``.
    """

    url: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.schema is not None and self.url.startswith("sqlite"):
            raise ValueError(
                "schema is for PostgreSQL, a SQLite file has none: leave it out, and set "
                "table_prefix"
            )

    @property
    def naming(self) -> Naming:
        """What else than the URL must be told to who opens it."""
        return Naming(schema=self.schema, table_prefix=self.table_prefix)


def as_database(told: str | Database) -> Database:
    """Make one of a URL alone; let one be."""
    return told if isinstance(told, Database) else Database(url=told)


# --- failures ------------------------------------------------------------------------------------
# Only what the database or the network did is translated.  A statement that is wrong, or a value
# that does not fit, is a fault of ours and stays what it is.

PORT = "storage"
"""The port's name in the errors that a log shows."""

_SQLITE_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_ROOM = "make room on the database's disk; it goes on by itself"
_DAMAGED = "stop the service and restore the newest backup"
_REACH = "see that the server runs and that the address in the setting database is its own"
_ENTER = "check the user and the password in the setting database, and the server's pg_hba.conf"

# For each code: the word that readiness shows, and what to do.
_SQLITE_UNAVAILABLE: Final = {
    sqlite3.SQLITE_CANTOPEN: (
        "missing",
        (
            "the folder in the setting database must be there, and this account must be able to "
            "write in it"
        ),
    ),
    sqlite3.SQLITE_CORRUPT: ("damaged", _DAMAGED),
    sqlite3.SQLITE_FULL: ("full", _ROOM),
    sqlite3.SQLITE_IOERR: ("disk", "the disk does not answer well: look at the system's log"),
    sqlite3.SQLITE_NOTADB: ("damaged", "the setting database must name a SQLite file"),
    sqlite3.SQLITE_PERM: ("refused", "this account must own the file"),
    sqlite3.SQLITE_PROTOCOL: ("busy", "too many processes use the file"),
    sqlite3.SQLITE_READONLY: (
        "read-only",
        (
            "this account must be able to write the file and its folder, on a disk that is not "
            "mounted read-only"
        ),
    ),
}
_PRIMARY = 0xFF  # the low byte of SQLite's extended codes

# PostgreSQL's manual, appendix A (error codes): whole classes are named by two letters.
_SERVER_UNIQUE = ("23505",)
_SERVER_LOST = ("40001", "40P01")
_SERVER_BUSY = ("53300", "55P03")
_SERVER_UNAVAILABLE: Final = {
    "08": ("unreachable", _REACH),
    "25006": (
        "read-only",
        (
            "this server is a standby, or was made read-only: the setting database must name the "
            "one that takes writes"
        ),
    ),
    "25P03": ("unreachable", "the server ended a transaction that waited too long"),
    "28": ("refused", _ENTER),
    "3D": ("missing", "create the database, or correct its name in the setting database"),
    "42501": (
        "refused",
        (
            "run this as the role that owns the tables, or grant it what it lacks (for db upgrade: "
            "GRANT CREATE, USAGE ON SCHEMA public, or the one of database.schema)"
        ),
    ),
    "53100": ("full", _ROOM),
    "53": ("busy", "the server lacks memory or connections"),
    "57P03": ("unreachable", "it is starting or stopping: try again in a moment"),
    "57": ("unreachable", "somebody stopped it: see that the server runs"),
    "58": ("damaged", "look at the server's log"),
    "XX": ("damaged", "look at the server's log"),
}
_SERVER_MAY_QUOTE = ("58", "XX")
# What the driver says before a server has a code to give, in libpq's and the server's own words.
_CONNECTION: Final = {
    "password": ("refused", _ENTER),
    "pg_hba.conf": ("refused", _ENTER),
    "authentication failed": ("refused", _ENTER),
    'role "': ("refused", _ENTER),
    'database "': _SERVER_UNAVAILABLE["3D"],
    "permission denied": ("refused", _ENTER),
    "too many": ("busy", "let it take more connections, or set a smaller pool_size"),
    "starting up": _SERVER_UNAVAILABLE["57P03"],
    "shutting down": _SERVER_UNAVAILABLE["57P03"],
}


class RowDamaged(MonespaceError):
    """A stored row cannot be read as what it should be; the message never quotes its values.

    What to do: restore a backup, or have the operator look at that row.
    """


class JourneyDamaged(RowDamaged, JourneyUnreadable):
    """A journey's row cannot be read: it is damaged, or another release wrote what is new to us.

    The browser that holds it is led out, as from any journey of another release.

    What to do: as for :class:`~monespace_flows.errors.JourneyUnreadable`.
    """


class SchemaFault(Enum):
    """Why the tables are refused."""

    NO_TABLES = "the database has no tables yet; run: monespace db upgrade"
    OLDER = "the tables are of an older version (revision {found}); run: monespace db upgrade"
    NEWER = "the database is of a newer version of monespace-flows than this one (revision {found})"
    CLASH = (
        "the database holds tables of its own under names of ours ({found}); set "
        'database.table_prefix, such as "monespace_", so that ours are called otherwise'
    )


class SchemaMismatch(Reasoned[SchemaFault]):
    """The database has no tables, or those of another version; the message says what to do.

    What to do: ``monespace db upgrade``, or start the version that the tables are of.
    """


def is_busy(code: int) -> bool:
    """Whether one of SQLite's extended codes says that somebody else holds the file."""
    return code & _PRIMARY in _SQLITE_BUSY


def of_sqlite(code: int, text: str = "") -> MonespaceError | None:
    """The port's error for one of SQLite's extended codes, if the database or the disk failed.

    ``text`` is what the driver said: SQLite's own words for these codes name no value.
    """
    if code in _SQLITE_UNIQUE:
        return UniqueBroken("a row that must be unique exists already")
    if is_busy(code):
        return PortBusy(PORT)
    found = _SQLITE_UNAVAILABLE.get(code & _PRIMARY)
    return None if found is None else PortUnavailable(PORT, found[0], _with(text, found[1]))


def of_server(state: str, text: str = "") -> MonespaceError | None:
    """The port's error for one of PostgreSQL's codes, if the server or the network failed.

    ``text`` is the server's own first line; it is told for those codes alone under which it names
    roles, databases and tables, and no value.
    """
    if state.startswith(_SERVER_UNIQUE):
        return UniqueBroken("a row that must be unique exists already")
    if state.startswith(_SERVER_LOST):
        return LostSwap("two transactions waited for each other")
    if state.startswith(_SERVER_BUSY):
        return PortBusy(PORT)
    for start, (kind, advice) in _SERVER_UNAVAILABLE.items():
        if state.startswith(start):
            said = "" if state.startswith(_SERVER_MAY_QUOTE) else text
            return PortUnavailable(PORT, kind, _with(said, advice))
    return None


def of_connection(text: str) -> PortUnavailable:
    """The port's error for a connection that was not made or was lost, which has no code."""
    for part, (kind, advice) in _CONNECTION.items():
        if part in text:
            return PortUnavailable(PORT, kind, _with(text, advice))
    return PortUnavailable(PORT, "unreachable", _with(text, _REACH))


def _with(text: str, advice: str) -> str:
    said = " ".join(text.split())
    return f"{said}; {advice}" if said else advice


# --- versions of the tables ----------------------------------------------------------------------

VERSION_TABLE: Final = "monespace_version"
"""Where Alembic notes the revision: a name of our own, since a host may use Alembic too."""

REVISIONS: Final = ("0001", "0002", "0003", "0004")
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
    if found in REVISIONS[:-1]:
        raise SchemaMismatch(SchemaFault.OLDER, found=found)


def check_known(found: str | None) -> None:
    """Check that tables, if there are any, are of a version that this one can work with.

    Raises:
        SchemaMismatch: they are not.
    """
    if found is not None and found not in REVISIONS and not is_added_to(found):
        raise SchemaMismatch(SchemaFault.NEWER, found=found)


def is_added_to(found: str) -> bool:
    """Whether later tables only hold more: those of the same first two digits.

    Such a revision adds tables, indexes and columns that may be empty, and nothing else, so that
    this version goes on beside the next one, and after a way back.
    """
    return found[:2] == REVISIONS[-1][:2] and found > REVISIONS[-1]
