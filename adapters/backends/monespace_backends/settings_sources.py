"""Where settings come from: a TOML file, under the environment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from .settings_tables import FromEnvironment, SettingsInvalid, read_table

__all__ = ["read_sources", "read_toml", "read_whole"]

Record = TypeVar("Record")

_PREFIX = "MONESPACE_"
# Where settings are, and what the program is told besides.
_NOT_SETTINGS = frozenset({"MONESPACE_CONFIG", "MONESPACE_DIR", "MONESPACE_FLOWS"})


def read_sources(
    path: Path | None, environment: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Read a file, if any, and what the environment puts in its place.

    Returns:
        The table of settings, and what is wrong with variables that fit nowhere in it.

    Raises:
        SettingsInvalid: the file cannot be read.
    """
    table = {} if path is None else read_toml(path)
    misplaced = [
        problem
        for name, value in sorted(environment.items())
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS and value
        for problem in _overlay(table, name, value)
    ]
    return table, misplaced


def read_whole(
    kind: type[Record], table: Mapping[str, Any], misplaced: list[str], base: Path
) -> Record:
    """Make a record of sources, or tell everything that is wrong with them at once.

    Args:
        kind: an attrs class.
        table: the names and values.
        misplaced: what was found wrong already.
        base: the directory from which paths in the table are meant.

    Raises:
        SettingsInvalid: with all that is missing, wrong or unknown.
    """
    try:
        record = read_table(kind, table, base)
    except SettingsInvalid as error:
        raise SettingsInvalid([*misplaced, *error.problems]) from None
    if misplaced:
        raise SettingsInvalid(misplaced)
    return record


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        SettingsInvalid: it cannot be read; the message shows nothing of it.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "is not in UTF-8"
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at .*\)$", str(error))  # its text may quote a value
        problem = f"is not TOML {place[0] if place else ''}".rstrip()
    raise SettingsInvalid([f"{path}: {problem}"])


def _overlay(table: dict[str, Any], variable: str, value: str) -> list[str]:
    *outer, last = variable.removeprefix(_PREFIX).lower().split("__")
    for name in outer:
        inner: object = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return [f"{variable} sets a value in {name}, which is no table"]
        table = inner
    table[last] = FromEnvironment(value)
    return []
