"""What drives a journey: facts in, one step, one transaction, then delivery.

Reading order: :mod:`.flows` (the facade), :mod:`.submit` (the order of things),
:mod:`.transaction` (one step on the store), :mod:`.case` (what one submission works with),
:mod:`.acts` (the world's answers as facts, and what was wished, done), :mod:`.views`.  Beside the
journeys: :mod:`.links`, :mod:`.sessions`, :mod:`.keeping`, :mod:`.erasure`, :mod:`.relay` and
:mod:`.watch`.

The names below are imported when they are first used: settings name a :class:`Site` and drive
nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Site
    from .erasure import Eraser, Erasure
    from .flows import Flows, SessionView, Strength
    from .importing import Candidate, Importer, Standing
    from .keeping import AccountView, Keeper, Kept
    from .sessions import SessionLine
    from .watch import Totals, Watch

__all__ = [
    "AccountView",
    "Candidate",
    "Eraser",
    "Erasure",
    "Flows",
    "Importer",
    "Keeper",
    "Kept",
    "SessionLine",
    "SessionView",
    "Site",
    "Standing",
    "Strength",
    "Totals",
    "Watch",
]

_ROOMS = {
    "Eraser": ".erasure",
    "Erasure": ".erasure",
    "Flows": ".flows",
    "AccountView": ".keeping",
    "Candidate": ".importing",
    "Importer": ".importing",
    "Standing": ".importing",
    "Keeper": ".keeping",
    "Kept": ".keeping",
    "SessionLine": ".sessions",
    "SessionView": ".flows",
    "Site": ".case",
    "Strength": ".flows",
    "Totals": ".watch",
    "Watch": ".watch",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name], __name__), name)
