"""What is kept of a journey: itself and its journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, insert, or_, select, update

from monespace_flows.errors import LostSwap
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import JourneyQuery

from .tables import from_instant, from_journey, journal, journeys, to_journey
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
