"""argon2 alone, two hashes at once: no server can do more of them on two cores."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

from argon2.low_level import hash_secret

from .ours import parameters

__all__ = ["hashes_a_second"]

_AT_ONCE = 2
_EACH = 25


def hashes_a_second(told: str) -> float:
    """Hash under these parameters for a while; how many came out a second."""
    cost = parameters(told)

    def work() -> None:
        for _ in range(_EACH):
            hash_secret(
                b"quatre chevaux verts dansent", os.urandom(cost.salt_len),
                cost.time_cost, cost.memory_cost, cost.parallelism, cost.hash_len, cost.type,
            )  # fmt: skip

    began = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for task in [threads.submit(work) for _ in range(_AT_ONCE)]:
            task.result()
    return _AT_ONCE * _EACH / (time.perf_counter() - began)
