"""Rows as they come from a driver, taken for what they must be or refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..storage.errors import RowDamaged
from .records import KeptJourney, SentMessage

__all__ = ["KEPT", "LINES", "MESSAGES", "REFERENCES", "kept_of", "messages_of", "text_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REFERENCES = "SELECT reference FROM journal WHERE seq = 0 ORDER BY at, reference"
LINES = "SELECT line FROM journal WHERE reference = {} ORDER BY seq"
KEPT = "SELECT journal_hash, journey FROM journeys WHERE reference = {}"
MESSAGES = (
    "SELECT channel, purpose, status, created_at, finished_at, attempts, error"
    " FROM outbox WHERE journey = {} ORDER BY created_at, id"
)
"""What both engines are asked; the braces are where each driver puts the reference."""


def text_of(value: object) -> str:
    """Take a text.

    Raises:
        RowDamaged: it is none.
    """
    if type(value) is not str:
        raise RowDamaged("a row does not hold what its columns should")
    return value


def kept_of(rows: Iterable[Sequence[Any]]) -> KeptJourney | None:
    """Take the row of a journey, if there is one."""
    for journal_hash, journey in rows:
        return KeptJourney(journal_hash=text_of(journal_hash), journey=text_of(journey))
    return None


def messages_of(rows: Iterable[Sequence[Any]]) -> list[SentMessage]:
    """Take the rows of messages."""
    return [
        SentMessage(
            channel=text_of(channel),
            purpose=text_of(purpose),
            status=text_of(status),
            created_at=_instant(created_at),
            finished_at=None if finished_at is None else _instant(finished_at),
            attempts=_whole(attempts),
            error=None if error is None else text_of(error),
        )
        for channel, purpose, status, created_at, finished_at, attempts, error in rows
    ]


def _whole(value: object) -> int:
    if type(value) is not int:
        raise RowDamaged("a row does not hold what its columns should")
    return value


def _instant(value: object) -> datetime:
    return _EPOCH + timedelta(microseconds=_whole(value))
