"""One transaction's view of everything stored."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import bindparam, func, select

from .accounts import SqlAccounts
from .budgets import SqlBudgets
from .journal import SqlJournal
from .journeys import SqlJourneys
from .links import SqlLinks
from .outbox import SqlOutbox
from .sessions import SqlSessions
from .transaction import Transaction

__all__ = ["SqlUnit", "lock_number"]

_LOCK = select(func.pg_advisory_xact_lock(bindparam("number")))


def lock_number(name: str) -> int:
    """Turn a name into the number by which PostgreSQL knows a lock, the same in every process."""
    digest = blake2b(name.encode(), digest_size=8, person=b"monespace").digest()
    return int.from_bytes(digest, signed=True)


class SqlUnit:
    """The stores of one transaction; each is made when it is asked for, and costs nothing."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @property
    def journeys(self) -> SqlJourneys:
        """Journeys by token and by reference."""
        return SqlJourneys(self._transaction)

    @property
    def journal(self) -> SqlJournal:
        """The lines of each journey's journal."""
        return SqlJournal(self._transaction)

    @property
    def accounts(self) -> SqlAccounts:
        """Accounts, unique by RPPS digest and by e-mail digest."""
        return SqlAccounts(self._transaction)

    @property
    def sessions(self) -> SqlSessions:
        """Signed-in browsers."""
        return SqlSessions(self._transaction)

    @property
    def links(self) -> SqlLinks:
        """One-time links."""
        return SqlLinks(self._transaction)

    @property
    def budgets(self) -> SqlBudgets:
        """Counted events, by kind and keyed digest of the person."""
        return SqlBudgets(self._transaction)

    @property
    def outbox(self) -> SqlOutbox:
        """Messages waiting to leave."""
        return SqlOutbox(self._transaction)

    def lock(self, name: str) -> None:
        """Hold a named lock until the unit ends; on SQLite, write units are alone anyway."""
        self._transaction.require_writable()
        if self._transaction.engine == "postgresql":
            self._transaction.first(_LOCK, {"number": lock_number(name)})
