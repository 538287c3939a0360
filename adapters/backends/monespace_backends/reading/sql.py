"""Reading through the storage: for servers, and for whatever SQLAlchemy knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager

from monespace_flows.codec import to_json

from ..storage.sql import SqlStorage
from ..storage.unit import SqlUnit
from .records import KeptJourney, SentMessage, subject_marks

__all__ = ["SqlReader", "reading_database"]


@contextmanager
def reading_database(url: str) -> Iterator[SqlReader]:
    """Open a database on connections that it allows no write."""
    with closing(SqlStorage.read_only(url)) as storage, storage.reading() as unit:
        yield SqlReader(unit)


class SqlReader:
    """Reads by the statements that the service itself uses."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""
        return self._unit.journal.references()

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""
        return self._unit.journal.lines(reference)

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""
        stored = self._unit.journeys.get(reference)
        if stored is None:
            return None
        return KeptJourney(journal_hash=stored.journal_hash, journey=to_json(stored.journey))

    def about(self, subjects: Sequence[str], references: Sequence[str]) -> AbstractSet[str]:
        """Name those of some journeys whose journal names one of some pseudonyms."""
        return self._unit.journal.holding(subject_marks(subjects), references)

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""
        account = self._unit.accounts.by_email(email_digests)
        return None if account is None else account.rpps_digest

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""
        return [
            SentMessage(
                channel=it.channel,
                purpose=it.purpose,
                status=it.status,
                created_at=it.created_at,
                finished_at=it.finished_at,
                attempts=it.attempts,
                error=it.error,
            )
            for it in self._unit.outbox.of_journey(reference)
        ]
