"""Ports that make callers wait, for as long as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Semaphore
from typing import Any

import pytest
from attrs import define, field


@define
class Held:
    """Calls of one method of a port that go on only when they are let go."""

    inside: Semaphore = field(factory=lambda: Semaphore(0))
    free: Event = field(factory=Event)

    def hold(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def held(*args: Any) -> Any:
            self.inside.release()
            self.free.wait(30)
            return inner(*args)

        return held


@contextmanager
def holding(port: object, method: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Hold all calls of a method until they are let go, at the end of the block at the latest."""
    held = Held()
    monkeypatch.setattr(port, method, held.hold(getattr(port, method)))
    try:
        yield held
    finally:
        held.free.set()
