"""Counted events, which bound how often something may be tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from monespace_flows.effects import Budget

from .rows import from_instant, to_instant
from .tables import budgets
from .transaction import Transaction

__all__ = ["SqlBudgets"]

_OF_SUBJECT = (
    budgets.c.budget == bindparam("budget"),
    budgets.c.subject.in_(bindparam("subjects", expanding=True)),
)
_ADD = insert(budgets).inline()  # nobody asks for the number it gets
_TIMES = (
    select(budgets.c.at)
    .where(*_OF_SUBJECT, budgets.c.at > bindparam("since"))
    .order_by(budgets.c.at)
)
_CLEAR = delete(budgets).where(*_OF_SUBJECT)


class SqlBudgets:
    """Counted events, by kind and keyed digest of the person."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, budget: Budget, subject: str, at: datetime) -> None:
        """Count one event."""
        values = {"budget": budget.value, "subject": subject, "at": from_instant(at)}
        self._transaction.change(_ADD, values)

    def times(self, budget: Budget, subjects: Sequence[str], since: datetime) -> Sequence[datetime]:
        """Read times after ``since``, oldest first."""
        values = {
            "budget": budget.value,
            "subjects": list(subjects),
            "since": from_instant(since),
        }
        return [to_instant(row["at"]) for row in self._transaction.all(_TIMES, values)]

    def clear(self, budget: Budget, subjects: Sequence[str]) -> None:
        """Forget a subject's events."""
        self._transaction.change(_CLEAR, {"budget": budget.value, "subjects": list(subjects)})
