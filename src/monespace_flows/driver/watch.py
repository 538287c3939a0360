"""Looking on: what everybody does together, and telling who counts it or must be woken.

A step tells what it did after its commit.  Nothing that goes wrong here undoes it (FT-19), and
nobody here learns who it was.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import tzinfo

from ..chart import Flow
from ..commands import Command
from ..events import Alarm, AlarmKind, Event
from ..journey import Journey
from ..policy import Policy
from ..ports import Clock, Observer, Secrets, Storage
from ..rules.waits import DAY
from ..screens import Outcome
from .acts.totals import Totals, close_breaker, is_slow, read_totals
from .case import Application
from .queueing import queue_event

__all__ = ["Totals", "Watch"]

_logger = logging.getLogger("monespace_flows")

_ALARMS = {
    AlarmKind.IDENTITY_FAILURES: "many wrong pairs of birth date and RPPS number",
    AlarmKind.SIGN_IN_FAILURES: "many wrong passwords",
    AlarmKind.SLOW_MODE: "so many wrong pairs that checks of identity are slowed for everybody",
    AlarmKind.SMS_BUDGET: "the day's budget for SMS is used up: codes leave by e-mail only",
    AlarmKind.EMAIL_VOLUME: "more e-mails in a day than policy.totals.emails_per_day",
    AlarmKind.CONVERSION: "few of the codes that are sent are typed",
}


class Watch:
    """Reads what everybody did, and tells of it.

    Like the eraser it needs no registry and no way out, so that an operator's program can look.

    Args:
        storage: where the counts are.
        secrets: seals what the host is told.
        clock: the time.
        policy: the limits.
        zone: where the site is: a day begins there.
        observer: who counts, if anybody does.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        secrets: Secrets,
        clock: Clock,
        policy: Policy,
        zone: tzinfo,
        observer: Observer | None = None,
    ) -> None:
        self._storage = storage
        self._secrets = secrets
        self._clock = clock
        self._policy = policy
        self._zone = zone
        self._observer = observer

    def is_slow(self) -> bool:
        """Whether so many wrong pairs came lately that every answer to one takes longer.

        Raises:
            PortUnavailable: the store did not answer.
        """
        with self._storage.reading() as unit:
            return is_slow(unit, self._policy, self._clock.now())

    def totals(self) -> Totals:
        """Count what everybody did.

        Raises:
            PortUnavailable: the store did not answer.
        """
        with self._storage.reading() as unit:
            return read_totals(unit, self._policy, self._zone, self._clock.now())

    def close_breaker(self) -> bool:
        """Let codes leave by SMS again today, within a new budget; False when they do already.

        Raises:
            PortUnavailable: the store did not answer; nothing is done.
        """
        with self._storage.writing() as unit:
            alarm = close_breaker(unit, self._clock.now())
            if alarm is not None:
                queue_event(unit, self._secrets, alarm, alarm.at + DAY)
        self.tell(() if alarm is None else (alarm,))
        return alarm is not None

    def note(self, flow: Flow, after: Journey, command: Command, outcome: Outcome) -> None:
        """Note a step that is committed."""
        if self._observer is None:
            return
        with suppress(Exception):
            self._observer.stepped(
                flow=flow.name,
                state=after.state,
                command=command.event,
                outcome=outcome.value,
                notices=after.notices,
            )

    def tell(self, events: Iterable[Event]) -> None:
        """Tell the log of alarms among events that are committed, and who counts."""
        for event in events:
            if isinstance(event, Alarm):
                _log(event)
                if self._observer is not None:
                    with suppress(Exception):
                        self._observer.alarmed(event)


def watch_of(app: Application) -> Watch:
    """Make the watch of an application."""
    return Watch(
        storage=app.ports.storage,
        secrets=app.ports.secrets,
        clock=app.ports.clock,
        policy=app.policy,
        zone=app.site.zone,
        observer=app.ports.observer,
    )


def _log(alarm: Alarm) -> None:
    if alarm.is_over:
        _logger.info("alarm %s is over", alarm.kind.value)
    else:
        why = _ALARMS[alarm.kind]
        _logger.warning("alarm %s: %s; see: monespace breaker show", alarm.kind.value, why)
