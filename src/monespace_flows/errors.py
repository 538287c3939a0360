"""Every error of the library, under one root.

An error is a caller's mistake or a broken port.  A person's mistake (a wrong code, a weak
password) is never an error: it is a row of a journey's table, with a notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .screens import View

__all__ = [
    "ChartRefused",
    "CommandNotOffered",
    "DeliveryRefused",
    "JournalDamaged",
    "JournalVersionUnknown",
    "JourneyOver",
    "JourneyUnknown",
    "JourneyUnreadable",
    "LinkInvalid",
    "LostSwap",
    "MonespaceError",
    "PortBusy",
    "PortUnavailable",
    "SessionRequired",
    "UniqueBroken",
]


class MonespaceError(Exception):
    """The root of everything this library raises on purpose."""


class ChartRefused(MonespaceError):
    """A chart uses a feature that would let a journey fail open; the message says which."""


class JourneyUnknown(MonespaceError):
    """No journey answers to this token, or the flow's name is not one of ours."""


class JourneyUnreadable(ChartRefused):
    """A stored journey's flow or state is none that this release knows; its record stays."""


class SessionRequired(MonespaceError):
    """The caller must be signed in for this, and the session given is missing or over."""


class LinkInvalid(MonespaceError):
    """The link is unknown, used, replaced, too old, or made for another purpose."""


class CommandNotOffered(MonespaceError):
    """The present screen does not offer this command; nothing moved.

    Attributes:
        view: what the person should see instead.
    """

    def __init__(self, view: View) -> None:
        super().__init__(f"not offered in {view.flow}.{view.state}")
        self.view = view


class JourneyOver(MonespaceError):
    """The journey has ended or expired; nothing moved.

    Attributes:
        view: the last screen of the journey.
    """

    def __init__(self, view: View) -> None:
        super().__init__(f"journey {view.reference} is {view.status}")
        self.view = view


class PortUnavailable(MonespaceError):
    """Something outside did not answer; nothing moved and no try was counted.

    Attributes:
        port: the port's name, for the log (``"registry"``, ``"storage"``).
    """

    def __init__(self, port: str) -> None:
        super().__init__(f"the {port} port is unavailable")
        self.port = port


class PortBusy(PortUnavailable):
    """Something outside has more work than it takes at once; try again in a moment."""


class DeliveryRefused(PortUnavailable):
    """The way out refused a message for good: asking again would change nothing."""


class LostSwap(MonespaceError):
    """Another writer changed the row first; raised by storage, resolved by the driver."""


class UniqueBroken(MonespaceError):
    """A row that must be unique exists already; raised by storage, resolved by the driver."""


class JournalDamaged(MonespaceError):
    """A journal has a gap, an edit or a cut: its chain of hashes does not hold."""


class JournalVersionUnknown(MonespaceError):
    """A journal was written by a version of the library that this one cannot read."""
