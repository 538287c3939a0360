"""The rows of a registry file: read strictly, with every fault told and no value repeated."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from sys import intern
from typing import TypeVar

import phonenumbers
from attrs import define, field, frozen

from monespace_flows.errors import MonespaceError
from monespace_flows.facts import Role
from monespace_flows.ports import Doctor

from .dial_codes import FRENCH_DIAL_CODES
from .emails import Emails

__all__ = ["Entry", "Fault", "RegistryFileInvalid", "read_entries"]

Value = TypeVar("Value")

_ADMITTED = "inscrit"
_COLUMNS = ("rpps", "birth_date", "role", "status", "mobile", "email", "council")
_RPPS = re.compile(r"[0-9]{11}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FRENCH_MOBILE = re.compile(r"\+33[67][0-9]{8}", re.ASCII)
_ROLES = {role.value: role for role in Role}
_E164 = phonenumbers.PhoneNumberFormat.E164
_MOBILES = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
_EMAILS = Emails()
_TOLD = 20


@frozen
class Fault:
    """What is wrong with one line of the file (1 is the header), or with the whole file (0)."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


class RegistryFileInvalid(MonespaceError):
    """A registry file cannot be used.

    Attributes:
        faults: all that is wrong with it, none repeating a value; the message tells the first.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = [str(fault) for fault in self.faults[:_TOLD]]
        if len(self.faults) > _TOLD:
            told.append(f"and {len(self.faults) - _TOLD} more")
        super().__init__("the registry file is faulty: " + "; ".join(told))


@frozen(kw_only=True)
class Entry:
    """One person of the registry.

    ``doctor`` is ``None`` unless the person is admitted; an unknown birth date matches none.
    """

    birth_date: date | None = field(repr=False)
    doctor: Doctor | None = field(repr=False)


def read_entries(
    path: Path,
    *,
    dial_codes: frozenset[int] = FRENCH_DIAL_CODES,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Entry]:
    """Read a registry file.

    Args:
        path: a CSV file in UTF-8, with a header line.
        dial_codes: the countries where codes are sent by SMS; a mobile number of another one is
            taken for unknown, so that nobody is offered what would not arrive.
        progress: told how many lines were read, after each row.

    Returns:
        The entries by RPPS number.

    Raises:
        RegistryFileInvalid: with all faults of all lines.
    """
    reader = _Reader(dial_codes)
    try:
        # utf-8-sig: spreadsheets put a mark before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for line, row in _rows(lines, reader.faults):
                reader.take(line, row)
                if progress is not None:
                    progress(line)
    except OSError as error:
        reader.faults.append(Fault(0, f"cannot be read ({error.strerror})"))
    except UnicodeDecodeError:
        reader.faults.append(Fault(0, "is not in UTF-8"))
    if reader.faults:
        raise RegistryFileInvalid(reader.faults)
    return reader.entries


def _rows(lines: Iterable[str], faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.reader(lines, strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(rows, [])]
        faults += _faults_of_header(header)
        if faults:
            return
        line = rows.line_num + 1
        for cells in rows:
            if len(cells) == len(header):
                yield line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            elif cells:
                faults.append(Fault(line, f"has {len(cells)} cells instead of {len(header)}"))
            line = rows.line_num + 1
    except csv.Error as error:
        faults.append(Fault(line, f"is not CSV ({error})"))


def _faults_of_header(names: list[str]) -> Iterator[Fault]:
    for column in _COLUMNS:
        if column not in names:
            yield Fault(1, f"column {column} is missing")
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(1, f"column {name} is there twice")


@define
class _Reader:
    dial_codes: frozenset[int]
    entries: dict[str, Entry] = field(factory=dict)
    faults: list[Fault] = field(factory=list)
    first_lines: dict[str, int] = field(factory=dict)

    def take(self, line: int, row: Mapping[str, str]) -> None:
        cells = _Cells(row)
        rpps = cells.read("rpps", _rpps)
        entry = self._entry(rpps or "", cells)
        if not row["rpps"]:
            cells.problems.append("rpps is missing")
        elif rpps in self.first_lines:
            cells.problems.append(f"rpps is that of line {self.first_lines[rpps]}")
        elif rpps is not None:
            self.first_lines[rpps] = line
            self.entries[rpps] = entry
        self.faults += [Fault(line, problem) for problem in cells.problems]

    def _entry(self, rpps: str, cells: _Cells) -> Entry:
        birth_date = cells.read("birth_date", _date)
        role = cells.read("role", _role)
        status = cells.read("status", _text)
        mobile = cells.read("mobile", _mobile)
        email = cells.read("email", _email)
        council = cells.read("council", _text)
        family_name = cells.read("family_name", _text)
        given_name = cells.read("given_name", _text)
        if status != _ADMITTED or role is None:
            return Entry(birth_date=birth_date, doctor=None)
        doctor = Doctor(
            rpps=rpps,
            role=role,
            mobile=mobile if _dial_code(mobile) in self.dial_codes else None,
            email=email,
            family_name=family_name,
            given_name=given_name,
            council=council,
        )
        return Entry(birth_date=birth_date, doctor=doctor)


@define
class _Cells:
    row: Mapping[str, str]
    problems: list[str] = field(factory=list)

    def read(self, column: str, reader: Callable[[str], Value]) -> Value | None:
        """Read a cell; empty is unknown, and so is one that is wrong once the problem is noted."""
        text = self.row.get(column, "")
        if not text:
            return None
        try:
            return reader(text)
        except ValueError as error:
            self.problems.append(f"{column} {error}")
            return None


def _rpps(text: str) -> str:
    if not _RPPS.fullmatch(text):
        raise ValueError("is not eleven digits")
    return text


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError("is not a date as 1975-06-17")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def _role(text: str) -> Role:
    if text not in _ROLES:
        raise ValueError(f"is none of {', '.join(_ROLES)}")
    return _ROLES[text]


def _text(text: str) -> str:
    # Line ends and escapes would travel into letters, terminals and logs.
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in text):
        raise ValueError("holds a control character")
    return intern(text)


def _email(text: str) -> str:
    read = _EMAILS.read(text)
    if read is None:
        raise ValueError("is not an e-mail address")
    return read.address


def _mobile(text: str) -> str:
    number = _parsed(text)
    if number is None or phonenumbers.format_number(number, _E164) != text:
        raise ValueError("is not a number as +33612345678")
    # New blocks of 06 and 07 are handed out sooner than the library hears of them.
    if not _FRENCH_MOBILE.fullmatch(text) and phonenumbers.number_type(number) not in _MOBILES:
        raise ValueError("is not a mobile number")
    return text


def _dial_code(mobile: str | None) -> int | None:
    number = _parsed(mobile or "")
    return None if number is None else number.country_code


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
