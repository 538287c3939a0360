"""Sessions of signed-in browsers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from monespace_flows.ports import Session

from .rows import from_instant, from_record, to_record
from .tables import sessions
from .transaction import Transaction

__all__ = ["SqlSessions"]

_ADD = insert(sessions)
_GET = select(sessions).where(sessions.c.digest == bindparam("key"))
_TOUCH = (
    update(sessions)
    .where(sessions.c.digest == bindparam("key"))
    .values(seen_at=bindparam("seen_at"))
)
_END = delete(sessions).where(sessions.c.digest == bindparam("key"))
_END_ALL = delete(sessions).where(sessions.c.account_id == bindparam("key"))


class SqlSessions:
    """Signed-in browsers."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, session: Session) -> None:
        """Keep a new session."""
        self._transaction.change(_ADD, from_record(session))

    def get(self, digest: str) -> Session | None:
        """Read by digest."""
        row = self._transaction.first(_GET, {"key": digest})
        return None if row is None else to_record(row, Session)

    def touch(self, digest: str, seen_at: datetime) -> None:
        """Move the end of the idle time."""
        self._transaction.change(_TOUCH, {"key": digest, "seen_at": from_instant(seen_at)})

    def end(self, digest: str) -> None:
        """Forget one."""
        self._transaction.change(_END, {"key": digest})

    def end_all(self, account_id: str) -> int:
        """Forget those of an account; how many there were."""
        return self._transaction.change(_END_ALL, {"key": account_id})
