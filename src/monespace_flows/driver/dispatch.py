"""Tell the host's handlers what happened: after the commit, at least once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from attrs import evolve

from ..events import EVENTS, Event
from ..ports import OutboxMessage, Ports
from ..serialization import from_json

__all__ = ["Dispatcher"]

_logger = logging.getLogger("monespace_flows")
_LEASE = timedelta(seconds=60)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
_BATCH = 20


class Dispatcher:
    """Hands events from the outbox to handlers; each is settled only when all of them returned."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._handlers: dict[str, list[Callable[[Event], None]]] = {}

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the events that someone listens to."""
        return frozenset(self._handlers)

    def on(self, kind: type[Event], handler: Callable[[Event], None]) -> None:
        """Add a handler for a kind of event."""
        self._handlers.setdefault(kind.__name__, []).append(handler)

    def run(self) -> int:
        """Handle what is due; returns how many events were handled."""
        if not self._handlers:
            return 0
        now = self._ports.clock.now()
        with self._ports.storage.writing() as unit:
            leased = unit.outbox.lease(("event",), now, now + _LEASE, _BATCH)
        return sum(self._hand_over(message) for message in leased)

    def _hand_over(self, message: OutboxMessage) -> bool:
        done = self._call(message)
        now = self._ports.clock.now()
        wait = min(_FIRST_WAIT * 2 ** min(message.attempts - 1, 10), _LONGEST_WAIT)
        settled = (
            evolve(message, status="sent", sealed=None, finished_at=now)
            if done
            else evolve(message, due_at=now + wait, error="handler")
        )
        with self._ports.storage.writing() as unit:
            unit.outbox.settle(settled)
        return done

    def _call(self, message: OutboxMessage) -> bool:
        sealed = self._ports.secrets.unseal(message.sealed or "")
        event = from_json(sealed, EVENTS[message.purpose])
        for handler in self._handlers.get(message.purpose, ()):
            try:
                handler(event)
            except Exception:  # noqa: BLE001 - the host's code must not undo what is committed
                _logger.error(  # noqa: TRY400 - a traceback may hold what the host knows of a person
                    "a handler of %s failed; it will be called again", message.purpose
                )
                return False
        return True
