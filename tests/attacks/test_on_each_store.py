"""The attacks that the tests of the journeys stage in memory, once more on SQLite and PostgreSQL.

The same functions, collected a second time: no row is told twice.
"""

from __future__ import annotations

import re
from importlib import import_module

import pytest

pytestmark = pytest.mark.slow

ROW = re.compile(r"test_(bf|fl|sd|lk|ss|pr|ft)_[0-9]{2}_")

MODULES = """
test_accounts test_deadlines test_erasure test_faults test_guessing test_integrity test_links
test_lost_answers test_privacy test_sending test_sessions
"""

ELSEWHERE = {
    # Each statement fails on each engine in tests/races/test_failing_disk.py.
    "test_ft_05_ft_13_ft_15_whatever_breaks_at_whichever_call_nothing_moves",
    # 1,560 tries, and all that is kept is read after each: what SQL counts is in the contract of
    # the stores, and what many tries at once may do in tests/races.
    "test_bf_10_delays_grow_and_no_more_than_25_passwords_a_day_are_judged",
}

for module in MODULES.split():
    for name, test in vars(import_module(f"tests.journeys.{module}")).items():
        if ROW.match(name) and name not in ELSEWHERE:
            assert name not in globals(), f"two tests are named {name}"
            globals()[name] = test
