"""Between a command and its database, whichever driver it takes: meddling, for the tests."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from threading import get_ident
from typing import Any, Self

import psycopg
import pytest

__all__ = ["before_lines_are_read", "left_open", "trying_to_write"]

_WRITE = "DELETE FROM journeys"
_OF_LINES = re.compile(r"SELECT\b.*\bline\b.*\bFROM journal\b", re.DOTALL)


def trying_to_write(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Try to write on each connection once the program is done with it; what the database said.

    The program runs in this thread; relays that other tests left behind have theirs.
    """
    said: list[str] = []
    program = get_ident()
    connect, close = sqlite3.connect, psycopg.Connection.close

    class Tried(sqlite3.Connection):
        def close(self) -> None:
            self.rollback()
            try:
                self.execute(_WRITE)
                self.commit()
                said.append("done")
            except sqlite3.Error as error:
                said.append(str(error))
            super().close()

    def connected(*args: Any, **options: Any) -> sqlite3.Connection:
        kind: type[sqlite3.Connection] = Tried if get_ident() == program else sqlite3.Connection
        return connect(*args, **options, factory=kind)

    def closed(connection: psycopg.Connection[Any]) -> None:
        if get_ident() != program:
            close(connection)
            return
        connection.rollback()
        try:
            connection.execute(_WRITE)
            connection.commit()
            said.append("done")
        except psycopg.Error as error:
            said.append(str(error))
        close(connection)

    monkeypatch.setattr(sqlite3, "connect", connected)
    monkeypatch.setattr(psycopg.Connection, "close", closed)
    return said


def left_open(monkeypatch: pytest.MonkeyPatch) -> set[sqlite3.Connection]:
    """The connections to SQLite files that the program opens from now on, until it closes them."""
    still: set[sqlite3.Connection] = set()
    connect = sqlite3.connect

    class Kept(sqlite3.Connection):
        def close(self) -> None:
            still.discard(self)
            super().close()

    def connected(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options, factory=Kept)
        still.add(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connected)
    return still


def before_lines_are_read(
    monkeypatch: pytest.MonkeyPatch, event: Callable[[], None], after: int = 0
) -> None:
    """Let something happen once, before a journal is read and ``after`` that many were."""
    connect, execute = sqlite3.connect, psycopg.Cursor.execute
    waiting = [*[_nothing] * after, event]

    def look(statement: object) -> None:
        if waiting and _OF_LINES.search(str(statement)):
            waiting.pop(0)()

    class WatchedCursor(sqlite3.Cursor):
        def execute(self, statement: str, *values: Any) -> Self:
            look(statement)
            return super().execute(statement, *values)

    class Watched(sqlite3.Connection):
        def cursor(self, factory: Any = WatchedCursor) -> Any:
            return super().cursor(factory)

        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            return self.cursor().execute(statement, *values)  # type: ignore[no-any-return]

    def connected(*args: Any, **options: Any) -> sqlite3.Connection:
        return connect(*args, **options, factory=Watched)

    def executed(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        look(query)
        return execute(cursor, query, *args, **options)

    monkeypatch.setattr(sqlite3, "connect", connected)
    monkeypatch.setattr(psycopg.Cursor, "execute", executed)


def _nothing() -> None:
    """Nothing happens."""
