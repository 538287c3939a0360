"""Copies of what took long to prepare: a sandbox, and whatever knows it."""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Sequence
from io import BytesIO
from itertools import count
from threading import Lock, RLock
from types import FunctionType
from typing import Generic, TypeVar

from monespace_flows import View
from monespace_flows.chart import Flow
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import Account, OutboxMessage, Session, StoredLink
from monespace_flows.testing import DeliveredMessage
from tests.counting import position

__all__ = ["Copies"]

SHARED = (
    Account,
    DeliveredMessage,
    Flow,
    FunctionType,
    OutboxMessage,
    Session,
    StoredJourney,
    StoredLink,
    View,
)
"""What never changes, so that copies share it.  What a function closes over is not copied."""

# A copy has locks of its own, which nobody holds.
copyreg.pickle(type(Lock()), lambda _: (Lock, ()))
copyreg.pickle(type(RLock()), lambda _: (RLock, ()))
# Python 3.12 warns of copies of a count.
copyreg.pickle(count, lambda it: (count, (position(it),)))

World = TypeVar("World")


class Copies(pickle.Pickler, Generic[World]):
    """Copies of a world, each as the world was when this was made."""

    def __init__(self, world: World) -> None:
        self._written = BytesIO()
        self._shared: list[object] = []
        super().__init__(self._written)
        self.dump(world)

    def persistent_id(self, it: object) -> int | None:
        if not isinstance(it, SHARED):
            return None
        self._shared.append(it)
        return len(self._shared) - 1

    def make(self) -> World:
        world: World = _Copier(self._written, self._shared).load()
        return world


class _Copier(pickle.Unpickler):
    """Reads a copy; what is shared is given by its number."""

    def __init__(self, written: BytesIO, shared: Sequence[object]) -> None:
        super().__init__(BytesIO(written.getvalue()))
        self._shared = shared

    def persistent_load(self, number: int) -> object:
        return self._shared[number]
