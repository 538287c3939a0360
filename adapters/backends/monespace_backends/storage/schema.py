"""Which version of the tables a database holds, and how it comes to the newest.

Alembic takes a third of a second to import, so it is imported only when there is something to
do: :mod:`.database` says by itself which versions there are.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Final

from sqlalchemy import Connection, Engine, inspect, make_url, text

from monespace_flows.errors import PortUnavailable

from .database import (
    PORT,
    REVISIONS,
    VERSION_TABLE,
    check_known,
    check_revision,
    is_added_to,
    of_server,
    of_sqlite,
    sqlite_path,
)
from .engine import WAIT_SECONDS, WRITES, make_engine
from .transaction import lock_number, translating

__all__ = ["check_writable", "upgrade"]

_PATIENCE: Final = 600.0
"""How many seconds to wait for another process that upgrades the same SQLite file."""

_ROOM: Final = 16 * 1024 * 1024
"""Bytes that a SQLite file's disk must have left."""

_MAY_WRITE = text(
    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,"
    " has_table_privilege('journeys', 'INSERT')"
)
_REVISION = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant


def require_current(engine: Engine) -> None:
    """Check that the tables are those of this version.

    Raises:
        SchemaMismatch: they are missing, older or newer.
        PortUnavailable: the database cannot be asked.
    """
    with translating(engine.dialect), engine.connect() as connection:
        found = _revision(connection)
    check_revision(found)


def check_writable(url: str) -> None:
    """Check that a database would take what a service writes; nothing is changed.

    Raises:
        PortUnavailable: it is read-only, its disk is full, or this role may not write.
    """
    path = sqlite_path(url)
    if path is not None:
        if not all(os.access(it, os.W_OK) for it in (path, Path(path).resolve().parent)):
            raise of_sqlite(sqlite3.SQLITE_READONLY) or PortUnavailable(PORT)
        if disk_usage(path).free < _ROOM:
            raise of_sqlite(sqlite3.SQLITE_FULL) or PortUnavailable(PORT)
        return
    engine = make_engine(url, pool_size=1)
    try:
        with translating(engine.dialect), engine.connect() as connection:
            follows, may = connection.execute(_MAY_WRITE).one()
    finally:
        engine.dispose()
    if follows or not may:
        raise of_server("25006" if follows else "42501") or PortUnavailable(PORT)


def upgrade(url: str) -> str:
    """Create the tables of a database, or bring them to the newest version; safe to repeat.

    Args:
        url: ``sqlite:///path/to/file``, made if need be, or ``postgresql://user@host/database``.

    Returns:
        The revision that the tables are at.

    Raises:
        SchemaMismatch: the tables are of a newer version.
        PortUnavailable: the database cannot be reached.
    """
    engine = make_engine(url, pool_size=1, wait=_patience(url), statement=None)
    try:
        return upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> str:
    """Do what :func:`upgrade` does, on an engine that is there already."""
    if engine.dialect.name == "sqlite":
        _make_file(engine.url.database or "")
    with (
        translating(engine.dialect),
        engine.execution_options(**{WRITES: True}).begin() as connection,
    ):
        _take_turn(connection)
        found = _revision(connection)
        check_known(found)
        if found is not None and is_added_to(found):
            return found
        if found != REVISIONS[-1]:
            _migrate(connection)
    return REVISIONS[-1]


def _patience(url: str) -> float:
    """How long to wait to connect and to begin; on a server turns are waited for without end."""
    return _PATIENCE if make_url(url).get_backend_name() == "sqlite" else WAIT_SECONDS


def _make_file(path: str) -> None:
    # Only the owner may read it: it holds hashes of passwords.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _take_turn(connection: Connection) -> None:
    """Let one process upgrade at a time; on SQLite, write transactions are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:number)"), {"number": lock_number("schema")}
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(_REVISION).scalar()
    return found


def _migrate(connection: Connection) -> None:
    from alembic.command import upgrade as run_migrations
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "monespace_backends.storage:migrations")
    config.attributes["connection"] = connection
    run_migrations(config, "head")
