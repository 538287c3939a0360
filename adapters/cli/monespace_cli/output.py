"""What the program writes: JSON for scripts, plain lines for people, files, and how far it is."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from textwrap import TextWrapper
from types import TracebackType
from typing import Any, TypeVar

import click

from .errors import Exit, Stop, in_french

__all__ = [
    "ask_hidden",
    "bold",
    "log_to_stderr",
    "make_sure",
    "print_json",
    "print_lines",
    "say",
    "unbroken",
    "watched",
    "width_of",
    "wrapped",
    "write_whole",
]

_NARROW, _WIDE = 80, 100
_ACCESS_PARTS = 5
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


def ask_hidden(question: str) -> str:
    """Ask somebody at a terminal for what nobody is to see."""
    answer: str = click.prompt(question, hide_input=True, err=True, prompt_suffix=" : ")
    return answer.strip()


def make_sure(question: str, untouched: str, *, is_sure: bool) -> None:
    """Ask before something cannot be undone.

    Raises:
        Stop: nobody said yes; ``untouched`` says what was not done.
    """
    if is_sure:
        return
    try:
        answer = click.prompt(
            f"{question} [o/N]", default="", show_default=False, err=True, prompt_suffix=" : "
        )
    except click.Abort:
        if sys.stdin.isatty():
            raise
        told = f"{untouched} : personne n'a répondu ; --yes le fait sans demander"
        raise Stop(Exit.USAGE, told) from None
    if answer.strip().lower() not in {"o", "oui", "y", "yes"}:
        raise Stop(Exit.INTERRUPTED, untouched)


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


def _is_coloured() -> bool:
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


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
    from rich.progress import MofNCompleteColumn, Progress

    columns = Progress.get_default_columns()
    if total is None:  # no share of the whole can be told, but how many were read
        columns = (*columns[:2], MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress.track(items, total=total, description=title)


def write_whole(output: Path, texts: Iterable[str]) -> None:
    """Write beside the file and move it there once whole: work that is stopped leaves nothing.

    What is there and is no file, such as ``/dev/null`` or a pipe, is written to instead.

    Raises:
        Stop: it cannot be written.
    """
    try:
        target = Path(os.path.realpath(output))  # a link goes on leading where it led
        if target.exists() and not target.is_file():
            _write(target, texts)
        else:
            _replace(target, texts)
    except OSError as error:
        raise Stop(Exit.USAGE, f"{output} ne peut pas être écrit : {in_french(error)}") from None


def _replace(target: Path, texts: Iterable[str]) -> None:
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _write(part, texts)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, texts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(texts)


# --- the log: where something broke, and never what it held ---------------------------------------

_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _QuietFormatter(logging.Formatter):
    """Writes an exception as its kind and places: its text may hold what a person typed."""

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        frames = traceback.extract_tb(trace)
        places = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(frames))
        return f"{kind.__name__} at {places}"


class _JsonFormatter(_QuietFormatter):
    """Writes a line as one JSON object: what collects logs need not guess.

    ``journey`` and ``request`` are there where the line is about one.  An access is told without
    the client's address, which is personal, and without what stands after the path.
    """

    def __init__(self, request: Callable[[], str | None] | None) -> None:
        super().__init__()
        self._request = request

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            **(_access(record) or {"message": record.getMessage()}),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        request = None if self._request is None else self._request()
        named = {"journey": getattr(record, "journey", None), "request": request}
        told |= {name: value for name, value in named.items() if value is not None}
        return json.dumps(told, ensure_ascii=False)


def _access(record: logging.LogRecord) -> dict[str, object] | None:
    """What uvicorn tells of a request that it answered."""
    if record.name != "uvicorn.access" or not isinstance(record.args, tuple):
        return None
    if len(record.args) != _ACCESS_PARTS:
        return None
    _, method, path, _, status = record.args
    told = {"method": method, "path": str(path).partition("?")[0], "status": status}
    return {"message": f"{told['method']} {told['path']} {told['status']}", **told}


def _log_thread_error(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_value is not None:
        logging.getLogger(__name__).error("a thread ended", exc_info=broken.exc_value)


def log_to_stderr(
    level: int = logging.WARNING,
    *,
    as_json: bool = False,
    request: Callable[[], str | None] | None = None,
) -> None:
    """Send every log of this process to the error output.

    Args:
        level: from which level on.
        as_json: one JSON object a line, instead of text for people.
        request: names the request that is being answered, if any.
    """
    handler = logging.StreamHandler(sys.stderr)
    text = _QuietFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_JsonFormatter(request) if as_json else text)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    threading.excepthook = _log_thread_error
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its own plugins
