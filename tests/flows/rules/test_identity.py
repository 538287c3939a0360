"""The shape of an RPPS number and of a birth date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.facts import Problem
from monespace_flows.policy import IdentityPolicy
from monespace_flows.rules.identity import has_right_check_digit, read_birth_date, read_rpps

from .unseen import scattered

POLICY = IdentityPolicy()
STRICT = IdentityPolicy(luhn="enforce")
TODAY = date(2026, 11, 22)
FICTIVE = [
    *("99000000002", "99000000010", "99000000028", "99000000036", "99000000051", "99999999990")
]


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
        ("99000000002\n", "99000000002"),
        ("99\t000\u2009000\u2007002", "99000000002"),
        ("99.000-000–002", "99000000002"),
        ("N° RPPS : 99000000002", "99000000002"),
        ("n\u00ba rpps 99000000002", "99000000002"),
        ("RPPS n° : 99000000002", "99000000002"),
        ("Nume\u0301ro de RPPS : 99000000002", "99000000002"),
        ("RPPS", Problem.RPPS_REQUIRED),
        ("RPPS : 8 99000000002", Problem.RPPS_LEADING_EIGHT),
        ("9900000000O", Problem.RPPS_SHAPE),
        ("99000000002 RPPS", Problem.RPPS_SHAPE),
        ("990000/00002", Problem.RPPS_SHAPE),
        ("9900000000²", Problem.RPPS_SHAPE),
        ("99000000002\0", Problem.RPPS_SHAPE),
        ("99000000003", "99000000003"),
    ],
)
def test_a_number_is_eleven_digits(typed: str, read: str | Problem) -> None:
    """Spaces and a label before them do not count; the check digit is only observed."""
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


@given(scattered("99000000002"))
def test_what_cannot_be_seen_is_not_in_a_number(typed: str) -> None:
    """Wherever it is, and however much of it."""
    assert read_rpps(typed, POLICY) == "99000000002"


SEEN = st.text("0123456789０９²OIl .-–/\u00a0\u200b\t", max_size=20)


@given(SEEN)
def test_only_what_shows_eleven_digits_is_a_number(typed: str) -> None:
    """One more or one less is never made up for."""
    digits = [it for it in typed if it in "0123456789０９"]
    read = read_rpps(typed, POLICY)

    assert isinstance(read, Problem) or len(digits) == 11


LIVED = st.dates(date(1900, 1, 1), date(2008, 11, 22))
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
SPELLINGS = (
    "{d:02}/{m:02}/{y}",
    "{d}/{m}/{y}",
    "{d:02}-{m:02}-{y}",
    "{d}.{m}.{y}",
    "{d} {m} {y}",
    " {d} / {m}-{y} ",
    "{d:02}{m:02}{y}",
    "{d:02}{m:02}/{y}",
    "{d}/{m:02}{y}",
    "{y}-{m:02}-{d:02}",
    "{y}/{m}/{d}",
    "{y}{m:02}{d:02}",
    "{d} {month} {y}",
    "{d}er {MONTH} {y}",
    "{d}-{short}-{y}",
    "{d}{bare}{y}",
)


def spelt(born: date, spelling: str) -> str:
    month = MONTHS[born.month - 1]
    short = {"juin": "juin", "juillet": "juil."}.get(month, f"{month[:3]}.")
    bare = month.replace("é", "e").replace("û", "u")
    return spelling.format(
        d=born.day,
        m=born.month,
        y=f"{born.year:04}",
        month=month,
        MONTH=month.upper(),
        short=short,
        bare=bare,
    )


@given(LIVED, st.sampled_from(SPELLINGS))
def test_every_day_of_an_adult_s_life_is_read(born: date, spelling: str) -> None:
    """In every spelling that means one day only."""
    assert read_birth_date(spelt(born, spelling), TODAY, POLICY) == born


@given(LIVED, st.sampled_from(SPELLINGS), st.data())
def test_what_cannot_be_seen_is_not_in_a_date(
    born: date, spelling: str, data: st.DataObject
) -> None:
    """Between its characters stands nothing, whatever a document put there."""
    typed = data.draw(scattered(spelt(born, spelling), blanks=False))

    assert read_birth_date(typed, TODAY, POLICY) == born


def test_eight_digits_are_never_two_dates() -> None:
    """Day first or year first: for each day since 1900, the other reading is no day since 1900."""
    earliest, latest = date(1900, 1, 1), date(2100, 12, 31)
    days = [earliest + timedelta(count) for count in range((latest - earliest).days + 1)]
    day_first = {f"{it:%d%m}{it.year}" for it in days}
    year_first = {f"{it.year}{it:%m%d}" for it in days}

    assert day_first.isdisjoint(year_first)


@given(st.text("0123456789", min_size=8, max_size=8))
def test_eight_digits_are_read_as_the_one_date_that_they_are(typed: str) -> None:
    """Or as none."""
    readings = {
        born
        for year, month, day in (
            (typed[4:], typed[2:4], typed[:2]),
            (typed[:4], typed[4:6], typed[6:]),
        )
        if (born := day_of(year, month, day)) is not None
    }
    read = read_birth_date(typed, TODAY, POLICY)

    assert ({read} if isinstance(read, date) else set()) == readings


def day_of(year: str, month: str, day: str) -> date | None:
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return born if date(1900, 1, 1) <= born <= date(2008, 11, 22) else None


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        ("1er mars 1980", date(1980, 3, 1)),
        ("1ᵉʳ mars 1980", date(1980, 3, 1)),
        ("3 nov. 1990", date(1990, 11, 3)),
        ("3 Sept 1990", date(1990, 9, 3)),
        ("3 janv. 1990", date(1990, 1, 3)),
        ("3 juill. 1990", date(1990, 7, 3)),
        ("3 AOÛT 1990", date(1990, 8, 3)),
        ("3 aou\u0302t 1990", date(1990, 8, 3)),
        ("3 fevr 1990", date(1990, 2, 3)),
        ("03.11.1990.", date(1990, 11, 3)),
        ("０３／１１／１９９０", date(1990, 11, 3)),
        ("03\u221211\u22121990", date(1990, 11, 3)),
        ("20012001", date(2001, 1, 20)),
        ("20011900", date(1900, 1, 20)),
        ("01/01/1900", date(1900, 1, 1)),
        ("20010120", date(2001, 1, 20)),
        ("19041904", date(1904, 4, 19)),
        ("20122004", date(2004, 12, 20)),
    ],
    ids=ascii,
)
def test_a_date_as_people_write_it(typed: str, born: date) -> None:
    """Abbreviated, in capitals, with or without accents."""
    assert read_birth_date(typed, TODAY, POLICY) == born


@given(st.text())
def test_whatever_is_typed_as_a_date_is_answered(typed: str) -> None:
    """By a day or a problem, and by no error of ours."""
    assert isinstance(read_birth_date(typed, TODAY, POLICY), date | Problem)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", Problem.BIRTH_DATE_REQUIRED),
        ("  ", Problem.BIRTH_DATE_REQUIRED),
        ("\u200b/", Problem.BIRTH_DATE_REQUIRED),
        ("1/6/80", Problem.BIRTH_DATE_YEAR),
        ("X01/06/1980", Problem.BIRTH_DATE_SHAPE),
        ("80-06-01", Problem.BIRTH_DATE_YEAR),
        ("010680", Problem.BIRTH_DATE_YEAR),
        ("1 juin 80", Problem.BIRTH_DATE_YEAR),
        ("061980", Problem.BIRTH_DATE_SHAPE),
        ("1/6/198", Problem.BIRTH_DATE_SHAPE),
        ("1/6/19800", Problem.BIRTH_DATE_SHAPE),
        ("001/06/1980", Problem.BIRTH_DATE_SHAPE),
        ("3 jui 1990", Problem.BIRTH_DATE_SHAPE),
        ("3 ju 1990", Problem.BIRTH_DATE_SHAPE),
        ("3 novembres 1990", Problem.BIRTH_DATE_SHAPE),
        ("3 november 1990", Problem.BIRTH_DATE_SHAPE),
        ("1980-06-01T00:00", Problem.BIRTH_DATE_SHAPE),
        ("06/17/1980", Problem.BIRTH_DATE_UNREAL),
        ("19800431", Problem.BIRTH_DATE_UNREAL),
        ("1980-04-31", Problem.BIRTH_DATE_UNREAL),
        ("31 avril 1980", Problem.BIRTH_DATE_UNREAL),
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
