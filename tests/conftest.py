"""What holds for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.replaying import pytest_runtest_logfinish
from tests.servers import postgres, storages

__all__ = ["pytest_runtest_logfinish"]

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
