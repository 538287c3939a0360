"""Process CPU per call, taken in turn so that a slow minute weighs on both sides alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

__all__ = ["cpu_ms", "side_by_side"]


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """CPU milliseconds of this process for one call, over so many."""
    began = time.process_time()
    for _ in range(times):
        work()
    return 1000 * (time.process_time() - began) / times


def side_by_side(
    works: dict[str, Callable[[], object]], times: int, rounds: int = 9
) -> dict[str, float]:
    """The median CPU milliseconds of each work, its rounds interleaved with the others'."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        cpu_ms(work, max(1, times // 10))
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(cpu_ms(work, times))
    return {name: statistics.median(values) for name, values in taken.items()}
