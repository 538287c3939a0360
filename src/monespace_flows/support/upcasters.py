"""Older journal lines made readable: one function from each format to the next.

A line is stored for ever as it was written and checked by its own hash first; only what is read
from it is brought up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import JournalFault, JournalVersionUnknown
from ..journal import FORMAT

__all__ = ["UPCASTERS", "upcast"]

Raw = dict[str, Any]

UPCASTERS: dict[int, Callable[[Raw], Raw]] = {}
"""By format: what makes a line of that format one of the next.  Format 1 is the first."""


def upcast(
    raw: Raw, upcasters: Mapping[int, Callable[[Raw], Raw]] | None = None, newest: int = FORMAT
) -> Raw:
    """Bring a decoded line up to the present format.

    Raises:
        JournalVersionUnknown: the format is newer than this library, or older than it remembers.
    """
    known = UPCASTERS if upcasters is None else upcasters
    while raw["format"] != newest:
        step = known.get(raw["format"])
        if step is None:
            raise JournalVersionUnknown(JournalFault.FORMAT, found=raw["format"], known=newest)
        raw = step(raw)
    return raw
