"""What a storage holds, on every engine: what races and failures may have left in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from monespace_backends.storage import SqlStorage
from monespace_backends.storage.tables import metadata
from monespace_flows.effects import Budget
from monespace_flows.ports import Account, OutboxMessage, Storage
from monespace_flows.testing import MemoryStorage, Sandbox
from monespace_flows.testing.tables import Table
from tests.journeys.acting import START, Person

Rows = dict[str, list[str]]

_SELECTS = {it.name: f"SELECT * FROM {it.name}" for it in metadata.sorted_tables}  # noqa: S608


def contents(storage: Storage) -> Rows:
    """Every row of every table, as text."""
    if isinstance(storage, MemoryStorage):
        return {
            name: sorted(map(str, it._rows.items()))
            for name, it in vars(storage._tables).items()
            if isinstance(it, Table)
        }
    assert isinstance(storage, SqlStorage)
    with storage._engine.connect() as connection:
        # By the driver itself: tests that let each statement fail look here after each failure.
        cursor = connection.connection.cursor()
        return {
            table: sorted(map(str, cursor.execute(select).fetchall()))
            for table, select in _SELECTS.items()
        }


def count(storage: Storage, table: str) -> int:
    return len(contents(storage)[table])


def account_of(sandbox: Sandbox, person: Person) -> Account:
    digests = sandbox.ports.secrets.digests("subject", person.rpps)
    with sandbox.storage.reading() as unit:
        account = unit.accounts.by_rpps(digests)
    assert account is not None
    return account


def counted(sandbox: Sandbox, budget: Budget, person: Person) -> int:
    """How many events are counted against someone."""
    digests = sandbox.ports.secrets.digests("subject", person.rpps)
    with sandbox.storage.reading() as unit:
        return len(unit.budgets.times(budget, digests, START - timedelta(days=1)))


def missed(sandbox: Sandbox, *emails: str) -> int:
    """How many wrong passwords are counted against some addresses."""
    digests = [it for email in emails for it in sandbox.ports.secrets.digests("email", email)]
    with sandbox.storage.reading() as unit:
        return len(unit.budgets.times(Budget.PASSWORD, digests, START - timedelta(days=1)))


def queued(sandbox: Sandbox, reference: str, purpose: str) -> list[OutboxMessage]:
    """What a journey wrote, sent or not."""
    with sandbox.storage.reading() as unit:
        found: list[Any] = list(unit.outbox.of_journey(reference))
    return [it for it in found if it.purpose == purpose]
