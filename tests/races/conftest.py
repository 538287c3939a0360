"""Every engine, empty for each test; each journal is told again when the test is over."""

from tests.backends.conftest import database, kept, storage, twin
from tests.replaying import pytest_runtest_call

__all__ = [
    "database",
    "kept",
    "pytest_runtest_call",
    "storage",
    "twin",
]
