"""Storages for tests: on every engine, empty at first, and gone afterwards.

Migrating a database costs more than most tests, so it is done once a process: SQLite files and
PostgreSQL databases are copies of one, and a database that tests share is emptied by whoever wrote
in it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import text

from monespace_backends.storage import SqlStorage, make_engine, open_storage, sqlite_url, upgrade
from monespace_backends.storage.tables import metadata

from . import postgres

MEMORY = "memory"

SQL_ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
"""For tests of what only SQL has: ``parametrize("database", SQL_ENGINES, indirect=True)``."""

ENGINES = (MEMORY, *SQL_ENGINES)

POOLED = pytest.param("pooled", marks=[pytest.mark.postgres, pytest.mark.pgbouncer])
"""PostgreSQL behind PgBouncer, for tests that show that nothing depends on a session."""


def sqlite_database(directory: Path) -> str:
    """Make a SQLite file in a directory, with its tables, and give its URL."""
    path = directory / "monespace.db"
    sqlite_file(path)
    return sqlite_url(path)


def sqlite_file(path: Path) -> None:
    """Make a SQLite file with its tables, as ``open_storage`` would where there is none."""
    path.touch(0o600, exist_ok=False)
    path.write_bytes(_migrated_file())


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """Make a database on a running server, with its tables, and give its URL."""
    with postgres.fresh_database(server, _migrated_database(server)) as url:
        yield url


@contextmanager
def opened(url: str) -> Iterator[SqlStorage]:
    """Open storage in a database made here, and close it afterwards."""
    with closing(open_storage(url)) as storage:
        yield storage


_CLEAR = [f"DELETE FROM {it.name}" for it in metadata.sorted_tables]  # noqa: S608 - our own names


def empty(storage: SqlStorage) -> None:
    """Delete every row of every table; on a server in one round trip."""
    with storage._transaction() as transaction:
        statements = _CLEAR if transaction.engine == "sqlite" else ["; ".join(_CLEAR)]
        for statement in statements:
            transaction.change(text(statement), {})


def clear(url: str) -> None:
    """The same, of a database that nobody here has open."""
    with closing(SqlStorage(make_engine(url, pool_size=1))) as storage:
        empty(storage)


@cache
def _migrated_database(server: str) -> str:
    """A database to copy, which goes with the server."""
    name = "migrated"
    upgrade(postgres.create_database(server, name))
    return name


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "monespace.db"
        upgrade(sqlite_url(path))
        return path.read_bytes()
