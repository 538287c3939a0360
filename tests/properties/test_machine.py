"""The library does what the model says, whatever people, clocks and registries do.

Each walk has a seed of its own, so that it is the same on every machine; a walk begun again knows
nothing of what came before, which sees more than a long one that tries variations of itself.
``--hypothesis-profile=search`` walks much further from the same seeds, and makes what it finds
short.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import ClassVar

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from monespace_flows.retelling.table import RowId

from .machine import Walk
from .rows_taken import all_places, count_rows, missing
from .scenarios import SCENARIOS
from .stage import Stage

pytestmark = pytest.mark.slow

SEEDS = range(16)

Walks = Callable[[int], Counter[RowId]]


@pytest.fixture(scope="session")
def walk(steps: settings) -> Walks:
    """Walk at random from a seed, once a process; give the rows that were taken."""

    @cache
    def from_seed(number: int) -> Counter[RowId]:
        class Numbered(Walk):
            rows: ClassVar[Counter[RowId]] = Counter()

        run_state_machine_as_test(seed(number)(Numbered), settings=steps)
        return Numbered.rows

    return from_seed


@pytest.mark.parametrize("number", SEEDS)
def test_the_library_does_what_the_model_says(walk: Walks, number: int) -> None:
    """S1 to S25, L8, T1 to T7, C1, C2, after each of some hundred steps."""
    assert walk(number)


def test_every_row_of_every_table_is_taken(walk: Walks) -> None:
    """L3: by a walk, or by a story; the rows that neither took are named."""
    walked = sum((walk(number) for number in SEEDS[:4]), Counter[RowId]())
    told: Counter[RowId] = Counter()
    for play in SCENARIOS.values():
        stage = Stage()
        play(stage)
        told += count_rows(stage.box.storage)

    print(f"{len(walked)} of {len(all_places())} rows by four walks; by stories only:")  # noqa: T201
    print(*missing(walked), sep="\n")  # noqa: T201
    assert missing(walked + told) == []
