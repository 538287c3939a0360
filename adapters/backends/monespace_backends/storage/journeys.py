"""What is kept of a journey: itself, its journal and the messages that it sends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve
from sqlalchemy import (
    Boolean,
    ColumnElement,
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

from monespace_flows.errors import LostSwap
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import Backlog, JourneyQuery, OutboxMessage

from .tables import (
    from_instant,
    from_journey,
    from_record,
    journal,
    journeys,
    outbox,
    to_instant,
    to_journey,
    to_record,
)
from .transaction import Transaction

# Nothing is promised: a unit hands these stores out, as the port declares them.
__all__ = ()

_ADD = insert(journeys)
_GET = select(journeys).where(journeys.c.reference == bindparam("key"))
_HOLD = _GET.with_for_update()  # SQLite drops the clause: its write units are alone anyway
_BY_TOKEN = select(journeys).where(journeys.c.token_digest == bindparam("key"))
_HOLD_BY_TOKEN = _BY_TOKEN.with_for_update()
_SWAP = (
    update(journeys)
    .where(journeys.c.reference == bindparam("key"), journeys.c.seq == bindparam("expected"))
    .values({column.name: bindparam(column.name) for column in journeys.c})
)
# No index helps to find them by account: a table of half an hour is soon read, for one who leaves.
_OF_PERSON = (
    select(journeys.c.reference)
    .where(
        or_(
            journeys.c.account_id == bindparam("account"),
            journeys.c.subject.in_(bindparam("subjects", expanding=True)),
        )
    )
    .order_by(journeys.c.reference)
    .with_for_update()  # so that one that a step holds is waited for, and seen as the step left it
)
_FORGET = delete(journeys).where(journeys.c.reference.in_(bindparam("keys", expanding=True)))
_NEWEST = select(journeys).order_by(journeys.c.started_at.desc(), journeys.c.reference.desc())


class SqlJourneys:
    """Journeys by token and by reference."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, stored: StoredJourney) -> None:
        """Keep a new journey."""
        self._transaction.change(_ADD, from_journey(stored))

    def get(self, reference: str, *, lock: bool = False) -> StoredJourney | None:
        """Read by reference; with ``lock``, hold the row until the unit ends."""
        if lock:
            self._transaction.require_writable()
        row = self._transaction.first(_HOLD if lock else _GET, {"key": reference})
        return None if row is None else to_journey(row)

    def by_token(self, token_digest: str, *, lock: bool = False) -> StoredJourney | None:
        """Read by token digest; with ``lock``, hold the row until the unit ends."""
        if lock:
            self._transaction.require_writable()
        row = self._transaction.first(_HOLD_BY_TOKEN if lock else _BY_TOKEN, {"key": token_digest})
        return None if row is None else to_journey(row)

    def swap(self, stored: StoredJourney, expected_seq: int) -> None:
        """Replace one still at ``expected_seq``."""
        where = {"key": stored.journey.reference, "expected": expected_seq}
        if self._transaction.change(_SWAP, from_journey(stored) | where) == 0:
            raise LostSwap("journeys: another writer changed the row first")

    def search(self, query: JourneyQuery) -> Sequence[StoredJourney]:
        """List, newest first; started from ``since`` on, and before ``until``."""
        found = _NEWEST.where(*_conditions(query)).limit(query.limit)
        return [to_journey(row) for row in self._transaction.all(found)]

    def forget(self, account_id: str, subjects: Sequence[str]) -> Sequence[str]:
        """Delete those bound to an account or about a pseudonym; their references."""
        self._transaction.require_writable()
        values = {"account": account_id, "subjects": list(subjects)}
        references = [row["reference"] for row in self._transaction.all(_OF_PERSON, values)]
        if references:
            self._transaction.change(_FORGET, {"keys": references})
        return references


def _conditions(query: JourneyQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.flow is not None:
        conditions.append(journeys.c.flow == query.flow)
    if query.state is not None:
        conditions.append(journeys.c.state == query.state)
    if query.subjects:
        conditions.append(journeys.c.subject.in_(query.subjects))
    if query.since is not None:
        conditions.append(journeys.c.started_at >= from_instant(query.since))
    if query.until is not None:
        conditions.append(journeys.c.started_at < from_instant(query.until))
    return conditions


# --- journals: lines kept as they came, added and read, never changed ----------------------------

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


# --- the outbox ----------------------------------------------------------------------------------

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


class SqlOutbox:
    """Messages waiting to leave."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, message: OutboxMessage) -> None:
        """Queue a message."""
        self._transaction.change(_QUEUE, from_record(message))

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

    def renew(self, message: OutboxMessage, until: datetime) -> bool:
        """Hold one longer, if nobody else has it and it still waits."""
        values = {"key": message.id, "of_attempt": message.attempts, "until": from_instant(until)}
        return self._transaction.change(_RENEW, values) == 1

    def settle(self, message: OutboxMessage) -> None:
        """Write back; a message that ended meanwhile does not wait again."""
        statement = _SETTLE_WAITING if message.status == "waiting" else _SETTLE
        self._transaction.change(statement, from_record(message) | {"key": message.id})

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

    def of_journey(self, journey: str) -> Sequence[OutboxMessage]:
        """Read what a journey sent, oldest first."""
        found = self._transaction.all(_OF_JOURNEY, {"key": journey})
        return [to_record(row, OutboxMessage) for row in found]
