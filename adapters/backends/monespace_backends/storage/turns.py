"""Whose turn it is to write to a SQLite file, among the threads of this process.

SQLite makes writers wait by sleeping and trying again, so that under load some wait very long
(p99 36 ms instead of 10, at 8 threads).  A lock lets them through one by one.
"""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from weakref import WeakValueDictionary

from monespace_flows.errors import PortBusy

from .engine import WAIT_SECONDS
from .errors import PORT

__all__ = ["Turn", "turn_of"]


class Turn:
    """A lock that is not waited for for ever."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise PortBusy(PORT)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()


_turns: WeakValueDictionary[str, Turn] = WeakValueDictionary()
_turns_lock = Lock()


def turn_of(path: str) -> Turn:
    """Give everybody in this process who writes to a file the same lock."""
    with _turns_lock:
        turn = _turns.get(path)
        if turn is None:
            turn = _turns[path] = Turn()
        return turn
