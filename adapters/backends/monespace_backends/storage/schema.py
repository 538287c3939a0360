"""Which version of the tables a database holds, and how it comes to the newest.

Alembic takes a third of a second to import, so it is imported only when there is something to
do: :mod:`.database` says by itself which versions there are.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from monespace_flows.errors import PortUnavailable

from .database import (
    PORT,
    REVISIONS,
    VERSION_TABLE,
    Database,
    SchemaFault,
    SchemaMismatch,
    check_known,
    check_revision,
    is_added_to,
    of_server,
    of_sqlite,
    sqlite_path,
)
from .engine import WAIT_SECONDS, WRITES, make_engine
from .naming import names_in, names_of
from .tables import VERSION
from .transaction import lock_number, translating

__all__ = ["check_writable", "upgrade"]

_PATIENCE: Final = 600.0
"""How many seconds to wait for another process that upgrades the same SQLite file."""

_DUPLICATE: Final = "42P07"
"""PostgreSQL's code for a table, an index or a view that is there already."""

_ROOM: Final = 16 * 1024 * 1024
"""Bytes that a SQLite file's disk must have left."""

_MAY_WRITE = text(
    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,"
    " has_table_privilege(:journeys, 'INSERT')"
)
_IN_FILE = text("SELECT name FROM sqlite_master WHERE name IN :names")
_ON_SERVER = text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname = coalesce(:schema, current_schema()) AND relname IN :names"
)


def require_current(engine: Engine) -> None:
    """Check that the tables are those of this version.

    Raises:
        SchemaMismatch: they are missing, older or newer.
        PortUnavailable: the database cannot be asked.
    """
    with translating(engine.dialect), engine.connect() as connection:
        found = _revision(connection)
    check_revision(found)


def check_writable(database: Database) -> None:
    """Check that a database would take what a service writes; nothing is changed.

    Raises:
        PortUnavailable: it is read-only, its disk is full, or this role may not write.
    """
    path = sqlite_path(database.url)
    if path is not None:
        if not all(os.access(it, os.W_OK) for it in (path, Path(path).resolve().parent)):
            raise of_sqlite(sqlite3.SQLITE_READONLY) or PortUnavailable(PORT)
        if disk_usage(path).free < _ROOM:
            raise of_sqlite(sqlite3.SQLITE_FULL) or PortUnavailable(PORT)
        return
    engine = make_engine(database.url, pool_size=1, **database.naming)
    journeys = {"journeys": f"{database.start}journeys"}
    try:
        with translating(engine.dialect), engine.connect() as connection:
            follows, may = connection.execute(_MAY_WRITE, journeys).one()
    finally:
        engine.dispose()
    if follows or not may:
        raise of_server("25006" if follows else "42501") or PortUnavailable(PORT)


def upgrade(database: str | Engine, *, schema: str | None = None, table_prefix: str = "") -> str:
    """Create the tables of a database, or bring them to the newest version; safe to repeat.

    Args:
        database: ``sqlite:///path/to/file``, made if need be, ``postgresql://user@host/database``,
            or a host's own engine on one of them.
        schema: the schema of PostgreSQL that holds the tables, made if need be.
        table_prefix: what begins the names of the tables.

    Returns:
        The revision that the tables are at.

    Raises:
        SchemaMismatch: the tables are of a newer version, or others bear their names.
        PortUnavailable: the database cannot be reached.
        ValueError: the address, the engine or a name cannot be used.
    """
    engine = make_engine(
        database,
        pool_size=1,
        wait=_patience(database),
        statement=None,
        schema=schema,
        table_prefix=table_prefix,
    )
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
        if found is None:
            _require_room(connection)
        if found != REVISIONS[-1]:
            _migrate(connection)
    return REVISIONS[-1]


def _patience(database: str | Engine) -> float:
    """How long to wait to connect and to begin; on a server turns are waited for without end."""
    url = make_url(database) if isinstance(database, str) else database.url
    return _PATIENCE if url.get_backend_name() == "sqlite" else WAIT_SECONDS


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


def _require_room(connection: Connection) -> None:
    """Make the schema that is to hold the tables, and see that their names are free in it.

    Raises:
        SchemaMismatch: they are not.
    """
    names = names_of(connection.engine)
    values: dict[str, object] = {"names": names_in(names)}
    if connection.dialect.name == "postgresql":
        values["schema"] = names.schema
        if names.schema is not None and not inspect(connection).has_schema(names.schema):
            connection.execute(CreateSchema(names.schema))
    asked = _ON_SERVER if connection.dialect.name == "postgresql" else _IN_FILE
    taken = connection.execute(asked.bindparams(bindparam("names", expanding=True)), values)
    clash = sorted(taken.scalars())
    if clash:
        raise SchemaMismatch(SchemaFault.CLASH, found=", ".join(clash))


def _revision(connection: Connection) -> str | None:
    names = names_of(connection.engine)
    table = names.table_prefix + VERSION_TABLE
    if not inspect(connection).has_table(table, schema=names.schema):
        return None
    found: str | None = connection.execute(select(VERSION.c.version_num)).scalar()
    return found


def _migrate(connection: Connection) -> None:
    from alembic.command import upgrade as run_migrations
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "monespace_backends.storage:migrations")
    config.attributes["connection"] = connection
    config.attributes["names"] = names_of(connection.engine)
    try:
        run_migrations(config, "head")
    except DBAPIError as error:
        # Nothing of ours is there, so the next revision's own tables were somebody's before.
        if not _is_taken(error.orig):
            raise
        told = str(error.orig).splitlines()[0]
        raise SchemaMismatch(SchemaFault.CLASH, found=told) from error


def _is_taken(error: BaseException | None) -> bool:
    """Whether a table or an index could not be made since there is one of that name."""
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return bool(state == _DUPLICATE)
    return bool(re.search(r"already exists|there is already", str(error)))
