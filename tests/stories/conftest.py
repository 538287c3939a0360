"""Each journey that a story makes is told again from its journal when the story is over."""

from tests.replaying import pytest_runtest_call

__all__ = ["pytest_runtest_call"]
