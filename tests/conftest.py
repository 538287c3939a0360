"""What holds for every test."""

import gc
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

import monespace_flows
from tests.replaying import pytest_runtest_logfinish
from tests.servers import pgbouncer, postgres, redis, storages

__all__ = ["pytest_runtest_logfinish"]

UNMEASURED = re.compile(
    "tests/("
    "attacks/|bench/|browser/|cli/|http/|install/|mutants/|privacy/|races/|simulation/"
    r"|backends/storage/(test_(beside_a_host|postgresql)|.*\[.*(sqlite|postgresql|pooled))"
    "|backends/test_(blocklist|hashes|mail|mobiles|reading|registry_http|registry_rows|serving)"
    "|backends/test_(sms_parts|webhooks|wiring)"
    "|backends/test_passwords.py::TestArgon2::test_(drawn|only_words)"
    "|docs/test_guide_words"
    "|flows/test_(codec|invariants|names|replay)|flows/rules/test_(budgets|masking)"
    "|flows/test_texts.py::test_both_languages_name_the_same_values"
    "|hosts/test_(close_account|each_host|psc)"
    "|journeys/test_(alike|autofill|confirmation|creation|deadlines|guessing|input|offers|privacy)"
    "|journeys/test_(last_rows|recovery|reset|sending)"
    "|journeys/test_faults.py::test_ft_05_ft_13_ft_15_whatever_breaks"
    "|journeys/test_lost_answers.py::test_ft_06_the_same_press_again_is_answered_as_before"
    "|journeys/test_obvious_passwords.py::test_in_0(5_what_chance|7_no_obvious)"
    r"|properties/test_exploration.py::TestEveryFlow::.*\[(creation|recovery)\]"
    "|properties/test_situations.py::test_no_situation"
    "|properties/test_(deep|machine|scenarios.py::test_the_stories_together)"
    "|stories/test_creation_calls"
    "|support/test_(commands|disclosure|each_call|interrupted|nothing_personal|the_morning)"
    "|support/test_causes.py::test_every_cause_can_happen"
    "|retelling/test_compiled.py::test_every_answer"
    "|retelling/test_table.py::test_(every_state_is_explored|table_and_chart_agree)"
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


TESTS = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Have each worker collect from another folder on: what one has compiled, all others read."""
    if [Path(it).resolve() for it in config.args] != [TESTS]:
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    parts = sorted({TESTS / it.relative_to(TESTS).parts[0] for it in TESTS.rglob("test_*.py")})
    first = len(parts) * int(worker.removeprefix("gw")) // int(workers)
    config.args = [*map(str, parts[first:]), *map(str, parts[:first])]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Count no lines meanwhile, but what it is to import ours; and look at none of it for garbage.

    Nothing of what is collected goes before the end.
    """
    if Coverage.current() is not None:
        for module in walk_packages(monespace_flows.__path__, "monespace_flows."):
            import_module(module.name)
    gc.disable()
    try:
        with uncounted():
            return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Begin with what is slow, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0])  # wherever it began
    yield
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


@contextmanager
def uncounted() -> Iterator[None]:
    """Count no lines until the block ends."""
    counting = Coverage.current()
    if counting is None:
        yield
        return
    counting.stop()
    try:
        yield
    finally:
        counting.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count no lines, of fixtures either, where coverage is not wanted."""
    if not UNMEASURED.match(item.nodeid):
        return (yield)
    with uncounted():
        return (yield)
