"""Ports in which something happens at the call a test chooses: they break, or someone is faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import evolve

from monespace_flows import Flows
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Storage
from monespace_flows.testing import Sandbox


class Hook:
    """Counts calls, those named ``on`` or all of them; before some of them it ``does``."""

    def __init__(self, does: Callable[[], object], on: str) -> None:
        self._does = does
        self._on = on
        self._calls = 0
        self._first = 0
        self._times = 0

    def arm(self, first: int = 1, times: int = 1) -> None:
        """Let it happen at the call numbered ``first`` from now, and ``times`` in all."""
        self._calls, self._first, self._times = 0, first, times

    def mend(self) -> bool:
        """Let nothing happen any more; whether something had."""
        has_happened = 0 < self._first <= self._calls
        self._times = 0
        return has_happened

    def strike(self, name: str) -> None:
        if self._on not in ("", name):
            return
        self._calls += 1
        if self._first <= self._calls < self._first + self._times:
            self._does()


class Hooked:
    """Anything whose methods, and those of what it holds, first ask the hook."""

    def __init__(self, target: object, hook: Hook) -> None:
        self._target = target
        self._hook = hook

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._target, name)
        if not callable(held):
            return Hooked(held, self._hook)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._hook.strike(name)
            return held(*args, **kwargs)

        return call


class HookedStorage:
    """A storage with a hook at each beginning, each statement and each commit."""

    def __init__(self, storage: Storage, hook: Hook) -> None:
        self._storage = storage
        self._hook = hook

    def check(self) -> None:
        self._hook.strike("check")
        self._storage.check()

    @contextmanager
    def reading(self) -> Iterator[Hooked]:
        self._hook.strike("reading")
        with self._storage.reading() as unit:
            yield Hooked(unit, self._hook)

    @contextmanager
    def writing(self) -> Iterator[Hooked]:
        self._hook.strike("writing")
        with self._storage.writing() as unit:
            yield Hooked(unit, self._hook)
            self._hook.strike("commit")


def hook(
    sandbox: Sandbox, port: str, does: Callable[[], object] | None = None, *, on: str = ""
) -> Hook:
    """Hook one port of the sandbox's flows; unless told what it ``does``, the port breaks.

    The relay keeps the port itself.
    """

    def breaks() -> None:
        raise PortUnavailable(port)

    it = Hook(does or breaks, on)
    target = getattr(sandbox.ports, port)
    hooked: Any = HookedStorage(target, it) if port == "storage" else Hooked(target, it)
    ports = evolve(sandbox.ports, **{port: hooked})
    sandbox.flows = Flows(ports, sandbox.flows.policy, wake=sandbox.deliver)
    return it
