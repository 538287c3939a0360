"""A registry file as CSV: its rows by the names of the columns, and where it is no such file.

What is wrong with one line costs that line.  What would lose the lines after it, or cannot be read
at all, costs the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from monespace_flows.errors import MonespaceError

from .registry_cells import COLUMNS

__all__ = ["TOLD", "Fault", "RegistryFileInvalid", "rows_of"]

TOLD = 20
"""How many lines a message tells before it counts the others."""


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
        told = [str(fault) for fault in self.faults[:TOLD]]
        if len(self.faults) > TOLD:
            told.append(f"and {len(self.faults) - TOLD} more")
        super().__init__("the registry file is faulty: " + "; ".join(told))


def rows_of(path: Path, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    """Read the rows of a file, each with the line where it begins.

    Args:
        path: a CSV file in UTF-8, with a header line.
        faults: takes what is wrong with lines that are left out.

    Raises:
        RegistryFileInvalid: the file cannot be read to its end.
    """
    try:
        # utf-8-sig: spreadsheets put a mark before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _rows(lines, faults)
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


def _rows(lines: Iterable[str], faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.reader(lines, strict=True)
    header = _header(rows)
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


def _header(rows: Iterator[list[str]]) -> list[str]:
    try:
        names = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise RegistryFileInvalid([Fault(1, f"is not CSV ({error})")]) from None
    faults = list(_faults_of_header(names))
    if faults:
        raise RegistryFileInvalid(faults)
    return names


def _faults_of_header(names: list[str]) -> Iterator[Fault]:
    # Only names of ours are told: without a header, the first line is somebody's.
    if len(names) == 1 and ";" in names[0]:
        yield Fault(1, "the cells are parted by semicolons: export it again with commas")
    for column in COLUMNS:
        if column not in names:
            yield Fault(1, f"column {column} is missing")
        elif names.count(column) > 1:
            yield Fault(1, f"column {column} is there twice")
