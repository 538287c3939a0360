"""How often is too often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.rules.waits import DAY, HOUR, growing_wait, window_wait

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NO_WAIT = timedelta(0)
ages = st.lists(st.integers(0, 2 * 24 * 3600), max_size=12)


def ago(*seconds: int) -> list[datetime]:
    return [NOW - timedelta(seconds=age) for age in seconds]


def growing(times: list[datetime], now: datetime = NOW) -> timedelta:
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    return growing_wait(times, now, free=3, first=minute, ceiling=hour)


@pytest.mark.parametrize(
    ("times", "wait"),
    [([], 0), ([10], 0), ([10, 20], 0), ([10, 20, 30], 3570), ([10, 20, 30, 40], 3570)],
)
def test_a_window_opens_when_fewer_than_its_limit_are_left(times: list[int], wait: int) -> None:
    """The limit is three an hour: the third keeps the next one waiting."""
    assert window_wait(ago(*times), NOW, 3, HOUR) == timedelta(seconds=wait)


@pytest.mark.parametrize(("age", "wait"), [(3599, 1), (3600, 0), (3601, 0)])
def test_an_event_counts_while_younger_than_the_window(age: int, wait: int) -> None:
    """At exactly one hour it counts no more."""
    assert window_wait(ago(age), NOW, 1, HOUR) == timedelta(seconds=wait)


@given(ages, st.integers(1, 6))
def test_after_the_wait_of_a_window_one_may_go_on(old: list[int], limit: int) -> None:
    """What it answers is true, in whichever order the events are given, and no longer than it."""
    times = ago(*old)
    wait = window_wait(times, NOW, limit, DAY)

    assert NO_WAIT <= wait <= DAY
    assert window_wait(times, NOW + wait, limit, DAY) == NO_WAIT
    assert window_wait(times[::-1], NOW, limit, DAY) == wait


@pytest.mark.parametrize(
    ("count", "minutes"),
    [(2, 0), (3, 1), (4, 2), (5, 4), (6, 8), (7, 16), (8, 32), (9, 60), (10, 60), (100, 60)],
)
def test_a_growing_wait_doubles_up_to_its_ceiling(count: int, minutes: int) -> None:
    """From the third event on, each doubles the wait after the last one."""
    assert growing(ago(*[0] * count)) == timedelta(minutes=minutes)


def test_a_growing_wait_runs_from_the_last_event() -> None:
    """Earlier ones only make it longer."""
    assert growing(ago(3000, 2000, 20)) == timedelta(seconds=40)
    assert growing(ago(3000, 2000, 60)) == NO_WAIT


def test_a_growing_wait_forgets_after_a_day() -> None:
    """Yesterday's events do not double today's wait."""
    yesterday = [24 * 3600] * 5

    assert growing(ago(*yesterday, 0, 0)) == NO_WAIT
    assert growing(ago(*yesterday, 0, 0, 0)) == timedelta(minutes=1)


@given(ages, st.integers(0, 3600))
def test_a_growing_wait_has_an_end_that_does_not_move(old: list[int], later: int) -> None:
    """Waiting shortens it by as much, until it is over; unless a day has passed meanwhile."""
    times = [time for time in ago(*old) if time > NOW - DAY + HOUR]
    wait = growing(times)

    assert growing(times, NOW + timedelta(seconds=later)) == max(
        wait - timedelta(seconds=later), NO_WAIT
    )
    assert NO_WAIT <= wait <= HOUR


def test_no_count_is_too_great() -> None:
    """A flood does not make the arithmetic fail."""
    assert growing(ago(*[0] * 5000)) == HOUR
