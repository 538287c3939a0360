"""Storage for support staff, whose connections cannot write."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from monespace_backends.storage import SqlStorage
from monespace_flows.errors import PortUnavailable
from tests.servers import storages

from .examples import DAY, NOW, stored

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


@pytest.fixture
def reader(database: str) -> Iterator[SqlStorage]:
    with storages.opened(database) as storage, storage.writing() as unit:
        unit.journeys.add(stored())
    with closing(SqlStorage.read_only(database)) as reader:
        yield reader


def test_reads(reader: SqlStorage) -> None:
    with reader.reading() as unit:
        assert unit.journeys.get("7K3Q-F9M2") == stored()


def test_sees_what_others_write_meanwhile(database: str, reader: SqlStorage) -> None:
    with storages.opened(database) as storage, storage.writing() as unit:
        unit.journeys.swap(stored(seq=1), 0)

    with reader.reading() as unit:
        assert unit.journeys.get("7K3Q-F9M2") == stored(seq=1)


def test_refuses_to_write(reader: SqlStorage) -> None:
    with pytest.raises(PortUnavailable), reader.writing() as unit:
        unit.journeys.add(stored("AAAA-AAAA"))


def test_refuses_to_purge(reader: SqlStorage) -> None:
    with pytest.raises(PortUnavailable):
        reader.purge(NOW + DAY, NOW)


def test_is_refused_by_the_database_itself(reader: SqlStorage) -> None:
    with reader._engine.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(text("DELETE FROM journeys"))


def test_a_unit_sees_one_moment(database: str, reader: SqlStorage) -> None:
    """Whatever others write or purge meanwhile: it would look like damage."""
    with reader.reading() as unit:
        assert unit.journeys.get("7K3Q-F9M2") == stored()
        with storages.opened(database) as storage, storage.writing() as other:
            other.journeys.swap(stored(seq=1), 0)

        assert unit.journeys.get("7K3Q-F9M2") == stored()
