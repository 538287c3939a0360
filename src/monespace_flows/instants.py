"""Instants as text: ISO 8601, UTC, microseconds, so that text sorts as time does."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["instant", "write_instant"]


def write_instant(value: datetime) -> str:
    """Write an instant: ``2026-11-22T18:03:01.000000Z``."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read an instant as this module writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)
