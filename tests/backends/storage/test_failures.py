"""What goes wrong on any engine, as the port tells it."""

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, event, insert, text

from monespace_backends.storage import SqlStorage, open_storage
from monespace_backends.storage.tables import from_journey, journeys
from monespace_flows.effects import Budget
from monespace_flows.errors import PortBusy, UniqueBroken
from tests.servers import storages

from .databases import begun, impatient
from .examples import DAY, NOW, account, session, stored

INTEGRITY = (sqlite3.IntegrityError, psycopg.IntegrityError)

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


def test_a_fault_of_ours_stays_what_it_is(database: str) -> None:
    with (
        begun(database) as transaction,
        pytest.raises((sqlite3.OperationalError, psycopg.ProgrammingError)),
    ):
        transaction.all(text("SELECT nothing FROM nowhere"))


def test_so_does_a_row_that_lacks_something(database: str) -> None:
    row = from_journey(stored()) | {"token_digest": None}
    with begun(database) as transaction, pytest.raises(INTEGRITY):
        transaction.change(insert(journeys), row)


def test_errors_show_no_value(database: str) -> None:
    row = from_journey(stored()) | {"flow": None, "dossier": "secret"}
    with begun(database) as transaction, pytest.raises(INTEGRITY) as caught:
        transaction.change(insert(journeys), row)

    if transaction.engine == "sqlite":  # a server quotes the row in its own text
        assert "secret" not in str(caught.value)


def test_an_instant_without_a_time_zone_is_refused(database: str) -> None:
    naive = datetime(2026, 11, 22)  # noqa: DTZ001 - on purpose
    with (
        storages.opened(database) as storage,
        pytest.raises(TypeError),
        storage.writing() as unit,
    ):
        unit.budgets.add(Budget.CODE, "s", naive)


def test_no_free_connection_is_busy(database: str) -> None:
    with (
        impatient(database, pool_size=1) as storage,
        storage.reading(),
        pytest.raises(PortBusy),
        storage.reading(),
    ):
        pass


def test_a_connection_in_use_is_closed_when_its_unit_ends(database: str) -> None:
    """Storage may close while a thread delivers; what opens later is closed likewise."""
    made: list[Any] = []
    gone: list[Any] = []
    with impatient(database) as storage:
        event.listen(storage._engine, "connect", lambda connection, _: made.append(connection))
        event.listen(storage._engine, "close", lambda connection, _: gone.append(connection))
        event.listen(storage._engine, "close_detached", gone.append)
        with storage.reading(), storage.writing():
            storage.close()
            assert (len(made), len(gone)) == (2, 0)
        with storage.reading():
            pass

    assert len(made) == 3
    assert {id(connection) for connection in made} == {id(connection) for connection in gone}


def test_a_refused_row_is_told_without_the_servers_text(database: str) -> None:
    """It quotes the digests."""
    with storages.opened(database) as storage:
        with storage.writing() as unit:
            unit.accounts.add(account())
        with pytest.raises(UniqueBroken) as caught, storage.writing() as unit:
            unit.accounts.add(account("a2", rpps_digest="rpps of a1"))

    assert caught.value.__cause__ is None
    assert "rpps of a1" not in str(caught.value)


def test_purge_knows_how_long_sessions_last(database: str) -> None:
    with closing(open_storage(database, session_life=3 * DAY)) as storage:
        with storage.writing() as unit:
            unit.sessions.add(session("over", created_at=NOW - 3 * DAY))
            unit.sessions.add(session("open", created_at=NOW - 2 * DAY))

        assert storage.purge(NOW, NOW)["sessions"] == 1


def test_an_engine_made_elsewhere_is_refused(database: str) -> None:
    """It would begin its transactions too late, or wait for ever."""
    with pytest.raises(ValueError, match="make_engine"):
        SqlStorage(create_engine(database))
