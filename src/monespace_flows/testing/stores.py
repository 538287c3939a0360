"""The stores of a memory unit: each reads and changes the draft of one table.

They do what ``ports/storage.py`` says of the store of the same name, and that is where to read it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime
from typing import Generic

from attrs import evolve, field, frozen

from ..effects import Budget
from ..errors import LostSwap
from ..journey import StoredJourney
from ..ports import Account, JourneyQuery, LinkPurpose, Session, StoredLink
from .tables import Draft, Key, Row

__all__ = ()


@frozen
class Line:
    """One line of a journal."""

    reference: str
    seq: int
    at: datetime
    text: str


@frozen
class Counted:
    """One counted event."""

    id: int
    budget: Budget
    subject: str = field(repr=False)
    at: datetime


class Store(Generic[Key, Row]):
    def __init__(self, rows: Draft[Key, Row]) -> None:
        self._rows = rows

    def _drop_found(self, index: str, value: Hashable, key: Callable[[Row], Key]) -> int:
        self._rows.require_writable()
        found = list(self._rows.find(index, value))
        for row in found:
            self._rows.drop(key(row))
        return len(found)


class Journeys(Store[str, StoredJourney]):
    """Journeys by token and by reference."""

    def add(self, stored: StoredJourney) -> None:
        """Keep a new journey."""
        self._rows.add(stored.journey.reference, stored)

    def get(self, reference: str, *, lock: bool = False) -> StoredJourney | None:
        """Read by reference."""
        if lock:  # write units take turns, so the row is held already
            self._rows.require_writable()
        return self._rows.get(reference)

    def by_token(self, token_digest: str, *, lock: bool = False) -> StoredJourney | None:
        """Read by token digest."""
        if lock:
            self._rows.require_writable()
        return next(self._rows.find("token", token_digest), None)

    def swap(self, stored: StoredJourney, expected_seq: int) -> None:
        """Replace one still at ``expected_seq``."""
        self._rows.require_writable()
        present = self._rows.get(stored.journey.reference)
        if present is None or present.journey.seq != expected_seq:
            raise LostSwap("journeys: another writer changed the row first")
        self._rows.put(stored.journey.reference, stored)

    def search(self, query: JourneyQuery) -> Sequence[StoredJourney]:
        """List, newest first; started from ``since`` on, and before ``until``."""
        found = [stored for stored in self._rows.all() if _is_sought(stored, query)]
        found.sort(key=lambda it: (it.journey.started_at, it.journey.reference), reverse=True)
        return found[: query.limit]

    def forget(self, account_id: str, subjects: Sequence[str]) -> Sequence[str]:
        """Delete those bound to an account or about a pseudonym; their references."""
        self._rows.require_writable()
        references = sorted(
            stored.journey.reference
            for stored in self._rows.all()
            if stored.account_id == account_id or stored.journey.subject in subjects
        )
        for reference in references:
            self._rows.drop(reference)
        return references


def _is_sought(stored: StoredJourney, query: JourneyQuery) -> bool:
    journey = stored.journey
    return (
        query.flow in (None, journey.flow)
        and query.state in (None, journey.state)
        and (not query.subjects or journey.subject in query.subjects)
        and (query.since is None or query.since <= journey.started_at)
        and (query.until is None or journey.started_at < query.until)
    )


class Journal(Store[tuple[str, int], Line]):
    """The lines of each journey's journal."""

    def append(self, reference: str, seq: int, at: datetime, line: str) -> None:
        """Add a line."""
        self._rows.add((reference, seq), Line(reference, seq, at, line))

    def lines(self, reference: str) -> Sequence[str]:
        """Read lines, oldest first."""
        found = sorted(self._rows.find("reference", reference), key=lambda line: line.seq)
        return [line.text for line in found]

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""
        firsts = [line for line in self._rows.all() if line.seq == 0]
        return [line.reference for line in sorted(firsts, key=lambda it: (it.at, it.reference))]


class Accounts(Store[str, Account]):
    """Accounts, unique by RPPS digest and by e-mail digest."""

    def add(self, account: Account) -> None:
        """Keep a new account."""
        self._rows.add(account.id, account)

    def get(self, account_id: str) -> Account | None:
        """Read by id."""
        return self._rows.get(account_id)

    def by_rpps(self, digests: Sequence[str]) -> Account | None:
        """Read by any digest of an RPPS number."""
        return self._first("rpps", digests)

    def by_email(self, digests: Sequence[str]) -> Account | None:
        """Read by any digest of an e-mail key."""
        return self._first("email", digests)

    def update(self, account: Account, expected_version: int) -> None:
        """Replace one still at ``expected_version``, by one of a greater version."""
        self._rows.require_writable()
        if account.version <= expected_version:
            raise ValueError("an account's new version must be greater than the one it replaces")
        present = self._rows.get(account.id)
        if present is None or present.version != expected_version:
            raise LostSwap("accounts: another writer changed the row first")
        self._rows.put(account.id, account)

    def delete(self, account_id: str, expected_version: int) -> None:
        """Delete one still at ``expected_version``."""
        self._rows.require_writable()
        present = self._rows.get(account_id)
        if present is None or present.version != expected_version:
            raise LostSwap("accounts: another writer changed the row first")
        self._rows.drop(account_id)

    def _first(self, index: str, digests: Sequence[str]) -> Account | None:
        found = [account for digest in digests for account in self._rows.find(index, digest)]
        return min(found, key=lambda account: (account.created_at, account.id), default=None)


class Sessions(Store[str, Session]):
    """Signed-in browsers."""

    def add(self, session: Session) -> None:
        """Keep a new session."""
        self._rows.add(session.digest, session)

    def get(self, digest: str) -> Session | None:
        """Read by digest."""
        return self._rows.get(digest)

    def of_account(self, account_id: str) -> Sequence[Session]:
        """Read those of an account, the newest first."""
        found = self._rows.find("account", account_id)
        return sorted(found, key=lambda it: (it.created_at, it.digest), reverse=True)

    def touch(self, digest: str, seen_at: datetime) -> None:
        """Move the end of the idle time."""
        self._rows.require_writable()
        session = self._rows.get(digest)
        if session is not None:
            self._rows.put(digest, evolve(session, seen_at=seen_at))

    def end(self, digest: str) -> None:
        """Forget one."""
        self._rows.drop(digest)

    def end_all(self, account_id: str) -> int:
        """Forget those of an account; how many there were."""
        return self._drop_found("account", account_id, lambda session: session.digest)


class Links(Store[str, StoredLink]):
    """One-time links."""

    def add(self, link: StoredLink) -> None:
        """Keep a new link."""
        self._rows.add(link.digest, link)

    def get(self, digest: str) -> StoredLink | None:
        """Read by digest."""
        return self._rows.get(digest)

    def of_account(self, account_id: str, purpose: LinkPurpose) -> Sequence[StoredLink]:
        """Read the unused ones of an account for a purpose, the newest first."""
        found = [
            it
            for it in self._rows.find("account", account_id)
            if it.purpose is purpose and it.used_at is None
        ]
        return sorted(found, key=lambda it: (it.created_at, it.digest), reverse=True)

    def drop(self, digest: str) -> None:
        """Forget one."""
        self._rows.drop(digest)

    def consume(self, digest: str, at: datetime) -> bool:
        """Mark as used; True for the first caller."""
        self._rows.require_writable()
        link = self._rows.get(digest)
        if link is None or link.used_at is not None:
            return False
        self._rows.put(digest, evolve(link, used_at=at))
        return True

    def void(self, account_id: str, purpose: LinkPurpose) -> None:
        """Forget the unused ones of an account for a purpose."""
        self._rows.require_writable()
        for link in self._rows.find("account", account_id):
            if link.purpose is purpose and link.used_at is None:
                self._rows.drop(link.digest)

    def forget(self, account_id: str) -> int:
        """Forget those of an account, used or not; how many there were."""
        return self._drop_found("account", account_id, lambda link: link.digest)


class Budgets(Store[int, Counted]):
    """Counted events, by kind and keyed digest of the person."""

    def __init__(self, rows: Draft[int, Counted], ids: Iterator[int]) -> None:
        super().__init__(rows)
        self._ids = ids

    def add(self, budget: Budget, subject: str, at: datetime) -> None:
        """Count one event."""
        counted = Counted(next(self._ids), budget, subject, at)
        self._rows.add(counted.id, counted)

    def times(self, budget: Budget, subjects: Sequence[str], since: datetime) -> Sequence[datetime]:
        """Read times after ``since``, oldest first."""
        return sorted(counted.at for counted in self._of(budget, subjects) if since < counted.at)

    def nth(
        self, budget: Budget, subject: str, since: datetime, until: datetime, number: int
    ) -> datetime | None:
        """Read the time of the ``number``-th newest in a span."""
        within = [at for at in self.times(budget, (subject,), since) if at <= until][-number:]
        return within[0] if len(within) == number else None

    def count(self, budget: Budget, subject: str, since: datetime, until: datetime) -> int:
        """Count those in a span."""
        return sum(at <= until for at in self.times(budget, (subject,), since))

    def clear(self, budget: Budget, subjects: Sequence[str]) -> None:
        """Forget a subject's events."""
        self._rows.require_writable()
        for counted in self._of(budget, subjects):
            self._rows.drop(counted.id)

    def redate(self, budget: Budget, subjects: Sequence[str], now: datetime) -> None:
        """Count what is later than ``now`` as of now."""
        self._rows.require_writable()
        for counted in self._of(budget, subjects):
            if now < counted.at:
                self._rows.put(counted.id, evolve(counted, at=now))

    def _of(self, budget: Budget, subjects: Sequence[str]) -> list[Counted]:
        return [
            counted
            for subject in dict.fromkeys(subjects)
            for counted in self._rows.find("subject", (budget, subject))
        ]
