"""How hard the random tests look, and the replay of every journey that they make.

By default they do the same on every machine, and show what they find as they found it.  To look
much further, and to have what is found made short:
``pytest tests/properties --hypothesis-profile=search``.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.replaying import pytest_runtest_call

__all__ = ["pytest_runtest_call", "steps"]

_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_STEADY = settings(
    _COMMON,
    database=None,
    max_examples=10,
    stateful_step_count=50,
    phases=[Phase.explicit, Phase.generate],
)
settings.register_profile("search", _COMMON, max_examples=200, stateful_step_count=80)


@pytest.fixture(scope="session")
def steps(pytestconfig: pytest.Config) -> settings:
    """Say how far a walk goes."""
    searches = pytestconfig.getoption("--hypothesis-profile") == "search"
    return settings.get_profile("search") if searches else _STEADY
