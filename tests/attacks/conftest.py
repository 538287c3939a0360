"""Every sandbox of a test here keeps what it knows in SQL, on each engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext

import pytest

from monespace_backends.storage import SqlStorage, make_engine
from monespace_flows.ports import Storage
from monespace_flows.testing import sandbox as module
from tests.journeys.test_accounts import heard, sandbox
from tests.replaying import pytest_runtest_call
from tests.servers import storages

__all__ = ["heard", "pytest_runtest_call", "sandbox"]


class Spares:
    """Databases that others are done with: making one costs more than most tests."""

    def __init__(self, make: Callable[[], AbstractContextManager[str]]) -> None:
        self._make = make
        self._closing = ExitStack()
        self._spare: list[str] = []

    @contextmanager
    def lent(self) -> Iterator[SqlStorage]:
        """Lend an empty one, open until its test is over."""
        url = self._spare.pop() if self._spare else self._closing.enter_context(self._make())
        with closing(SqlStorage(make_engine(url, pool_size=16))) as storage:
            yield storage
        storages.clear(url)
        self._spare.append(url)

    def close(self) -> None:
        """Drop them all."""
        self._closing.close()


@pytest.fixture(scope="session")
def sqlite_spares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spares]:
    def make() -> AbstractContextManager[str]:
        return nullcontext(storages.sqlite_database(tmp_path_factory.mktemp("attacks")))

    with closing(Spares(make)) as spares:
        yield spares


@pytest.fixture(scope="session")
def postgresql_spares(postgres_server: str) -> Iterator[Spares]:
    with closing(Spares(lambda: storages.postgres_database(postgres_server))) as spares:
        yield spares


@pytest.fixture(autouse=True, params=storages.SQL_ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each new sandbox a database of its own where it would have memory."""
    spares: Spares = request.getfixturevalue(f"{request.param}_spares")
    with ExitStack() as stack:

        def make() -> Storage:
            return stack.enter_context(spares.lent())

        monkeypatch.setattr(module, "MemoryStorage", make)
        yield
