"""How long until: another try after failures, the end of what is typed, the end of a journey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..policy import DeliveryPolicy, JourneyPolicy

__all__ = [
    "DAY",
    "HOUR",
    "delivery_wait",
    "entry_end",
    "growing_wait",
    "journey_end",
    "window_wait",
]

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
_NO_WAIT = timedelta(0)


def window_wait(times: Sequence[datetime], now: datetime, limit: int, span: timedelta) -> timedelta:
    """Wait until fewer than ``limit`` events lie within the last ``span``.

    An event of the future counts as one of now: a clock that was put back makes nobody wait longer
    than ``span``.
    """
    recent = sorted(min(time, now) for time in times if now - span < time)
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
    An event of the future counts as one of now, as in :func:`window_wait`.
    """
    recent = sorted(min(time, now) for time in times if now - DAY < time)
    if len(recent) < free:
        return _NO_WAIT
    growth: int = 2 ** min(len(recent) - free, 32)
    end = recent[-1] + min(first * growth, ceiling)
    return max(end - now, _NO_WAIT)


# --- When an entry is erased and when a journey ends (``C2``, ``D5``, ``P2``) --------------------
# One rule for every deadline: in time while ``now < deadline``, late when ``now >= deadline``.


def entry_end(shown_at: datetime, policy: JourneyPolicy) -> datetime:
    """Say when what is typed on a screen shown at ``shown_at`` is erased."""
    return shown_at + policy.entry_life


def journey_end(
    started_at: datetime,
    entered_at: datetime,
    extended_at: datetime | None,
    state_life: timedelta | None,
    policy: JourneyPolicy,
) -> datetime:
    """Say when a journey expires.

    ``state_life`` is that of a state with a life of its own (a link awaited for 24 hours), from
    ``entered_at``; elsewhere the journey's life runs from its start, and « Prolonger » pushes its
    end.
    """
    if state_life is not None:
        return entered_at + state_life
    end = started_at + policy.life
    if extended_at is not None:
        end = max(end, extended_at + policy.entry_life)
    return min(end, started_at + policy.longest_life)


# --- when what could not leave is tried again ----------------------------------------------------


def delivery_wait(attempts: int, policy: DeliveryPolicy) -> timedelta:
    """How long after so many attempts, one at least, until the next."""
    doublings = min(attempts - 1, 30)  # further ones would only overflow
    doubled: timedelta = policy.first_wait * 2**doublings
    return min(doubled, policy.longest_wait)
