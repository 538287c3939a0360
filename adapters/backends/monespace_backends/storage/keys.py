"""Which keys the database knows, who uses them, and what lies under each; never a key itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen
from sqlalchemy import (
    BindParameter,
    Column,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from monespace_flows.effects import Budget
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Account

from .tables import (
    accounts,
    budgets,
    from_instant,
    from_record,
    journal,
    journal_heads,
    journeys,
    key_users,
    keys,
    links,
    outbox,
    to_instant,
    to_record,
)
from .transaction import Transaction

__all__ = ["KeyUser", "KnownKey", "SealedRow", "SqlKeys"]

_ID = 8
_LOCK = "keys"


@frozen(kw_only=True)
class KnownKey:
    """What the database knows of a key; ``sealed_check`` is its own id, sealed under it."""

    id: str
    sealed_check: str | None = field(default=None, repr=False)
    added_at: datetime
    promoted_at: datetime | None = None
    retired_at: datetime | None = None

    @property
    def is_needed(self) -> bool:
        """Whether something may be under it."""
        return self.promoted_at is not None and self.retired_at is None


@frozen(kw_only=True)
class KeyUser:
    """A process that uses keys; ``key_ids`` are those of its file, parted by spaces."""

    id: str
    name: str
    key_ids: str
    writes_under: str
    started_at: datetime
    seen_at: datetime

    def has(self, key_id: str) -> bool:
        """Whether its file has a key."""
        return key_id in self.key_ids.split()


@frozen(kw_only=True)
class SealedRow:
    """A row of which a column is sealed, and which has digests perhaps."""

    key: str
    sealed: str | None = field(repr=False)
    digests: tuple[str, ...] = field(default=(), repr=False)


_ALL = select(keys).order_by(keys.c.id)
_HELD = _ALL.with_for_update()  # SQLite drops the clauses: its write units are alone anyway
_SHARED = _ALL.with_for_update(read=True)
_ADD = insert(keys)
_CHANGE = (
    update(keys)
    .where(keys.c.id == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in keys.c})
)
_USERS = select(key_users).order_by(key_users.c.name, key_users.c.id)
_ENTER = insert(key_users)
_BEAT = (
    update(key_users)
    .where(key_users.c.id == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in key_users.c})
)
_LEAVE = delete(key_users).where(key_users.c.id == bindparam("key"))
_FORGET = delete(key_users).where(key_users.c.seen_at < bindparam("before"))
_PAGE: BindParameter[int] = bindparam("page")
_ACCOUNTS = (
    select(accounts).where(accounts.c.id > bindparam("after")).order_by(accounts.c.id).limit(_PAGE)
)


def _sealed(table: Table, key: Column[Any], sealed: Column[Any], *digests: Column[Any]) -> Any:
    return (
        select(key.label("key"), sealed.label("sealed"), *digests)
        .where(key > bindparam("after"))
        .order_by(key)
        .limit(_PAGE)
        .select_from(table)
    )


_SEALED = {
    "journeys": _sealed(
        journeys,
        journeys.c.reference,
        journeys.c.dossier,
        journeys.c.subject,
        journeys.c.code_digest,
    ),
    "messages": _sealed(outbox, outbox.c.id, outbox.c.sealed),
    "links": _sealed(links, links.c.digest, links.c.sealed).where(links.c.sealed.is_not(None)),
}


def _resealing(table: Table, key: Column[Any], sealed: Column[Any]) -> Any:
    return (
        update(table)
        .where(key == bindparam("key"), sealed == bindparam("before"))
        .values({sealed.name: bindparam("after")})
    )


_RESEAL = {
    "journeys": _resealing(journeys, journeys.c.reference, journeys.c.dossier),
    "messages": _resealing(outbox, outbox.c.id, outbox.c.sealed),
    "links": _resealing(links, links.c.digest, links.c.sealed),
}
# Written out, not bound: a server takes two parameters of one value for two.
_MARK = func.substr(budgets.c.subject, literal_column("1"), literal_column(f"{_ID}"))
# What everybody does together is counted under a name, and no key makes that.
_OF_SOMEBODY = budgets.c.budget.not_in([Budget.TOTAL.value, Budget.ALARM.value])
_TRIES = select(_MARK.label("id"), func.count().label("rows")).where(_OF_SOMEBODY).group_by(_MARK)
_MARKED = select(func.count().label("lines"), func.max(journal.c.at).label("newest")).where(
    or_(journal.c.line.contains(bindparam("named")), journal.c.line.contains(bindparam("sealed")))
)
_MARKED_HEADS = select(func.count().label("heads")).where(
    journal_heads.c.head.contains(bindparam("mark"))
)
_DIGESTS = (accounts.c.rpps_digest, accounts.c.email_digest)


class SqlKeys:
    """The keys that the database knows, in one transaction."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def all(self) -> Sequence[KnownKey]:
        """Read every key."""
        return [to_record(row, KnownKey) for row in self._transaction.all(_ALL)]

    def hold(self) -> Sequence[KnownKey]:
        """Read every key; nobody changes one, nor writes an account, until the unit ends."""
        self._transaction.lock(_LOCK)
        return [to_record(row, KnownKey) for row in self._transaction.all(_HELD)]

    def add(self, key: KnownKey) -> None:
        """Keep a new key."""
        self._transaction.change(_ADD, from_record(key))

    def update(self, key: KnownKey) -> None:
        """Replace what is known of a key."""
        self._transaction.change(_CHANGE, from_record(key) | {"key": key.id})

    # --- the processes that use them -------------------------------------------------------------

    def users(self) -> Sequence[KeyUser]:
        """Read every process that did not say that it ends."""
        return [to_record(row, KeyUser) for row in self._transaction.all(_USERS)]

    def beat(self, user: KeyUser) -> None:
        """Note that a process lives, and what it has."""
        values = from_record(user)
        if not self._transaction.change(_BEAT, values | {"key": user.id}):
            self._transaction.change(_ENTER, values)

    def leave(self, user_id: str) -> None:
        """Forget a process."""
        self._transaction.change(_LEAVE, {"key": user_id})

    def forget_users(self, before: datetime) -> None:
        """Forget processes that were not seen since."""
        self._transaction.change(_FORGET, {"before": from_instant(before)})

    # --- what lies under them --------------------------------------------------------------------

    def marks(self) -> set[str]:
        """Name every key that an account is found under, by jumps through the index."""
        return {mark for column in _DIGESTS for mark in self._marks(column)}

    def _marks(self, column: Column[Any]) -> Iterator[str]:
        after = ""
        statement = select(func.min(column).label("found")).where(column > bindparam("after"))
        while (row := self._transaction.first(statement, {"after": after})) is not None:
            if row["found"] is None:
                return
            mark = str(row["found"])[:_ID]
            yield mark
            after = f"{mark};"  # the sign after the colon that ends an id

    def accounts(self, after: str, page: int) -> Sequence[Account]:
        """Read accounts in the order of their ids."""
        values = {"after": after, "page": page}
        return [to_record(row, Account) for row in self._transaction.all(_ACCOUNTS, values)]

    def sealed(self, table: str, after: str, page: int) -> Sequence[SealedRow]:
        """Read what is sealed in journeys, messages or links, in the order of their keys."""
        found = self._transaction.all(_SEALED[table], {"after": after, "page": page})
        return [
            SealedRow(
                key=row["key"],
                sealed=row["sealed"],
                digests=tuple(row[name] for name in ("subject", "code_digest") if row.get(name)),
            )
            for row in found
        ]

    def reseal(self, table: str, key: str, before: str, after: str) -> int:
        """Replace a sealed value that is still what it was; how many were."""
        return self._transaction.change(
            _RESEAL[table], {"key": key, "before": before, "after": after}
        )

    def tries(self) -> Mapping[str, int]:
        """Count counted tries, by key."""
        return {row["id"]: row["rows"] for row in self._transaction.all(_TRIES)}

    def journal(self, key_id: str) -> tuple[int, datetime | None]:
        """Count the journals' lines that name someone under a key, or are sealed under it.

        And when the newest of them was written.
        """
        marks = {"named": f'"subject":"{key_id}:', "sealed": f'"seal":"{key_id}:'}
        row = self._transaction.first(_MARKED, marks)
        if row is None or row["newest"] is None:
            return 0, None
        return row["lines"], to_instant(row["newest"])

    def heads(self, key_id: str) -> int:
        """Count the heads of the journals that are sealed under a key."""
        row = self._transaction.first(_MARKED_HEADS, {"mark": f'"seal":"{key_id}:'})
        return row["heads"] if row else 0


def require_keys(transaction: Transaction, account: Account) -> None:
    """Make sure, until the unit ends, that whoever is asked for an account's keys has them all.

    A process that lacks a key cannot find the accounts under it, and would make another.  The rows
    are held, shared: a key is promoted or retired before this unit or after it.

    Raises:
        PortUnavailable: a key is needed that this process lacks, or one was retired.
    """
    known = transaction.key_ids
    if known is None:
        return
    found = [to_record(row, KnownKey) for row in transaction.all(_SHARED)]
    retired = {key.id for key in found if key.retired_at is not None}
    under = {account.rpps_digest[:_ID], account.email_digest[:_ID]}
    if retired & under or any(key.is_needed and key.id not in known for key in found):
        raise PortUnavailable("secrets")
