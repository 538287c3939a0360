"""What support must know of a flow: its screens' titles and buttons, its ends and lives.

A :class:`~monespace_flows.chart.Flow` is an outline.  So is one that was compiled
(:mod:`.compiled`), which takes no state machine to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Protocol

from ..policy import Policy

__all__ = ["ButtonOutline", "Outline", "ScreenOutline"]


class ButtonOutline(Protocol):
    """A button: the command's event and the words on it."""

    @property
    def command(self) -> str:
        """The event."""

    @property
    def label(self) -> str:
        """The words."""

    @property
    def requires(self) -> str | None:
        """The truth of the journey without which it is not shown."""


class ScreenOutline(Protocol):
    """A state's screen."""

    @property
    def title(self) -> str:
        """What stands at its top."""

    @property
    def buttons(self) -> Sequence[ButtonOutline]:
        """What may be pressed there."""


class Outline(Protocol):
    """A flow without its table."""

    @property
    def name(self) -> str:
        """Its name, as journals have it."""

    @property
    def version(self) -> int:
        """The newest version of its journals."""

    @property
    def fingerprint(self) -> str:
        """The digest of its table and screens."""

    @property
    def finals(self) -> AbstractSet[str]:
        """The states that end a journey."""

    @property
    def screens(self) -> Mapping[str, ScreenOutline]:
        """What each state shows."""

    @property
    def lives(self) -> Mapping[str, Callable[[Policy], timedelta]]:
        """The states that have a life of their own."""
