"""What only a server has: locks held by others, and connections that break."""

import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import Barrier
from time import monotonic

import pytest
from sqlalchemy import Engine, make_url, text

from monespace_backends.storage import SqlStorage, make_engine, open_storage
from monespace_backends.storage.transaction import lock_number
from monespace_flows.errors import LostSwap, PortBusy, PortUnavailable
from monespace_flows.ports import Unit
from tests.servers import postgres, storages

from .databases import begun, by_hand, cut_others, impatient
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


@pytest.fixture(
    params=[
        "migrated_postgres",
        pytest.param("pooled_postgres", marks=pytest.mark.pgbouncer),
    ]
)
def near_or_far(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a server, and of one behind a pooler."""
    url: str = request.getfixturevalue(request.param)
    yield url
    storages.clear(url)


def test_a_row_held_for_too_long_makes_it_busy(near_or_far: str) -> None:
    with impatient(near_or_far) as storage:
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


def test_nor_are_all_of_them_at_once(database: str) -> None:
    """However many the pool held when the server was started again."""
    with storages.opened(database) as storage, by_hand(database) as engine:
        with storage.reading() as unit, storage.reading() as other, storage.reading() as third:
            for each in (unit, other, third):
                each.journeys.get("7K3Q-F9M2")
        cut_others(engine)

        with storage.writing() as unit:
            unit.journeys.add(stored())


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


# --- a server that is there and says nothing -----------------------------------------------------


@contextmanager
def frozen(server: str) -> Iterator[None]:
    """Stop every process of a server, which this test started, and let them go on afterwards."""
    home = Path(str(make_url(server).query["host"]))
    postmaster = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
    processes = [postmaster, *children(postmaster)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def children(parent: int) -> list[int]:
    """Find what a process started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    with postgres.running() as server:
        if server is None:
            pytest.skip(postgres.NO_SERVER)
        yield server


@contextmanager
def bounded(url: str) -> Iterator[SqlStorage]:
    """Open storage that waits no longer than a test should."""
    engine = make_engine(url, pool_size=2, wait=0.05, statement=0.2)
    with closing(SqlStorage(engine)) as storage:
        yield storage


def test_ft_13_a_server_that_is_frozen_is_as_one_that_is_down(own_server: str) -> None:
    """Its kernel still answers for it, so no timeout of the network would ever end the wait."""
    with storages.postgres_database(own_server) as url, bounded(url) as storage:
        with storage.reading() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None
        with frozen(own_server):
            for _ in range(2):  # on a connection that was there, and on a new one
                with pytest.raises(PortUnavailable), storage.reading() as unit:
                    unit.journeys.get("7K3Q-F9M2")

        with storage.writing() as unit:
            unit.journeys.add(stored())


def test_ft_13_so_is_one_that_freezes_in_the_middle_of_a_unit(own_server: str) -> None:
    def freeze_and_write(unit: Unit, stack: ExitStack) -> None:
        unit.journeys.add(stored())
        stack.enter_context(frozen(own_server))
        unit.journal.append("7K3Q-F9M2", 0, NOW, "une ligne")

    with storages.postgres_database(own_server) as url, bounded(url) as storage:
        with ExitStack() as stack, pytest.raises(PortUnavailable), storage.writing() as unit:
            freeze_and_write(unit, stack)

        with storage.writing() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None


def test_a_statement_that_takes_too_long_is_ended_by_the_server(database: str) -> None:
    with begun(database, "reading", 0.05) as transaction, pytest.raises(PortUnavailable):
        transaction.all(text("SELECT pg_sleep(60)"))


def test_what_an_operator_says_of_a_connection_holds(database: str) -> None:
    """Ours are only for who says nothing."""
    with by_hand(f"{database}&keepalives_idle=77") as engine, engine.connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]

    assert told["keepalives_idle"] == "77"
    assert told["tcp_user_timeout"] == "15000"
