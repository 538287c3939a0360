"""One served sandbox for each test; its journeys are told again when the test is over."""

import pytest

from tests.http.visiting import Served
from tests.replaying import pytest_runtest_call

__all__ = ["pytest_runtest_call", "served"]


@pytest.fixture
def served() -> Served:
    """Serve a sandbox with the defaults of the tests."""
    return Served()
