"""The machine's clock, and the one that runs ahead."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monespace_backends.clock import ClockFileInvalid, ShiftedClock, SystemClock
from monespace_flows.errors import PortUnavailable
from monespace_flows.testing import MemoryClock
from monespace_flows.testing.contracts import Candidate, ClockContract, Make


def ahead(clock: ShiftedClock) -> float:
    """How many whole seconds a clock runs ahead."""
    return round((clock.now() - datetime.now(UTC)).total_seconds())


class TestContract(ClockContract):
    """What hosts' own must do, too."""

    @pytest.fixture(params=[SystemClock, MemoryClock])
    def make(self, request: pytest.FixtureRequest) -> Make:
        return lambda: Candidate(clock=request.param())


def test_the_machine_s_clock_is_in_utc() -> None:
    now = SystemClock().now()

    assert now.utcoffset() == timedelta(0)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_it_runs_ahead_by_what_the_file_holds_now(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = ShiftedClock(file)
    seen = [ahead(clock)]
    for text in ["600", "", " 86400.5\n", "0"]:
        file.write_text(text)
        seen.append(ahead(clock))

    assert seen == [0, 600, 0, 86400, 0]


def test_it_is_in_utc(tmp_path: Path) -> None:
    assert ShiftedClock(tmp_path / "clock").now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text", ["ten", "-5", "1e5", "inf", "1_000", "٥", "1 2", "9999999999", "é"]
)
def test_anything_else_is_refused_at_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clock"
    file.write_text(text)

    with pytest.raises(ClockFileInvalid, match="clock: must hold a number of seconds"):
        ShiftedClock(file)


def test_what_cannot_be_read_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "clock").write_bytes(b"\xff")

    with pytest.raises(ClockFileInvalid, match="cannot be read"):
        ShiftedClock(tmp_path / "clock")
    with pytest.raises(ClockFileInvalid, match="cannot be read"):
        ShiftedClock(tmp_path)


def test_a_file_that_goes_bad_stops_the_clock(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path / "clock")
    (tmp_path / "clock").write_text("ten")

    with pytest.raises(PortUnavailable, match="clock"):
        clock.now()
