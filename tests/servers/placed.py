"""Our tables beside others in one database: under a prefix, in a schema."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from monespace_backends.storage import SqlStorage, make_engine, open_storage, sqlite_url, upgrade
from monespace_backends.storage.database import Database
from monespace_backends.storage.tables import metadata

from . import postgres

PREFIX = "mes_"
SCHEMA = "espace"

PLACES = ("sqlite-prefix", pytest.param("postgresql-schema", marks=pytest.mark.postgres))
"""For fixtures: a prefix in a SQLite file; a prefix and a schema on a server."""

_HOSTS = ("accounts", "journal", "links")
"""Tables that a host has already under names of ours, in shapes of its own."""

HOST_ROWS = [(f"{table} of the host",) for table in _HOSTS]


@contextmanager
def placed(kind: str, request: pytest.FixtureRequest, path: Path) -> Iterator[Database]:
    """Make a database where a host has tables of its own, and ours beside them."""
    with _empty(kind, request, path) as url:
        make_host_tables(url)
        is_file = kind.startswith("sqlite")
        database = Database(url=url, schema=None if is_file else SCHEMA, table_prefix=PREFIX)
        upgrade(database.url, **database.naming)
        yield database
        assert host_rows(url) == HOST_ROWS


@contextmanager
def _empty(kind: str, request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    if kind.startswith("sqlite"):
        yield sqlite_url(path / "beside.db")
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


def make_host_tables(url: str) -> None:
    """Make a host's tables, each with a row."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    engine = make_engine(url, pool_size=1)
    with engine.begin() as connection:
        for table in _HOSTS:
            connection.execute(text(f"CREATE TABLE {table} (what text)"))
            connection.execute(text(f"INSERT INTO {table} VALUES ('{table} of the host')"))  # noqa: S608 - our own names
    engine.dispose()


def host_rows(url: str) -> list[tuple[str]]:
    """Read what is in a host's tables."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            rows = [connection.execute(text(f"SELECT what FROM {it}")).all() for it in _HOSTS]  # noqa: S608 - our own names
    finally:
        engine.dispose()
    return [tuple(row) for (row,) in rows]


@contextmanager
def opened(database: Database) -> Iterator[SqlStorage]:
    """Open storage there, and close it afterwards."""
    with closing(open_storage(database.url, **database.naming)) as storage:
        yield storage


def empty(storage: SqlStorage) -> None:
    """Delete every row of every table."""
    with storage._transaction() as transaction:
        for table in metadata.sorted_tables:
            transaction.change(table.delete(), {})
