"""What holds for every test."""

from hypothesis import settings

from tests.replaying import pytest_runtest_logfinish

__all__ = ["pytest_runtest_logfinish"]

# Machines differ and are shared: a slow example is no failure.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
