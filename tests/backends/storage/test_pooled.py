"""PostgreSQL behind a pooler of transactions: nothing depends on a session, or is left in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date

import pytest
from sqlalchemy import create_engine, text

from monespace_backends.reading.postgresql import reading_server
from monespace_backends.registry.sql import SqlRegistry
from monespace_backends.storage import SqlStorage, make_engine, open_storage, upgrade
from monespace_backends.storage.transaction import Lent, Transaction
from monespace_flows.errors import PortUnavailable
from tests.servers import doctors, pgbouncer, postgres, storages

from .examples import DAY, NOW, stored

pytestmark = [pytest.mark.postgres, pytest.mark.pgbouncer]

_SERVERS = 4
"""As many as the pooler has: asked in turn, none is forgotten."""
_SESSION = ("lock_timeout", "statement_timeout", "default_transaction_read_only")


@pytest.fixture
def database(pooled_postgres: str) -> Iterator[str]:
    yield pooled_postgres
    storages.clear(pooled_postgres)


def left_on_servers(url: str) -> set[tuple[str, ...]]:
    """What whoever comes next finds set and prepared on the servers behind the pooler."""
    engine = create_engine(url, connect_args={"prepare_threshold": None})
    shown = ", ".join(f"current_setting('{name}')" for name in _SESSION)
    prepared = "(SELECT count(*)::text FROM pg_prepared_statements)"
    found = set()
    with engine.connect() as connection:
        for _ in range(2 * _SERVERS):
            found.add(tuple(connection.execute(text(f"SELECT {shown}, {prepared}")).one()))
            connection.rollback()
    engine.dispose()
    return found


def _by_a_service(url: str) -> None:
    with closing(open_storage(url)) as storage:
        for number in range(20):
            with storage.writing() as unit:
                unit.journeys.add(stored(f"{number:04}-0000"))
            with storage.reading() as unit:
                assert unit.journeys.get(f"{number:04}-0000") is not None


def _by_support(url: str) -> None:
    with closing(SqlStorage.read_only(url)) as storage:
        for _ in range(20):
            with storage.reading() as unit:
                unit.journeys.get("7K3Q-F9M2")


def _by_the_driver_alone(url: str) -> None:
    with reading_server(url, "") as reader:
        for _ in range(20):
            reader.revision()


@pytest.mark.parametrize("ask", [_by_a_service, _by_support, _by_the_driver_alone])
def test_nothing_is_left_on_a_server_for_whoever_comes_next(
    database: str, ask: Callable[[str], None]
) -> None:
    """Neither settings nor prepared statements, however often the same is asked."""
    ask(database)

    assert left_on_servers(database) == {("0", "0", "off", "0")}


@pytest.mark.parametrize("kind", ["reading", "snapshot", "writing"])
def test_each_transaction_bears_its_bounds(database: str, kind: str) -> None:
    engine = make_engine(database, pool_size=1, wait=2, statement=3)
    shown = text("SELECT current_setting('lock_timeout') || current_setting('statement_timeout')")
    with closing(SqlStorage(engine)), Lent(engine) as lent:
        transaction = Transaction(lent, kind)

        assert transaction.first(shown) == {"?column?": "2s3s"}


@pytest.mark.parametrize("kind", ["reading", "writing"])
def test_who_only_reads_is_refused_to_write(database: str, kind: str) -> None:
    """Even by a statement that no store of ours has."""
    storage = SqlStorage.read_only(database)
    with closing(storage), Lent(storage._engine) as lent:
        transaction = Transaction(lent, kind)

        with pytest.raises(PortUnavailable):
            transaction.all(text("DELETE FROM journeys RETURNING reference"))


def test_tables_are_made_and_purged_through_it(postgres_server: str, pooled_server: str) -> None:
    with postgres.fresh_database(postgres_server) as direct:
        url = pgbouncer.through(pooled_server, direct)
        upgrade(url)
        with closing(open_storage(url)) as storage:
            with storage.writing() as unit:
                unit.journeys.add(stored())

            assert storage.purge(NOW + DAY, NOW)["journeys"] == 1


def test_a_registry_is_asked_through_it(postgres_server: str, pooled_server: str) -> None:
    with postgres.fresh_database(postgres_server) as direct:
        doctors.fill(direct, "99000000028,1990-11-03,medecin,inscrit,,a@b.example,Ain,Bé,Zoé")
        url = pgbouncer.through(pooled_server, direct)
        with closing(SqlRegistry(url, "doctors", dial_codes=frozenset({33}))) as registry:
            answers = [registry.verify("99000000028", date(1990, 11, 3)) for _ in range(10)]

        assert all(answer.doctor is not None for answer in answers)
        assert left_on_servers(url) == {("0", "0", "off", "0")}
