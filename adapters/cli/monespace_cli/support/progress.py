"""Progress of long work on the error output, where someone watches it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["watched"]

Item = TypeVar("Item")


def watched(items: Iterable[Item], total: int | None, title: str) -> Iterator[Item]:
    """Hand items on, and show how far it is when the error output is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, description=title, total=total, console=console, transient=True)
