"""Sentences for a person, and the links in them."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from attrs import frozen

__all__ = ["ASSISTANCE", "Link", "Notice", "Place"]


class Place(Enum):
    """Where a link leads; an adapter knows the address."""

    HOME = "home"
    SIGN_IN = "signin"
    FORGOTTEN = "forgotten"
    CREATION = "creation"
    RECOVERY = "recovery"
    RESET = "reset"
    SETTINGS = "settings"
    RPPS_HELP = "rpps_help"
    ASSISTANCE = "assistance"
    TERMS = "terms"
    PRIVACY = "privacy"


@frozen
class Link:
    """A live link: its visible words and where it leads: a place, or a host's flow by its name."""

    label: str
    to: Place | str

    @property
    def place(self) -> str:
        """The name of where it leads."""
        return self.to.value if isinstance(self.to, Place) else self.to


ASSISTANCE = Link("Assistance", Place.ASSISTANCE)
"""The one that stands at the foot of every page, too."""


@frozen(kw_only=True)
class Notice:
    """A sentence to a person, under a stable id.

    ``links`` are live words inside the text; ``fields`` names the fields that it is about.
    """

    id: str
    kind: Literal["error", "info", "success"]
    text: str
    links: tuple[Link, ...] = ()
    fields: tuple[str, ...] = ()
