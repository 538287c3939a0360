"""How often is too often: pure arithmetic on the times of past events.

Each rule takes the times (UTC) of the counted events and the present time, and answers how long
to wait: zero means go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

__all__ = ["DAY", "HOUR", "growing_wait", "window_wait"]

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
_NO_WAIT = timedelta(0)


def window_wait(times: Sequence[datetime], now: datetime, limit: int, span: timedelta) -> timedelta:
    """Wait until fewer than ``limit`` events lie within the last ``span``."""
    recent = sorted(time for time in times if now - span < time)
    if len(recent) < limit:
        return _NO_WAIT
    return recent[len(recent) - limit] + span - now


def growing_wait(
    times: Sequence[datetime],
    now: datetime,
    *,
    free: int,
    first: timedelta,
    ceiling: timedelta,
) -> timedelta:
    """Wait after the ``free``-th event, and twice as long after each further one.

    The end of a wait does not move while it lasts, since what is tried meanwhile is not counted.
    """
    recent = sorted(time for time in times if now - DAY < time)
    if len(recent) < free:
        return _NO_WAIT
    growth: int = 2 ** min(len(recent) - free, 32)
    end = recent[-1] + min(first * growth, ceiling)
    return max(end - now, _NO_WAIT)
