"""The registry as a CSV file that the Order exports.

The file is read once, whole.  A row that cannot be used costs that row, at the start and at each
:meth:`CsvRegistry.reload`, and the log tells its line; a file that cannot be used leaves the old
content in place.  What is put in place by :func:`install_registry` is held to more
(``docs/decisions/0009-registry-rows.md``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Literal

from monespace_flows.ports import Doctor, RegistryAnswer, RegistryVerdict

from . import FRENCH_DIAL_CODES
from .rows import Entry, RegistryContent, RegistryFileInvalid, read_registry

__all__ = ["CsvRegistry", "install_registry", "write_demo_registry"]

_log = logging.getLogger(__name__)

# Stands in for a number nobody has, so that an unknown number costs what a known one costs.
_NOBODY = Entry(birth_date=None, doctor=None)


class CsvRegistry:
    """The registry that a file holds; make one with :meth:`read`."""

    def __init__(self, path: Path, content: RegistryContent, dial_codes: frozenset[int]) -> None:
        self._path = path
        self._dial_codes = dial_codes
        self._take(content)

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
            RegistryFileInvalid: the file cannot be used, or most of its rows cannot.
        """
        return cls(path, read_registry(path, dial_codes=dial_codes, progress=progress), dial_codes)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def content(self) -> RegistryContent:
        """What the file held, and what is wrong with it."""
        return self._content

    def reload(self) -> None:
        """Read the file again.

        Raises:
            RegistryFileInvalid: the new content cannot be used; the old one stays in use.
        """
        self._take(read_registry(self._path, dial_codes=self._dial_codes))

    def _take(self, content: RegistryContent) -> None:
        self._content = content
        self._entries = content.entries
        if content.faults or content.warnings:
            _log.warning("the registry has faults: %s", content)

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
    source: Path,
    target: Path,
    progress: Callable[[int], None] | None = None,
    *,
    rows: Literal["all", "usable", "flawless"] = "all",
) -> RegistryContent:
    """Check a registry file, then put a copy of it in the place of ``target``, all or nothing.

    Args:
        source: the file.
        target: what is replaced.
        progress: told how many lines were checked, after each row.
        rows: which rows must be usable: ``all`` of them; only some (``usable``), the others being
            left out whenever it is read; all, and each value of them (``flawless``).

    Returns:
        What is in it.

    Raises:
        RegistryFileInvalid: with all that stands against it; ``target`` is as it was.
        OSError: the source cannot be read, or the copy written; ``target`` is as it was.
    """
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, source.read_bytes())
    try:
        # The copy is what is checked: the source may change at any moment.
        content = read_registry(fresh, progress=progress)
        faults = () if rows == "usable" else content.faults
        if rows == "flawless":
            faults += content.warnings
        if faults:
            raise RegistryFileInvalid(faults)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return content


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
