"""The one fold: the lines of a journal put to a table, each where the last one led."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from attrs import frozen

__all__ = ["Outcome", "fold"]

Where = TypeVar("Where")
Line = TypeVar("Line")


@frozen
class Outcome(Generic[Where]):
    """What a table answers to a line: where the person then stands, and what a journal would say.

    ``after`` is ``None`` where the table does not take the step; ``state`` then says why.
    """

    after: Where | None
    state: str
    notices: Sequence[str] = ()
    effects: Sequence[str] = ()
    screen: str = ""


def fold(
    answer: Callable[[Where, Line], Outcome[Where]], where: Where, lines: Iterable[Line]
) -> Iterator[tuple[Where, Line, Outcome[Where]]]:
    """Go through lines until one is not taken; each with where it came and what it is answered.

    Args:
        answer: a table, of whatever kind.
        where: where the first of the lines comes.
        lines: those after the start.
    """
    for line in lines:
        outcome = answer(where, line)
        yield where, line, outcome
        if outcome.after is None:
            return
        where = outcome.after
