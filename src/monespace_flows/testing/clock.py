"""A clock that moves when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["MemoryClock"]


class MemoryClock:
    """Stands still at ``at`` (UTC) until it is moved; it may be moved back."""

    def __init__(self, at: datetime | None = None) -> None:
        self._now = at or datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant."""
        return self._now

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move on by that much; returns the new present."""
        self._now += timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return self._now
