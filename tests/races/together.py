"""Starting at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from monespace_flows.errors import MonespaceError

Answer = TypeVar("Answer")
_PATIENCE = 30.0


def together(acts: Sequence[Callable[[], Answer]]) -> list[Answer | MonespaceError]:
    """Do all this, each in a thread of its own: what each answered, or what it was told."""
    start = Barrier(len(acts))

    def wait_and_act(act: Callable[[], Answer]) -> Answer | MonespaceError:
        start.wait(_PATIENCE)
        try:
            return act()
        except MonespaceError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(wait_and_act, acts))


def split(
    outcomes: Sequence[Answer | MonespaceError],
) -> tuple[list[Answer], list[MonespaceError]]:
    """Tell the answers from the refusals."""
    answers: list[Answer] = []
    refusals: list[MonespaceError] = []
    for outcome in outcomes:
        if isinstance(outcome, MonespaceError):
            refusals.append(outcome)
        else:
            answers.append(outcome)
    return answers, refusals
