"""The shape of what a person types to say who they are (``C1``)."""

from __future__ import annotations

import re
from datetime import date

from ..facts import Problem
from ..policy import IdentityPolicy

__all__ = ["has_right_check_digit", "read_birth_date", "read_rpps"]

_SPACES = re.compile("[ \u00a0\u202f]")
_RPPS = re.compile(r"[0-9]{11}", re.ASCII)
_NATIONAL_IDENTIFIER = re.compile(r"8[0-9]{11}", re.ASCII)
_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII)
_EARLIEST = date(1900, 1, 1)


def has_right_check_digit(rpps: str) -> bool:
    """Whether eleven digits satisfy the Luhn formula, the key of an RPPS number."""
    total = 0
    for place, digit in enumerate(reversed(rpps)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def read_rpps(typed: str, policy: IdentityPolicy) -> str | Problem:
    """Read an RPPS number: eleven ASCII digits once spaces and no-break spaces are gone."""
    digits = _SPACES.sub("", typed)
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
    """Read a birth date as dd/mm/yyyy: a real day, of someone old enough on ``today``."""
    text = typed.strip(" \u00a0\u202f")
    if not text:
        return Problem.BIRTH_DATE_REQUIRED
    parts = _DATE.fullmatch(text)
    if parts is None:
        return Problem.BIRTH_DATE_SHAPE
    day, month, year = (int(part) for part in parts.groups())
    try:
        born = date(year, month, day)
    except ValueError:
        return Problem.BIRTH_DATE_UNREAL
    if born < _EARLIEST or _age(born, today) < policy.minimum_age_years:
        return Problem.BIRTH_DATE_RANGE
    return born


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
