"""The registry as a CSV file that the Order exports.

The file is read once, whole.  A row that cannot be used costs that row, at the start and at each
:meth:`CsvRegistry.reload`, and the log tells its line; a file that cannot be used leaves the old
content in place.  What is put in place by :func:`install_registry` is held to more
(``docs/decisions/0009-registry-rows.md``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Literal

from attrs import evolve

from monespace_flows.ports import Doctor, RegistryAnswer

from . import FRENCH_DIAL_CODES, MAY_LOSE
from .index import EVERYWHERE, SUFFIXES, IndexedRegistry, write_index
from .rows import Entry, RegistryChange, RegistryContent, RegistryFileInvalid, read_registry

__all__ = ["CsvRegistry", "install_registry", "write_demo_registry"]

_Rows = Literal["all", "usable", "flawless"]
_log = logging.getLogger(__name__)

# Stands in for a number nobody has, so that an unknown number costs what a known one costs.
_NOBODY = Entry(birth_date=None, doctor=None)


class CsvRegistry:
    """The registry that a file holds; make one with :meth:`read`."""

    def __init__(
        self, path: Path, content: RegistryContent, dial_codes: frozenset[int], may_lose: int
    ) -> None:
        self._path = path
        self._dial_codes = dial_codes
        self._may_lose = may_lose
        self._take(content)

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        dial_codes: frozenset[int] = FRENCH_DIAL_CODES,
        may_lose: int = MAY_LOSE,
        progress: Callable[[int], None] | None = None,
    ) -> CsvRegistry:
        """Read a registry file.

        Args:
            path: the file.
            dial_codes: the countries where codes are sent by SMS.
            may_lose: how many in a hundred people may leave at a :meth:`reload`.
            progress: told how many lines were read, after each row.

        Raises:
            RegistryFileInvalid: the file cannot be used, or most of its rows cannot.
        """
        content = read_registry(path, dial_codes=dial_codes, progress=progress)
        return cls(path, content, dial_codes, may_lose)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def content(self) -> RegistryContent:
        """What the file held, and what is wrong with it."""
        return self._content

    def reload(self) -> None:
        """Read the file again.

        Raises:
            RegistryFileInvalid: the new content cannot be used, or too many people would leave;
                the old one stays in use.
        """
        content = read_registry(self._path, dial_codes=self._dial_codes)
        if not _is_forced(self._path):
            left = len(self._entries.keys() - content.entries.keys())
            change = RegistryChange(
                before=len(self._entries), after=len(content.entries), left=left
            )
            change.check(self._may_lose)
        self._take(content)

    def _take(self, content: RegistryContent) -> None:
        self._content = content
        self._entries = content.entries
        if content.faults or content.warnings:
            _log.warning("the registry has faults: %s", content)

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known."""
        entry = self._entries.get(rpps, _NOBODY)
        return entry.judged(birth_date, is_known=entry is not _NOBODY)

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted."""
        return self._entries.get(rpps, _NOBODY).doctor


def install_registry(
    source: Path,
    target: Path,
    progress: Callable[[int], None] | None = None,
    *,
    rows: _Rows = "all",
    may_lose: int | None = MAY_LOSE,
) -> RegistryContent:
    """Check a registry file, then put a copy of it in the place of ``target``, all or nothing.

    Args:
        source: the file.
        target: what is replaced; by an index of the people where its name ends as SQLite's do.
        progress: told how many lines were checked, after each row.
        rows: which rows must be usable: ``all`` of them; only some (``usable``), the others being
            left out whenever it is read; all, and each value of them (``flawless``).
        may_lose: how many in a hundred people may leave; ``None``: all of them.

    Returns:
        What is in it, and what changes by it.

    Raises:
        RegistryFileInvalid: with all that stands against it; ``target`` is as it was.
        OSError: the source cannot be read, or the copy written; ``target`` is as it was.
    """
    is_index = target.suffix in SUFFIXES
    codes = EVERYWHERE if is_index else FRENCH_DIAL_CODES
    with _passing(target) as (fresh, index):
        _write_new(fresh, source.read_bytes())
        # The copy is what is checked: the source may change at any moment.
        content = read_registry(fresh, dial_codes=codes, progress=progress)
        change = RegistryChange.between(_people_of(target, codes), content.entries)
        _check(content, change, rows, may_lose)
        if is_index:
            write_index(index, content.entries, forced=may_lose is None)
            index.replace(target)
        else:
            _note_force(target, fresh if may_lose is None else None)
            fresh.replace(target)
    return evolve(content, change=change)


@contextmanager
def _passing(target: Path) -> Iterator[tuple[Path, Path]]:
    """Name two files beside ``target``, of which nothing is left before and after."""
    fresh, index = (target.with_name(f".{target.name}.{end}") for end in ("new", "index"))
    with ExitStack() as rest:
        for passing in (fresh, index):
            passing.unlink(missing_ok=True)
            rest.callback(passing.unlink, missing_ok=True)
        yield fresh, index


def _check(
    content: RegistryContent, change: RegistryChange, rows: _Rows, may_lose: int | None
) -> None:
    faults = () if rows == "usable" else content.faults
    if rows == "flawless":
        faults += content.warnings
    if faults:
        raise RegistryFileInvalid(faults)
    if may_lose is not None:
        change.check(may_lose)


def _people_of(target: Path, codes: frozenset[int]) -> Mapping[str, Entry]:
    """The people of the registry in use; none where it cannot be read."""
    try:
        if target.suffix not in SUFFIXES:
            return read_registry(target, dial_codes=codes).entries
        with closing(IndexedRegistry(target, codes, 0)) as index:
            return index.entries()
    except RegistryFileInvalid:
        return {}


# A server that reads the file again must know that somebody has said: so many may leave.  Beside
# the file, the digest of what they said it of.


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.name}.forced")


def _note_force(target: Path, forced: Path | None) -> None:
    mark = _mark(target)
    mark.unlink(missing_ok=True)
    if forced is not None:
        _write_new(mark, _digest(forced))


def _is_forced(path: Path) -> bool:
    try:
        return _mark(path).read_bytes() == _digest(path)
    except OSError:
        return False


def _digest(path: Path) -> bytes:
    return sha256(path.read_bytes()).hexdigest().encode()


def write_demo_registry(path: Path) -> bool:
    """Write the demo's registry of invented people, unless the file is there already.

    Returns:
        Whether it was written.
    """
    content = resources.files("monespace_backends").joinpath("data", "registry.csv").read_bytes()
    try:
        _write_new(path, content)
    except FileExistsError:
        return False
    return True


def _write_new(path: Path, content: bytes) -> None:
    # Birth dates and addresses: for the owner's eyes, and never through a link laid beforehand.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
