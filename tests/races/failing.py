"""A SQLite file that fails as a full or dying disk does: at the statement a test chooses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

import pytest

from monespace_backends.storage import SqlStorage


class When(Enum):
    """How far a statement or a commit came before it failed."""

    BEFORE = "before"
    AFTER = "after"


class FailingDisk:
    """Counts statements, ``BEGIN`` and ``COMMIT`` among them; the one chosen fails."""

    def __init__(
        self,
        storage: SqlStorage,
        monkeypatch: pytest.MonkeyPatch,
        failure: tuple[str, int] = ("disk I/O error", sqlite3.SQLITE_IOERR),
    ) -> None:
        self._said = failure
        self._left = 0
        self._when = When.BEFORE
        self._only_commits = False
        self._has_failed = False
        dialect = storage._engine.dialect
        # For the time of a test: others go on with the same engine.
        for name in ("do_execute", "do_executemany"):
            monkeypatch.setattr(dialect, name, partial(self._execute, getattr(dialect, name)))
        self._commit = dialect.do_commit
        monkeypatch.setattr(dialect, "do_commit", self._commit_or_fail)

    def fail_at(self, number: int, when: When) -> None:
        """Let the statement of that number from now fail; a commit that fails did not happen."""
        self._left, self._when, self._only_commits, self._has_failed = number, when, False, False

    def lose_the_answer_of_the_next_commit(self) -> None:
        """Let the next commit happen, and nobody hear of it."""
        self._left, self._when, self._only_commits, self._has_failed = 1, When.AFTER, True, False

    def mend(self) -> bool:
        """Let nothing fail any more; whether something had."""
        self._left = 0
        return self._has_failed

    def _execute(self, execute: Callable[..., None], *statement: Any) -> None:
        fails = not self._only_commits and self._is_next()
        if not fails or self._when is When.AFTER:
            execute(*statement)
        if fails:
            raise self._failure()

    def _commit_or_fail(self, connection: Any) -> None:
        fails = self._is_next()
        if not fails or self._only_commits:
            self._commit(connection)
        if fails:
            raise self._failure()

    def _is_next(self) -> bool:
        self._left -= 1
        return self._left == 0

    def _failure(self) -> sqlite3.OperationalError:
        self._has_failed = True
        failure = sqlite3.OperationalError(self._said[0])
        failure.sqlite_errorcode = self._said[1]
        return failure
