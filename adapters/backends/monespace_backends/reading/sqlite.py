"""Reading a SQLite file with Python alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final
from urllib.parse import quote

from ..storage.database import check_revision, of_sqlite
from .reader import Dialect, TablesReader

__all__ = ["reading_file"]

_WAIT = 5.0  # seconds, for a writer that holds the file

SQLITE: Final = Dialect(
    place="?",
    version_tables="SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?",
    about=(
        "SELECT DISTINCT reference FROM journal"
        " WHERE reference IN (SELECT value FROM json_each(?))"
        " AND EXISTS (SELECT 1 FROM json_each(?) WHERE instr(line, value))"
    ),
    doctor=(
        "SELECT rpps_digest FROM accounts WHERE email_digest IN (SELECT value FROM json_each(?))"
        " ORDER BY created_at, id LIMIT 1"
    ),
    many=json.dumps,
)


@contextmanager
def reading_file(path: str) -> Iterator[TablesReader]:
    """Open a file that must exist, on a connection that cannot write and sees one moment."""
    with _translating():
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode=ro", uri=True, timeout=_WAIT, isolation_level=None
        )

    def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with _translating():
            return connection.execute(statement, values).fetchall()

    with closing(connection):
        ask("BEGIN")  # or a purge between two reads would look like damage
        reader = TablesReader(ask, SQLITE)
        check_revision(reader.revision())
        yield reader


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        translated = of_sqlite(getattr(error, "sqlite_errorcode", 0))
        if translated is None:
            raise
        raise translated from error
