"""Starting at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic
from typing import TypeVar

from monespace_flows.errors import MonespaceError, PortBusy

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


def patiently(act: Callable[..., Answer], *arguments: object) -> Callable[[], Answer]:
    """Do this again whenever storage was busy, as whoever reads "in a moment" would.

    On a loaded machine fifty threads may wait longer for their turn than storage lets them.
    """

    def insist() -> Answer:
        end = monotonic() + _PATIENCE
        while True:
            try:
                return act(*arguments)
            except PortBusy:
                if monotonic() > end:
                    raise

    return insist


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
