"""Storage in memory: the twin of the SQL one, as strict and with the same order of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from threading import Lock, RLock, get_ident
from typing import Any

from ..journey import StoredJourney
from ..ports import Account, Listener, OutboxMessage, Session, StoredLink
from .outbox import Listeners, Outbox
from .stores import Accounts, Budgets, Counted, Journal, Journeys, Line, Links, Sessions
from .tables import Draft, Mark, Table

__all__ = ()

_DAY = timedelta(days=1)


class MemoryStorage:
    """Storage that lives as long as the object, for tests and trials.

    Write units take turns; reading units never wait.

    Args:
        session_life: the longest that a session may last; :meth:`purge` forgets older ones.
    """

    def __init__(self, *, session_life: timedelta = _DAY) -> None:
        self._session_life = session_life
        self._tables = _Tables()
        self._turn = Lock()
        self._writer: int | None = None

    def mark(self) -> Mapping[str, Mark[Any, Any]]:
        """Remember everything stored as it is now; the caller sees to it that nobody writes."""
        return {name: table.mark() for name, table in self._tables.all().items()}

    def go_back(self, mark: Mapping[str, Mark[Any, Any]]) -> None:
        """Store again what was stored when ``mark`` was made."""
        for name, table in self._tables.all().items():
            table.go_back(mark[name])

    def check(self) -> None:
        """Memory can always be read and written."""

    @contextmanager
    def reading(self) -> Iterator[MemoryUnit]:
        """Open a unit that only reads."""
        yield MemoryUnit(_Drafts(self._tables, writable=False), self._tables.ids)

    @contextmanager
    def writing(self) -> Iterator[MemoryUnit]:
        """Open a unit that commits when its block ends, and rolls back when it raises."""
        with self._drafting() as drafts:
            yield MemoryUnit(drafts, self._tables.ids)

    def purge(
        self,
        now: datetime,
        journal_before: datetime,
        *,
        report: Callable[[str, int], None] | None = None,
    ) -> dict[str, int]:
        """Delete what is past its life; the counts by table."""
        with self._drafting() as drafts:
            counts = {
                "journeys": drafts.journeys.drop_where(lambda it: it.expires_at <= now),
                "journal": _drop_journals(drafts.journal, journal_before),
                "outbox": drafts.outbox.drop_where(lambda it: _ended(it, journal_before)),
                "budgets": drafts.budgets.drop_where(lambda it: it.at <= now - _DAY),
                "sessions": drafts.sessions.drop_where(
                    lambda it: it.created_at <= now - self._session_life
                ),
                "links": drafts.links.drop_where(lambda it: it.expires_at <= now),
            }
        for table, gone in counts.items():
            if report is not None and gone:
                report(table, gone)
        return counts

    @contextmanager
    def _drafting(self) -> Iterator[_Drafts]:
        if self._writer == get_ident():
            raise RuntimeError("this thread has a write unit open already")
        with self._turn:
            self._writer = get_ident()
            try:
                drafts = _Drafts(self._tables, writable=True)
                yield drafts
                with self._tables.lock:
                    drafts.commit()
            finally:
                self._writer = None


class MemoryUnit:
    """One transaction's view of everything stored."""

    def __init__(self, drafts: _Drafts, ids: Iterator[int]) -> None:
        self.journeys = Journeys(drafts.journeys)
        self.journal = Journal(drafts.journal)
        self.accounts = Accounts(drafts.accounts)
        self.sessions = Sessions(drafts.sessions)
        self.links = Links(drafts.links)
        self.budgets = Budgets(drafts.budgets, ids)
        self.outbox = Outbox(drafts.outbox)
        self.listeners = Listeners(drafts.listeners)
        self._drafts = drafts

    def lock(self, name: str) -> None:  # noqa: ARG002 - one turn for all names
        """Do nothing more: write units take turns already."""
        self._drafts.journeys.require_writable()


class _Drafts:
    """What one unit changes, a draft for each table."""

    def __init__(self, tables: _Tables, *, writable: bool) -> None:
        self.journeys = Draft(tables.journeys, writable=writable)
        self.journal = Draft(tables.journal, writable=writable)
        self.accounts = Draft(tables.accounts, writable=writable)
        self.sessions = Draft(tables.sessions, writable=writable)
        self.links = Draft(tables.links, writable=writable)
        self.budgets = Draft(tables.budgets, writable=writable)
        self.outbox = Draft(tables.outbox, writable=writable)
        self.listeners = Draft(tables.listeners, writable=writable)

    def commit(self) -> None:
        drafts: list[Draft[Any, Any]] = list(vars(self).values())
        if any(draft.spoiled for draft in drafts):
            raise RuntimeError("a unit in which something failed cannot be committed")
        for draft in drafts:
            draft.commit()


class _Tables:
    """Everything committed, and the lock that keeps a unit's changes together."""

    def __init__(self) -> None:
        self.lock = lock = RLock()
        self.ids = count(1)
        self.journeys = Table[str, StoredJourney](
            "journeys", lock, unique={"token": lambda it: it.token_digest}
        )
        self.journal = Table[tuple[str, int], Line](
            "journal", lock, indexes={"reference": lambda it: it.reference}
        )
        self.accounts = Table[str, Account](
            "accounts",
            lock,
            unique={"rpps": lambda it: it.rpps_digest, "email": lambda it: it.email_digest},
        )
        self.sessions = Table[str, Session](
            "sessions", lock, indexes={"account": lambda it: it.account_id}
        )
        self.links = Table[str, StoredLink](
            "links", lock, indexes={"account": lambda it: it.account_id}
        )
        self.budgets = Table[int, Counted](
            "budgets", lock, indexes={"subject": lambda it: (it.budget, it.subject)}
        )
        self.outbox = Table[str, OutboxMessage](
            "outbox",
            lock,
            indexes={"journey": lambda it: it.journey, "status": lambda it: it.status},
        )
        self.listeners = Table[str, Listener]("listeners", lock)

    def all(self) -> Mapping[str, Table[Any, Any]]:
        return {name: it for name, it in vars(self).items() if isinstance(it, Table)}


def _drop_journals(lines: Draft[tuple[str, int], Line], before: datetime) -> int:
    recent = {line.reference for line in lines.all() if line.at >= before}
    return lines.drop_where(lambda line: line.reference not in recent)


def _ended(message: OutboxMessage, before: datetime) -> bool:
    # One that nobody came for ended when it became too late to send.
    end = message.finished_at or message.expires_at
    return end is not None and end < before
