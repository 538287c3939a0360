"""What only a server has: locks held by others, and connections that break."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic

import pytest
from sqlalchemy import Engine, text

from monespace_backends.storage import open_storage
from monespace_backends.storage.transaction import lock_number
from monespace_flows.errors import LostSwap, PortBusy, PortUnavailable
from monespace_flows.ports import Unit
from tests.servers import storages

from .databases import by_hand, cut_others, impatient
from .examples import DAY, NOW, stored

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(migrated_postgres: str) -> Iterator[str]:
    yield migrated_postgres
    storages.clear(migrated_postgres)


def test_is_read_committed_whatever_the_server_prefers(database: str) -> None:
    with by_hand(database) as engine, engine.connect() as connection:
        shown = connection.execute(text("SHOW transaction_isolation")).scalar()

    assert shown == "read committed"


def test_a_row_held_for_too_long_makes_it_busy(database: str) -> None:
    with impatient(database) as storage:
        with storage.writing() as unit:
            unit.journeys.add(stored())
        with storage.writing() as holder:
            holder.journeys.get("7K3Q-F9M2", lock=True)
            with pytest.raises(PortBusy), storage.writing() as unit:
                unit.journeys.get("7K3Q-F9M2", lock=True)


def test_a_purge_waits_for_nobody_and_leaves_what_is_held_to_the_next(database: str) -> None:
    with impatient(database) as storage:
        with storage.writing() as unit:
            unit.journeys.add(stored("0001-0000"))
            unit.journeys.add(stored("0002-0000"))
        with storage.writing() as holder:
            holder.journeys.get("0001-0000", lock=True)
            assert storage.purge(NOW + DAY, NOW)["journeys"] == 1

        assert storage.purge(NOW + DAY, NOW)["journeys"] == 1


def test_a_name_held_for_too_long_makes_it_busy(database: str) -> None:
    with impatient(database) as storage, storage.writing() as holder:
        holder.lock("send:k1.sujet")
        with storage.writing() as unit:
            unit.lock("send:k1.autre")
        with pytest.raises(PortBusy), storage.writing() as unit:
            unit.lock("send:k1.sujet")


def test_the_number_of_a_name_never_changes() -> None:
    """Two versions of the library may run side by side during an upgrade."""
    assert lock_number("send:k1.sujet") == -7932878727491156617


def test_of_two_who_wait_for_each_other_one_tries_again(database: str) -> None:
    meet = Barrier(2)

    def lock_both(names: tuple[str, str]) -> type[Exception] | None:
        try:
            with storage.writing() as unit:
                unit.lock(names[0])
                meet.wait(timeout=10)
                unit.lock(names[1])
        except LostSwap as error:
            return type(error)
        return None

    with storages.opened(database) as storage, ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lock_both, [("a", "b"), ("b", "a")]))

    assert set(answers) == {None, LostSwap}


def write_then_cut(unit: Unit, engine: Engine) -> None:
    unit.journeys.add(stored())
    cut_others(engine)


def cut_then_write(unit: Unit, engine: Engine) -> None:
    write_then_cut(unit, engine)
    unit.journal.append("7K3Q-F9M2", 0, NOW, "une ligne")


def test_a_lost_connection_makes_it_unavailable_for_that_unit_only(database: str) -> None:
    with storages.opened(database) as storage, by_hand(database) as engine:
        with pytest.raises(PortUnavailable), storage.writing() as unit:
            cut_then_write(unit, engine)

        with storage.writing() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None


def test_a_connection_lost_before_the_commit_commits_nothing(database: str) -> None:
    with storages.opened(database) as storage, by_hand(database) as engine:
        with pytest.raises(PortUnavailable), storage.writing() as unit:
            write_then_cut(unit, engine)

        with storage.reading() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None


def test_connections_lost_between_units_are_not_noticed(database: str) -> None:
    with storages.opened(database) as storage, by_hand(database) as engine:
        with storage.reading() as unit:
            unit.journeys.get("7K3Q-F9M2")
        cut_others(engine)

        with storage.reading() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(PortUnavailable) as caught:
        open_storage(f"postgresql://nobody@/nothing?host={tmp_path}")

    assert "No such file" in str(caught.value.__cause__)


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    """Two seconds are the least that its client library knows."""
    begun = monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"postgresql://nobody@127.0.0.1:{mute.getsockname()[1]}/nothing"
        with impatient(address) as storage, pytest.raises(PortUnavailable), storage.reading():
            pass

    assert monotonic() - begun < 20


def test_a_database_that_is_not_there_is_unavailable(database: str) -> None:
    with pytest.raises(PortUnavailable):
        open_storage(database.replace("/test_", "/not_"))
