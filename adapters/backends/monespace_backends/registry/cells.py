"""Mobile numbers as a registry holds them, told from land lines by how they begin.

Operators hand out new blocks sooner than any list of them learns: whether a French number is a
mobile one is said by its first digits, which the regulator fixes, and by nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from sys import intern
from typing import Final, TypeVar

import phonenumbers
from attrs import define, field

from monespace_flows.facts import Role
from monespace_flows.rules.typed import plain, visible

from ..emails import Emails

__all__ = ()

_GROUPING = re.compile(r"[ .()-]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_FRANCE = "33"
_NATIONAL: Final = {
    _FRANCE: r"[67][0-9]{8}",
    "262": r"[67][0-9]{8}",  # La Réunion, Mayotte
    "508": r"(?!41)[0-9]{6}|[67][0-9]{8}",  # Saint-Pierre-et-Miquelon: 41 is the land line
    "590": r"[67][0-9]{8}",  # Guadeloupe, Saint-Martin, Saint-Barthélemy
    "594": r"[67][0-9]{8}",  # Guyane
    "596": r"[67][0-9]{8}",  # Martinique
    "681": r"[0-9]{6}",  # Wallis-et-Futuna: both kinds begin with 72
    "687": r"(?!88)[5-9][0-9]{5}",  # Nouvelle-Calédonie
    "689": r"8[79][0-9]{6}",  # Polynésie française
}
_MOBILE = {code: re.compile(pattern, re.ASCII) for code, pattern in _NATIONAL.items()}
# The overseas departments share the ten digits of mainland France, not its code: 0690 12 34 56 is
# called from abroad as +590 690 12 34 56.
_OVERSEAS: Final = {
    **dict.fromkeys(("639", "692", "693", "7092"), "262"),
    **dict.fromkeys(("690", "691", "7090"), "590"),
    **dict.fromkeys(("694", "70930", "70931", "70932", "70933", "70934"), "594"),
    **dict.fromkeys(("696", "697", "7091"), "596"),
    **dict.fromkeys(("70935", "70936", "70937", "70938", "70939"), "262"),
}


def mobile_of(text: str) -> str:
    """Read a mobile number, written as +33612345678, 0033… or, if it is French, as 06 12 34 56 78.

    Returns:
        The number in E.164.

    Raises:
        ValueError: saying why it is none, and never what was written.
    """
    digits = _international(_GROUPING.sub("", plain(text).replace("(0)", "")))
    if not _E164.fullmatch(digits):
        raise ValueError("is not one number as +33612345678")
    for code, mobile in _MOBILE.items():
        if digits.startswith(f"+{code}"):
            national = digits[len(code) + 1 :].removeprefix("0")
            if not mobile.fullmatch(national):
                raise ValueError("is not a mobile number")
            return f"+{_code_of(national) if code == _FRANCE else code}{national}"
    return _of_abroad(digits)


def is_reached(mobile: str, dial_codes: AbstractSet[int]) -> bool:
    """Whether a number in E.164 is one of these countries'; no country's code begins another's."""
    return any(mobile.startswith(f"+{code}") for code in dial_codes)


def _international(digits: str) -> str:
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{_FRANCE}{digits[1:]}" if digits.startswith("0") else digits


def _code_of(national: str) -> str:
    fitting = (code for start, code in _OVERSEAS.items() if national.startswith(start))
    return next(fitting, _FRANCE)


def _of_abroad(digits: str) -> str:
    # A length that the country has: what is wrong beyond that, its operators know, not we.
    try:
        number = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError("is not one number as +33612345678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# --- cells: what each may hold, and what it costs if wrong ---------------------------------------
# A wrong identity costs the row: whom it would let in cannot be told.  Anything else that is wrong
# is taken for unknown, as if the Order did not know it.  No message repeats what a cell holds.

Value = TypeVar("Value")

COLUMNS = ("rpps", "birth_date", "role", "status", "mobile", "email", "council")
"""The columns that a file must have; it may have others."""

_RPPS = re.compile(r"[0-9]{11}", re.ASCII)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_UNKNOWN = re.compile(r"0000-[0-9]{2}-[0-9]{2}|[0-9]{4}-00-[0-9]{2}|[0-9]{4}-(0[1-9]|1[0-2])-00")
_ROLES = {role.value: role for role in Role}
_EMAILS = Emails()


class _RowUnusable(ValueError):
    """What is wrong with a person's identity."""


@define
class Cells:
    """The cells of one row.

    Attributes:
        faults: what makes the row unusable, found so far.
        warnings: what was taken for unknown so far.
    """

    row: Mapping[str, str] = field(repr=False)
    faults: list[str] = field(factory=list)
    warnings: list[str] = field(factory=list)

    def rpps(self) -> str | None:
        """The number that the row is about: eleven digits."""
        return self._read("rpps", _rpps)

    def birth_date(self) -> date | None:
        """A day in ISO form; some people's day or month nobody knows."""
        return self._read("birth_date", _birth_date)

    def role(self) -> Role | None:
        """One of the three roles, in any case and with or without accents."""
        return self._read("role", _role)

    def status(self) -> str | None:
        """The word that admits a person, or any other, in any case."""
        return self._read("status", _status)

    def mobile(self) -> str | None:
        """A mobile number, in E.164."""
        return self._read("mobile", _mobile)

    def email(self) -> str | None:
        """An address that mail can reach."""
        return self._read("email", _email)

    def text(self, column: str) -> str | None:
        """A name; escapes would travel into letters, terminals and logs."""
        return self._read(column, _text)

    def _read(self, column: str, reader: Callable[[str], Value]) -> Value | None:
        # What is wrong with a cell is noted, and the value unknown.
        try:
            return reader(self.row.get(column, ""))
        except _RowUnusable as error:
            self.faults.append(f"{column} {error}")
        except ValueError as error:
            self.warnings.append(f"{column} {error}")
        return None


def _rpps(cell: str) -> str:
    text = plain(cell).replace(" ", "")
    if not _RPPS.fullmatch(text):
        raise _RowUnusable("is not eleven digits" if text else "is missing")
    return text


def _birth_date(cell: str) -> date:
    text = plain(cell)
    if not text:
        raise ValueError("is empty: nothing that is typed will match")
    if not _DATE.fullmatch(text):
        raise _RowUnusable("is not a date as 1975-06-17")
    if _UNKNOWN.fullmatch(text):
        raise ValueError("is not known to the day: nothing that is typed will match")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _RowUnusable("is not a day of the calendar") from None


def _role(cell: str) -> Role:
    word = _word(cell)
    if not word:
        raise ValueError("is empty: the person is not admitted")
    if word not in _ROLES:
        raise _RowUnusable(f"is none of {', '.join(_ROLES)}")
    return _ROLES[word]


def _status(cell: str) -> str:
    word = _word(cell)
    if not word:
        raise ValueError("is empty: the person is not admitted")
    return intern(word)


def _mobile(cell: str) -> str | None:
    text = visible(cell)
    return mobile_of(text) if text else None


def _email(cell: str) -> str | None:
    text = visible(cell)
    if not text:
        return None
    read = _EMAILS.read(text)
    if read is not None:
        return read.address
    if text.count("@") > 1:
        raise ValueError("holds more than one address")
    if not text.partition("@")[0].isascii():
        raise ValueError("has a letter before the @ that mail does not carry everywhere")
    raise ValueError("is not an address that mail can reach")


def _text(cell: str) -> str | None:
    if any(unicodedata.category(it) == "Cc" and not it.isspace() for it in cell):
        raise ValueError("holds a control character")
    return intern(visible(cell)) or None


def _word(cell: str) -> str:
    letters = unicodedata.normalize("NFD", plain(cell).casefold())
    bare = "".join(it for it in letters if not unicodedata.combining(it))
    return bare.replace(" ", "_").replace("-", "_")
