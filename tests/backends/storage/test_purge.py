"""A purge beside those who serve: in batches, whole journals, found by indexes, no log left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from monespace_backends.storage import SqlStorage
from monespace_backends.storage.purge import purged_at
from tests.servers import storages

from .databases import begun, by_hand, impatient
from .examples import DAY, NOW, message, stored

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)

BEFORE = NOW - 10 * DAY
OLD = BEFORE - DAY


def fill(storage: SqlStorage, journals: int) -> None:
    """Keep journals of three lines that are past their life, and one that is not yet."""
    with storage.writing() as unit:
        for number in range(journals):
            for seq in range(3):
                at = OLD + timedelta(seconds=number % 7)
                unit.journal.append(f"{number:04}-0000", seq, at, "une ligne")
        unit.journal.append("LATE-0000", 0, OLD, "0")
        unit.journal.append("LATE-0000", 1, BEFORE, "1")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make batches of ten rows."""
    monkeypatch.setattr("monespace_backends.storage.sql._BATCH", 10)


@pytest.mark.usefixtures("small")
def test_between_two_batches_others_have_their_turn(
    database: str, storage: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for more than one batch: whoever writes in a pause does not wait at all."""
    fill(storage, 40)
    told: list[int] = []
    with impatient(database) as other:

        def write(seconds: float) -> None:
            assert seconds > 0
            with other.writing() as unit:
                unit.journeys.add(stored(f"{len(told):04}-1111", started_at=NOW))

        monkeypatch.setattr(storage, "pause", write)
        counts = storage.purge(NOW, BEFORE, report=lambda _, gone: told.append(gone))

    batches = [after - before for before, after in zip([0, *told], told, strict=False)]
    assert (counts["journal"], told[-1]) == (120, 120)
    assert max(batches) <= 30  # ten lines are of ten journals at the most
    with storage.reading() as unit:
        assert list(unit.journal.lines("LATE-0000")) == ["0", "1"]
        assert [it for it in unit.journal.references() if it != "LATE-0000"] == []


@pytest.mark.usefixtures("small")
def test_steps_beside_a_purge_are_never_told_to_come_back(
    database: str, storage: SqlStorage
) -> None:
    """Counted, not timed: no unit of anybody fails while much is deleted."""
    fill(storage, 200)
    over = Event()

    def serve() -> int:
        done = 0
        with storages.opened(database) as other:
            while not over.is_set():
                with other.writing() as unit:
                    unit.journal.append("NEWS-0000", done, NOW, "une ligne")
                done += 1
        return done

    with ThreadPoolExecutor(1) as threads:
        served = threads.submit(serve)
        try:
            assert storage.purge(NOW, BEFORE)["journal"] == 600
        finally:
            over.set()

        assert served.result() > 0


def test_what_is_purged_is_found_by_an_index(database: str) -> None:
    """Else each purge would read all that ever left."""
    explain = "EXPLAIN QUERY PLAN " if database.startswith("sqlite") else "EXPLAIN "
    with by_hand(database) as engine, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))  # the tables are empty
        for purged, deadline in purged_at(NOW, BEFORE, DAY):
            place = [1, *("x" if it.type.python_type is str else 1 for it in purged._key)]
            for after in (None, place):
                found = purged.find(after, 10).params(deadline=deadline)
                written = found.compile(engine, compile_kwargs={"literal_binds": True})
                plan = str(connection.exec_driver_sql(explain + str(written)).all())
                name = purged.table.name
                assert "INDEX" in plan.upper()
                assert f"Seq Scan on {name}" not in plan
                assert f"SCAN {name}'" not in plan


def test_what_a_relay_and_readiness_ask_is_found_by_an_index(database: str) -> None:
    statements = (
        "SELECT id FROM outbox WHERE status = 'waiting'",
        "SELECT id FROM outbox WHERE status = 'failed'",
        "SELECT id FROM outbox WHERE finished_at > 5 AND status = 'sent' AND channel = 'sms'",
        "SELECT id FROM outbox WHERE status = 'failed' AND sealed IS NOT NULL AND expires_at < 5",
    )
    explain = "EXPLAIN QUERY PLAN " if database.startswith("sqlite") else "EXPLAIN "
    with by_hand(database) as engine, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))
        plans = [str(connection.exec_driver_sql(explain + it).all()) for it in statements]

    assert [it for it in plans if "ix_outbox" not in it] == []


def test_a_purge_that_is_stopped_has_lost_nothing(
    database: str, storage: SqlStorage, small: Callable[..., None]
) -> None:
    class Stopped(Exception):
        """Ctrl+C."""

    fill(storage, 40)

    def stop(*_: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        storage.purge(NOW, BEFORE, report=stop)
    with storage.reading() as unit:
        left = unit.journal.references()
        assert {len(unit.journal.lines(it)) for it in left if it != "LATE-0000"} == {3}

    assert storage.purge(NOW, BEFORE)["journal"] == 3 * (len(left) - 1)


def test_messages_go_in_batches_too(
    database: str, storage: SqlStorage, small: Callable[..., None]
) -> None:
    with storage.writing() as unit:
        for number in range(25):
            unit.outbox.add(message(f"sent{number}", status="sent", finished_at=OLD))
            unit.outbox.add(message(f"left{number}", expires_at=OLD))

    assert storage.purge(NOW, BEFORE)["outbox"] == 50


def test_the_log_of_sqlite_is_given_back(database: str) -> None:
    with storages.opened(database) as storage:  # its own: its last connection takes the log along
        fill(storage, 300)
        storage.purge(NOW, BEFORE)

        if database.startswith("sqlite"):
            assert Path(f"{storage._engine.url.database}-wal").stat().st_size == 0


def test_a_reader_keeps_the_log_and_nobody_waits_for_it(database: str, storage: SqlStorage) -> None:
    fill(storage, 30)
    with storage.reading() as unit:
        before = len(unit.journal.references())
        assert storage.purge(NOW, BEFORE)["journal"] == 90
        if database.startswith("sqlite"):
            assert len(unit.journal.references()) == before

    with begun(database, "reading") as transaction:
        found = transaction.all(text("SELECT DISTINCT reference FROM journal"))
    assert [it["reference"] for it in found] == ["LATE-0000"]
