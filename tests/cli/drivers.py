"""Between a command and its database, whichever driver it takes: meddling, for the tests."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

__all__ = ["before_lines_are_read", "trying_to_write"]

_WRITE = "DELETE FROM journeys"
_OF_LINES = re.compile(r"SELECT\b.*\bline\b.*\bFROM journal\b", re.DOTALL)


def trying_to_write(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Try to write on each connection once the program is done with it; what the database said."""
    said: list[str] = []
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
        return connect(*args, **options, factory=Tried)

    def closed(connection: psycopg.Connection[Any]) -> None:
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


def before_lines_are_read(monkeypatch: pytest.MonkeyPatch, event: Callable[[], None]) -> None:
    """Let something happen once, when a command knows which journals there are and reads one."""
    connect, execute = sqlite3.connect, psycopg.Cursor.execute
    waiting = [event]

    def look(statement: object) -> None:
        if _OF_LINES.search(str(statement)):
            while waiting:
                waiting.pop()()

    def connected(*args: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **options)
        connection.set_trace_callback(look)
        return connection

    def executed(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        look(query)
        return execute(cursor, query, *args, **options)

    monkeypatch.setattr(sqlite3, "connect", connected)
    monkeypatch.setattr(psycopg.Cursor, "execute", executed)
