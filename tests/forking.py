"""Processes of their own for tests, which have imported beforehand what they run.

Importing costs more than most of what they do.  What a start from nothing shows is for tests that
start Python; the program as its users run it is forked by ``tests/cli/warm.py``.
"""

from multiprocessing import get_context

__all__ = ["FORKS"]

FORKS = get_context("forkserver")
"""``FORKS.Process(target=…, args=…)`` starts one, ``FORKS.Pipe()`` is how it is talked to."""

FORKS.set_forkserver_preload(["tests.http.server_process", "tests.races.roller"])
