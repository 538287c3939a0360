"""The classes for pytest: a test a rule, and none that is left out without a word."""

from __future__ import annotations

from datetime import date
from unittest import SkipTest

import pytest

from monespace_flows.testing.contracts import ClockContract, Make, StorageContract, Waiver, rules_of

from .breaking import good
from .every import BROKEN

FOR_LONG = date(2999, 1, 1)


def waiver(number: str, until: date = FOR_LONG) -> Waiver:
    return Waiver(rule=number, reason="our server's clock", until=until)


class TestOurs(ClockContract):
    """On a clock that is right."""

    @pytest.fixture
    def make(self) -> Make:
        return good


def test_there_is_a_test_for_each_rule_whose_docstring_is_the_sentence() -> None:
    for rule in rules_of(["storage"]):
        test = getattr(StorageContract, f"test_{rule.number.lower().replace('-', '_')}")

        assert test.__doc__ == rule.sentence


def test_a_broken_rule_fails_with_all_that_is_known_of_it() -> None:
    with pytest.raises(
        AssertionError, match=r"PORT-CLOCK-01: .*\n  seen: .*\n  else: .*\n  hint: "
    ):
        ClockContract().test_port_clock_01(BROKEN["PORT-CLOCK-01"])  # type: ignore[attr-defined]


def test_one_that_is_waived_or_not_possible_is_skipped_with_the_reason() -> None:
    class Waived(ClockContract):
        waivers = (waiver("PORT-CLOCK-01"),)

    with pytest.raises(
        SkipTest, match="PORT-CLOCK-01 waived: until 2999-01-01: our server's clock"
    ):
        Waived().test_port_clock_01(BROKEN["PORT-CLOCK-01"])  # type: ignore[attr-defined]
    with pytest.raises(SkipTest, match="PORT-STORAGE-10 absent: without processes"):
        StorageContract().test_port_storage_10(good)  # type: ignore[attr-defined]


def test_a_test_that_is_written_over_or_taken_out_fails() -> None:
    class WrittenOver(ClockContract):
        def test_port_clock_01(self, make: Make) -> None:
            """Nothing."""

    class TakenOut(ClockContract):
        test_port_clock_02 = None

    class Said(TakenOut):
        waivers = (waiver("PORT-CLOCK-02"),)

    class SaidForTooLong(TakenOut):
        waivers = (waiver("PORT-CLOCK-02", date(2020, 1, 1)),)

    with pytest.raises(AssertionError, match="written over: PORT-CLOCK-01"):
        WrittenOver().test_no_rule_is_left_out(good)
    for each in (TakenOut, SaidForTooLong):
        with pytest.raises(AssertionError, match="written over: PORT-CLOCK-02"):
            each().test_no_rule_is_left_out(good)
    Said().test_no_rule_is_left_out(good)


def test_a_waiver_of_another_port_fails() -> None:
    class Elsewhere(ClockContract):
        waivers = (waiver("PORT-STORAGE-01"),)

    with pytest.raises(AssertionError, match="no rule of this port: PORT-STORAGE-01"):
        Elsewhere().test_no_rule_is_left_out(good)
