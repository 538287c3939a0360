"""Taking a unit of work again when another writer was first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from ..errors import LostSwap, MonespaceError, PortBusy

__all__ = ["ATTEMPTS", "retried"]

ATTEMPTS = 8
"""How often work that lost a race is taken again before the caller is told to come back."""

Result = TypeVar("Result")


def retried(attempt: Callable[[], Result], *lost: type[MonespaceError]) -> Result:
    """Take a unit of work until no other writer was first.

    Args:
        attempt: the work; each time it reads everything afresh.
        lost: what says that another was first, beside ``LostSwap``.

    Raises:
        PortBusy: others were first again and again; the caller may come back in a moment.
    """
    for _ in range(ATTEMPTS):
        with suppress(LostSwap, *lost):
            return attempt()
    raise PortBusy("storage")
