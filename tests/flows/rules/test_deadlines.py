"""When an entry is erased and when a journey ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.policy import JourneyPolicy
from monespace_flows.rules.waits import entry_end, journey_end

POLICY = JourneyPolicy()
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
minutes = st.integers(0, 400).map(lambda count: timedelta(minutes=count))


def at(count: float) -> datetime:
    return START + timedelta(minutes=count)


def test_an_entry_lives_ten_minutes_from_when_it_was_shown() -> None:
    """C2, D5."""
    assert entry_end(START, POLICY) == at(10)


@pytest.mark.parametrize(
    ("extended", "end"), [(None, 30), (5, 30), (20, 30), (25, 35), (100, 110), (175, 180)]
)
def test_prolonging_pushes_the_end_never_beyond_three_hours(
    extended: float | None, end: float
) -> None:
    """« Prolonger » gives ten minutes from when it is pressed, and takes none away."""
    prolonged = None if extended is None else at(extended)

    assert journey_end(START, START, prolonged, None, POLICY) == at(end)


@pytest.mark.parametrize("extended", [None, 14])
def test_a_state_with_a_life_of_its_own_ends_by_it(extended: float | None) -> None:
    """It runs from when the state was entered, and « Prolonger » does not push it."""
    prolonged = None if extended is None else at(extended)

    assert journey_end(START, at(7), prolonged, timedelta(minutes=15), POLICY) == at(22)


@given(minutes, minutes)
def test_prolonging_later_never_ends_sooner(first: timedelta, more: timedelta) -> None:
    """Whoever presses again loses nothing."""
    sooner = journey_end(START, START, START + first, None, POLICY)
    later = journey_end(START, START, START + first + more, None, POLICY)

    assert at(30) <= sooner <= later <= at(180)
