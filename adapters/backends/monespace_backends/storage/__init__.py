"""Storage by SQLAlchemy: SQLite embedded, PostgreSQL for several processes and hosts."""

from .engine import make_engine, sqlite_url
from .errors import RowDamaged, SchemaMismatch
from .schema import upgrade
from .sql import SqlStorage, open_storage

__all__ = [
    "RowDamaged",
    "SchemaMismatch",
    "SqlStorage",
    "make_engine",
    "open_storage",
    "sqlite_url",
    "upgrade",
]
