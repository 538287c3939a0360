"""Every sandbox of a test here keeps what it knows in SQL, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from monespace_flows.ports import Storage
from monespace_flows.testing import sandbox as module
from tests.journeys.test_accounts import heard, sandbox
from tests.replaying import pytest_runtest_call
from tests.servers import storages

__all__ = ["heard", "pytest_runtest_call", "sandbox"]


@pytest.fixture(autouse=True, params=storages.SQL_ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Give each new sandbox a database of its own where it would have memory."""
    numbers = count()
    with ExitStack() as stack:

        def make() -> Storage:
            if request.param == "sqlite":
                folder = tmp_path / f"store{next(numbers)}"
                folder.mkdir()
                url = storages.sqlite_database(folder)
            else:
                server = request.getfixturevalue("postgres_server")
                url = stack.enter_context(storages.postgres_database(server))
            return stack.enter_context(storages.opened(url))

        monkeypatch.setattr(module, "MemoryStorage", make)
        yield
