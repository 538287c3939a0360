"""Journeys that behave the same, seen as one: what no guard reads is dropped, counters are short.

Time is not measured: any deadline may pass at any moment, which is more than a clock could do.
"""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import evolve

from ..journey import Journey
from ..policy import Policy
from .answers import PSEUDONYM

__all__ = ["INSTANT", "REFERENCE", "shorten", "simplify"]

INSTANT = datetime(2026, 1, 1, tzinfo=UTC)
"""The one instant of every abstract journey."""

REFERENCE = "2222-2222"
"""The one reference of every abstract journey."""


def shorten(policy: Policy, resends: int = 1) -> Policy:
    """Keep the first and the last of every count: two tries a code, one resend a journey."""
    codes = evolve(
        policy.codes,
        tries=min(policy.codes.tries, 2),
        resend_waits=policy.codes.resend_waits[:resends],
    )
    return evolve(policy, codes=codes)


def simplify(journey: Journey) -> Journey:
    """Give the journey that stands for all that behave like this one."""
    return evolve(
        journey,
        reference=REFERENCE,
        started_at=INSTANT,
        entered_at=INSTANT,
        shown_at=INSTANT,
        seq=0,
        extended_at=None,
        subject=None if journey.subject is None else PSEUDONYM,
        code=None if journey.code is None else evolve(journey.code, sent_at=INSTANT),
        sent=tuple(sorted(((by, INSTANT) for by, _ in journey.sent), key=lambda it: it[0].value)),
        notices=(),
        problems=(),
        wait=0,
    )
