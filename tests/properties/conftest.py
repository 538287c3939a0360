"""How hard the random tests look, and the replay of every journey that they make.

The profile ``steady`` finds the same on every machine.  To look further than a change must:
``pytest tests/properties --hypothesis-profile=search``, with ``--hypothesis-seed`` to look again.
"""

import pytest
from hypothesis import HealthCheck, settings

from tests.replaying import pytest_runtest_call

__all__ = ["pytest_configure", "pytest_runtest_call"]

_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "steady", _COMMON, derandomize=True, database=None, max_examples=60, stateful_step_count=60
)
settings.register_profile("search", _COMMON, max_examples=1500, stateful_step_count=100)


def pytest_configure(config: pytest.Config) -> None:
    """Be steady unless another profile is asked for."""
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("steady")
