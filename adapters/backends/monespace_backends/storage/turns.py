"""Whose turn it is to write to a SQLite file, among the threads of this process.

SQLite makes writers wait by sleeping and trying again, so that under load some wait very long
(p99 36 ms instead of 10, at 8 threads).  A lock lets them through one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakValueDictionary

from monespace_flows.errors import PortBusy

from .errors import PORT

__all__ = ["Turns"]


class Turns:
    """The right to write to one file, held by one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()

    @contextmanager
    def take(self, wait: float) -> Iterator[None]:
        """Wait for a turn, and hold it.

        Raises:
            PortBusy: it did not come in ``wait`` seconds.
        """
        if not self._lock.acquire(timeout=wait):
            raise PortBusy(PORT)
        try:
            yield
        finally:
            self._lock.release()

    @classmethod
    def of(cls, path: str) -> Turns:
        """Give everybody in this process who writes to a file the same turns."""
        with _known_lock:
            turns = _known.get(path)
            if turns is None:
                turns = _known[path] = cls()
            return turns


_known: WeakValueDictionary[str, Turns] = WeakValueDictionary()
_known_lock = Lock()
