"""What a journey wishes done: frozen records, executed by the driver inside the step's transaction.

An effect holds no value: the driver knows the address, the hash or the code from the case it is
working on.  Each is journalled by what it says (:attr:`Effect.told`) with an idempotency key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from attrs import asdict, frozen

__all__ = [
    "BeginReset",
    "Budget",
    "CancelCode",
    "ChangeCredentials",
    "ClearFailures",
    "ConsumeLink",
    "CountFailure",
    "CreateAccount",
    "DisableAccount",
    "Effect",
    "EndOtherSessions",
    "OpenSession",
    "RecoverAccount",
    "ReleaseAddress",
    "Say",
    "SendCode",
    "SendLetter",
    "SendNothing",
    "SendResetLink",
    "WarnHolder",
    "kind_of",
]


class Budget(Enum):
    """What is counted against one person over all journeys.

    ``BROWSER`` is counted against one known browser instead, ``DESTINATION`` against the number or
    address that codes are sent to.  ``WARNING`` is no failure: it is what the person was told, so
    that they are told it once a day.  ``TOTAL`` and ``ALARM`` are of everybody together.
    ``CHANGE`` is a change of the login address that was asked for: each one writes to an address
    of anybody.
    """

    IDENTITY = "identity"
    CODE = "code"
    SEND = "send"
    DESTINATION = "destination"
    EMAIL = "email"
    PASSWORD = "password"
    LINK = "link"
    BROWSER = "browser"
    WARNING = "warning"
    TOTAL = "total"
    ALARM = "alarm"
    CHANGE = "change"


@frozen
class Effect:
    """The root of all effects."""

    @property
    def kind(self) -> str:
        """The name under which the journal keeps the effect."""
        return type(self).__name__

    def __str__(self) -> str:
        """How tables and diagrams name the effect: its kind and what it is told."""
        words = ", ".join(_words(self))
        return f"{self.kind}({words})" if words else self.kind

    @property
    def told(self) -> str:
        """The kind with its content as the journal keeps it: a letter's id, a budget, a flag set.

        What does not look like a name of the program's is left out, so that a host's effect that
        holds more brings nobody into the journal.
        """
        words = ",".join(word for word in _words(self) if _NAME.fullmatch(word))
        return f"{self.kind}({words})" if words else self.kind


_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")


def kind_of(told: str) -> str:
    """The kind of an effect, of what the journal tells of it."""
    return told.partition("(")[0]


def _words(effect: Effect) -> Iterator[str]:
    found = (_word(name, value) for name, value in asdict(effect, recurse=False).items())
    return (word for word in found if word)


def _word(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else ""
    return str(value.value if isinstance(value, Enum) else value)


@frozen
class Say(Effect):
    """Show a notice, by its id."""

    notice: str


@frozen
class SendCode(Effect):
    """Draw a new code and send it to the contact chosen; every earlier code is dead (``C7``)."""


@frozen
class CancelCode(Effect):
    """Make the code that was sent worthless."""


@frozen
class CountFailure(Effect):
    """Count one failure against a budget."""

    budget: Budget


@frozen
class ClearFailures(Effect):
    """Forget the doctor's failures after a full success."""


@frozen
class CreateAccount(Effect):
    """Create the account of the doctor with the credentials just chosen (``C10``, ``D2``).

    ``address_is_proven``: the login is the address that received the code (``C9``).
    """

    address_is_proven: bool = False


@frozen
class RecoverAccount(Effect):
    """Give the existing account new credentials; its sessions and links die (``R6``).

    ``address_is_proven``: the login is the address that received the code.
    """

    address_is_proven: bool = False


@frozen
class ReleaseAddress(Effect):
    """Take an address that the person has proved from the account that only claimed it.

    That account keeps everything else, and gets another address by recovery.
    """


@frozen
class ChangeCredentials(Effect):
    """Change password, e-mail or both; other sessions and all links die (``P4``, ``T1``).

    Another address is the login once its holder confirms it (decision 0017).
    ``address_is_proven``: the person came by a link sent to the address.
    """

    address_is_proven: bool = False


@frozen
class SendLetter(Effect):
    """Send one of the flow's letters, by its id, to those whom the letter names."""

    letter: str


@frozen
class SendResetLink(Effect):
    """Send a one-time link to the account's address; older ones are dead (``P2``)."""


@frozen
class BeginReset(Effect):
    """Begin a reset for the account, whose link leaves for its address, confirmed or not."""


@frozen
class SendNothing(Effect):
    """Write as much as a reset link would, and send nothing (``P2``)."""


@frozen
class ConsumeLink(Effect):
    """Use the link up and hand the journey to the browser that pressed the button (``P3``)."""


@frozen
class OpenSession(Effect):
    """Sign the person in, under a new session token (``S4``, ``P4``).

    ``by_password``: a right password opened it, so the wrong ones before are forgotten.
    """

    by_password: bool = False


@frozen
class WarnHolder(Effect):
    """Tell the person, by one contact of the Order, that others keep trying in their name."""


@frozen
class DisableAccount(Effect):
    """Disable the account of whom the registry no longer admits; sessions and links die."""


@frozen
class EndOtherSessions(Effect):
    """End the account's sessions but this one, and forget its other known browsers."""
