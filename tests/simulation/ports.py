"""Ports that stop at every call, and fail where the seed says: before, after, or with the process.

The bodies are the library's twins in memory.  Storage stops before each look-up and each write
inside a unit too, and before and after the commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any, TypeVar

from attrs import define, field, frozen

from monespace_flows.errors import DeliveryRefused, DeliveryUnknown, PortBusy, PortUnavailable
from monespace_flows.testing import MemoryStorage
from monespace_flows.testing.memory import MemoryUnit
from monespace_flows.testing.tables import Draft

from .scheduler import Crashed, Ready, Scheduler, always

__all__ = ["Change", "Gate", "Gated", "Rates", "SimulatedStorage"]

Answer = TypeVar("Answer")

ERRORS: dict[str, tuple[type[PortUnavailable], ...]] = {
    "messaging": (PortUnavailable, DeliveryRefused, DeliveryUnknown),
    "passwords": (PortBusy,),
    "storage": (PortUnavailable, PortBusy),
}


@frozen
class Rates:
    """How often things break in a world: of so many calls, one."""

    failures: float
    crashes: float


@define
class Gate:
    """Where every call passes: who goes on is drawn, then whether it fails."""

    scheduler: Scheduler
    rates: Rates
    faults: Counter[str] = field(factory=Counter)
    calls: Counter[str] = field(factory=Counter)
    trace: Any = field(factory=sha256)
    struck: set[str] = field(factory=set)
    is_calm: bool = False

    @property
    def random(self) -> Random:
        return self.scheduler.random

    def enter(self, port: str, call: str, ready: Ready = always) -> None:
        """Stop before a call; it may fail, or the process end, before anything is done."""
        self.scheduler.pause(ready)
        self.calls[port] += 1
        self.trace.update(f"{self.scheduler.actor} {port}.{call}\n".encode())
        self._strike(port, f"{call} fails" if port == "storage" else "fails")

    def leave(self, port: str, call: str) -> None:
        """What was called is done, and whoever called may never hear of it."""
        self._strike(port, f"{call}: lost answer" if port == "storage" else "lost answer")

    def call(self, port: str, name: str, act: Callable[[], Answer]) -> Answer:
        """Do it between the two."""
        self.enter(port, name)
        answer = act()
        self.leave(port, name)
        return answer

    def _strike(self, port: str, how: str) -> None:
        draw = self.random.random()
        if self.is_calm or port in ("clock", "emails"):
            return
        if draw < self.rates.crashes:
            self.faults[f"crash: {port} {how}"] += 1
            raise Crashed
        if draw < self.rates.crashes + self.rates.failures:
            error = self.random.choice(ERRORS.get(port, (PortUnavailable,)))
            self.faults[f"{port}: {how}"] += 1
            self.struck.add(self.scheduler.actor)
            raise error(port)


class Gated:
    """A port, or a store of a unit, all of whose calls pass the gate."""

    def __init__(self, body: object, gate: Gate, port: str, room: str = "") -> None:
        self._body = body
        self._gate = gate
        self._port = port
        self._room = room

    def __getattr__(self, name: str) -> Any:
        body = getattr(self._body, name)
        gate, port, call = self._gate, self._port, self._room + name

        def passing(*args: Any, **kwargs: Any) -> Any:
            return gate.call(port, call, lambda: body(*args, **kwargs))

        self.__dict__[name] = passing
        return passing


class GatedUnit:
    """A unit whose stores pass the gate at each call."""

    def __init__(self, unit: MemoryUnit, gate: Gate) -> None:
        for name, store in vars(unit).items():
            if not name.startswith("_"):
                setattr(self, name, Gated(store, gate, "storage", "unit "))
        self.lock = unit.lock


@frozen
class Change:
    """A row that a commit changed."""

    table: str
    key: Any
    before: Any
    after: Any


class SimulatedStorage(MemoryStorage):
    """Storage in memory, interleaved, failing, and watched: ``watch`` is told of each commit."""

    def __init__(self, gate: Gate, watch: Callable[[list[Change]], None]) -> None:
        super().__init__()
        self._gate = gate
        self._watch = watch

    @contextmanager
    def reading(self) -> Iterator[Any]:
        self._gate.enter("storage", "read")
        with super().reading() as unit:
            yield GatedUnit(unit, self._gate)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        self._gate.enter("storage", "write", self._is_free)
        with super().writing() as unit:
            yield GatedUnit(unit, self._gate)
            self._gate.enter("storage", "commit")
        self._gate.leave("storage", "commit")

    def purge(self, now: datetime, journal_before: datetime, **report: Any) -> dict[str, int]:
        self._gate.enter("storage", "purge", self._is_free)
        return super().purge(now, journal_before, **report)

    @contextmanager
    def _drafting(self) -> Iterator[Any]:
        with super()._drafting() as drafts:
            yield drafts
            found = [
                Change(name, key, before, row)
                for name, draft in vars(drafts).items()
                if isinstance(draft, Draft)
                for key, row in draft._changes.items()
                if (before := draft._table.get(key)) is not None or row is not None
            ]
        self._watch(found)

    def _is_free(self) -> bool:
        return self._writer is None
