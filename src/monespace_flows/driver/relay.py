"""What waits in the outbox, handed over to the way out; events are :mod:`.dispatcher`'s.

A message is given up at its own end, not after a number of tries: a link that is good for a day is
tried for a day.  What the way out refused for good keeps its text until that end as well, so that
an operator who mended something may put it back (``monespace outbox retry``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from attrs import evolve, frozen

from .. import serialization
from ..errors import DeliveryRefused, DeliveryUnknown, PortUnavailable
from ..events import MessageGivenUp
from ..facts import Channel
from ..journal.deliveries import note_end
from ..policy import DeliveryPolicy
from ..ports import (
    Clock,
    Message,
    Messaging,
    Observer,
    OutboxMessage,
    Secrets,
    Storage,
    Unit,
)
from ..rules.waits import DAY, delivery_wait
from .case import seal_of
from .queueing import queue_event

__all__ = ["LANES", "Attend", "Relay", "RelayCount"]

LANES = {"sms": ("sms",), "email": ("email", "none")}
"""The channels that leave one after the other, by lane: a way out that hangs stops one lane."""

Attend = Callable[[Callable[[], None], Callable[[], bool]], None]
"""Runs a delivery, and keeps it by calling the second as long as it goes on.

The second says whether the delivery is still ours.  Raises what the delivery raises, or
``DeliveryUnknown`` when it breaks it off.
"""

_CHANNELS = tuple(channel for lane in LANES.values() for channel in lane)


_TOGETHER = 5
"""So many messages are taken and settled in one transaction each."""
_SOON = timedelta(seconds=1)
_BLANK_EVERY = timedelta(minutes=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def alone(deliver: Callable[[], None], _: Callable[[], bool]) -> None:
    """Attend to a delivery by calling it."""
    deliver()


def always() -> bool:
    """Never stop."""
    return True


@frozen(kw_only=True)
class RelayCount:
    """What became of the messages of one run; ``retried`` are due again later."""

    sent: int = 0
    expired: int = 0
    failed: int = 0
    retried: int = 0

    @property
    def total(self) -> int:
        """How many messages the run dealt with."""
        return self.sent + self.expired + self.failed + self.retried


class Relay:
    """Delivers what waits in ``storage`` by ``messaging``.

    ``report`` is told of each failure: the message (whose text is sealed) and the error.  The
    text of an error from outside may hold anything, so a log should keep its type and no more.
    ``observer`` counts what became of each.
    """

    def __init__(
        self,
        storage: Storage,
        secrets: Secrets,
        messaging: Messaging,
        clock: Clock,
        *,
        report: Callable[[OutboxMessage, Exception], None] | None = None,
        policy: DeliveryPolicy | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._storage = storage
        self._secrets = secrets
        self._messaging = messaging
        self._clock = clock
        self.policy = policy or DeliveryPolicy()
        self._report = report
        self._observer = observer
        self._blanked_at = _LONG_AGO

    def run_once(
        self,
        limit: int = 20,
        *,
        channels: Sequence[str] = _CHANNELS,
        attend: Attend = alone,
        goes_on: Callable[[], bool] = always,
    ) -> RelayCount:
        """Deal with up to ``limit`` waiting messages; the failure of one stops no other.

        Args:
            limit: how many at the most.
            channels: those of one of :data:`LANES`, or all of them.
            attend: how to run a delivery; by default it is only called, which suits a way out
                that never takes longer than a lease.
            goes_on: asked before each delivery; what was taken and is left then comes back when
                its lease ends.

        Returns:
            What became of them.

        Raises:
            PortUnavailable: the storage cannot be asked what waits.
        """
        count = RelayCount()
        while limit > 0 and goes_on():
            taken = self._take(channels, min(limit, _TOGETHER))
            for message in self._dealt_with(taken, attend, goes_on):
                count = counted(count, message)
            limit -= len(taken)
            if len(taken) < _TOGETHER:
                break
        return count

    def _take(self, channels: Sequence[str], limit: int) -> Sequence[OutboxMessage]:
        now = self._clock.now()
        with self._storage.writing() as unit:
            leased = unit.outbox.lease(channels, now, now + self.policy.lease, limit)
            # Where nothing is pressing, what failed and can be put back no more goes.
            if not leased and abs(now - self._blanked_at) >= _BLANK_EVERY:
                unit.outbox.blank(now)
                self._blanked_at = now
        return leased

    def _dealt_with(
        self, taken: Sequence[OutboxMessage], attend: Attend, goes_on: Callable[[], bool]
    ) -> Iterator[OutboxMessage]:
        """Deliver what was taken together, and settle it together, unless that takes a while.

        What left and is not settled leaves once more if this process ends now.
        """
        delivered: list[tuple[OutboxMessage, OutboxMessage]] = []
        since = self._clock.now()
        for place, message in enumerate(taken):
            if place and not goes_on():
                break
            if place and not self._is_still_ours(message):
                continue
            settled = self._settled(message, attend)
            now, digests = self._clock.now(), seal_of(self._secrets)
            delivered.append((message, note_end(settled, now, digests)))
            if self._clock.now() - since >= _SOON:
                yield from self._settle(delivered)
                delivered, since = [], self._clock.now()
        yield from self._settle(delivered)

    def _is_still_ours(self, message: OutboxMessage) -> bool:
        """Whether one behind others is still to be sent, and by us: it is held anew for it."""
        try:
            return self._renew(message)
        except PortUnavailable as error:
            self._tell(message, error)
            return False

    def _settle(
        self, delivered: Sequence[tuple[OutboxMessage, OutboxMessage]]
    ) -> Iterator[OutboxMessage]:
        if not delivered:
            return
        try:
            with self._storage.writing() as unit:
                for _, settled in delivered:
                    unit.outbox.settle(settled)
                    self._tell_host(unit, settled)
        except PortUnavailable as error:
            # Delivered perhaps, yet nobody can note it: it comes back when its lease ends.
            for message, _ in delivered:
                self._tell(message, error)
                yield message
            return
        for _, settled in delivered:
            if self._observer is not None:
                with suppress(Exception):  # it only counts: what is settled stays settled
                    self._observer.delivered(settled.channel, settled.status)
            yield settled

    def _tell_host(self, unit: Unit, message: OutboxMessage) -> None:
        """Tell of what reached nobody; for a day: where nobody listens, it is purged then."""
        now = message.finished_at
        if now is None or message.status == "sent" or message.channel == "none":
            return
        event = MessageGivenUp(
            id=f"{message.id}-{message.attempts}-given-up",
            at=now,
            channel=Channel(message.channel),
            purpose=message.purpose,
            reference=message.journey,
        )
        queue_event(unit, self._secrets, event, now + DAY)

    def _settled(self, message: OutboxMessage, attend: Attend) -> OutboxMessage:
        now = self._clock.now()
        if (late := overdue(message, now)) is not None:
            return late
        try:
            attend(lambda: self._deliver(message), lambda: self._renew(message))
        except Exception as error:  # noqa: BLE001 - whatever broke, the others must still leave
            self._tell(message, error)
            return after_failure(message, error, self._clock.now(), self.policy)
        return finished(message, "sent", self._clock.now())

    def _renew(self, message: OutboxMessage) -> bool:
        until = self._clock.now() + self.policy.lease
        with self._storage.writing() as unit:
            return unit.outbox.renew(message, until)

    def _deliver(self, message: OutboxMessage) -> None:
        if message.channel == "none":
            return
        text = self._secrets.unseal(message.sealed or "")
        self._messaging.deliver(serialization.from_json(text, Message))

    def _tell(self, message: OutboxMessage, error: Exception) -> None:
        if self._report is not None:
            self._report(message, error)


def overdue(message: OutboxMessage, now: datetime) -> OutboxMessage | None:
    """Give a message up that is too late; ``None`` while it is not."""
    if message.expires_at is None or now < message.expires_at:
        return None
    # What was tried in vain until now is given up; else nobody came for it in time.
    return finished(message, "expired" if message.error is None else "failed", now)


def after_failure(
    message: OutboxMessage,
    error: Exception,
    now: datetime,
    policy: DeliveryPolicy,
    *,
    blamed: str = "relay",
) -> OutboxMessage:
    """Say what becomes of a message that did not leave: another try, or none any more.

    Args:
        message: the message.
        error: what went wrong.
        now: when (UTC).
        policy: the waits.
        blamed: what is named where no port is to blame.
    """
    # A port's name is all that is kept of an error: its text may hold an address.
    port = error.port if isinstance(error, PortUnavailable) else blamed
    end = message.expires_at or message.created_at + policy.patience
    named = evolve(message, error=port)
    if now >= end:
        return finished(named, "failed", now)
    if isinstance(error, DeliveryRefused):
        return evolve(named, status="failed", finished_at=now, expires_at=end)
    return evolve(named, due_at=now + _wait(message, error, policy))


def _wait(message: OutboxMessage, error: Exception, policy: DeliveryPolicy) -> timedelta:
    wait = delivery_wait(message.attempts, policy)
    # An e-mail that comes twice says who it is (Message-ID); an SMS costs, and its code is
    # taken for another one.
    if isinstance(error, DeliveryUnknown) and message.channel == "sms":
        return max(wait, policy.unknown_wait)
    return wait


def finished(
    message: OutboxMessage, status: Literal["sent", "expired", "failed"], now: datetime
) -> OutboxMessage:
    """End a message: its text goes."""
    return evolve(message, status=status, sealed=None, finished_at=now)


def counted(count: RelayCount, message: OutboxMessage) -> RelayCount:
    """Count what became of a message."""
    match message.status:
        case "sent":
            return evolve(count, sent=count.sent + 1)
        case "expired":
            return evolve(count, expired=count.expired + 1)
        case "failed":
            return evolve(count, failed=count.failed + 1)
        case _:
            return evolve(count, retried=count.retried + 1)
