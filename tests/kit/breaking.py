"""What broken ports are made of: good ports in memory, of which one thing is done otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any

from attrs import evolve

from monespace_flows.ports import Storage
from monespace_flows.testing import (
    MemoryClock,
    MemoryEmails,
    MemoryMessaging,
    MemoryPasswords,
    MemorySecrets,
    MemoryStorage,
    demo_registry,
)
from monespace_flows.testing.contracts import Candidate, Make, People

__all__ = ["BROKEN", "Patched", "breaks", "good", "patched", "secrets", "with_purge", "with_store"]

PEOPLE = People(
    admitted=("99000000002", date(1975, 6, 17)), refused=("99000000051", date(1960, 1, 1))
)

BROKEN: dict[str, Make] = {}
"""A broken port for each rule, by its number."""


def breaks(number: str) -> Callable[[Make], Make]:
    """Say which rule a port breaks."""

    def listed(make: Make) -> Make:
        assert number not in BROKEN
        BROKEN[number] = make
        return make

    return listed


def secrets(generations: int = 1) -> MemorySecrets:
    """Make secrets of so many keys."""
    made = MemorySecrets("test")
    for _ in range(generations - 1):
        made.rotate()
    return made


def good(**changes: Any) -> Candidate:
    """Make ports that keep every rule, but for what is changed."""
    storage, messages, away, retired = (
        MemoryStorage(),
        MemoryMessaging(),
        MemoryMessaging(),
        secrets(2),
    )
    away.fail_next(99)
    retired.forget_oldest()
    return evolve(
        Candidate(
            storage=storage,
            twin=storage,
            registry=demo_registry(),
            people=PEOPLE,
            secrets=secrets(),
            rotated=secrets(2),
            retired=retired,
            passwords=MemoryPasswords(),
            emails=MemoryEmails(),
            messaging=messages,
            received=lambda: [it.id for it in messages],
            away=away,
            clock=MemoryClock(),
            absent={"processes": "it lives in one process"},
        ),
        **changes,
    )


class Patched:
    """An object of which some methods are others; these are called with the object first."""

    def __init__(self, target: object, **instead: Callable[..., object]) -> None:
        self._target = target
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        if name in self._instead:
            return partial(self._instead[name], self._target)
        return getattr(self._target, name)


def patched(target: object, **instead: Callable[..., object]) -> Any:
    """The same, for whoever asks for a port."""
    return Patched(target, **instead)


class _Unit(Patched):
    """A unit of which one store is patched."""

    def __init__(self, unit: object, store: str, instead: dict[str, Callable[..., object]]) -> None:
        super().__init__(unit)
        setattr(self, store, Patched(getattr(unit, store), **instead))


def stored_in(storage: Storage) -> Candidate:
    """Make good ports with another storage, opened once."""
    return good(storage=storage, twin=storage)


def with_store(store: str, **instead: Callable[..., object]) -> Candidate:
    """Make ports whose storage has one store that does something otherwise."""

    @contextmanager
    def reading(inner: Storage) -> Iterator[_Unit]:
        with inner.reading() as unit:
            yield _Unit(unit, store, instead)

    @contextmanager
    def writing(inner: Storage) -> Iterator[_Unit]:
        with inner.writing() as unit:
            yield _Unit(unit, store, instead)

    return stored_in(patched(MemoryStorage(), reading=reading, writing=writing))


def with_purge(table: str, is_over: Callable[[Any, datetime, datetime], bool]) -> Candidate:
    """Make ports whose purge takes more of a table than it should."""

    def purge(inner: MemoryStorage, now: datetime, before: datetime, **report: Any) -> object:
        counts = inner.purge(now, before, **report)
        with inner._drafting() as drafts:
            getattr(drafts, table).drop_where(lambda row: is_over(row, now, before))
        return counts

    return stored_in(patched(MemoryStorage(), purge=purge))
