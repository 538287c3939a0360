"""Each journey that a test here makes is told again from its journal when the test is over."""

from tests.replaying import pytest_runtest_call

__all__ = ["pytest_runtest_call"]
