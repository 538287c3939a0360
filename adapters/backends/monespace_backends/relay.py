"""The relay in threads of its own, for applications that need no other process to deliver.

A lane a channel: a mail server that hangs must not hold back a code by SMS.
"""

from __future__ import annotations

import atexit
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol

from attrs import evolve

from monespace_flows.driver.dispatcher import Dispatcher
from monespace_flows.driver.relay import LANES, Attend, Relay, RelayCount
from monespace_flows.errors import DeliveryUnknown, PortUnavailable
from monespace_flows.policy import DeliveryPolicy
from monespace_flows.ports import Clock, Messaging, Observer, OutboxMessage, Secrets, Storage

__all__ = ["Attendant", "RelayThread", "make_relay"]

_log = logging.getLogger(__name__)
_AGAIN = 60.0  # seconds
_BATCH = 5  # few, so that stopping need not wait long for others
_ABANDONED = 4  # deliveries that nothing ends, before a lane takes no more
_GRACE = timedelta(seconds=5)  # for a way out to end by itself, and for a delivery while stopping


def make_relay(
    storage: Storage,
    secrets: Secrets,
    messaging: Messaging,
    clock: Clock,
    *,
    policy: DeliveryPolicy | None = None,
    observer: Observer | None = None,
) -> Relay:
    """Make a relay that logs each failure: which message and port, never whom it was for."""
    return Relay(
        storage, secrets, messaging, clock, report=_report, policy=policy, observer=observer
    )


def of_events(policy: DeliveryPolicy) -> DeliveryPolicy:
    """Give the waits of events as those of a delivery."""
    return evolve(policy, lease=policy.event_lease, deadline=policy.event_lease)


class Attendant:
    """Runs deliveries in threads of their own, renews their leases, and leaves those that hang.

    The ways out that come with the library end by themselves after ``deliveries.deadline``; this
    is for any other, and for what nothing can interrupt, such as the search for a name.
    """

    def __init__(self, policy: DeliveryPolicy) -> None:
        self._pause = policy.lease.total_seconds() / 3
        self._longest = (policy.deadline + _GRACE).total_seconds()
        self._stopping = Event()
        self._hung: list[Thread] = []

    @property
    def is_stuck(self) -> bool:
        """Whether so many deliveries hang that another one must not begin."""
        self._hung = [each for each in self._hung if each.is_alive()]
        return len(self._hung) >= _ABANDONED

    def stop(self) -> None:
        """Let the delivery at hand have a short grace, and no more."""
        self._stopping.set()

    def attend(self, deliver: Callable[[], None], renew: Callable[[], bool]) -> None:
        """Run one delivery.

        Raises:
            DeliveryUnknown: it takes too long, or there is no time left for it.
        """
        delivery = _Delivery(deliver)
        delivery.thread.start()
        end = monotonic() + self._longest
        while not delivery.wait(min(self._pause, max(0.0, end - monotonic()))):
            if self._stopping.is_set() and delivery.wait(_GRACE.total_seconds()):
                break
            if self._stopping.is_set() or monotonic() >= end:
                self._hung.append(delivery.thread)
                raise DeliveryUnknown("relay")
            _renew(renew)
        if delivery.error is not None:
            raise delivery.error


class _Delivery:
    """One delivery in a thread, and how it ended."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        self.error: Exception | None = DeliveryUnknown("relay")
        self._deliver = deliver
        self._done = Event()
        # A daemon: what it was sending when the process ends comes back with its lease.
        self.thread = Thread(target=self._run, name="monespace-delivery", daemon=True)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after so long at the most."""
        return self._done.wait(seconds)

    def _run(self) -> None:
        try:
            self._deliver()
            self.error = None
        except Exception as error:  # noqa: BLE001 - whatever it is, the relay judges it
            self.error = error
        finally:
            self._done.set()


def _renew(renew: Callable[[], bool]) -> None:
    try:
        renew()
    except PortUnavailable as error:
        _log.warning("a lease cannot be renewed: %s", _name(error))


# --- the threads ---------------------------------------------------------------------------------


class _Run(Protocol):
    """Delivers a batch."""

    def __call__(self, *, attend: Attend, goes_on: Callable[[], bool]) -> RelayCount: ...


class RelayThread:
    """Runs a relay over and over, a thread a lane.

    It looks for messages at once after :meth:`wake`, else every ``interval``.
    The first :meth:`wake` starts it, if nothing did before: so a server that forks its workers has
    one in each worker that needs it.
    An error is logged and the relay tries again after ``pause``; ``error`` is its name until a run
    succeeds, for a health check.
    """

    def __init__(
        self,
        relay: Relay,
        *,
        interval: timedelta = timedelta(seconds=1),
        pause: timedelta = timedelta(seconds=5),
        lanes: Mapping[str, Sequence[str]] = LANES,
    ) -> None:
        self._stopping = Event()
        self._starting = Lock()
        self._interval, self._pause = interval, pause
        self._lanes: tuple[_Lane, ...] = ()
        for name, channels in lanes.items():
            self._add(name, partial(relay.run_once, _BATCH, channels=channels), relay.policy)

    def hand_over(self, name: str, dispatcher: Dispatcher) -> None:
        """Call the handlers of events too, in a lane of their own: they delay no message.

        A handler has ``deliveries.event_lease``; one that takes longer is left behind, and its
        event comes again.

        Args:
            name: what the lane is called in the log.
            dispatcher: of :meth:`monespace_flows.Flows.hand_events_over`, say.
        """
        policy = dispatcher.policy
        lane = self._add(
            name,
            partial(dispatcher.run_once, _BATCH),
            of_events(policy),
        )
        with self._starting:
            if self.is_alive and not self._stopping.is_set():
                lane.start()

    def _add(self, name: str, run: _Run, policy: DeliveryPolicy) -> _Lane:
        lane = _Lane(name, run, policy, self._stopping, interval=self._interval, pause=self._pause)
        self._lanes = (*self._lanes, lane)
        return lane

    @property
    def error(self) -> str | None:
        """What keeps a lane from running at all."""
        return next((lane.error for lane in self._lanes if lane.error), None)

    @property
    def is_alive(self) -> bool:
        """Whether it is running."""
        return any(lane.is_alive for lane in self._lanes)

    def start(self) -> None:
        """Begin to deliver, unless it has begun or was stopped.

        It ends with the process: what is at hand then is finished, or comes back with its lease.
        """
        with self._starting:
            if not self.is_alive and not self._stopping.is_set():
                atexit.register(self.stop)
                for lane in self._lanes:
                    lane.start()

    def wake(self) -> None:
        """Look at once for what waits."""
        for lane in self._lanes:
            lane.woken.set()
        self.start()

    def stop(self, timeout: timedelta = timedelta(seconds=10)) -> None:
        """Finish the messages at hand, if that does not take long, and end.

        What hangs is left behind: its lease ends, or it was noted that nobody knows its fate.
        """
        atexit.unregister(self.stop)
        self._stopping.set()
        for lane in self._lanes:
            lane.stop()
        end = monotonic() + timeout.total_seconds()
        for lane in self._lanes:
            lane.join(max(0.0, end - monotonic()))


class _Lane:
    """One thread, which delivers what goes by its lane, one message after the other."""

    def __init__(
        self,
        name: str,
        run: _Run,
        policy: DeliveryPolicy,
        stopping: Event,
        *,
        interval: timedelta,
        pause: timedelta,
    ) -> None:
        self.error: str | None = None
        self._told_at = 0.0
        self.woken = Event()
        self._name = name
        self._deliver = run
        self._interval = interval.total_seconds()
        self._pause = pause.total_seconds()
        self._stopping = stopping
        self._attendant = Attendant(policy)
        self._watch = _Watch(name, policy.alarm)
        self._thread: Thread | None = None

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        self._thread = Thread(target=self._run, name=f"monespace-relay-{self._name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._attendant.stop()
        self.woken.set()

    def join(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.woken.clear()
            if self._attendant.is_stuck:
                self._watch.note(RelayCount(retried=1))
                self._stopping.wait(self._pause)
            elif self._run_once():
                continue
            elif self.error is None:
                self.woken.wait(self._interval)
            else:
                self._stopping.wait(self._pause)

    def _run_once(self) -> bool:
        """Deliver a batch; whether there may be more."""
        try:
            count = self._deliver(attend=self._attendant.attend, goes_on=self._goes_on)
        except Exception as error:  # noqa: BLE001 - a relay that dies is worse than one that waits
            self._tell(_name(error), getattr(error, "told", ""))
            return False
        if self.error is not None:
            _log.info("the relay runs again")
        self.error = None
        self._watch.note(count)
        return count.total == _BATCH

    def _goes_on(self) -> bool:
        return not self._stopping.is_set() and not self._attendant.is_stuck

    def _tell(self, error: str, why: str) -> None:
        """Log what keeps it from running: at once when it is something new, else once a minute."""
        now = time.monotonic()
        if error != self.error or now - self._told_at >= _AGAIN:
            self._told_at = now
            # Without a traceback: a database's error holds the row.
            _log.error("the relay cannot run: %s%s", error, why and f": {why}")
        self.error = error


class _Watch:
    """Tells the log when nothing has left a lane for a while, and when something does again."""

    def __init__(self, lane: str, alarm: timedelta) -> None:
        self._lane = lane
        self._alarm = alarm.total_seconds()
        self._failures = 0
        self._since = 0.0
        self._told: float | None = None

    def note(self, count: RelayCount) -> None:
        """Note what became of a batch."""
        if count.sent:
            if self._told is not None:
                _log.info("the %s lane delivers again", self._lane)
            self._failures, self._told = 0, None
        elif count.retried or count.failed:
            self._since = self._since if self._failures else monotonic()
            self._failures += 1
            self._tell()

    def _tell(self) -> None:
        now = monotonic()
        if now - (self._since if self._told is None else self._told) < self._alarm:
            return
        self._told = now
        _log.error(
            "nothing has left the %s lane for %d s: %d deliveries failed; "
            "see: monespace outbox list",
            self._lane,
            now - self._since,
            self._failures,
        )


def _report(message: OutboxMessage, error: Exception) -> None:
    _log.warning(
        "message %s (%s by %s) did not leave, attempt %d: %s",
        message.id,
        message.purpose,
        message.channel,
        message.attempts,
        _name(error),
        extra={"journey": message.journey},
    )


def _name(error: Exception) -> str:
    name = type(error).__name__
    return f"{name} {error.port}" if isinstance(error, PortUnavailable) else name
