"""Messages waiting to leave, and who listens to events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve
from sqlalchemy import (
    Boolean,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from monespace_flows.ports import Backlog, Listener, OutboxMessage

from .tables import from_instant, from_record, listeners, outbox, to_instant, to_record
from .transaction import Transaction

# Nothing is promised: a unit hands these stores out, as the port declares them.
__all__ = ()

# As they are written in the indexes: a parameter would hide the index from SQLite.
_IS_WAITING = outbox.c.status == literal_column("'waiting'")
_IS_FAILED = outbox.c.status == literal_column("'failed'")
_MAY_LEAVE = or_(_IS_WAITING, and_(_IS_FAILED, outbox.c.sealed.is_not(None)))
_QUEUE = insert(outbox)
_DUE = (
    select(outbox)
    .where(
        _IS_WAITING,
        outbox.c.due_at <= bindparam("now"),
        outbox.c.channel.in_(bindparam("channels", expanding=True)),
    )
    .order_by(outbox.c.due_at, outbox.c.created_at, outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)  # SQLite drops the clause: its write units are alone anyway
)
_DUE_FOR = _DUE.where(
    func.coalesce(outbox.c.listener, outbox.c.purpose).in_(bindparam("listeners", expanding=True))
)
_LEASE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("keys", expanding=True)))
    .values(due_at=bindparam("until"), attempts=outbox.c.attempts + 1)
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in outbox.c})
)
_SETTLE_WAITING = _SETTLE.where(_IS_WAITING)
_RENEW = (
    update(outbox)
    .where(
        _IS_WAITING,
        outbox.c.id == bindparam("key"),
        outbox.c.attempts == bindparam("of_attempt"),  # each lease counts one
    )
    .values(due_at=bindparam("until"))
)
_NOTE = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("key"),
        outbox.c.history.is_not_distinct_from(bindparam("known")),
    )
    .values(history=bindparam("told"))
)
_DROP_UNSENT = (
    update(outbox)
    .where(_MAY_LEAVE)
    .values(
        status=case((_IS_WAITING, literal_column("'expired'")), else_=outbox.c.status),
        sealed=None,
        finished_at=case((_IS_WAITING, bindparam("at")), else_=outbox.c.finished_at),
    )
)
_CANCEL = _DROP_UNSENT.where(
    outbox.c.journey == bindparam("key"), outbox.c.purpose == bindparam("of_purpose")
)
_AMONG = outbox.c.id.in_(bindparam("keys", expanding=True))
_DROP = _DROP_UNSENT.where(_AMONG)
_PUT_BACK = (
    update(outbox)
    .where(
        _IS_FAILED,
        _AMONG,
        outbox.c.sealed.is_not(None),
        or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > bindparam("now")),
    )
    .values(status=literal_column("'waiting'"), due_at=bindparam("now"), finished_at=None)
)
_BLANK = (
    update(outbox)
    .where(_IS_FAILED, outbox.c.sealed.is_not(None), outbox.c.expires_at <= bindparam("now"))
    .values(sealed=None)
)
_WAITING = select(outbox).where(_IS_WAITING).order_by(outbox.c.created_at, outbox.c.id)
_FAILED = select(outbox).where(_IS_FAILED)
_QUEUED = (
    select(outbox.c.channel, func.max(outbox.c.created_at).label("newest"))
    .where(
        _IS_WAITING,
        outbox.c.created_at <= bindparam("before"),
        outbox.c.channel.in_(("email", "sms")),
    )
    .group_by(outbox.c.channel)
    .order_by(outbox.c.channel)
)
_LEFT_SINCE = (
    select(outbox.c.id)
    .where(
        outbox.c.finished_at > bindparam("since"),
        outbox.c.status == "sent",
        outbox.c.channel == bindparam("by"),
    )
    .limit(1)
)
# One query for each partial index: a condition that joins the two would read the whole table.
_BACKLOG = [
    select(
        outbox.c.channel,
        outbox.c.status,
        func.count().label("number"),
        func.min(outbox.c.created_at).label("oldest"),
    )
    .where(condition, outbox.c.channel != "none")
    .group_by(outbox.c.channel, outbox.c.status)
    for condition in (
        literal_column("status = 'waiting'", Boolean),
        literal_column("status = 'failed' AND sealed IS NOT NULL", Boolean),
    )
]
_OF_JOURNEY = (
    select(outbox)
    .where(outbox.c.journey == bindparam("key"))
    .order_by(outbox.c.created_at, outbox.c.id)
)
_NEWEST = (
    select(outbox)
    .where(outbox.c.journey == bindparam("key"), outbox.c.purpose == bindparam("of_purpose"))
    .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
    .limit(1)
)


class SqlOutbox:
    """Messages waiting to leave."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, message: OutboxMessage) -> None:
        """Queue a message."""
        self._transaction.change(_QUEUE, from_record(message))

    def lease(
        self,
        channels: Iterable[str],
        now: datetime,
        until: datetime,
        limit: int,
        *,
        listeners: Iterable[str] | None = None,
    ) -> Sequence[OutboxMessage]:
        """Take what is due, longest due first."""
        self._transaction.require_writable()
        values = {"channels": list(channels), "now": from_instant(now), "limit": limit}
        if listeners is not None:
            values["listeners"] = list(listeners)
        wanted = _DUE if listeners is None else _DUE_FOR
        # Two statements: PostgreSQL may run a locking sub-query more than once, past its limit.
        due = [to_record(row, OutboxMessage) for row in self._transaction.all(wanted, values)]
        if due:
            keys = [message.id for message in due]
            self._transaction.change(_LEASE, {"keys": keys, "until": from_instant(until)})
        return [evolve(it, due_at=until, attempts=it.attempts + 1) for it in due]

    def renew(self, message: OutboxMessage, until: datetime) -> bool:
        """Hold one longer, if nobody else has it and it still waits."""
        values = {"key": message.id, "of_attempt": message.attempts, "until": from_instant(until)}
        return self._transaction.change(_RENEW, values) == 1

    def settle(self, message: OutboxMessage) -> None:
        """Write back; a message that ended meanwhile does not wait again."""
        statement = _SETTLE_WAITING if message.status == "waiting" else _SETTLE
        self._transaction.change(statement, from_record(message) | {"key": message.id})

    def note(self, message: OutboxMessage, known: str | None) -> bool:
        """Write a history, if nobody wrote it meanwhile."""
        values = {"key": message.id, "told": message.history, "known": known}
        return self._transaction.change(_NOTE, values) == 1

    def cancel(self, journey: str, purpose: str, at: datetime) -> None:
        """Expire and blank what could still leave."""
        values = {"key": journey, "of_purpose": purpose, "at": from_instant(at)}
        self._transaction.change(_CANCEL, values)

    def waiting(self) -> Sequence[OutboxMessage]:
        """Read what waits, oldest first."""
        return [to_record(row, OutboxMessage) for row in self._transaction.all(_WAITING)]

    def unsent(self) -> Sequence[OutboxMessage]:
        """Read what waits or failed, oldest first."""
        # One by one: for an « or » of the two, SQLite would use neither index.
        rows = [*self._transaction.all(_WAITING), *self._transaction.all(_FAILED)]
        found = [to_record(row, OutboxMessage) for row in rows]
        return sorted(found, key=lambda it: (it.created_at, it.id))

    def drop(self, ids: Sequence[str], at: datetime) -> int:
        """Expire and blank what could still leave of some; how many."""
        values = {"keys": list(ids), "at": from_instant(at)}
        return self._transaction.change(_DROP, values)

    def put_back(self, ids: Sequence[str], now: datetime) -> int:
        """Have those wait again that failed, and may still leave; how many."""
        values = {"keys": list(ids), "now": from_instant(now)}
        return self._transaction.change(_PUT_BACK, values)

    def blank(self, now: datetime) -> int:
        """Blank what failed and is late; how many."""
        return self._transaction.change(_BLANK, {"now": from_instant(now)})

    def overdue(self, before: datetime) -> Sequence[str]:
        """Name the channels by which nothing has left since what waits was queued."""
        queued = self._transaction.all(_QUEUED, {"before": from_instant(before)})
        return [
            row["channel"]
            for row in queued
            if self._transaction.first(_LEFT_SINCE, {"since": row["newest"], "by": row["channel"]})
            is None
        ]

    def backlog(self) -> Sequence[Backlog]:
        """Count what waits, and what failed and has its text."""
        rows = [row for query in _BACKLOG for row in self._transaction.all(query, {})]
        found = (
            Backlog(row["channel"], row["status"], row["number"], to_instant(row["oldest"]))
            for row in rows
        )
        return sorted(found, key=lambda it: (it.channel, it.status))

    def newest(self, journey: str, purpose: str) -> OutboxMessage | None:
        """Read the last that a journey sent for a purpose, if it sent one."""
        row = self._transaction.first(_NEWEST, {"key": journey, "of_purpose": purpose})
        return None if row is None else to_record(row, OutboxMessage)

    def of_journey(self, journey: str) -> Sequence[OutboxMessage]:
        """Read what a journey sent, oldest first."""
        found = self._transaction.all(_OF_JOURNEY, {"key": journey})
        return [to_record(row, OutboxMessage) for row in found]


# --- who listens ---------------------------------------------------------------------------------

_EVERYONE = select(listeners).order_by(listeners.c.name, listeners.c.kind)
_OF_KIND = _EVERYONE.where(listeners.c.kind == bindparam("of_kind"))
_IS_KNOWN = select(listeners.c.name).where(
    listeners.c.kind == bindparam("of_kind"), listeners.c.name == bindparam("of_name")
)
_NAMED = _EVERYONE.where(listeners.c.name == bindparam("of_name"))
_HEAR = insert(listeners)
_FORGET = delete(listeners).where(
    listeners.c.name == bindparam("of_name"), listeners.c.kind == bindparam("of_kind")
)


class SqlListeners:
    """Who ever listened to which kind of event."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, listener: Listener) -> None:
        """Remember one."""
        self._transaction.lock("listeners")  # two processes that start together take turns
        known = {"of_kind": listener.kind, "of_name": listener.name}
        if self._transaction.first(_IS_KNOWN, known) is None:
            self._transaction.change(_HEAR, from_record(listener))

    def of(self, kind: str) -> Sequence[Listener]:
        """Read those of a kind, by name."""
        return _read(self._transaction.all(_OF_KIND, {"of_kind": kind}))

    def everyone(self) -> Sequence[Listener]:
        """Read all, by name and kind."""
        return _read(self._transaction.all(_EVERYONE))

    def forget(self, name: str, kind: str | None = None) -> Sequence[Listener]:
        """Forget a name; those that are forgotten."""
        self._transaction.lock("listeners")
        named = _read(self._transaction.all(_NAMED, {"of_name": name}))
        gone = [it for it in named if kind in (None, it.kind)]
        for it in gone:
            self._transaction.change(_FORGET, {"of_name": name, "of_kind": it.kind})
        return gone


def _read(rows: Sequence[dict[str, Any]]) -> list[Listener]:
    return [to_record(row, Listener) for row in rows]
