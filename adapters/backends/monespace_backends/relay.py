"""The relay in a thread of its own, for applications that need no other process to deliver."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from threading import Event, Lock, Thread

from monespace_flows.driver.relay import Relay
from monespace_flows.errors import PortUnavailable
from monespace_flows.policy import DeliveryPolicy
from monespace_flows.ports import Clock, Messaging, OutboxMessage, Secrets, Storage

__all__ = ["RelayThread", "make_relay"]

_log = logging.getLogger(__name__)
_AGAIN = 60.0  # seconds
_BATCH = 1  # a message at a time, so that stopping need not wait for others


def make_relay(
    storage: Storage,
    secrets: Secrets,
    messaging: Messaging,
    clock: Clock,
    *,
    policy: DeliveryPolicy | None = None,
) -> Relay:
    """Make a relay that logs each failure: which message and port, never whom it was for."""
    return Relay(storage, secrets, messaging, clock, report=_report, policy=policy)


class RelayThread:
    """Runs a relay over and over: at once after :meth:`wake`, else every ``interval``.

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
    ) -> None:
        self.error: str | None = None
        self._relay = relay
        self._interval = interval.total_seconds()
        self._pause = pause.total_seconds()
        self._woken = Event()
        self._stopping = Event()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._told_at = 0.0

    @property
    def is_alive(self) -> bool:
        """Whether it is running."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to deliver, unless it has begun or was stopped."""
        with self._starting:
            if self.is_alive or self._stopping.is_set():
                return
            # A daemon: what it was sending when the process ends comes back with its lease.
            self._thread = Thread(target=self._run, name="monespace-relay", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at once for what waits."""
        self._woken.set()
        self.start()

    def stop(self, timeout: timedelta = timedelta(seconds=30)) -> None:
        """Finish the message at hand and end."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout.total_seconds())

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            if self._run_once():
                continue
            if self.error is None:
                self._woken.wait(self._interval)
            else:
                self._stopping.wait(self._pause)

    def _run_once(self) -> bool:
        """Deliver a batch; whether there may be more."""
        try:
            count = self._relay.run_once(_BATCH)
        except Exception as error:  # noqa: BLE001 - a relay that dies is worse than one that waits
            self._tell(_name(error), getattr(error, "told", ""))
            return False
        if self.error is not None:
            _log.info("the relay runs again")
        self.error = None
        return count.total == _BATCH

    def _tell(self, error: str, why: str) -> None:
        """Log what keeps it from running: at once when it is something new, else once a minute."""
        now = time.monotonic()
        if error != self.error or now - self._told_at >= _AGAIN:
            self._told_at = now
            # Without a traceback: a database's error holds the row.
            _log.error("the relay cannot run: %s%s", error, why and f": {why}")
        self.error = error


def _report(message: OutboxMessage, error: Exception) -> None:
    _log.warning(
        "message %s (%s by %s) did not leave, attempt %d: %s",
        message.id,
        message.purpose,
        message.channel,
        message.attempts,
        _name(error),
    )


def _name(error: Exception) -> str:
    name = type(error).__name__
    return f"{name} {error.port}" if isinstance(error, PortUnavailable) else name
