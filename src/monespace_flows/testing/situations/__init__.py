"""Every reachable situation of a small world, walked through by the library itself.

:func:`walk` does all that its people could do, at each instant that matters, and has every act
judged by an independent witness.  What it finds is the shortest way there, as a journal that
``monespace show --file`` opens.
"""

from __future__ import annotations

from .walk import Hole, Walked, walk
from .worlds import AMELIE, JOHN, PAUL, Actor, Gesture, Person, Typing, World, alone, small

__all__ = [
    "AMELIE",
    "JOHN",
    "PAUL",
    "Actor",
    "Gesture",
    "Hole",
    "Person",
    "Typing",
    "Walked",
    "World",
    "alone",
    "small",
    "walk",
]
