"""Progress of long work on the error output, where someone watches it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["watched"]

Item = TypeVar("Item")


@contextmanager
def watched(items: Iterable[Item], total: int | None, title: str) -> Iterator[Iterable[Item]]:
    """Hand items on, and show how far it is when the error output is a terminal.

    As a block, so that the bar is gone before whoever interrupts the work has the terminal back.
    """
    if not sys.stderr.isatty():
        yield items
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield progress.track(items, total=total, description=title)
