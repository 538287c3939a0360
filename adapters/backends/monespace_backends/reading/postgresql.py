"""Reading a PostgreSQL database through its driver alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from monespace_flows.errors import PortUnavailable

from ..storage.errors import PORT, of_server
from ..storage.revisions import VERSION_TABLE, check_revision
from .records import KeptJourney, SentMessage, subject_marks
from .rows import KEPT, LINES, MESSAGES, REFERENCES, kept_of, messages_of, text_of

__all__ = ["PostgresqlReader", "reading_server"]

_WAIT = 5  # seconds, to connect and for a lock
_SCHEME = re.compile(r"^postgres(ql)?(\+[a-z]+)?://")

_TABLE = "SELECT to_regclass(%s) IS NOT NULL"
_REVISION = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - a constant
_LINES, _KEPT, _MESSAGES = (statement.format("%s") for statement in (LINES, KEPT, MESSAGES))
_ABOUT = (
    "SELECT DISTINCT reference FROM journal"
    " WHERE reference = ANY(%s)"
    " AND EXISTS (SELECT 1 FROM unnest(%s::text[]) AS mark WHERE strpos(line, mark) > 0)"
)
_DOCTOR = (
    "SELECT rpps_digest FROM accounts WHERE email_digest = ANY(%s) ORDER BY created_at, id LIMIT 1"
)


@contextmanager
def reading_server(url: str) -> Iterator[PostgresqlReader]:
    """Open a database on a connection that it allows no write, and that sees one moment."""
    with _translating():
        connection = _connected(url)
    try:
        reader = PostgresqlReader(connection)
        check_revision(reader.revision())
        yield reader
    finally:
        with _translating():
            connection.close()


def _connected(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    address = _SCHEME.sub("postgresql://", url)
    options: dict[str, Any] = {"connect_timeout": _WAIT} | conninfo_to_dict(address)
    connection = psycopg.connect(**options, autocommit=True)
    try:
        connection.execute(f"SET lock_timeout = {_WAIT * 1000}")
        connection.execute("SET default_transaction_read_only = on")
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    except BaseException:
        connection.close()
        raise
    return connection


class PostgresqlReader:
    """Reads the tables of :mod:`monespace_backends.storage.tables`."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def revision(self) -> str | None:
        """The version of the tables; ``None`` when there are none."""
        if self._all(_TABLE, VERSION_TABLE) != [(True,)]:
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
        found = self._all(_ABOUT, list(references), subject_marks(subjects))
        return {text_of(it) for (it,) in found}

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""
        found = self._all(_DOCTOR, list(email_digests))
        return text_of(found[0][0]) if found else None

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""
        return messages_of(self._all(_MESSAGES, reference))

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with _translating():
            return self._connection.execute(statement, values).fetchall()


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate
        is_lost = state is None and isinstance(error, psycopg.OperationalError)
        translated = PortUnavailable(PORT) if is_lost else of_server(state or "")
        if translated is None:
            raise
        raise translated from error
