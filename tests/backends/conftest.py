"""Storage on every engine, empty for each test; registry files.

An engine, its connections and the statements that it compiled cost more than most tests: those of
the URLs that tests share are kept.  A SQLite file is new for each test all the same.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from monespace_backends.storage import SqlStorage, sqlite_url
from monespace_flows.ports import Storage
from monespace_flows.testing.memory import MemoryStorage
from tests.servers import storages

from .registry_files import HEADER, Write


class Kept:
    """Storages opened once for all tests, by their URL and a number."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "monespace.db"
        self._closing = ExitStack()
        self._storages: dict[tuple[str, int], SqlStorage] = {}

    def storage(self, url: str, number: int = 1) -> SqlStorage:
        """A storage that may have served other tests."""
        key = url, number
        if key not in self._storages:
            self._storages[key] = self._closing.enter_context(storages.opened(url))
        return self._storages[key]

    def clear(self, url: str) -> None:
        """Delete every row of every table; on a server in one round trip."""
        storages.empty(self.storage(url))

    def new_file(self) -> str:
        """Make the SQLite file anew, whatever was done to the former one; its URL."""
        url = sqlite_url(self.file)
        for key, storage in self._storages.items():
            if key[0] == url:
                storage.close()
        for former in self.file.parent.iterdir():
            former.unlink()
        storages.sqlite_file(self.file)
        return url

    def close(self) -> None:
        """Close them all."""
        self._closing.close()


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Keep storages for the tests of all folders."""
    kept = Kept(tmp_path_factory.mktemp("kept"))
    yield kept
    kept.close()


@pytest.fixture(params=storages.ENGINES)
def database(request: pytest.FixtureRequest, kept: Kept) -> Iterator[str]:
    """Give the URL of an empty database with its tables, on each engine; memory has none."""
    if request.param == storages.MEMORY:
        yield storages.MEMORY
    elif request.param == "sqlite":
        yield kept.new_file()
    else:
        name = "pooled_postgres" if request.param == "pooled" else "migrated_postgres"
        url: str = request.getfixturevalue(name)
        try:
            yield url
        finally:
            kept.clear(url)


@pytest.fixture
def storage(database: str, kept: Kept) -> Storage:
    """Open storage on an empty database."""
    return MemoryStorage() if database == storages.MEMORY else kept.storage(database)


@pytest.fixture
def twin(database: str, storage: Storage, kept: Kept) -> Storage:
    """Open a second storage on the same data, as another process would."""
    return storage if database == storages.MEMORY else kept.storage(database, 2)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the rows of a registry file."""

    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "registry.csv"
        path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
        return path

    return write
