"""What every gatherer is."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Protocol

from ...facts import Facts, NoFacts
from ...ports import Unit
from ..case import Case

__all__ = ["Gatherer", "Nothing", "seconds"]


class Gatherer(Protocol):
    """Brings the facts of one type."""

    def outside(self, case: Case) -> None:
        """Ask what is slow, with no transaction open, and note it in the case."""
        ...

    def about(self, case: Case) -> object:
        """Name what of the journey the questions outside are about.

        When the journey moved meanwhile and this is another, the driver asks again; else the
        answers hold, and the step waits for no second turn.
        """
        ...

    def inside(self, case: Case, unit: Unit) -> Facts:
        """Ask the store, and give the facts."""
        ...


class Nothing:
    """For commands that need to know nothing."""

    def outside(self, case: Case) -> None:
        """Ask nothing."""

    def about(self, case: Case) -> object:
        """Nothing was asked."""

    def inside(self, case: Case, unit: Unit) -> Facts:
        """Give the empty facts."""
        del case, unit
        return NoFacts()


def seconds(wait: timedelta) -> int:
    """A wait in whole seconds, rounded up so that it is over when it says so."""
    return math.ceil(wait.total_seconds())
