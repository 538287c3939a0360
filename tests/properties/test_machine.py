"""The library does what the model says, whatever people, clocks and registries do.

The walk is steady: it is the same on every machine, so a failure here is a change of behaviour.
``--hypothesis-profile=search`` looks much further, and prints how to come back to what it found.
"""

from collections import Counter
from functools import cache

from hypothesis.stateful import run_state_machine_as_test

from monespace_flows.verify import Place

from .machine import Walk
from .rows_taken import all_places, count_rows, missing
from .scenarios import SCENARIOS
from .stage import Stage


@cache
def walk() -> Counter[Place]:
    """Walk at random, once a process; give the rows that were taken."""
    Walk.rows.clear()
    run_state_machine_as_test(Walk)
    return Walk.rows


def test_the_library_does_what_the_model_says() -> None:
    """S1 to S25, L8, T1 to T7, C1, C2, after each of some thousand steps."""
    taken = walk()

    assert sum(taken.values()) > 1000


def test_every_row_of_every_table_is_taken() -> None:
    """L3: by the walk, or by a story; the rows that neither took are named."""
    walked = walk()
    told: Counter[Place] = Counter()
    for play in SCENARIOS.values():
        stage = Stage()
        play(stage)
        told += count_rows(stage.box.storage)

    print(f"{len(walked)} of {len(all_places())} rows by the walk; by stories only:")  # noqa: T201
    print(*missing(walked), sep="\n")  # noqa: T201
    assert missing(walked + told) == []
