"""The shape of an RPPS number and of a birth date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.facts import Problem
from monespace_flows.policy import IdentityPolicy
from monespace_flows.rules.identity import has_right_check_digit, read_birth_date, read_rpps

POLICY = IdentityPolicy()
STRICT = IdentityPolicy(luhn="enforce")
TODAY = date(2026, 11, 22)
FICTIVE = ["99000000002", "99000000010", "99000000028", "99000000036", "99999999990"]


@pytest.mark.parametrize("rpps", FICTIVE)
def test_the_check_digit_is_that_of_luhn_over_eleven_digits(rpps: str) -> None:
    """No other last digit passes, nor does the national form with its 8 before."""
    others = [rpps[:-1] + digit for digit in "0123456789" if digit != rpps[-1]]

    assert has_right_check_digit(rpps)
    assert not any(has_right_check_digit(other) for other in others)
    assert not has_right_check_digit(f"8{rpps}")


@given(st.from_regex(r"\A[0-9]{11}\Z", fullmatch=True), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_always_shows(digits: str, place: int, shift: int) -> None:
    """What the formula is for: a slip of one finger."""
    slipped = str((int(digits[place]) + shift) % 10)
    other = digits[:place] + slipped + digits[place + 1 :]

    assert not (has_right_check_digit(digits) and has_right_check_digit(other))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("99000000002", "99000000002"),
        (" 99 000 000 002", "99000000002"),
        ("", Problem.RPPS_REQUIRED),
        (" \u00a0", Problem.RPPS_REQUIRED),
        ("899000000002", Problem.RPPS_LEADING_EIGHT),
        ("799000000002", Problem.RPPS_SHAPE),
        ("9900000000", Problem.RPPS_SHAPE),
        ("99000000002\n", Problem.RPPS_SHAPE),
        ("99000000003", "99000000003"),
    ],
)
def test_a_number_is_eleven_digits(typed: str, read: str | Problem) -> None:
    """Spaces between them do not count; the check digit is only observed."""
    assert read_rpps(typed, POLICY) == read


def test_a_host_may_enforce_the_check_digit() -> None:
    """Shape is told before the check digit is."""
    assert read_rpps("99000000003", STRICT) is Problem.RPPS_CHECK_DIGIT
    assert read_rpps("99000000002", STRICT) == "99000000002"
    assert read_rpps("990000000", STRICT) is Problem.RPPS_SHAPE


@given(st.text())
def test_what_is_read_of_a_number_is_ascii_digits_or_a_problem(typed: str) -> None:
    """Whatever is typed, nothing else comes out."""
    read = read_rpps(typed, POLICY)

    assert isinstance(read, Problem) or (len(read) == 11 and read.isascii() and read.isdigit())


@given(st.dates(date(1900, 1, 1), date(2008, 11, 22)))
def test_every_day_of_an_adult_s_life_is_read(born: date) -> None:
    """As two digits, two digits and four."""
    assert read_birth_date(f"{born:%d/%m}/{born.year:04}", TODAY, POLICY) == born


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", Problem.BIRTH_DATE_REQUIRED),
        ("  ", Problem.BIRTH_DATE_REQUIRED),
        ("1/6/1980", Problem.BIRTH_DATE_SHAPE),
        ("1980-06-01", Problem.BIRTH_DATE_SHAPE),
        ("01/06/1980\n", Problem.BIRTH_DATE_SHAPE),
        ("31/04/1980", Problem.BIRTH_DATE_UNREAL),
        ("29/02/1981", Problem.BIRTH_DATE_UNREAL),
        ("00/01/1980", Problem.BIRTH_DATE_UNREAL),
        ("01/01/0000", Problem.BIRTH_DATE_UNREAL),
        ("31/12/1899", Problem.BIRTH_DATE_RANGE),
        ("23/11/2008", Problem.BIRTH_DATE_RANGE),
        ("22/11/2030", Problem.BIRTH_DATE_RANGE),
    ],
)
def test_what_is_no_birth_date_is_told_why(typed: str, problem: Problem) -> None:
    """Missing, ill-formed, not in the calendar, or not an age."""
    assert read_birth_date(typed, TODAY, POLICY) is problem


@pytest.mark.parametrize(
    ("today", "age", "is_old_enough"),
    [
        (date(2026, 2, 27), 18, False),
        (date(2026, 2, 28), 18, False),
        (date(2026, 3, 1), 18, True),
        (date(2028, 2, 29), 20, True),
    ],
)
def test_someone_born_on_a_leap_day_is_a_year_older_on_the_first_of_march(
    today: date, age: int, is_old_enough: bool
) -> None:
    """In years without that day; in leap years on the day itself."""
    read = read_birth_date("29/02/2008", today, IdentityPolicy(minimum_age_years=age))

    assert (read == date(2008, 2, 29)) is is_old_enough
