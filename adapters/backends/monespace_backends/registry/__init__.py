"""The Order's registry: a file, a table, a service, or whatever a host's own class asks.

Only what settings say of it stands here: they are read by every command, and what reads a file
takes long to import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

from attrs import Attribute, field, frozen
from attrs.validators import ge, gt

from ..targets import is_target

__all__ = [
    "FRENCH_DIAL_CODES",
    "CsvSource",
    "HttpSource",
    "ModuleSource",
    "RegistrySource",
    "SqlSource",
]

FRENCH_DIAL_CODES: Final = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
"""Where codes are sent by SMS: France and its overseas territories."""

MAY_LOSE: Final = 5
"""So many people in a hundred may leave by a new registry, unless somebody says that more did."""

_TABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
_ZERO = timedelta(0)


def _is_table(_: object, __: Attribute[str], named: str) -> None:
    if not _TABLE.fullmatch(named):
        raise ValueError("must name a table or a view, as doctors or order.doctors")


@frozen(kw_only=True)
class CsvSource:
    """A registry file; or a SQLite file (``.sqlite``) that an import made of one.

    Attributes:
        kind: ``"csv"``; may be left out.
        file: its path.
    """

    kind: Literal["csv"] = "csv"
    file: Path


@frozen(kw_only=True)
class _Asked:
    """What is asked each time, and spared for a while when it fails.

    Attributes:
        timeout: how long it may take to answer.
        failures: after so many failures in a row it is not asked for a while.
        pause: how long it is not asked then.
    """

    timeout: timedelta = field(default=timedelta(seconds=3), validator=gt(_ZERO))
    failures: int = field(default=5, validator=ge(1))
    pause: timedelta = field(default=timedelta(seconds=30), validator=gt(_ZERO))


@frozen(kw_only=True)
class SqlSource(_Asked):
    """A table or a view in a database, with the columns of the file.

    Attributes:
        kind: ``"sql"``.
        url: the database, as SQLAlchemy writes it.
        table: the table or the view, with its schema if need be.
    """

    kind: Literal["sql"] = "sql"
    url: str = field(repr=False)
    table: str = field(default="registry", validator=_is_table)


@frozen(kw_only=True)
class HttpSource(_Asked):
    """A service that answers in JSON.

    Attributes:
        kind: ``"http"``.
        url: its address.
        key: what opens it, as a bearer; better in the environment.
    """

    kind: Literal["http"] = "http"
    url: str
    key: str = field(repr=False)


@frozen(kw_only=True)
class ModuleSource:
    """A registry that a host wrote.

    Attributes:
        kind: ``"module"``.
        target: the class or function that makes it, as ``package.module:NAME``.
        options: what it is called with, by name; not shown, since a key may be among them.
    """

    kind: Literal["module"] = "module"
    target: str = field(validator=is_target)
    options: Mapping[str, Any] = field(factory=dict, repr=False)


RegistrySource = CsvSource | SqlSource | HttpSource | ModuleSource
"""Where the registered doctors are asked for."""


def as_source(told: Path | RegistrySource | None) -> RegistrySource | None:
    """Make one of a file's path; let one be."""
    return CsvSource(file=told) if isinstance(told, Path) else told
