"""The shape of what a person types to say who they are (``C1``)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from ..facts import Problem
from ..policy import IdentityPolicy
from .typed import digits_of, plain

__all__ = ["read_birth_date", "read_rpps"]

# « N° RPPS : 99000000002 » is how a letter or a file of contacts has it.
_LABEL = re.compile(r"\A(?:rpps|num[ée]ro(?:de)?|n[°ºo]\.?|№|[:=])+", re.IGNORECASE)
_RPPS = re.compile(r"[0-9]{11}", re.ASCII)
_NATIONAL_IDENTIFIER = re.compile(r"8[0-9]{11}", re.ASCII)

# Between the parts of a date, once _parted has been there, stands one hyphen.
_BETWEEN = re.compile("[ ./,-]+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4}|[0-9]{2})", re.ASCII)
_ONE_BETWEEN = re.compile(r"([0-9]{1,2}(?=-)|[0-9]{2})-?([0-9]{2})-?([0-9]{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_EIGHT_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})", re.ASCII)
_EIGHT_YEAR_FIRST = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
_SIX_DIGITS = re.compile(r"(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])([0-9]{2})", re.ASCII)
_NAMED = re.compile(r"([0-9]{1,2})(?:er|ᵉʳ)?-?([^\W\d_]{3,})-?([0-9]{4}|[0-9]{2})")
MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_EARLIEST = date(1900, 1, 1)


def has_right_check_digit(rpps: str) -> bool:
    """Whether eleven digits satisfy the Luhn formula, the key of an RPPS number."""
    total = 0
    for place, digit in enumerate(reversed(rpps)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def read_rpps(typed: str, policy: IdentityPolicy) -> str | Problem:
    """Read an RPPS number: eleven digits, however they are grouped and labelled."""
    digits = digits_of(typed, _LABEL)
    if not digits:
        return Problem.RPPS_REQUIRED
    if _NATIONAL_IDENTIFIER.fullmatch(digits):
        return Problem.RPPS_LEADING_EIGHT
    if not _RPPS.fullmatch(digits):
        return Problem.RPPS_SHAPE
    if policy.luhn == "enforce" and not has_right_check_digit(digits):
        return Problem.RPPS_CHECK_DIGIT
    return digits


def read_birth_date(typed: str, today: date, policy: IdentityPolicy) -> date | Problem:
    """Read a birth date: a real day, of someone old enough on ``today``.

    Any spelling that means one day only will do: day first or year first, with whatever stands
    between the parts, as eight digits, or with the month's French name.  A year of two digits
    means two years, so it is asked for again.
    """
    text = _parted(typed)
    if not text:
        return Problem.BIRTH_DATE_REQUIRED
    parts = _parts(text)
    if parts is None:
        return Problem.BIRTH_DATE_SHAPE
    day, month, year = parts
    if len(year) == 2:
        return Problem.BIRTH_DATE_YEAR
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return Problem.BIRTH_DATE_UNREAL
    if born < _EARLIEST or _age(born, today) < policy.minimum_age_years:
        return Problem.BIRTH_DATE_RANGE
    return born


def _parted(typed: str) -> str:
    return _BETWEEN.sub("-", plain(typed)).strip("-")


def _parts(text: str) -> tuple[str, str, str] | None:
    """Day, month and year as they were written; the year has two digits or four."""
    if found := _DAY_FIRST.fullmatch(text) or _SIX_DIGITS.fullmatch(text):
        day, month, year = found.groups()
        return day, month, year
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
        return day, month, year
    if _EIGHT_DIGITS.fullmatch(text):
        return _of_eight_digits(text)
    if found := _ONE_BETWEEN.fullmatch(text):
        day, month, year = found.groups()
        return day, month, year
    if found := _NAMED.fullmatch(text):
        day, name, year = found.groups()
        known = _month(name)
        return None if known is None else (day, known, year)
    return None


def _of_eight_digits(text: str) -> tuple[str, str, str]:
    # No day since 1900 can be read both ways: what begins with its year ends in 0101 to 1231, which
    # is no such year, and what ends with it (19041912) has no month in its middle.
    if text[4:] < "1900" and (found := _EIGHT_YEAR_FIRST.fullmatch(text)):
        year, month, day = found.groups()
        return day, month, year
    return text[:2], text[2:4], text[4:]


def _month(name: str) -> str | None:
    """The number of a month by its French name or the beginning of it, where one only fits."""
    letters = unicodedata.normalize("NFD", name.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    fitting = [number for number, month in enumerate(MONTHS, 1) if month.startswith(bare)]
    return str(fitting[0]) if len(fitting) == 1 else None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
