"""What has passed by the clock: the journey, what is typed in it, the code, sent or not."""

from __future__ import annotations

from datetime import datetime

import attrs

from ..chart import Flow
from ..commands import Command, SubmitCode
from ..facts import Deadline
from ..journal.deliveries import PATIENCE, Fate, fate_of
from ..journey import Journey
from ..notices import CODE_DELAYED, CODE_UNDELIVERED
from ..policy import Policy
from ..ports import Unit
from ..rules.waits import entry_end
from ..screens import Notice
from .views import awaits_code, end_of

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


def fate_of_code(unit: Unit, flow: Flow, journey: Journey, now: datetime) -> tuple[Notice, ...]:
    """Tell who waits for a code that its message could not leave, or has not left yet.

    By which service that was, and why, is not told: the screen says what to do.
    """
    if not awaits_code(flow, journey):
        return ()
    newest = unit.outbox.newest(journey.reference, "code")
    if newest is None:
        return ()
    fate = fate_of(newest)
    is_late = fate is Fate.QUEUED and now - newest.created_at >= PATIENCE
    return (CODE_DELAYED,) if is_late else (CODE_UNDELIVERED,) if fate.is_lost else ()
