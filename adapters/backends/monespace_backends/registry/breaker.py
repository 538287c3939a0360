"""What spares a registry that is away, and whoever waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from threading import Lock
from time import monotonic
from typing import TypeVar

from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Doctor, Registry, RegistryAnswer

__all__ = ["Breaker"]

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


class Breaker:
    """Asks a registry, and leaves it alone for a while after it failed several times in a row.

    Meanwhile everybody is answered at once that it is away, instead of holding a thread for as long
    as a timeout lasts.  Then one question is let through: if it is answered, all are again.

    Args:
        registry: whom to ask.
        failures: so many in a row open it.
        pause: how many seconds it stays open.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        failures: int,
        pause: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.registry = registry
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._lock = Lock()
        self._failed = 0
        self._closes_at = 0.0

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known.

        Raises:
            PortUnavailable: the registry does not answer, or is being spared.
        """
        return self._ask(lambda: self.registry.verify(rpps, birth_date))

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted.

        Raises:
            PortUnavailable: the registry does not answer, or is being spared.
        """
        return self._ask(lambda: self.registry.doctor(rpps))

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        self._enter()
        try:
            answer = question()
        except PortUnavailable:
            self._note_failure()
            raise
        with self._lock:
            self._failed = 0
        return answer

    def _enter(self) -> None:
        with self._lock:
            if self._failed < self._most:
                return
            now = self._clock()
            if now < self._closes_at:
                raise PortUnavailable("registry", "unreachable", "it is spared for a while")
            self._closes_at = now + self._pause  # this one tries, the others wait for what it finds

    def _note_failure(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed < self._most:
                return
            self._closes_at = self._clock() + self._pause
            is_news = self._failed == self._most
        if is_news:
            _log.warning(
                "the registry failed %d times in a row: it is asked again every %g seconds",
                self._most,
                self._pause,
            )
