"""What has passed by the clock: the journey, what is typed in it, the code that was sent."""

from __future__ import annotations

from datetime import datetime

import attrs

from ..chart import Flow
from ..commands import Command, SubmitCode
from ..facts import Deadline
from ..journey import Journey
from ..policy import Policy
from ..ports import Unit
from ..rules.waits import entry_end
from .views import end_of

__all__ = ()


def due(
    flow: Flow, journey: Journey, policy: Policy, now: datetime, shown_at: datetime | None
) -> Deadline | None:
    """Say which deadline has passed, if any: too many steps end a journey as the clock does."""
    if journey.state in flow.finals:
        return None
    if journey.seq >= policy.journeys.steps or now >= end_of(flow, journey, policy):
        return Deadline.JOURNEY
    shown = max(journey.shown_at, min(shown_at, now)) if shown_at else journey.shown_at
    typed = flow.screens[journey.state].is_typed
    return Deadline.ENTRY if typed and now >= entry_end(shown, policy.journeys) else None


def is_lost(command: Command, journey: Journey, policy: Policy, now: datetime) -> bool:
    """Whether what was typed is erased with the rest (``C2``).

    A code that no longer works, whatever its digits, is judged all the same: « effacée » alone
    would make people type it again.
    """
    code = journey.code
    is_dead = isinstance(command, SubmitCode) and (
        code is None or now - code.sent_at >= policy.codes.life
    )
    return bool(attrs.fields(type(command))) and not is_dead


def code_is_lost(unit: Unit, journey: Journey) -> bool:
    """Whether the code that the person waits for could not leave, for good or so far."""
    if journey.code is None:
        return False
    codes = [m for m in unit.outbox.of_journey(journey.reference) if m.purpose == "code"]
    newest = max(codes, key=lambda message: message.created_at, default=None)
    return newest is not None and newest.status != "sent" and newest.error is not None
