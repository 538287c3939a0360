"""One served sandbox for each test."""

import pytest

from tests.http.visiting import Served


@pytest.fixture
def served() -> Served:
    """Serve a sandbox with the defaults of the tests."""
    return Served()
