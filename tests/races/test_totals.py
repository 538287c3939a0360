"""What everybody does together, on each engine: the tests of the journeys, where rows are real."""

from tests.journeys.test_totals import *  # noqa: F403 - each of them, with the storages of here
