"""What support reads of a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple, Protocol

from attrs import field, frozen

__all__ = ["KeptJourney", "Reader", "SentMessage", "subject_marks"]


@frozen(kw_only=True)
class KeptJourney:
    """A journey as it is kept beside its journal.

    ``journal_hash`` is that of the journal's last line; ``journey`` the JSON text of the rest.
    """

    journal_hash: str
    journey: str = field(repr=False)


class SentMessage(NamedTuple):
    """A message that a journey sent, without what it said; instants are UTC."""

    channel: str
    purpose: str
    status: str
    created_at: datetime
    finished_at: datetime | None
    attempts: int
    error: str | None


def subject_marks(subjects: Sequence[str]) -> list[str]:
    """What a journal's line holds when it names one of some pseudonyms."""
    return [f'"subject":{json.dumps(subject)}' for subject in subjects]


class Reader(Protocol):
    """Journals, journeys and messages by the journey's reference."""

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, first begun first."""

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""

    def about(self, subjects: Sequence[str], references: Sequence[str]) -> AbstractSet[str]:
        """Name those of some journeys whose journal names one of some pseudonyms."""

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""
