"""A purge once a day, by one of several processes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest

from monespace_backends.housekeeping import Housekeeper
from monespace_backends.storage import SqlStorage
from monespace_flows.errors import MonespaceError, PortUnavailable
from monespace_flows.testing import MemoryClock, MemorySecrets
from tests.servers import storages

from .storage.examples import DAY, NOW, link

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)

RETENTION = timedelta(days=183)
A_MOMENT = timedelta(milliseconds=5)


def keeper(storage: SqlStorage, clock: MemoryClock, **waits: timedelta) -> Housekeeper:
    return Housekeeper(storage, MemorySecrets(), clock, RETENTION, **waits)


@contextmanager
def running(one: Housekeeper) -> Iterator[None]:
    one.start()
    try:
        yield
    finally:
        one.stop()


def until(is_so: Any) -> None:
    end = monotonic() + 10
    while not is_so() and monotonic() < end:
        sleep(0.01)
    assert is_so()


def test_what_is_past_its_life_goes_once_a_day(storage: SqlStorage, twin: SqlStorage) -> None:
    """Whichever process comes first does it, for all of them, and writes the day's head."""
    clock = MemoryClock(NOW)
    first, second = keeper(storage, clock), keeper(twin, clock)
    with storage.writing() as unit:
        unit.links.add(link(expires_at=NOW))

    counts = first.run_once()
    again = second.run_once()
    clock.advance(hours=23, minutes=59)
    early = first.run_once()
    clock.advance(minutes=1)

    assert counts is not None
    assert counts["links"] == 1
    assert (again, early) == (None, None)
    assert second.run_once() is not None
    with storage.heads() as heads:
        assert len(heads.since(0)) == 2


def test_a_clock_that_was_put_back_stops_no_purge(storage: SqlStorage) -> None:
    assert storage.take_turn("purge", NOW + 30 * DAY, DAY)

    assert storage.take_turn("purge", NOW, DAY)
    assert not storage.take_turn("purge", NOW, DAY)
    assert storage.take_turn("another", NOW, DAY)


def purges(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was told of them, and not of the journals' heads."""
    return [it.getMessage() for it in caplog.records if it.name.endswith(".housekeeping")]


def test_it_looks_by_itself(storage: SqlStorage, caplog: pytest.LogCaptureFixture) -> None:
    clock = MemoryClock(NOW)
    with (
        caplog.at_level(logging.INFO, "monespace_backends.housekeeping"),
        running(keeper(storage, clock, first=A_MOMENT, again=A_MOMENT)),
    ):
        until(lambda: purges(caplog))
        clock.advance(hours=24)
        until(lambda: len(purges(caplog)) > 1)

    assert purges(caplog)[0] == (
        "purged: journeys 0, journal 0, outbox 0, budgets 0, sessions 0, links 0"
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PortUnavailable("storage"), "nothing was purged: storage "),
        (MonespaceError("the keys are gone"), "nothing was purged: the keys are gone"),
        (OSError("/a/path"), "nothing was purged: OSError"),
    ],
)
def test_one_that_fails_is_told_and_tried_again(
    error: Exception,
    told: str,
    storage: SqlStorage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = Event()

    def fail_once(*_: object) -> bool:
        monkeypatch.setattr(storage, "take_turn", lambda *_: done.set())
        raise error

    monkeypatch.setattr(storage, "take_turn", fail_once)
    with running(keeper(storage, MemoryClock(NOW), first=A_MOMENT, again=A_MOMENT)):
        assert done.wait(10)

    assert caplog.messages[0].startswith(told)
    assert "/a/path" not in caplog.text


def test_it_can_be_stopped_before_it_starts(storage: SqlStorage) -> None:
    keeper(storage, MemoryClock(NOW)).stop()
