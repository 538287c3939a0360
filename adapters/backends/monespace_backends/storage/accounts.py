"""Accounts, one for each RPPS number and each e-mail address."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from monespace_flows.errors import LostSwap
from monespace_flows.ports import Account

from .rows import from_record, to_record
from .tables import accounts
from .transaction import Transaction

__all__ = ["SqlAccounts"]

_ADD = insert(accounts)
_GET = select(accounts).where(accounts.c.id == bindparam("key"))
_OLDEST = select(accounts).order_by(accounts.c.created_at, accounts.c.id).limit(1)
_BY_RPPS = _OLDEST.where(accounts.c.rpps_digest.in_(bindparam("keys", expanding=True)))
_BY_EMAIL = _OLDEST.where(accounts.c.email_digest.in_(bindparam("keys", expanding=True)))
_AS_EXPECTED = (accounts.c.id == bindparam("key"), accounts.c.version == bindparam("expected"))
_UPDATE = (
    update(accounts)
    .where(*_AS_EXPECTED)
    .values({column.name: bindparam(column.name) for column in accounts.c})
)
_DELETE = delete(accounts).where(*_AS_EXPECTED)


class SqlAccounts:
    """Accounts, unique by RPPS digest and by e-mail digest."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, account: Account) -> None:
        """Keep a new account."""
        self._transaction.change(_ADD, from_record(account))

    def get(self, account_id: str) -> Account | None:
        """Read by id."""
        row = self._transaction.first(_GET, {"key": account_id})
        return None if row is None else to_record(row, Account)

    def by_rpps(self, digests: Sequence[str]) -> Account | None:
        """Read by any digest of an RPPS number."""
        row = self._transaction.first(_BY_RPPS, {"keys": list(digests)})
        return None if row is None else to_record(row, Account)

    def by_email(self, digests: Sequence[str]) -> Account | None:
        """Read by any digest of an e-mail key."""
        row = self._transaction.first(_BY_EMAIL, {"keys": list(digests)})
        return None if row is None else to_record(row, Account)

    def update(self, account: Account, expected_version: int) -> None:
        """Replace one still at ``expected_version``, by one of a greater version.

        Raises:
            ValueError: the version does not grow, so that two writers could both succeed.
            LostSwap: another writer changed the account first.
        """
        if account.version <= expected_version:
            raise ValueError("an account's new version must be greater than the one it replaces")
        where = {"key": account.id, "expected": expected_version}
        if self._transaction.change(_UPDATE, from_record(account) | where) == 0:
            raise LostSwap("accounts: another writer changed the row first")

    def delete(self, account_id: str, expected_version: int) -> None:
        """Delete one still at ``expected_version``.

        Raises:
            LostSwap: another writer changed or deleted the account first.
        """
        where = {"key": account_id, "expected": expected_version}
        if self._transaction.change(_DELETE, where) == 0:
            raise LostSwap("accounts: another writer changed the row first")
