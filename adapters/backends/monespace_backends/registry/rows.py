"""The people of a registry file: each row taken by itself, with all that is wrong told.

What is wrong with one line costs that line.  What would lose the lines after it, or cannot be read
at all, costs the file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import define, field, frozen

from monespace_flows.errors import MonespaceError
from monespace_flows.ports import Doctor, RegistryAnswer, RegistryVerdict

from . import FRENCH_DIAL_CODES
from .cells import COLUMNS, Cells, is_reached

__all__ = ["Fault", "RegistryContent", "RegistryFileInvalid", "read_registry"]

_TOLD = 20  # how many lines a message tells before it counts the others


@frozen
class Fault:
    """What is wrong with one line of the file (1 is the header), or with the whole file (0)."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


class RegistryFileInvalid(MonespaceError):
    """A registry file cannot be used.

    What to do: correct the lines that are named; the registry in use stays.

    Attributes:
        faults: all that is wrong with it, none repeating a value; the message tells the first.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = [str(fault) for fault in self.faults[:_TOLD]]
        if len(self.faults) > _TOLD:
            told.append(f"and {len(self.faults) - _TOLD} more")
        super().__init__("the registry file is faulty: " + "; ".join(told))


def rows_of(
    path: Path, faults: list[Fault], columns: Sequence[str] = COLUMNS
) -> Iterator[tuple[int, dict[str, str]]]:
    """Read the rows of a file, each with the line where it begins.

    Args:
        path: a CSV file in UTF-8, with a header line.
        faults: takes what is wrong with lines that are left out.
        columns: those that must be there.

    Raises:
        RegistryFileInvalid: the file cannot be read to its end.
    """
    try:
        # utf-8-sig: spreadsheets put a mark before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _rows(lines, faults, columns)
    except OSError as error:
        raise RegistryFileInvalid([Fault(0, f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        told = "is not in UTF-8: export it again in UTF-8, not in Windows-1252 or UTF-16"
        raise RegistryFileInvalid([Fault(_undecodable(path), told)]) from None


def _undecodable(path: Path) -> int:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 0  # it has changed meanwhile


def _rows(
    lines: Iterable[str], faults: list[Fault], columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.reader(lines, strict=True)
    header = _header(rows, columns)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            _check_alone(line, rows.line_num, faults)
            faults.append(Fault(line, f"is not CSV ({error})"))
            continue
        if cells is None:
            return
        if not any(map(str.strip, cells)):
            continue  # spreadsheets leave such rows at the end
        if len(cells) == len(header):
            yield line, dict(zip(header, cells, strict=True))
        else:
            _check_alone(line, rows.line_num, faults)
            faults.append(Fault(line, f"has {len(cells)} cells instead of {len(header)}"))


def _check_alone(line: int, last: int, faults: list[Fault]) -> None:
    # A quotation mark that is not closed swallows the rows after its own.
    if last > line:
        told = f"a quotation mark swallows what follows, down to line {last}"
        raise RegistryFileInvalid([*faults, Fault(line, told)])


def _header(rows: Iterator[list[str]], columns: Sequence[str]) -> list[str]:
    try:
        names = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise RegistryFileInvalid([Fault(1, f"is not CSV ({error})")]) from None
    faults = list(_faults_of_header(names, columns))
    if faults:
        raise RegistryFileInvalid(faults)
    return names


def _faults_of_header(names: list[str], columns: Sequence[str]) -> Iterator[Fault]:
    # Only names of ours are told: without a header, the first line is somebody's.
    if len(names) == 1 and ";" in names[0]:
        yield Fault(1, "the cells are parted by semicolons: export it again with commas")
    for column in columns:
        if column not in names:
            yield Fault(1, f"column {column} is missing")
        elif names.count(column) > 1:
            yield Fault(1, f"column {column} is there twice")


# --- people --------------------------------------------------------------------------------------
# What makes a row unusable costs that row and no other; what is wrong with a contact costs the
# contact.  Where most rows are unusable, it is the file that is wrong.

_ADMITTED = "inscrit"
_A_FEW = 10  # so many bad rows are bad rows, however small the file


@frozen(kw_only=True)
class Entry:
    """One person of the registry.

    ``doctor`` is ``None`` unless the person is admitted; an unknown birth date matches none.
    """

    birth_date: date | None = field(repr=False)
    doctor: Doctor | None = field(repr=False)

    def judged(self, birth_date: date, *, is_known: bool) -> RegistryAnswer:
        """Say whether a pair is this person's, who may be nobody."""
        # All three are worked out before one of them decides: no answer comes sooner.
        same = self.birth_date == birth_date
        doctor = self.doctor
        if is_known and same and doctor is not None:
            return RegistryAnswer(RegistryVerdict.MATCH, doctor)
        if is_known and same:
            return RegistryAnswer(RegistryVerdict.NOT_ADMITTED)
        if is_known:
            return RegistryAnswer(RegistryVerdict.BIRTH_DATE_DIFFERS)
        return RegistryAnswer(RegistryVerdict.RPPS_UNKNOWN)


@frozen(kw_only=True)
class RegistryChange:
    """How a registry differs from the one before: numbers of people."""

    before: int = 0
    after: int
    came: int = 0
    left: int = 0
    changed: int = 0

    @classmethod
    def between(cls, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> RegistryChange:
        """Compare two registries."""
        both = old.keys() & new.keys()
        return cls(
            before=len(old),
            after=len(new),
            came=len(new) - len(both),
            left=len(old) - len(both),
            changed=sum(old[rpps] != new[rpps] for rpps in both),
        )

    def check(self, may_lose: int) -> None:
        """Refuse what can only be a file that was cut: one person may always leave.

        Args:
            may_lose: how many in a hundred people may leave.

        Raises:
            RegistryFileInvalid: more do.
        """
        if self.left > max(1, self.before * may_lose / 100):
            told = (
                f"{self.left} of {self.before} people would leave, where {may_lose} in a hundred "
                "may: it may have been cut; if they really left, import it with --force"
            )
            raise RegistryFileInvalid([Fault(0, told)])


@frozen(kw_only=True)
class RegistryContent:
    """What a registry file holds.

    Attributes:
        entries: the people, by RPPS number.
        faults: what makes rows unusable; who is only in such a row is not in ``entries``.
        warnings: what was taken for unknown in rows that are used.
        change: what it changes, where it took the place of another.
    """

    entries: Mapping[str, Entry] = field(repr=False)
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    change: RegistryChange | None = None

    @property
    def admitted(self) -> int:
        """How many people are let in, if they can say who they are."""
        return sum(entry.doctor is not None for entry in self.entries.values())

    def __str__(self) -> str:
        # Lines and never values: this goes into logs.
        told = [f"{len(self.entries)} people, {self.admitted} admitted"]
        if self.faults:
            told.append(f"rows left out: {_lines(self.faults)}")
        if self.warnings:
            told.append(f"values taken for unknown: {_lines(self.warnings)}")
        return "; ".join(told)


def read_registry(
    path: Path,
    *,
    dial_codes: frozenset[int] = FRENCH_DIAL_CODES,
    progress: Callable[[int], None] | None = None,
) -> RegistryContent:
    """Read a registry file.

    Args:
        path: a CSV file in UTF-8, with a header line.
        dial_codes: the countries where codes are sent by SMS; a mobile number of another one is
            taken for unknown, so that nobody is offered what would not arrive.
        progress: told how many lines were read, after each row.

    Raises:
        RegistryFileInvalid: the file cannot be used, holds nobody, or most rows are unusable.
    """
    reader = PeopleReader(dial_codes)
    for line, row in rows_of(path, reader.faults):
        reader.take(line, row)
        if progress is not None:
            progress(line)
    return reader.content()


def _lines(faults: tuple[Fault, ...]) -> str:
    lines = sorted({fault.line for fault in faults})
    told = ", ".join(str(line) for line in lines[:_TOLD])
    more = f" and {len(lines) - _TOLD} more" if len(lines) > _TOLD else ""
    return f"{len(lines)} (line{'s' if len(lines) > 1 else ''} {told}{more})"


@define
class PeopleReader:
    """Makes people of rows, and notes what is wrong with them."""

    dial_codes: frozenset[int]
    entries: dict[str, Entry] = field(factory=dict)
    faults: list[Fault] = field(factory=list)
    warnings: list[Fault] = field(factory=list)
    first_lines: dict[str, int] = field(factory=dict)

    def take(self, line: int, row: Mapping[str, str]) -> None:
        """Keep a row, or what makes it unusable."""
        cells = Cells(row)
        rpps = cells.rpps()
        entry = self._entry(rpps or "", cells)
        if rpps is not None:
            self._keep(line, rpps, entry, cells)
        self.faults += [Fault(line, told) for told in cells.faults]
        if not cells.faults:
            self.warnings += [Fault(line, told) for told in cells.warnings]

    def content(self) -> RegistryContent:
        """What was read.

        Raises:
            RegistryFileInvalid: most rows are unusable, so it is the file that is wrong.
        """
        by_line = sorted(self.faults, key=lambda fault: fault.line)
        if not by_line and not self.entries:
            raise RegistryFileInvalid([Fault(0, "holds nobody")])
        unusable = {fault.line for fault in by_line}
        if unusable and (not self.entries or len(unusable) > max(len(self.entries), _A_FEW)):
            raise RegistryFileInvalid([Fault(0, "most of its rows are unusable"), *by_line])
        warnings = (fault for fault in self.warnings if fault.line not in unusable)
        return RegistryContent(
            entries=self.entries, faults=tuple(by_line), warnings=tuple(warnings)
        )

    def _keep(self, line: int, rpps: str, entry: Entry, cells: Cells) -> None:
        first = self.first_lines.setdefault(rpps, line)
        if first == line:
            if not cells.faults:
                self.entries[rpps] = entry
        elif not cells.faults and self.entries.get(rpps) == entry:
            cells.warnings[:] = [f"rpps is that of line {first}, with the same values"]
        else:
            # Which of them the number means cannot be told, so it lets nobody in.
            cells.faults.append(f"rpps is that of line {first}")
            if self.entries.pop(rpps, None) is not None:
                self.faults.append(Fault(first, f"rpps is that of line {line} too"))

    def _entry(self, rpps: str, cells: Cells) -> Entry:
        birth_date = cells.birth_date()
        role = cells.role()
        status = cells.status()
        mobile = cells.mobile()
        if mobile and self.dial_codes and not is_reached(mobile, self.dial_codes):
            cells.warnings.append("mobile is of a country where no codes are sent")
        email = cells.email()
        council = cells.text("council")
        family_name = cells.text("family_name")
        given_name = cells.text("given_name")
        if status != _ADMITTED or role is None:
            return Entry(birth_date=birth_date, doctor=None)
        doctor = Doctor(
            rpps=rpps,
            role=role,
            mobile=mobile if mobile and is_reached(mobile, self.dial_codes) else None,
            email=email,
            family_name=family_name,
            given_name=given_name,
            council=council,
        )
        return Entry(birth_date=birth_date, doctor=doctor)
