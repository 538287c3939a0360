"""Reading a PostgreSQL database through its driver alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ..storage.database import check_revision, of_connection, of_server
from .reader import Dialect, TablesReader

__all__ = ()

_WAIT = 5  # seconds, to connect and for a lock
_ROWS = 2_000  # at a time
_SCHEME = re.compile(r"^postgres(ql)?(\+[a-z]+)?://")

POSTGRESQL: Final = Dialect(
    place="%s",
    version_tables="SELECT 1 WHERE to_regclass(%s) IS NOT NULL",
    among="= ANY({})",
    many=list,
)


@contextmanager
def reading_server(url: str, start: str) -> Iterator[TablesReader]:
    """Open a database on a connection that it allows no write, and that sees one moment."""
    with _translating():
        connection = _connected(url)

    def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with _translating():
            return connection.execute(statement, values).fetchall()

    def stream(statement: str) -> Iterator[tuple[Any, ...]]:
        # A cursor of the server's, by a name that no other has: else it sends all rows at once.
        name = f"rows_{next(names)}"
        with _translating():
            connection.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {statement}")
        while rows := ask(f"FETCH {_ROWS} FROM {name}"):
            yield from rows

    names = count()
    try:
        reader = TablesReader(ask, stream, POSTGRESQL, start)
        check_revision(reader.revision())
        yield reader
    finally:
        with _translating():
            connection.close()


def _connected(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    address = _SCHEME.sub("postgresql://", url)
    options: dict[str, Any] = {"connect_timeout": _WAIT} | conninfo_to_dict(address)
    # One transaction, and nothing that would stay behind it on the server of a pooler.
    connection = psycopg.connect(**options, prepare_threshold=None)
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(f"SET LOCAL lock_timeout = {_WAIT * 1000}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate
        is_lost = state is None and isinstance(error, psycopg.OperationalError)
        said = error.diag.message_primary or ""
        translated = of_connection(str(error)) if is_lost else of_server(state or "", said)
        if translated is None:
            raise
        raise translated from error
