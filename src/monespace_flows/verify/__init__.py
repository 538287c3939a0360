"""Explore a flow's whole table, and say what is wrong with it: pure, no port, no sampling.

:func:`explore` walks every journey that the table and the world's possible answers allow;
:func:`check` looks at the walk for dead ends, dead rows and undecided commands.
"""

from __future__ import annotations

from .exploration import explore
from .findings import check

__all__ = ["check", "explore"]
