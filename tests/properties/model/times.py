"""Waits: how often is too often, and for how long."""

from collections.abc import Sequence
from datetime import datetime, timedelta

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86400))

ENTRY, LIFE, LONGEST = 10 * MINUTE, 30 * MINUTE, 3 * HOUR
CODE_LIFE, TRIES = 10 * MINUTE, 5
RESENDS = (60 * SECOND, 120 * SECOND, 300 * SECOND)
LINK_LIFE, CHOICE_LIFE, CONFIRM_LIFE = 24 * HOUR, 15 * MINUTE, 7 * DAY
IDLE, ABSOLUTE = 30 * MINUTE, 12 * HOUR


def too_many(times: Sequence[datetime], at: datetime, limit: int, span: timedelta) -> bool:
    """Whether ``limit`` events lie within the last ``span``."""
    return sum(time > at - span for time in times) >= limit


def locked(
    times: Sequence[datetime], at: datetime, free: int, first: timedelta, most: timedelta
) -> bool:
    """Whether the wait after the last event, doubled for each one past ``free``, still runs."""
    recent = sorted(time for time in times if time > at - DAY)
    if len(recent) < free:
        return False
    wait = first
    for _ in recent[free:]:
        wait = min(wait * 2, most)
    return recent[-1] + min(wait, most) > at
