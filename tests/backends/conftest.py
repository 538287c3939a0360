"""Storage on every engine, empty for each test; registry files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monespace_flows.ports import Storage
from monespace_flows.testing.memory import MemoryStorage
from tests.servers import storages

from .registry_files import HEADER, Write


@pytest.fixture(params=storages.ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database with its tables, on each engine; memory has none."""
    if request.param == storages.MEMORY:
        yield storages.MEMORY
    elif request.param == "sqlite":
        yield storages.sqlite_database(tmp_path)
    else:
        url: str = request.getfixturevalue("migrated_postgres")
        try:
            yield url
        finally:
            storages.clear(url)


@pytest.fixture
def storage(database: str) -> Iterator[Storage]:
    """Open storage on an empty database."""
    if database == storages.MEMORY:
        yield MemoryStorage()
        return
    with storages.opened(database) as storage:
        yield storage


@pytest.fixture
def twin(database: str, storage: Storage) -> Iterator[Storage]:
    """Open a second storage on the same data, as another process would."""
    if database == storages.MEMORY:
        yield storage
        return
    with storages.opened(database) as twin:
        yield twin


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the rows of a registry file."""

    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "registry.csv"
        path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
        return path

    return write
