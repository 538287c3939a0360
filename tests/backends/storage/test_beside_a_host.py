"""A host's own tables, engine and Alembic, and ours beside them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    StaticPool,
    Table,
    Text,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.ext.asyncio import create_async_engine

from monespace_backends.reading import open_reader
from monespace_backends.storage import (
    SchemaMismatch,
    SqlStorage,
    include_object,
    metadata,
    open_storage,
    upgrade,
)
from monespace_backends.storage.database import REVISIONS, Database
from monespace_backends.storage.schema import check_writable
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import JourneyQuery
from tests.servers import placed, postgres, storages

from .databases import by_hand
from .examples import NOW, stored
from .test_schema import first_tables

TO_SQLITE = "sqlite:///{}/host.db"


@pytest.fixture(params=storages.SQL_ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database with the tables of a host, and none of ours."""
    if request.param == "sqlite":
        url = TO_SQLITE.format(tmp_path)
        placed.make_host_tables(url)
        yield url
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        placed.make_host_tables(url)
        yield url


def references(storage: SqlStorage) -> list[str]:
    with storage.reading() as unit:
        return [it.journey.reference for it in unit.journeys.search(JourneyQuery())]


class TestNames:
    """Whose tables are whose."""

    def test_a_clash_says_what_is_there_and_what_to_do(self, url: str) -> None:
        """Opening a SQLite file brings it up to date; a server's operator does that alone."""
        ways: list[Callable[[str], object]]
        ways = [upgrade, open_storage] if url.startswith("sqlite") else [upgrade]
        for way in ways:
            with pytest.raises(SchemaMismatch, match=r"\(accounts, journal, links\); set database"):
                way(url)
        assert placed.host_rows(url) == [
            ("accounts of the host",),
            ("journal of the host",),
            ("links of the host",),
        ]

    def test_a_later_table_may_clash_as_well(self, url: str) -> None:
        """An upgrade that must make a table which a host made meanwhile leaves all as it was."""
        with by_hand(url) as engine, engine.begin() as connection:
            for table in ("accounts", "journal", "links"):
                connection.execute(text(f"DROP TABLE {table}"))
        first_tables(url)
        with by_hand(url) as engine, engine.begin() as connection:
            connection.execute(text("CREATE TABLE key_users (what text)"))

        with pytest.raises(SchemaMismatch, match=r"key_users.*set database\.table_prefix"):
            upgrade(url)

    def test_two_instances_in_one_database_do_not_see_each_other(self, url: str) -> None:
        for prefix in ("one_", "two_"):
            assert upgrade(url, table_prefix=prefix) == REVISIONS[-1]
        with (
            closing(open_storage(url, table_prefix="one_")) as one,
            closing(open_storage(url, table_prefix="two_")) as two,
        ):
            with one.writing() as unit:
                unit.journeys.add(stored())
                unit.lock("the same name")
                unit.journal.append("7K3Q-F9M2", 0, NOW, "une ligne")
                if not url.startswith("sqlite"):  # where nobody else can write meanwhile
                    with two.writing() as other:
                        other.lock("the same name")
            assert (references(one), references(two)) == (["7K3Q-F9M2"], [])
            with open_reader(url, table_prefix="one_") as reader:
                assert list(reader.begun()) == ["7K3Q-F9M2"]
            with open_reader(url, table_prefix="two_") as reader:
                assert list(reader.begun()) == []
            late = NOW.replace(year=NOW.year + 3)
            assert two.purge(late, late)["journeys"] == 0
            assert one.purge(late, late)["journeys"] == 1

    @pytest.mark.postgres
    def test_a_schema_is_made_and_another_role_may_be_refused(self, postgres_server: str) -> None:
        with postgres.fresh_database(postgres_server) as url:
            upgrade(url, schema="espace")
            check_writable(Database(url=url, schema="espace"))
            assert upgrade(url, schema="espace") == REVISIONS[-1]
            with pytest.raises(SchemaMismatch, match="no tables yet"):
                open_storage(url)
            with by_hand(url) as engine, engine.begin() as connection:
                connection.execute(text("REVOKE ALL ON ALL TABLES IN SCHEMA espace FROM postgres"))
                connection.execute(text("CREATE ROLE beside_reader LOGIN"))
                connection.execute(text("GRANT USAGE ON SCHEMA espace TO beside_reader"))
            other = make_url(url).set(username="beside_reader")
            with pytest.raises(PortUnavailable, match="owns the tables"):
                check_writable(Database(url=other.render_as_string(), schema="espace"))
            with by_hand(url) as engine, engine.begin() as connection:
                connection.execute(text("DROP OWNED BY beside_reader"))
                connection.execute(text("DROP ROLE beside_reader"))

    @pytest.mark.parametrize(
        ("names", "told"),
        [
            ({"table_prefix": "Ours"}, "table_prefix must be small letters"),
            ({"table_prefix": "a" * 31}, "table_prefix must be .* 30 characters at most"),
            ({"table_prefix": 'x"; --'}, "table_prefix must be"),
            ({"table_prefix": "sqlite_x"}, "table_prefix must not begin with pg_ or sqlite_"),
            ({"schema": "1st"}, "schema must be .* no digit first"),
            ({"schema": ""}, "schema must be"),
            ({"schema": "espace"}, "schema is for PostgreSQL, a SQLite file has none"),
        ],
    )
    def test_what_is_no_name_is_refused(
        self, names: dict[str, str], told: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match=told):
            open_storage(TO_SQLITE.format(tmp_path), **names)  # type: ignore[arg-type]  # one of them

    def test_no_column_is_called_as_a_table_is(self) -> None:
        """Or it would be renamed with it."""
        tables = metadata().tables
        columns = {column.name for table in tables.values() for column in table.columns}

        assert not columns & {*tables, "monespace_version"}


# --- a host's Alembic ----------------------------------------------------------------------------


def proposed(url: str, target: MetaData, **options: Any) -> list[Any]:
    """What a host's `alembic revision --autogenerate` would write."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, target))
    finally:
        engine.dispose()


def host_metadata() -> MetaData:
    found = MetaData()
    for name in ("accounts", "journal", "links"):
        Table(name, found, Column("what", Text))
    return found


class TestAlembic:
    """Autogenerate beside our tables."""

    def test_autogenerate_proposes_nothing(self, url: str) -> None:
        upgrade(url, table_prefix="ours_")
        included = include_object(table_prefix="ours_")

        assert proposed(url, host_metadata(), include_object=included) == []
        assert {it[0] for it in proposed(url, host_metadata()) if isinstance(it, tuple)} >= {
            "remove_table"
        }

    @pytest.mark.postgres
    @pytest.mark.parametrize("schema", ["espace", "public", None])
    def test_nor_in_a_schema(self, postgres_server: str, schema: str | None) -> None:
        with postgres.fresh_database(postgres_server) as url:
            placed.make_host_tables(url)
            names: dict[str, Any] = {
                "schema": schema,
                "table_prefix": "" if schema == "espace" else "m_",
            }
            upgrade(url, **names)
            included = include_object(**names)
            options = {"include_schemas": True, "include_object": included}

            assert proposed(url, host_metadata(), **options) == []

    def test_a_change_of_the_hosts_own_is_still_seen(self, url: str) -> None:
        upgrade(url, table_prefix="ours_")
        target = host_metadata()
        Table("factures", target, Column("id", Integer, primary_key=True))
        found = proposed(url, target, include_object=include_object(table_prefix="ours_"))

        assert [(it[0], it[1].name) for it in found] == [("add_table", "factures")]

    def test_our_metadata_is_what_is_there(self, url: str) -> None:
        """To the last column, index and constraint: a host may compare it with the database."""
        upgrade(url, table_prefix="ours_")
        options = {
            "include_object": lambda it, name, kind, *_: (
                kind != "table" or name.startswith("ours_")
            ),
            "version_table": "ours_monespace_version",
            "compare_type": True,
        }

        assert proposed(url, metadata(table_prefix="ours_"), **options) == []

    @pytest.mark.postgres
    def test_nor_is_it_another_in_a_schema(self, postgres_server: str) -> None:
        with postgres.fresh_database(postgres_server) as url:
            upgrade(url, schema="espace", table_prefix="ours_")
            options = {
                "include_schemas": True,
                "version_table": "ours_monespace_version",
                "version_table_schema": "espace",
                "compare_type": True,
            }

            described = metadata(schema="espace", table_prefix="ours_")
            assert proposed(url, described, **options) == []


# --- a host's engine -----------------------------------------------------------------------------


class TestEngine:
    """An engine that a host made, and goes on with."""

    @pytest.fixture
    def host(self, url: str) -> Iterator[Engine]:
        engine = create_engine(url, pool_size=3)
        yield engine
        engine.dispose()

    def test_it_is_taken_and_stays_the_hosts(self, url: str, host: Engine) -> None:
        made: list[Any] = []
        event.listen(host, "connect", lambda connection, _: made.append(connection))
        upgrade(host, table_prefix="ours_")
        with host.connect() as connection:
            before = settings_of(connection.connection.driver_connection)
            with closing(open_storage(host, table_prefix="ours_")) as storage:
                with storage.writing() as unit:
                    unit.journeys.add(stored())
                assert references(storage) == ["7K3Q-F9M2"]
                assert len(made) > 1  # ours were made as the host makes its own
            assert settings_of(connection.connection.driver_connection) == before
            assert (
                connection.execute(text("SELECT what FROM accounts")).scalar()
                == "accounts of the host"
            )
        with host.begin() as connection:
            connection.execute(text("DELETE FROM accounts"))

    def test_ours_are_set_up_as_ever(self, url: str, host: Engine) -> None:
        upgrade(host, table_prefix="ours_")
        with closing(open_storage(host, table_prefix="ours_")) as storage:
            ours = storage._engine.raw_connection()
            is_file = url.startswith("sqlite")
            expected = (2, 1, "wal", 5000) if is_file else ("5s", "10s", "read committed")
            assert settings_of(ours.driver_connection) == expected
            ours.close()

    def test_what_only_reads_cannot_write(self, host: Engine) -> None:
        upgrade(host, table_prefix="ours_")
        with closing(SqlStorage.read_only(host, table_prefix="ours_")) as storage:
            assert references(storage) == []
            with pytest.raises(PortUnavailable), storage.writing() as unit:
                unit.journeys.add(stored())

    def test_one_whose_driver_begins_by_itself_is_set_up_too(self, tmp_path: Path) -> None:
        """As Python's does since 3.12, when it is asked to."""
        path = tmp_path / "host.db"
        made: list[Begins] = []

        def connect() -> Begins:
            made.append(sqlite3.connect(path, check_same_thread=False, factory=Begins))
            return made[-1]

        host = create_engine(f"sqlite:///{path}", creator=connect)
        with closing(open_storage(host)) as storage:
            with storage.writing() as unit:
                unit.journeys.add(stored())
            assert references(storage) == ["7K3Q-F9M2"]
        host.dispose()
        assert {it.autocommit for it in made} == {-1}

    @pytest.mark.parametrize(
        ("host", "told"),
        [
            (create_engine("sqlite://"), "SQLite needs a file"),
            (create_engine("sqlite:///file:x.db?uri=true"), "SQLite needs a file"),
            (create_engine("sqlite:///x.db", poolclass=StaticPool), "connection for everybody"),
            (
                create_async_engine("postgresql+psycopg://x@y/z").sync_engine,
                r"give one of postgresql\+psycopg that is not asynchronous, or the URL",
            ),
        ],
    )
    def test_others_are_refused_with_what_to_do(self, host: Engine, told: str) -> None:
        with pytest.raises(ValueError, match=told):
            open_storage(host)


class Begins(sqlite3.Connection):
    """A connection that says that it begins every transaction by itself."""

    autocommit: Any = False


def settings_of(connection: Any) -> tuple[Any, ...]:
    """How a connection is set up."""
    if isinstance(connection, sqlite3.Connection):
        word = "PRAGMA"
        names: tuple[str, ...] = ("synchronous", "secure_delete", "journal_mode", "busy_timeout")
    else:
        names = ("lock_timeout", "statement_timeout", "default_transaction_isolation")
        word = "SHOW"
    return tuple(connection.execute(f"{word} {it}").fetchone()[0] for it in names)
