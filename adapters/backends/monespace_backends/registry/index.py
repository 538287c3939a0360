"""The registry as a SQLite file that an import made: asked by SQL, so it costs a server no memory.

For registries of many people: a CSV file of 350,000 lies in each process's memory and is read anew
at each start, this is opened at once.  It is never changed in place: an import puts another file in
its place.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import quote

from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Role
from monespace_flows.ports import Doctor, RegistryAnswer

from .cells import is_reached
from .rows import Entry, Fault, RegistryChange, RegistryFileInvalid

__all__ = ["IndexedRegistry"]

SUFFIXES: Final = frozenset({".sqlite", ".sqlite3", ".db"})
"""How the path of such a file ends; any other is CSV."""

EVERYWHERE: Final = frozenset(range(1, 10))
"""Dial codes that each number begins with one of: where codes are sent is asked at each reading."""

_OURS: Final = 0x4D455247  # "MERG", as SQLite's application_id
_ACCEPTED, _FORCED = 1, 2
_COLUMNS = "birth_date, role, mobile, email, council, family_name, given_name"
_TABLE = f"CREATE TABLE people (rpps INTEGER PRIMARY KEY, {_COLUMNS})"
_ASK = f"SELECT {_COLUMNS} FROM people WHERE rpps = ?"  # noqa: S608 - a constant
_PEOPLE = "SELECT rpps FROM people ORDER BY rpps"
_COUNT = "SELECT count(*), count(role) FROM people"
_ALL = f"SELECT rpps, {_COLUMNS} FROM people"  # noqa: S608 - a constant

_Row = tuple[Any, ...]
_NOBODY: Final[_Row] = (None,) * 7


def write_index(path: Path, entries: Mapping[str, Entry], *, forced: bool) -> None:
    """Write people into a new file, for its owner's eyes.

    Args:
        path: where; nothing must be there.
        entries: the people, with every mobile number (:data:`EVERYWHERE`).
        forced: whether somebody said that as many may leave as do.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")  # a file that is not whole is thrown away
        connection.execute(f"PRAGMA application_id = {_OURS}")
        connection.execute(f"PRAGMA user_version = {_FORCED if forced else _ACCEPTED}")
        connection.execute("BEGIN")
        connection.execute(_TABLE)
        connection.executemany(
            "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            map(_row, entries, entries.values()),
        )
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise OSError(0, str(error), str(path)) from None
    finally:
        connection.close()


def _row(rpps: str, entry: Entry) -> _Row:
    born = None if entry.birth_date is None else entry.birth_date.isoformat()
    it = entry.doctor
    if it is None:
        return (int(rpps), born, *(None,) * 6)
    names = (it.council, it.family_name, it.given_name)
    return (int(rpps), born, it.role.value, it.mobile, it.email, *names)


class IndexedRegistry:
    """The registry that such a file holds."""

    def __init__(self, path: Path, dial_codes: frozenset[int], may_lose: int) -> None:
        """Open a file.

        Args:
            path: the file.
            dial_codes: the countries where codes are sent by SMS.
            may_lose: how many in a hundred people may leave at a :meth:`reload`.

        Raises:
            RegistryFileInvalid: it is none, or holds nobody.
        """
        self._path = path
        self._dial_codes = dial_codes
        self._may_lose = may_lose
        self._turn = Lock()
        self._connection, self._size, self.admitted = _opened(path)

    def __len__(self) -> int:
        return self._size

    def __str__(self) -> str:
        return f"{self._size} people, {self.admitted} admitted"

    def reload(self) -> None:
        """Open the file that stands there now.

        Raises:
            RegistryFileInvalid: it cannot be used, or too many people would leave; the old one
                stays in use.
        """
        connection, size, admitted = _opened(self._path)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            with self._turn:
                left = _left(self._ids(self._connection), self._ids(connection))
            if version != _FORCED:
                RegistryChange(before=self._size, after=size, left=left).check(self._may_lose)
        except BaseException:
            connection.close()
            raise
        with self._turn:
            old, self._connection = self._connection, connection
            self._size, self.admitted = size, admitted
        old.close()

    @staticmethod
    def _ids(connection: sqlite3.Connection) -> Iterator[int]:
        return (number for (number,) in connection.execute(_PEOPLE))

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known."""
        known, entry = self._entry(rpps)
        return entry.judged(birth_date, is_known=known)

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted."""
        return self._entry(rpps)[1].doctor

    def entries(self) -> dict[str, Entry]:
        """Everybody, with every mobile number, to be compared with others."""
        with self._turn:
            rows = self._connection.execute(_ALL).fetchall()
        return {_text(number): _entry(_text(number), row, EVERYWHERE) for number, *row in rows}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _entry(self, rpps: str) -> tuple[bool, Entry]:
        number = int(rpps) if rpps.isascii() and rpps.isdigit() and len(rpps) == 11 else -1
        try:
            with self._turn:
                row = self._connection.execute(_ASK, (number,)).fetchone()
        except sqlite3.Error as error:
            told = f"{error}; import the registry again"
            raise PortUnavailable("registry", "damaged", told) from None
        # Nobody's row is read as anybody's is: no answer comes sooner.
        return row is not None, _entry(rpps, row or _NOBODY, self._dial_codes)


def _text(number: int) -> str:
    return f"{number:011d}"


def _entry(rpps: str, row: Iterable[Any], dial_codes: frozenset[int]) -> Entry:
    born, role, mobile, email, council, family_name, given_name = row
    doctor = Doctor(
        rpps=rpps,
        role=Role(role or Role.DOCTOR.value),
        mobile=mobile if mobile and is_reached(mobile, dial_codes) else None,
        email=email,
        family_name=family_name,
        given_name=given_name,
        council=council,
    )
    birth_date = None if born is None else date.fromisoformat(born)
    return Entry(birth_date=birth_date, doctor=None if role is None else doctor)


def _opened(path: Path) -> tuple[sqlite3.Connection, int, int]:
    if not path.exists():
        raise RegistryFileInvalid([Fault(0, "cannot be read (No such file or directory)")])
    # immutable: nobody changes such a file, so no lock is asked for, and no folder written to.
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        (ours,) = connection.execute("PRAGMA application_id").fetchone()
        size, admitted = connection.execute(_COUNT).fetchone() if ours == _OURS else (0, 0)
    except sqlite3.Error as error:
        connection.close()
        raise RegistryFileInvalid([Fault(0, f"cannot be read ({error})")]) from None
    if ours != _OURS or not size:
        connection.close()
        told = "holds nobody" if ours == _OURS else "was not made by monespace registry import"
        raise RegistryFileInvalid([Fault(0, told)])
    return connection, size, admitted


def _left(old: Iterator[int], new: Iterator[int]) -> int:
    """How many of some sorted numbers are not among others."""
    left, other = 0, next(new, None)
    for number in old:
        while other is not None and other < number:
            other = next(new, None)
        left += other != number
    return left
