"""How a database comes to hold the tables of this version, and which ones are refused."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import fields
from sqlalchemy import Connection, column, inspect, make_url, table, text, update
from sqlalchemy.exc import OperationalError

from monespace_backends.storage import SchemaMismatch, SqlStorage, open_storage, upgrade
from monespace_backends.storage.database import REVISIONS, VERSION_TABLE
from monespace_backends.storage.engine import make_engine
from monespace_backends.storage.tables import (
    accounts,
    journeys,
    links,
    listeners,
    metadata,
    outbox,
    sessions,
)
from monespace_flows.errors import PortUnavailable
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import Account, Listener, OutboxMessage, Session, StoredLink
from tests.servers import postgres, storages

from .databases import by_hand
from .examples import NOW, stored

on_sql = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


@pytest.fixture(params=storages.SQL_ENGINES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@contextmanager
def at_revision(url: str, revision: str) -> Iterator[None]:
    """Make a database say that it is of another version."""
    version = table(VERSION_TABLE, column("version_num"))
    with by_hand(url) as engine:
        with engine.begin() as connection:
            connection.execute(update(version).values(version_num=revision))
        try:
            yield
        finally:
            with engine.begin() as connection:
                connection.execute(update(version).values(version_num=REVISIONS[-1]))


def test_the_revisions_are_those_of_alembic() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "monespace_backends.storage:migrations")
    walked = ScriptDirectory.from_config(config).walk_revisions()

    assert [each.revision for each in walked] == list(reversed(REVISIONS))


def test_migrations_make_the_tables_that_the_code_uses(empty: str, tmp_path: Path) -> None:
    """To the last index, whether the revisions ran or the metadata was created at once."""
    upgrade(empty)
    with by_hand(empty) as engine, engine.begin() as connection:
        migrated = _description(connection)
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
        metadata.drop_all(connection)
        metadata.create_all(connection)
        created = _description(connection)

    assert len(created) > 20
    assert created == {row for row in migrated if VERSION_TABLE not in str(row)}


def test_alembic_sees_nothing_left_to_migrate(empty: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    upgrade(empty)
    with by_hand(empty) as engine, engine.begin() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, metadata) == []


def _description(connection: Connection) -> set[object]:
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        return {tuple(" ".join(str(part).split()) for part in row) for row in found}
    columns = connection.execute(
        text(
            "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
    )
    constraints = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
    )
    indexes = connection.execute(
        text("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
    )
    return {tuple(row) for found in (columns, constraints, indexes) for row in found}


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (StoredJourney, journeys.c),
        (Account, accounts.c),
        (Session, sessions.c),
        (StoredLink, links.c),
        (OutboxMessage, outbox.c),
        (Listener, listeners.c),
    ],
)
def test_every_field_has_its_column(kind: type, columns: object) -> None:
    assert {field.name for field in fields(kind)} <= {column.name for column in columns}  # type: ignore[attr-defined]


def test_an_upgrade_can_be_repeated_and_keeps_what_is_there(empty: str) -> None:
    assert upgrade(empty) == REVISIONS[-1]
    with storages.opened(empty) as storage, storage.writing() as unit:
        unit.journeys.add(stored())

    assert upgrade(empty) == REVISIONS[-1]
    with storages.opened(empty) as storage, storage.reading() as unit:
        assert unit.journeys.get("7K3Q-F9M2") == stored()


def test_upgrades_at_the_same_moment_take_turns(empty: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(upgrade, 4 * [empty])) == 4 * [REVISIONS[-1]]


class Contended(sqlite3.Connection):
    """A file that others are making at the same moment: SQLite answers at once that it is held."""

    held = 2

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if "journal_mode" in statement and Contended.held:
            Contended.held -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return super().execute(statement, *values)


@pytest.mark.parametrize("wait", [5.0, 0.0])
def test_a_new_file_that_others_are_setting_up_is_waited_for(
    wait: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Contended, "held", 2)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Contended))
    (tmp_path / "new.db").touch()
    engine = make_engine(f"sqlite:///{tmp_path / 'new.db'}", pool_size=1, wait=wait)

    with nullcontext() if wait else pytest.raises(OperationalError, match="locked"):
        engine.connect().close()
    engine.dispose()


def test_sqlite_gets_its_tables_when_first_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'monespace.db'}"
    with storages.opened(url) as storage:
        assert storage.purge(NOW, NOW)["journeys"] == 0


def test_a_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "monespace.db"
    with storages.opened(f"sqlite:///{path}") as storage, storage.writing() as unit:
        unit.journeys.add(stored())
        files = list(tmp_path.iterdir())

        assert len(files) == 3  # the journal and its index beside it
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_sqlite_file_that_is_current_is_opened_without_alembic(tmp_path: Path) -> None:
    """It takes longer to import than all the rest together."""
    code = (
        "import sys; from monespace_backends.storage import open_storage;"
        f"open_storage({storages.sqlite_database(tmp_path)!r}).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        open_storage(f"sqlite:///{tmp_path}/nowhere/monespace.db")


@pytest.mark.postgres
def test_a_server_is_not_upgraded_without_its_operator(postgres_server: str) -> None:
    with (
        postgres.fresh_database(postgres_server) as url,
        pytest.raises(SchemaMismatch, match="no tables yet; run: monespace db upgrade"),
    ):
        open_storage(url)


@pytest.mark.postgres
def test_a_server_with_older_tables_is_refused(
    migrated_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monespace_backends.storage.database.REVISIONS", (*REVISIONS, "9999"))
    told = rf"older .*{REVISIONS[-1]}.* run: monespace db upgrade"

    with pytest.raises(SchemaMismatch, match=told):
        open_storage(migrated_postgres)


def test_the_first_tables_are_brought_to_this_version(empty: str) -> None:
    """The indexes are added; what a purge, the relay and readiness ask for is not searched for."""
    first_tables(empty)

    assert upgrade(empty) == REVISIONS[-1]
    with by_hand(empty) as engine, engine.connect() as connection:
        found = {
            it["name"] for table in metadata.tables for it in inspect(connection).get_indexes(table)
        }
    assert {it.name for table in metadata.sorted_tables for it in table.indexes} <= found


def first_tables(url: str) -> None:
    """Make the tables of the first version."""
    from alembic.command import upgrade as run_migrations
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "monespace_backends.storage:migrations")
    if url.startswith("sqlite"):
        Path(make_url(url).database or "").touch()
    with by_hand(url) as engine, engine.begin() as connection:
        config.attributes["connection"] = connection
        run_migrations(config, "0001")


@on_sql
def test_tables_of_a_newer_version_are_refused(database: str) -> None:
    with at_revision(database, "9999"):
        with pytest.raises(SchemaMismatch, match=r"newer version .*9999"):
            open_storage(database)
        with pytest.raises(SchemaMismatch, match=r"newer version .*9999"):
            upgrade(database)
        with pytest.raises(SchemaMismatch, match=r"newer version .*9999"):
            SqlStorage.read_only(database)


def test_what_only_reads_creates_nothing(empty: str, tmp_path: Path) -> None:
    with pytest.raises((SchemaMismatch, PortUnavailable)):
        SqlStorage.read_only(empty)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro", "mysql://localhost/x"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite"):
        open_storage(url)


@pytest.mark.postgres
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_server_is_reached_by_the_usual_names(migrated_postgres: str, scheme: str) -> None:
    url = make_url(migrated_postgres).set(drivername=scheme)
    with storages.opened(url.render_as_string(hide_password=False)) as storage:
        assert storage.purge(NOW, NOW)["journeys"] == 0
