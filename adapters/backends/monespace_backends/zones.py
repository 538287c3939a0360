"""The time zone of the guide."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["paris"]


def paris() -> ZoneInfo:
    """Paris; UTC on a machine that knows no time zones."""
    try:
        return ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")
