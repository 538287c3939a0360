"""How hard the random tests look, and the replay of every journey that they make.

The profile ``steady`` does the same on every machine, and shows what it finds as it found it.
To look much further, and to have what is found made short:
``pytest tests/properties --hypothesis-profile=search``.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.replaying import pytest_runtest_call

__all__ = ["pytest_configure", "pytest_runtest_call"]

_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "steady",
    _COMMON,
    derandomize=True,
    database=None,
    max_examples=10,
    stateful_step_count=50,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
settings.register_profile("search", _COMMON, max_examples=200, stateful_step_count=80)


def pytest_configure(config: pytest.Config) -> None:
    """Be steady unless another profile is asked for."""
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("steady")
