"""Each journey that a test here makes is told again from its journal when the test is over."""

import pytest

from monespace_flows.ports import Storage
from monespace_flows.testing.memory import MemoryStorage
from tests.replaying import pytest_runtest_call

__all__ = ["pytest_runtest_call", "storage", "twin"]


@pytest.fixture
def storage() -> Storage:
    """Storage for tests that run on each engine elsewhere."""
    return MemoryStorage()


@pytest.fixture
def twin(storage: Storage) -> Storage:
    """The same, as another process would open it."""
    return storage
