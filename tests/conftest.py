"""What holds for every test."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

from tests.replaying import pytest_runtest_logfinish
from tests.servers import postgres, storages

__all__ = ["pytest_runtest_logfinish"]

UNMEASURED = (
    "tests/browser/",
    "tests/cli/",
    "tests/http/",
    "tests/privacy/",
    "tests/properties/test_exploration.py::TestEveryFlow::test_an_event_without_a_row_is_refused",
    "tests/properties/test_exploration.py::TestEveryFlow::test_nothing_is_wrong_with_the_table",
    "tests/properties/test_machine.py",
    "tests/races/",
    "tests/support/test_compiled.py::test_the_files_are_those_of_today_s_charts",
    "tests/support/test_table.py::test_table_and_chart_agree",
)
"""What runs without coverage: the other tests cover `src/`, and counting lines costs Python code
more than twice its time."""

# Machines differ and are shared: a slow example is no failure.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run a server, one for all folders; its URL."""
    with postgres.running() as server:
        if server is None:
            pytest.skip(postgres.NO_SERVER)
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """Make one database with its tables, for all tests; its URL."""
    with storages.postgres_database(postgres_server) as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count no lines, of fixtures either, where coverage is not wanted."""
    counting = Coverage.current()
    if counting is None or not item.nodeid.startswith(UNMEASURED):
        return (yield)
    counting.stop()
    try:
        return (yield)
    finally:
        counting.start()
