"""What is kept of a person: the account, its sessions and links, and what was tried and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from time import time

from sqlalchemy import bindparam, delete, func, insert, select, update

from monespace_flows.effects import Budget
from monespace_flows.errors import LostSwap
from monespace_flows.ports import Account, LinkPurpose, Session, StoredLink

from .keys import require_keys
from .tables import (
    accounts,
    brakes,
    budgets,
    from_instant,
    from_record,
    links,
    sessions,
    to_instant,
    to_record,
)
from .transaction import Transaction

# Nothing is promised: a unit hands these stores out, as the port declares them.
__all__ = ()

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
        """Keep a new account.

        Raises:
            PortUnavailable: this process lacks a key that the database needs.
        """
        require_keys(self._transaction, account)
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
            PortUnavailable: this process lacks a key that the database needs.
        """
        if account.version <= expected_version:
            raise ValueError("an account's new version must be greater than the one it replaces")
        require_keys(self._transaction, account)
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


# --- sessions ------------------------------------------------------------------------------------

_ADD_SESSION = insert(sessions)
_GET_SESSION = select(sessions).where(sessions.c.digest == bindparam("key"))
_SESSIONS_OF = (
    select(sessions)
    .where(sessions.c.account_id == bindparam("key"))
    .order_by(sessions.c.created_at.desc(), sessions.c.digest.desc())
)
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
        self._transaction.change(_ADD_SESSION, from_record(session))

    def get(self, digest: str) -> Session | None:
        """Read by digest."""
        row = self._transaction.first(_GET_SESSION, {"key": digest})
        return None if row is None else to_record(row, Session)

    def of_account(self, account_id: str) -> Sequence[Session]:
        """Read those of an account, the newest first."""
        rows = self._transaction.all(_SESSIONS_OF, {"key": account_id})
        return [to_record(row, Session) for row in rows]

    def touch(self, digest: str, seen_at: datetime) -> None:
        """Move the end of the idle time."""
        self._transaction.change(_TOUCH, {"key": digest, "seen_at": from_instant(seen_at)})

    def end(self, digest: str) -> None:
        """Forget one."""
        self._transaction.change(_END, {"key": digest})

    def end_all(self, account_id: str) -> int:
        """Forget those of an account; how many there were."""
        return self._transaction.change(_END_ALL, {"key": account_id})


# --- links ---------------------------------------------------------------------------------------

_ADD_LINK = insert(links)
_GET_LINK = select(links).where(links.c.digest == bindparam("key"))
_LINKS_OF = (
    select(links)
    .where(
        links.c.account_id == bindparam("account"),
        links.c.purpose == bindparam("purpose"),
        links.c.used_at.is_(None),
    )
    .order_by(links.c.created_at.desc(), links.c.digest.desc())
)
_DROP = delete(links).where(links.c.digest == bindparam("key"))
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
        self._transaction.change(_ADD_LINK, from_record(link))

    def get(self, digest: str) -> StoredLink | None:
        """Read by digest."""
        row = self._transaction.first(_GET_LINK, {"key": digest})
        return None if row is None else to_record(row, StoredLink)

    def of_account(self, account_id: str, purpose: LinkPurpose) -> Sequence[StoredLink]:
        """Read the unused ones of an account for a purpose, the newest first."""
        values = {"account": account_id, "purpose": purpose.value}
        return [to_record(row, StoredLink) for row in self._transaction.all(_LINKS_OF, values)]

    def drop(self, digest: str) -> None:
        """Forget one."""
        self._transaction.change(_DROP, {"key": digest})

    def consume(self, digest: str, at: datetime) -> bool:
        """Mark as used; True for the first caller."""
        return self._transaction.change(_CONSUME, {"key": digest, "used_at": from_instant(at)}) == 1

    def void(self, account_id: str, purpose: LinkPurpose) -> None:
        """Forget the unused ones of an account for a purpose."""
        self._transaction.change(_VOID, {"account": account_id, "purpose": purpose.value})

    def forget(self, account_id: str) -> int:
        """Forget those of an account, used or not; how many there were."""
        return self._transaction.change(_FORGET, {"account": account_id})


# --- budgets: counted events, which bound how often something may be tried -----------------------

_OF_SUBJECT = (
    budgets.c.budget == bindparam("budget"),
    budgets.c.subject.in_(bindparam("subjects", expanding=True)),
)
_COUNT = insert(budgets).inline()  # nobody asks for the number it gets
_TIMES = (
    select(budgets.c.at)
    .where(*_OF_SUBJECT, budgets.c.at > bindparam("since"))
    .order_by(budgets.c.at)
)
_WITHIN = (
    budgets.c.budget == bindparam("budget"),
    budgets.c.subject == bindparam("subject"),
    budgets.c.at > bindparam("since"),
    budgets.c.at <= bindparam("until"),
)
_NTH = (
    select(budgets.c.at)
    .where(*_WITHIN)
    .order_by(budgets.c.at.desc())
    .limit(1)
    .offset(bindparam("skipped"))
)
_HOW_MANY = select(func.count().label("number")).select_from(budgets).where(*_WITHIN)
_CLEAR = delete(budgets).where(*_OF_SUBJECT)
_REDATE = (
    update(budgets)
    .where(
        budgets.c.budget == bindparam("kind"),  # the columns' own names are those of new values
        budgets.c.subject.in_(bindparam("subjects", expanding=True)),
        budgets.c.at > bindparam("now"),
    )
    .values(at=bindparam("now"))
)


class SqlBudgets:
    """Counted events, by kind and keyed digest of the person."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, budget: Budget, subject: str, at: datetime) -> None:
        """Count one event."""
        values = {"budget": budget.value, "subject": subject, "at": from_instant(at)}
        self._transaction.change(_COUNT, values)

    def times(self, budget: Budget, subjects: Sequence[str], since: datetime) -> Sequence[datetime]:
        """Read times after ``since``, oldest first."""
        values = {
            "budget": budget.value,
            "subjects": list(subjects),
            "since": from_instant(since),
        }
        return [to_instant(row["at"]) for row in self._transaction.all(_TIMES, values)]

    def nth(
        self, budget: Budget, subject: str, since: datetime, until: datetime, number: int
    ) -> datetime | None:
        """Read the time of the ``number``-th newest in a span."""
        values = _within(budget, subject, since, until) | {"skipped": number - 1}
        row = self._transaction.first(_NTH, values)
        return None if row is None else to_instant(row["at"])

    def count(self, budget: Budget, subject: str, since: datetime, until: datetime) -> int:
        """Count those in a span."""
        row = self._transaction.first(_HOW_MANY, _within(budget, subject, since, until))
        return int(row["number"]) if row else 0

    def clear(self, budget: Budget, subjects: Sequence[str]) -> None:
        """Forget a subject's events."""
        self._transaction.change(_CLEAR, {"budget": budget.value, "subjects": list(subjects)})

    def redate(self, budget: Budget, subjects: Sequence[str], now: datetime) -> None:
        """Count what is later than ``now`` as of now."""
        values = {"kind": budget.value, "subjects": list(subjects), "now": from_instant(now)}
        self._transaction.change(_REDATE, values)


def _within(budget: Budget, subject: str, since: datetime, until: datetime) -> dict[str, object]:
    return {
        "budget": budget.value,
        "subject": subject,
        "since": from_instant(since),
        "until": from_instant(until),
    }


# --- brakes: what clients did lately, counted by several processes together ----------------------

_OF_WINDOW = brakes.c.window == bindparam("key")
_TAKE = insert(brakes).inline()
_OVER = delete(brakes).where(_OF_WINDOW, brakes.c.at <= bindparam("since"))
_IN_WINDOW = select(func.count().label("held")).select_from(
    select(brakes.c.id)
    .where(_OF_WINDOW, brakes.c.at > bindparam("since"))
    .limit(bindparam("limit"))
    .subquery()
)
_SECOND = 1_000_000

_Open = Callable[[], AbstractContextManager[Transaction]]


class SqlCounts:
    """Moving windows in the tables, for the brakes of HTTP.

    An entry is taken in a transaction that holds its window's lock: a hundred that ask together
    are judged one after the other.

    Args:
        reading: opens a transaction that reads.
        writing: opens one that writes.
        clock: the seconds since 1970.
    """

    def __init__(self, reading: _Open, writing: _Open, clock: Callable[[], float] = time) -> None:
        self._reading = reading
        self._writing = writing
        self._clock = clock

    def acquire_entry(self, key: str, limit: int, expiry: int) -> bool:
        """Take an entry, unless ``limit`` were taken in ``expiry`` seconds; what is older goes."""
        at = int(self._clock() * _SECOND)
        since, end = at - expiry * _SECOND, at + expiry * _SECOND
        with self._writing() as transaction:
            transaction.lock(f"brake {key}")
            transaction.change(_OVER, {"key": key, "since": since})
            if _held(transaction, key, limit, since) >= limit:
                return False
            transaction.change(_TAKE, {"window": key, "at": at, "expires_at": end})
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Say when the window began, and how many entries it has, up to ``limit``."""
        began = self._clock() - expiry
        with self._reading() as transaction:
            return began, _held(transaction, key, limit, int(began * _SECOND))


def _held(transaction: Transaction, key: str, limit: int, since: int) -> int:
    row = transaction.first(_IN_WINDOW, {"key": key, "since": since, "limit": limit})
    return 0 if row is None else int(row["held"])
