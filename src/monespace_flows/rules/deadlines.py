"""When an entry is erased and when a journey ends (``C2``, ``D5``, ``P2``).

One rule for every deadline: in time while ``now < deadline``, late when ``now >= deadline``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..policy import JourneyPolicy

__all__ = ["entry_end", "journey_end"]


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
