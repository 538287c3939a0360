"""Reading a SQLite file with Python alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from ..storage.errors import of_sqlite
from ..storage.revisions import VERSION_TABLE, check_revision
from .records import KeptJourney, SentMessage, subject_marks
from .rows import KEPT, LINES, MESSAGES, REFERENCES, kept_of, messages_of, text_of

__all__ = ["SqliteReader", "reading_file"]

_WAIT = 5.0  # seconds, for a writer that holds the file

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?"
_REVISION = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - a constant
_LINES, _KEPT, _MESSAGES = (statement.format("?") for statement in (LINES, KEPT, MESSAGES))
_ABOUT = (
    "SELECT DISTINCT reference FROM journal"
    " WHERE reference IN (SELECT value FROM json_each(?))"
    " AND EXISTS (SELECT 1 FROM json_each(?) WHERE instr(line, value))"
)
_DOCTOR = (
    "SELECT rpps_digest FROM accounts WHERE email_digest IN (SELECT value FROM json_each(?))"
    " ORDER BY created_at, id LIMIT 1"
)


@contextmanager
def reading_file(path: str) -> Iterator[SqliteReader]:
    """Open a file that must exist, on a connection that cannot write and sees one moment."""
    with _translating():
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode=ro", uri=True, timeout=_WAIT, isolation_level=None
        )
    with closing(connection):
        connection.execute("BEGIN")  # or a purge between two reads would look like damage
        reader = SqliteReader(connection)
        check_revision(reader.revision())
        yield reader


class SqliteReader:
    """Reads the tables of :mod:`monespace_backends.storage.tables`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def revision(self) -> str | None:
        """The version of the tables; ``None`` when there are none."""
        if not self._all(_TABLES, VERSION_TABLE):
            return None
        found = self._all(_REVISION)
        return text_of(found[0][0]) if found else None

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""
        return [text_of(name) for (name,) in self._all(REFERENCES)]

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""
        return [text_of(line) for (line,) in self._all(_LINES, reference)]

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""
        return kept_of(self._all(_KEPT, reference))

    def about(self, subjects: Sequence[str], references: Sequence[str]) -> AbstractSet[str]:
        """Name those of some journeys whose journal names one of some pseudonyms."""
        marks = json.dumps(subject_marks(subjects))
        return {text_of(it) for (it,) in self._all(_ABOUT, json.dumps(references), marks)}

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""
        found = self._all(_DOCTOR, json.dumps(email_digests))
        return text_of(found[0][0]) if found else None

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""
        return messages_of(self._all(_MESSAGES, reference))

    def _all(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        with _translating():
            return self._connection.execute(statement, values).fetchall()


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        translated = of_sqlite(getattr(error, "sqlite_errorcode", 0))
        if translated is None:
            raise
        raise translated from error
