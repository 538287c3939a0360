"""A purge once a day, by whichever of several processes comes to it first."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event, Thread

from monespace_flows.errors import MonespaceError, PortUnavailable
from monespace_flows.ports import Clock, Secrets

from .storage import SqlStorage, write_heads

__all__ = ["Housekeeper"]

_log = logging.getLogger(__name__)
_CHORE = "purge"
_DAY = timedelta(days=1)


class Housekeeper:
    """Writes the head of the journals and deletes what is past its life, from a thread.

    Args:
        storage: what is purged; it also says whose turn it is, for all processes together.
        secrets: seal the heads.
        clock: the time.
        retention: how long journals are kept (``policy.journeys.retention``).
        first: how long after the start to look whether it is time.
        again: how long until the next look.
    """

    def __init__(
        self,
        storage: SqlStorage,
        secrets: Secrets,
        clock: Clock,
        retention: timedelta,
        *,
        first: timedelta = timedelta(minutes=1),
        again: timedelta = timedelta(hours=1),
    ) -> None:
        self._storage = storage
        self._secrets = secrets
        self._clock = clock
        self._retention = retention
        self._waits = first.total_seconds(), again.total_seconds()
        self._stopping = Event()
        # A daemon: a purge that is cut has lost nothing, the next one goes on.
        self._thread = Thread(target=self._run, name="monespace-purge", daemon=True)

    def start(self) -> None:
        """Begin to look now and then."""
        self._thread.start()

    def stop(self, timeout: timedelta = timedelta(seconds=5)) -> None:
        """Look no more; a purge that goes on may end, if that does not take long."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout.total_seconds())

    def run_once(self) -> dict[str, int] | None:
        """Purge if nobody has for a day.

        Returns:
            The counts by table; ``None`` when it is not time.

        Raises:
            PortUnavailable: the storage did not answer.
        """
        now = self._clock.now()
        if not self._storage.take_turn(_CHORE, now, _DAY):
            return None
        before = now - self._retention
        for _ in write_heads(self._storage, self._secrets, now, before):
            pass  # each is told to the log
        counts = self._storage.purge(now, before)
        _log.info("purged: %s", ", ".join(f"{name} {gone}" for name, gone in counts.items()))
        return counts

    def _run(self) -> None:
        first, again = self._waits
        wait = first
        while not self._stopping.wait(wait):
            wait = again
            try:
                self.run_once()
            except Exception as error:  # noqa: BLE001 - tomorrow is another day
                _log.error("nothing was purged: %s", _name(error))


def _name(error: Exception) -> str:
    if isinstance(error, PortUnavailable):
        return f"{error.port} {error.kind}"
    return str(error) if isinstance(error, MonespaceError) else type(error).__name__
