"""One-time links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from monespace_flows.ports import LinkPurpose, StoredLink

from .rows import from_instant, from_record, to_record
from .tables import links
from .transaction import Transaction

__all__ = ["SqlLinks"]

_ADD = insert(links)
_GET = select(links).where(links.c.digest == bindparam("key"))
_CONSUME = (
    update(links)
    .where(links.c.digest == bindparam("key"), links.c.used_at.is_(None))
    .values(used_at=bindparam("used_at"))
)
_VOID = delete(links).where(
    links.c.account_id == bindparam("account"),
    links.c.purpose == bindparam("purpose"),
    links.c.used_at.is_(None),
)
_FORGET = delete(links).where(links.c.account_id == bindparam("account"))


class SqlLinks:
    """One-time links."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, link: StoredLink) -> None:
        """Keep a new link."""
        self._transaction.change(_ADD, from_record(link))

    def get(self, digest: str) -> StoredLink | None:
        """Read by digest."""
        row = self._transaction.first(_GET, {"key": digest})
        return None if row is None else to_record(row, StoredLink)

    def consume(self, digest: str, at: datetime) -> bool:
        """Mark as used; True for the first caller."""
        return self._transaction.change(_CONSUME, {"key": digest, "used_at": from_instant(at)}) == 1

    def void(self, account_id: str, purpose: LinkPurpose) -> None:
        """Forget the unused ones of an account for a purpose."""
        self._transaction.change(_VOID, {"account": account_id, "purpose": purpose.value})

    def forget(self, account_id: str) -> int:
        """Forget those of an account, used or not; how many there were."""
        return self._transaction.change(_FORGET, {"account": account_id})
