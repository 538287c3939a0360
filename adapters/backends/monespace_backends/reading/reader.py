"""The tables of storage, as support reads them on any engine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from attrs import field, frozen

from ..storage.database import VERSION_TABLE, RowDamaged, check_revision, of_sqlite

__all__ = ()


@frozen(kw_only=True)
class KeptJourney:
    """A journey as it is kept beside its journal.

    ``journal_hash`` is that of the journal's last line; ``journey`` the JSON text of the rest.
    """

    journal_hash: str
    journey: str = field(repr=False)


class SentMessage(NamedTuple):
    """A message that a journey sent, without what it said; instants are UTC."""

    channel: str
    purpose: str
    status: str
    created_at: datetime
    finished_at: datetime | None
    attempts: int
    error: str | None


def _subject_marks(subjects: Sequence[str]) -> list[str]:
    """What a journal's line holds when it names one of some pseudonyms."""
    return [f'"subject":{json.dumps(subject)}' for subject in subjects]


class Reader(Protocol):
    """Journals, journeys and messages by the journey's reference."""

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""

    def about(self, subjects: Sequence[str], references: Sequence[str]) -> AbstractSet[str]:
        """Name those of some journeys whose journal names one of some pseudonyms."""

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""


# --- tables --------------------------------------------------------------------------------------
# What a driver hands over is taken for what it must be, or refused.

_Ask = Callable[..., list[tuple[Any, ...]]]
"""Runs a statement with its values, and takes every row."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_REVISION = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - a constant
_REFERENCES = "SELECT reference FROM journal WHERE seq = 0 ORDER BY at, reference"
_LINES = "SELECT line FROM journal WHERE reference = {} ORDER BY seq"
_KEPT = "SELECT journal_hash, journey FROM journeys WHERE reference = {}"
_MESSAGES = (
    "SELECT channel, purpose, status, created_at, finished_at, attempts, error"
    " FROM outbox WHERE journey = {} ORDER BY created_at, id"
)


class Dialect(NamedTuple):
    """What engines ask for in words of their own; ``place`` is where a value goes.

    ``version_tables`` finds the table of versions by its name; ``about`` the journeys, among some,
    that hold one of some texts; ``doctor`` the doctor by one of some digests.  ``many`` makes one
    value of several texts.
    """

    place: str
    version_tables: str
    about: str
    doctor: str
    many: Callable[[Sequence[str]], object]


class TablesReader:
    """Reads journals, journeys and messages on a connection."""

    def __init__(self, ask: _Ask, dialect: Dialect) -> None:
        self.ask = ask
        self.dialect = dialect
        self._lines, self._kept, self._messages = (
            statement.format(dialect.place) for statement in (_LINES, _KEPT, _MESSAGES)
        )

    def revision(self) -> str | None:
        """The version of the tables; ``None`` when there are none."""
        if not self.ask(self.dialect.version_tables, VERSION_TABLE):
            return None
        found = self.ask(_REVISION)
        return _text(found[0][0]) if found else None

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""
        return [_text(name) for (name,) in self.ask(_REFERENCES)]

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""
        return [_text(line) for (line,) in self.ask(self._lines, reference)]

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""
        for journal_hash, journey in self.ask(self._kept, reference):
            return KeptJourney(journal_hash=_text(journal_hash), journey=_text(journey))
        return None

    def about(self, subjects: Sequence[str], references: Sequence[str]) -> AbstractSet[str]:
        """Name those of some journeys whose journal names one of some pseudonyms."""
        many = self.dialect.many
        found = self.ask(self.dialect.about, many(references), many(_subject_marks(subjects)))
        return {_text(name) for (name,) in found}

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""
        found = self.ask(self.dialect.doctor, self.dialect.many(email_digests))
        return _text(found[0][0]) if found else None

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""
        return [
            SentMessage(
                channel=_text(channel),
                purpose=_text(purpose),
                status=_text(status),
                created_at=_instant(created_at),
                finished_at=None if finished_at is None else _instant(finished_at),
                attempts=_whole(attempts),
                error=None if error is None else _text(error),
            )
            for channel, purpose, status, created_at, finished_at, attempts, error in self.ask(
                self._messages, reference
            )
        ]


def _text(value: object) -> str:
    if type(value) is not str:
        raise RowDamaged("a row does not hold what its columns should")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise RowDamaged("a row does not hold what its columns should")
    return value


def _instant(value: object) -> datetime:
    return _EPOCH + timedelta(microseconds=_whole(value))


# --- Reading a SQLite file with Python alone -----------------------------------------------------

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
        translated = of_sqlite(getattr(error, "sqlite_errorcode", 0), str(error))
        if translated is None:
            raise
        raise translated from error
