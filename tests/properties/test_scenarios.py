"""The stories that take every row."""

from collections import Counter

import pytest

from monespace_flows.retelling.table import RowId

from .rows_taken import count_rows, missing
from .scenarios import SCENARIOS
from .stage import Stage


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_story_goes_as_told(name: str) -> None:
    """It ends where it says, and its journeys are their replays."""
    stage = Stage()

    SCENARIOS[name](stage)

    assert count_rows(stage.box.storage)


def test_the_stories_together_take_every_row() -> None:
    """Without luck: what the random walk may miss, they do not."""
    taken: Counter[RowId] = Counter()
    for play in SCENARIOS.values():
        stage = Stage()
        play(stage)
        taken += count_rows(stage.box.storage)

    assert missing(taken) == []
