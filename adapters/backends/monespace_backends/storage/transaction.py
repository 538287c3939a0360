"""One transaction on one connection, and the errors of every statement in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Executable, RowMapping

from .translating import translating

__all__ = ["Transaction"]

Values = Mapping[str, Any]


class Transaction:
    """What the stores of a unit run their statements on.

    After a statement that failed, a server refuses the rest of the transaction, and takes its
    ``COMMIT`` for a ``ROLLBACK`` without a word.  So the first failure spoils the transaction on
    every engine: it can only be rolled back.
    """

    __slots__ = ("_connection", "_spoiled", "_writable")

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self._spoiled = False

    @property
    def engine(self) -> str:
        """The name of the engine: ``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    def all(self, statement: Executable, values: Values | None = None) -> Sequence[RowMapping]:
        """Read every row that a statement finds."""
        with self._guarded():
            return self._connection.execute(statement, values).mappings().all()

    def first(self, statement: Executable, values: Values | None = None) -> RowMapping | None:
        """Read the first row that a statement finds."""
        with self._guarded():
            return self._connection.execute(statement, values).mappings().first()

    def change(self, statement: Executable, values: Values | Sequence[Values]) -> int:
        """Run a statement that writes; how many rows it changed.

        Raises:
            RuntimeError: this unit only reads.
        """
        self.require_writable()
        with self._guarded():
            return self._connection.execute(statement, values).rowcount

    def require_writable(self) -> None:
        """Raise ``RuntimeError`` in a unit that only reads."""
        if not self._writable:
            raise RuntimeError("this unit only reads")

    def commit(self) -> None:
        """Commit."""
        self._require_sound()
        with translating():
            try:
                self._connection.commit()
            except BaseException:
                # SQLAlchemy rolls nothing back now, and would lend the open transaction to others.
                self._connection.invalidate()
                raise

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        self._require_sound()
        self._spoiled = True
        with translating():
            yield
        self._spoiled = False

    def _require_sound(self) -> None:
        if self._spoiled:
            raise RuntimeError("a unit in which something failed can only be rolled back")
