"""Storage keeps its contract under any prefix, in any schema, beside a host's tables."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from monespace_backends.storage import SqlStorage
from monespace_backends.storage.database import Database
from monespace_flows.testing.contracts import Candidate, Make, StorageContract
from tests.servers import placed

from .examples import NOW


@pytest.fixture(scope="module", params=placed.PLACES)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Give a place, one for all tests."""
    with placed.placed(request.param, request, tmp_path_factory.mktemp("placed")) as database:
        yield database


@pytest.fixture(scope="module")
def both(place: Database) -> Iterator[tuple[SqlStorage, SqlStorage]]:
    """Open it twice, as two processes would."""
    with ExitStack() as stack:
        first, second = (stack.enter_context(placed.opened(place)) for _ in range(2))
        yield first, second


@pytest.fixture
def storage(both: tuple[SqlStorage, SqlStorage]) -> SqlStorage:
    """Give storage in it, empty."""
    placed.empty(both[0])
    return both[0]


class TestStorage(StorageContract):
    """It keeps every rule, but those of many at once, which do not differ by the place."""

    @pytest.fixture
    def make(self, both: tuple[SqlStorage, SqlStorage]) -> Make:
        def made() -> Candidate:
            placed.empty(both[0])
            alike = "asked where the tables are ours alone"
            return Candidate(
                storage=both[0], twin=both[1], absent={"threads": alike, "processes": alike}
            )

        return made


def test_it_is_seen_whether_it_takes_writes(storage: SqlStorage) -> None:
    """After a write that failed, one that changes nothing is tried, on our table of versions."""
    storage._refuses_writes = True

    storage.check()

    assert not storage._refuses_writes


def test_brakes_count_there(storage: SqlStorage) -> None:
    counts = storage.counts()

    assert [counts.acquire_entry("somebody", 2, 60) for _ in range(3)] == [True, True, False]
    assert counts.get_moving_window("somebody", 2, 60)[1] == 2
    assert storage.purge(NOW.replace(year=2100), NOW)["brakes"] == 2
