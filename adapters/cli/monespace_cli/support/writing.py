"""Writing what was asked for into a file: all of it, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..exits import Exit, Stop
from ..system_errors import in_french

__all__ = ["write_whole"]


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
