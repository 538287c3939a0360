"""What holds for every test."""

import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

from tests.replaying import pytest_runtest_logfinish
from tests.servers import pgbouncer, postgres, redis, storages

__all__ = ["pytest_runtest_logfinish"]

UNMEASURED = re.compile(
    "tests/("
    "attacks/|bench/|browser/|cli/|http/|privacy/|races/"
    r"|backends/storage/.*\[.*(sqlite|postgresql|pooled)"
    "|journeys/test_(deadlines|guessing|input|offers)"
    "|journeys/test_faults.py::test_ft_05_ft_13_ft_15_whatever_breaks"
    r"|properties/test_exploration.py::TestEveryFlow::.*\[(creation|recovery)\]"
    "|properties/test_machine"
    "|support/test_(commands|each_call|interrupted|nothing_personal|the_morning)"
    "|retelling/test_compiled.py::test_every_answer"
    "|retelling/test_table.py::test_table_and_chart_agree"
    ")"
)
"""What runs without coverage: the other tests reach all of `src/`, and counting lines costs Python
code more than twice its time."""

MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108 - each test makes a private folder in it

# SQLite waits for the disk at each commit, which is most of the time of the tests that write: files
# live in memory where there is room. The processes that tests start inherit it.
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# Machines differ and are shared: a slow example is no failure.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is slow, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run a server, one for all folders; its URL."""
    with postgres.running() as server:
        if server is None:
            pytest.skip(postgres.NO_SERVER)
        yield server


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count no app that other tests made: a process with several must be told which is meant."""
    from monespace_http import bridge

    monkeypatch.setattr(bridge, "_made", [])


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """Run a server that counts; its address."""
    with redis.running() as address:
        if address is None:
            pytest.fail(redis.NO_SERVER)
        yield address


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """Make one database with its tables, for all tests; its URL."""
    with storages.postgres_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def pooled_server(postgres_server: str) -> Iterator[str]:
    """Run a pooler of transactions before that server; its URL."""
    with pgbouncer.running(postgres_server) as pooler:
        if pooler is None:
            pytest.fail(pgbouncer.NO_POOLER)
        yield pooler


@pytest.fixture(scope="session")
def pooled_postgres(migrated_postgres: str, pooled_server: str) -> str:
    """The same database as :func:`migrated_postgres`, through the pooler; its URL."""
    return pgbouncer.through(pooled_server, migrated_postgres)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count no lines, of fixtures either, where coverage is not wanted."""
    counting = Coverage.current()
    if counting is None or not UNMEASURED.match(item.nodeid):
        return (yield)
    counting.stop()
    try:
        return (yield)
    finally:
        counting.start()
