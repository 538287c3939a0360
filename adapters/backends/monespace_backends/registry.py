"""The registry as a CSV file that the Order exports.

The file is read once, whole, and refused whole: a doctor must not be turned away because a line
was skipped.  :meth:`CsvRegistry.reload` reads it again and keeps the old content when the new one
is faulty.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

from monespace_flows.ports import Doctor, RegistryAnswer, RegistryVerdict

from .dial_codes import FRENCH_DIAL_CODES
from .registry_rows import Entry, Fault, RegistryFileInvalid, read_entries

__all__ = [
    "FRENCH_DIAL_CODES",
    "CsvRegistry",
    "Fault",
    "RegistryFileInvalid",
    "install_registry",
    "write_demo_registry",
]

# Stands in for a number nobody has, so that an unknown number costs what a known one costs.
_NOBODY = Entry(birth_date=None, doctor=None)


class CsvRegistry:
    """The registry that a file holds; make one with :meth:`read`."""

    def __init__(self, path: Path, entries: dict[str, Entry], dial_codes: frozenset[int]) -> None:
        self._path = path
        self._entries = entries
        self._dial_codes = dial_codes

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        dial_codes: frozenset[int] = FRENCH_DIAL_CODES,
        progress: Callable[[int], None] | None = None,
    ) -> CsvRegistry:
        """Read a registry file.

        Args:
            path: the file.
            dial_codes: the countries where codes are sent by SMS.
            progress: told how many lines were read, after each row.

        Raises:
            RegistryFileInvalid: with all faults of all lines.
        """
        entries = read_entries(path, dial_codes=dial_codes, progress=progress)
        return cls(path, entries, dial_codes)

    def __len__(self) -> int:
        return len(self._entries)

    def reload(self) -> None:
        """Read the file again.

        Raises:
            RegistryFileInvalid: the new content is faulty; the old one stays in use.
        """
        self._entries = read_entries(self._path, dial_codes=self._dial_codes)

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known."""
        entry = self._entries.get(rpps, _NOBODY)
        # All three are worked out before one of them decides: no answer comes sooner.
        known = entry is not _NOBODY
        same = entry.birth_date == birth_date
        doctor = entry.doctor
        if known and same and doctor is not None:
            return RegistryAnswer(RegistryVerdict.MATCH, doctor)
        if known and same:
            return RegistryAnswer(RegistryVerdict.NOT_ADMITTED)
        if known:
            return RegistryAnswer(RegistryVerdict.BIRTH_DATE_DIFFERS)
        return RegistryAnswer(RegistryVerdict.RPPS_UNKNOWN)

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted."""
        return self._entries.get(rpps, _NOBODY).doctor


def install_registry(
    source: Path, target: Path, progress: Callable[[int], None] | None = None
) -> int:
    """Check a registry file, then put a copy of it in the place of ``target``, all or nothing.

    Returns:
        The number of people in it.

    Raises:
        RegistryFileInvalid: with all faults of all lines; ``target`` is as it was.
        OSError: the source cannot be read, or the copy written; ``target`` is as it was.
    """
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, source.read_bytes())
    try:
        # The copy is what is checked: the source may change at any moment.
        count = len(read_entries(fresh, progress=progress))
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return count


def write_demo_registry(path: Path) -> bool:
    """Write the demo's registry of invented people, unless the file is there already.

    Returns:
        Whether it was written.
    """
    content = resources.files(__package__).joinpath("data", "registry.csv").read_bytes()
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
