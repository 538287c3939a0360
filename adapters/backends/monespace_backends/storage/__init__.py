"""Storage by SQLAlchemy: SQLite embedded, PostgreSQL for several processes and hosts.

What this room promises to the others is listed here; its modules list what else may be used.  The
names below are imported when they are first used: who reads a SQLite file without SQLAlchemy
(:mod:`monespace_backends.reading`) needs only the errors.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .database import RowDamaged, SchemaMismatch, sqlite_url
    from .engine import make_engine
    from .heads import write_heads
    from .naming import include_object, metadata
    from .schema import upgrade
    from .sql import SqlStorage, open_storage

__all__ = [
    "RowDamaged",
    "SchemaMismatch",
    "SqlStorage",
    "include_object",
    "make_engine",
    "metadata",
    "open_storage",
    "sqlite_url",
    "upgrade",
    "write_heads",
]

_ROOMS = {
    "RowDamaged": ".database",
    "SchemaMismatch": ".database",
    "SqlStorage": ".sql",
    "include_object": ".naming",
    "make_engine": ".engine",
    "metadata": ".naming",
    "open_storage": ".sql",
    "sqlite_url": ".database",
    "upgrade": ".schema",
    "write_heads": ".heads",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name], __name__), name)
