"""What only SQLite has: a file, one writer, and a driver that must not begin by itself."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text

from monespace_backends.storage import RowDamaged, SqlStorage, open_storage, sqlite_url
from monespace_backends.storage.engine import Turns
from monespace_flows.errors import PortBusy, PortUnavailable
from monespace_flows.ports import Unit
from tests.servers import storages

from .databases import by_hand, damage, impatient
from .examples import NOW, account, stored


@pytest.fixture
def database(tmp_path: Path) -> str:
    return storages.sqlite_database(tmp_path)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
    ],
)
def test_is_set_up_on_each_connection(database: str, setting: str, value: object) -> None:
    with by_hand(database) as engine, engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {setting}")).scalar() == value


def test_another_process_that_writes_makes_it_busy(database: str) -> None:
    with impatient(database) as storage, by_hand(database) as engine, engine.begin():
        with pytest.raises(PortBusy), storage.writing():
            pass
        with storage.reading() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None


def test_another_thread_that_writes_makes_it_busy(database: str) -> None:
    with (
        impatient(database) as storage,
        storage.writing(),
        pytest.raises(PortBusy),
        storage.writing(),
    ):
        pass


def test_writers_of_two_processes_wait_for_each_other(database: str) -> None:
    """Without the turns that threads of one process share."""
    with storages.opened(database) as storage, storages.opened(database) as twin:
        twin._turns = Turns()
        with storage.writing() as unit:
            unit.journeys.add(stored(seq=0))
        start = Barrier(6)

        def step(number: int) -> None:
            start.wait(timeout=10)
            for _ in range(10):
                with (storage, twin)[number % 2].writing() as unit:
                    found = unit.journeys.get("7K3Q-F9M2", lock=True)
                    assert found is not None
                    unit.journeys.swap(stored(seq=found.journey.seq + 1), found.journey.seq)

        with ThreadPoolExecutor(6) as threads:
            list(threads.map(step, range(6)))
        with storage.reading() as unit:
            found = unit.journeys.get("7K3Q-F9M2")
            assert found is not None
            assert found.journey.seq == 60


def test_a_full_disk_makes_it_unavailable(database: str) -> None:
    with impatient(database, pool_size=1) as storage:
        limit_pages(storage, 1)
        with pytest.raises(PortUnavailable), storage.writing() as unit:
            append(unit, range(100))
        limit_pages(storage, 10_000)

        with storage.writing() as unit:
            assert unit.journal.lines("7K3Q-F9M2") == []
            append(unit, range(100))


def append(unit: Unit, numbers: Iterable[int]) -> None:
    for number in numbers:
        unit.journal.append("7K3Q-F9M2", number, NOW, 1000 * "x")


def limit_pages(storage: SqlStorage, count: int) -> None:
    """Set the size of the disk, as the storage's only connection sees it."""
    with storage._engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {count}")


def test_a_file_that_was_removed_is_missed(database: str, tmp_path: Path) -> None:
    """And not made again, and found empty."""
    with impatient(database) as storage:
        (tmp_path / "monespace.db").unlink()
        with pytest.raises(PortUnavailable), storage.reading() as unit:
            unit.journeys.get("7K3Q-F9M2")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "monespace.db"
    path.write_text("des notes\n" * 1000)
    with pytest.raises(PortUnavailable):
        open_storage(f"sqlite:///{path}")

    assert path.read_text() == "des notes\n" * 1000


@pytest.mark.parametrize(
    "assignment",
    ["sealed_rpps = x'00'", "version = 'seven'", "created_at = 1.5", "disabled_at = 'never'"],
)
def test_a_value_of_another_type_gets_in_but_is_not_read(database: str, assignment: str) -> None:
    with storages.opened(database) as storage:
        with storage.writing() as unit:
            unit.accounts.add(account())
        damage(database, "accounts", assignment)

        with storage.reading() as unit, pytest.raises(RowDamaged):
            unit.accounts.get("a1")


def test_a_path_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "é ?&=#%20" / "base.db"
    path.parent.mkdir()
    with storages.opened(sqlite_url(path)) as storage, storage.writing() as unit:
        unit.journeys.add(stored())

    assert path.exists()
