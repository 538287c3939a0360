"""Messages waiting to leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve
from sqlalchemy import bindparam, insert, literal_column, select, update

from monespace_flows.ports import OutboxMessage

from .rows import from_instant, from_record, to_record
from .tables import outbox
from .transaction import Transaction

__all__ = ["SqlOutbox"]

# As it is written in the index of what waits: a parameter would hide the index from SQLite.
_IS_WAITING = outbox.c.status == literal_column("'waiting'")
_ADD = insert(outbox)
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
_DROP_WAITING = (
    update(outbox)
    .where(_IS_WAITING)
    .values(status=literal_column("'expired'"), sealed=None, finished_at=bindparam("at"))
)
_CANCEL = _DROP_WAITING.where(
    outbox.c.journey == bindparam("key"), outbox.c.purpose == bindparam("of_purpose")
)
_DROP = _DROP_WAITING.where(outbox.c.id.in_(bindparam("keys", expanding=True)))
_WAITING = select(outbox).where(_IS_WAITING).order_by(outbox.c.created_at, outbox.c.id)
_OF_JOURNEY = (
    select(outbox)
    .where(outbox.c.journey == bindparam("key"))
    .order_by(outbox.c.created_at, outbox.c.id)
)


class SqlOutbox:
    """Messages waiting to leave."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, message: OutboxMessage) -> None:
        """Queue a message."""
        self._transaction.change(_ADD, from_record(message))

    def lease(
        self, channels: Iterable[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[OutboxMessage]:
        """Take what is due, longest due first."""
        self._transaction.require_writable()
        values = {"channels": list(channels), "now": from_instant(now), "limit": limit}
        # Two statements: PostgreSQL may run a locking sub-query more than once, past its limit.
        due = [to_record(row, OutboxMessage) for row in self._transaction.all(_DUE, values)]
        if due:
            keys = [message.id for message in due]
            self._transaction.change(_LEASE, {"keys": keys, "until": from_instant(until)})
        return [evolve(it, due_at=until, attempts=it.attempts + 1) for it in due]

    def settle(self, message: OutboxMessage) -> None:
        """Write back; a message that ended meanwhile does not wait again."""
        statement = _SETTLE_WAITING if message.status == "waiting" else _SETTLE
        self._transaction.change(statement, from_record(message) | {"key": message.id})

    def cancel(self, journey: str, purpose: str, at: datetime) -> None:
        """Expire and blank what waits."""
        values = {"key": journey, "of_purpose": purpose, "at": from_instant(at)}
        self._transaction.change(_CANCEL, values)

    def waiting(self) -> Sequence[OutboxMessage]:
        """Read what waits, oldest first."""
        return [to_record(row, OutboxMessage) for row in self._transaction.all(_WAITING)]

    def drop(self, ids: Sequence[str], at: datetime) -> int:
        """Expire and blank what still waits of some; how many."""
        values = {"keys": list(ids), "at": from_instant(at)}
        return self._transaction.change(_DROP, values)

    def of_journey(self, journey: str) -> Sequence[OutboxMessage]:
        """Read what a journey sent, oldest first."""
        found = self._transaction.all(_OF_JOURNEY, {"key": journey})
        return [to_record(row, OutboxMessage) for row in found]
