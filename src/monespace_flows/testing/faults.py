"""Failures ordered in advance, so that a test can break a port at the call it chooses."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from ..errors import PortUnavailable

__all__ = ["Faults"]


class Faults:
    """The failures that a memory port still owes; ``error`` makes each of them."""

    def __init__(self, error: Callable[[], PortUnavailable]) -> None:
        self._error = error
        self._owed = 0
        self._lock = Lock()

    def order(self, times: int) -> None:
        """Make the next ``times`` calls fail; 0 takes the order back."""
        with self._lock:
            self._owed = times

    def strike(self) -> None:
        """Raise an error when one is owed.

        Raises:
            PortUnavailable: a failure was ordered.
        """
        with self._lock:
            if not self._owed:
                return
            self._owed -= 1
        raise self._error()
