"""The journals: lines kept as they came, added and read, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from .rows import from_instant
from .tables import journal
from .transaction import Transaction

__all__ = ["SqlJournal"]

_APPEND = insert(journal)
_LINES = (
    select(journal.c.line).where(journal.c.reference == bindparam("key")).order_by(journal.c.seq)
)
_REFERENCES = (
    select(journal.c.reference)
    .where(journal.c.seq == 0)
    .order_by(journal.c.at, journal.c.reference)
)


class SqlJournal:
    """The lines of each journey's journal."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def append(self, reference: str, seq: int, at: datetime, line: str) -> None:
        """Add a line."""
        values = {"reference": reference, "seq": seq, "at": from_instant(at), "line": line}
        self._transaction.change(_APPEND, values)

    def lines(self, reference: str) -> Sequence[str]:
        """Read lines, oldest first."""
        return [row["line"] for row in self._transaction.all(_LINES, {"key": reference})]

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""
        return [row["reference"] for row in self._transaction.all(_REFERENCES, {})]
