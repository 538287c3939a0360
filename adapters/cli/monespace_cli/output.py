"""What the program writes on the standard output: JSON for scripts, plain lines for people."""

from __future__ import annotations

import json
import os
import re
import sys
from textwrap import TextWrapper
from typing import Any

import click

__all__ = [
    "bold",
    "joined",
    "print_json",
    "print_lines",
    "say",
    "unbroken",
    "width_of",
    "wrapped",
]

_NARROW, _WIDE = 80, 100
_UNBROKEN = re.compile(r" (?=[:;!?»])|(?<=«) ")


def print_json(schema: str, **data: Any) -> None:
    """Write one JSON object; ``schema`` names its shape, and changes when the shape does."""
    click.echo(json.dumps({"schema": schema, **data}, ensure_ascii=False, indent=2))


def print_lines(lines: list[str]) -> None:
    """Write lines of text."""
    click.echo("\n".join(lines))


def say(text: str) -> None:
    """Tell the person something that is no data, on the error output."""
    click.echo(text, err=True)


def bold(text: str) -> str:
    """Make a word stand out where that is possible; nothing is said by it alone."""
    return f"\x1b[1m{text}\x1b[0m" if _is_coloured() else text


def width_of(asked: int | None) -> int:
    """How many columns to fill: as asked, or those of the terminal, or 80."""
    if asked is not None:
        return asked
    if not sys.stdout.isatty():
        return _NARROW
    import shutil

    return max(60, min(_WIDE, shutil.get_terminal_size((_NARROW, 24)).columns))


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Break a text into lines, each begun by ``first`` or ``rest`` (as many spaces).

    No line begins with a French colon, or ends with the quotation mark that opens.
    """
    wrapper = TextWrapper(
        width=width,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    kept = wrapper.wrap(unbroken(text))
    return [line.replace("\u00a0", " ") for line in kept] or [first.rstrip()]


def unbroken(text: str) -> str:
    """Keep French colons and quotation marks on the line of their words."""
    return _UNBROKEN.sub("\u00a0", text)


def joined(parts: list[str], width: int, gap: str = "   ", rest: str = "         ") -> list[str]:
    """Put parts side by side, and on further lines where they do not fit."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]}{gap}{part}"
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(f"{rest}{part}")
    return lines


def _is_coloured() -> bool:
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
