"""Our storages keep the rules that hosts' own must keep; and say what they refuse as ours do."""

from collections.abc import Mapping

import pytest

from monespace_flows.errors import UniqueBroken
from monespace_flows.ports import Storage
from monespace_flows.testing.contracts import Candidate, Make, StorageContract
from monespace_flows.testing.contracts.storage_units import WRITES, Write, fill, write_and_ignore
from monespace_flows.testing.memory import MemoryStorage
from tests.backends.conftest import Kept
from tests.servers import storages
from tests.servers.storages import ENGINES, POOLED

from . import reopening
from .examples import account

pytestmark = pytest.mark.parametrize("database", [*ENGINES, POOLED], indirect=True)


def in_memory() -> Candidate:
    """Make the storage in memory, which no other process sees."""
    storage = MemoryStorage()
    return Candidate(storage=storage, twin=storage, absent={"processes": "it lives in one process"})


def on_sql(url: str, kept: Kept, absent: Mapping[str, str]) -> Candidate:
    """Empty a database, and open it twice."""
    if url.startswith("sqlite"):
        url = kept.new_file()
    else:
        kept.clear(url)
    return Candidate(
        storage=kept.storage(url),
        twin=kept.storage(url, 2),
        reopen=reopening.at(url),
        absent=absent,
    )


class TestStorage(StorageContract):
    """On each engine."""

    @pytest.fixture
    def make(self, request: pytest.FixtureRequest, database: str, kept: Kept) -> Make:
        if database == storages.MEMORY:
            return in_memory
        is_pooled = "pooled" in request.node.name
        absent = {"processes": "asked without a pooler"} if is_pooled else {}
        return lambda: on_sql(database, kept, absent)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_unit_that_reads_says_so(storage: Storage, write: Write) -> None:
    fill(storage)

    with storage.reading() as unit, pytest.raises(RuntimeError, match="only reads"):
        write(unit)


def test_a_unit_that_failed_says_so(storage: Storage) -> None:
    fill(storage)

    with pytest.raises(RuntimeError, match="failed"), storage.writing() as unit:
        write_and_ignore(unit, UniqueBroken, lambda: unit.accounts.add(account()))
