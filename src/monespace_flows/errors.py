"""Every error of the library, under one root.

An error is a caller's mistake or a broken port.  A person's mistake (a wrong code, a weak
password) is never an error: it is a row of a journey's table, with a notice.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from .screens import View

__all__ = [
    "ChartRefused",
    "CommandNotOffered",
    "DeliveryRefused",
    "DeliveryUnknown",
    "FactsUnfit",
    "JournalDamaged",
    "JournalFault",
    "JournalVersionUnknown",
    "JourneyOver",
    "JourneyUnknown",
    "JourneyUnreadable",
    "LinkInvalid",
    "LostSwap",
    "MonespaceError",
    "PortBusy",
    "PortUnavailable",
    "Reasoned",
    "SessionRequired",
    "SignInFault",
    "SignInRefused",
    "TextsInvalid",
    "UniqueBroken",
]


class MonespaceError(Exception):
    """The root of everything this library raises on purpose.

    What to do: catch it where all errors of the library are treated alike.
    """


class ChartRefused(MonespaceError):
    """A chart uses a feature that would let a journey fail open; the message says which.

    What to do: change the chart as the message says; ``docs/how-to/add-a-flow.md`` tells the rules.
    """


class TextsInvalid(MonespaceError, ValueError):
    """A host's own texts could not be shown.

    What to do: correct the texts that are named; ``monespace texts check`` names them too.

    Attributes:
        faults: all that is wrong, each naming its text.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("texts: " + "; ".join(faults))


class FactsUnfit(MonespaceError):
    """A row reads facts that its command does not bring; a flow is refused for it at start.

    What to do: have the command's gatherer bring those facts, or read others.
    """


class JourneyUnknown(MonespaceError):
    """No journey answers to this token, or the flow's name is not one of ours.

    What to do: begin a new journey; in ``start``, name a flow that is served.
    """


class JourneyUnreadable(ChartRefused):
    """A stored journey is none that this release can go on with; its record stays.

    Its flow, its state or one of its fields is of another release, or the row is damaged.

    What to do: have the person begin anew, or let a process of the other release go on.
    """


class SessionRequired(MonespaceError):
    """The caller must be signed in for this, and the session given is missing or over.

    What to do: send the person to sign in first.
    """


class LinkInvalid(MonespaceError):
    """The link is unknown, used, replaced, too old, or made for another purpose.

    What to do: have the person ask for another link.
    """


class CommandNotOffered(MonespaceError):
    """The present screen does not offer this command; nothing moved.

    What to do: show ``view``.

    Attributes:
        view: what the person should see instead.
    """

    def __init__(self, view: View) -> None:
        super().__init__(f"not offered in {view.flow}.{view.state}")
        self.view = view


class JourneyOver(MonespaceError):
    """The journey has ended or expired; nothing moved.

    What to do: show ``view``, and begin a new journey where the person wants one.

    Attributes:
        view: the last screen of the journey.
    """

    def __init__(self, view: View) -> None:
        super().__init__(f"journey {view.reference} is {view.status}")
        self.view = view


class PortUnavailable(MonespaceError):
    """Something outside did not answer; nothing moved and no try was counted.

    What to do: press again in a moment, with the same ``key``; see ``told`` in the log.

    Attributes:
        port: the port's name, for the log (``"registry"``, ``"storage"``).
        kind: why, in a word of few that readiness shows: ``silent`` where nothing is known, else
            ``full``, ``read-only``, ``refused``, ``missing``, ``unreachable``, ``disk``,
            ``damaged``, ``busy``.
        told: what the outside said and what to do, for logs and operators; it must hold nothing
            of a person.
    """

    def __init__(self, port: str, kind: str = "silent", told: str = "") -> None:
        super().__init__(f"the {port} port is unavailable{told and f': {told}'}")
        self.port = port
        self.kind = kind
        self.told = told


class PortBusy(PortUnavailable):
    """Something outside has more work than it takes at once; try again in a moment.

    What to do: press again in a moment.
    """

    def __init__(self, port: str, kind: str = "busy", told: str = "") -> None:
        super().__init__(port, kind, told)


class DeliveryRefused(PortUnavailable):
    """The way out refused a message for good: asking again would change nothing.

    What to do: raise it from a port or a handler that will never take this; operators see it in
    ``monespace outbox list``.
    """


class DeliveryUnknown(PortUnavailable):
    """The way out was given a message and did not say what became of it: it may have left.

    What to do: raise it from a port that cannot tell; the relay waits before it tries again.
    """


class LostSwap(MonespaceError):
    """Another writer changed the row first; raised by storage, resolved by the driver.

    What to do: raise it from a store of your own when a swap finds another row than it expects.
    """


class UniqueBroken(MonespaceError):
    """A row that must be unique exists already; raised by storage, resolved by the driver.

    What to do: raise it from a store of your own where a unique column holds the value.
    """


_Reason = TypeVar("_Reason", bound=Enum)


class Reasoned(MonespaceError, Generic[_Reason]):
    """An error with a reason of a closed set, so that who shows it may choose other words.

    What to do: catch the ones below; ``reason`` tells them apart without their text.

    Attributes:
        reason: why; its value is the English sentence, with the names of ``place`` in braces.
        place: where: what the sentence names, such as ``line``, and ``path`` for a file, which
            stands before it.
    """

    def __init__(self, reason: _Reason, **place: object) -> None:
        told = str(reason.value).format_map(place)
        super().__init__(f"{place['path']}: {told}" if "path" in place else told)
        self.reason = reason
        self.place = place


class SignInFault(Enum):
    """Why somebody whom another service vouches for is not signed in."""

    UNKNOWN = "this person has no account: let them create one"
    DISABLED = "the account is disabled"
    FROZEN = "the account is frozen, since somebody objected to its recovery"
    NOT_ADMITTED = "the registry admits this person no more: the account is disabled"


class SignInRefused(Reasoned[SignInFault]):
    """The account opens to nobody, whoever vouches for them; no session was opened.

    What to do: tell the person by ``reason`` (:class:`SignInFault`); open no session of your
    own.
    """


class JournalFault(Enum):
    """Why a journal is refused."""

    NOT_A_LINE = "a line is not a journal line"
    EDITED = "line {line} was edited"
    MISSING = "line {line} is missing"
    MISSING_OF = "line {line} of {reference} is missing"
    UNCHAINED = "line {line} does not follow line {before}"
    DISJOINT = "line {line} begins where line {before} did not end"
    NO_START = "the journal does not begin with a start"
    EMPTY = "the journal is empty"
    CUT = "the journal is cut after line {line}"
    SCATTERED = "the lines of {reference} are not together"
    OTHER_JOURNEY = "lines of another journey"
    NOT_A_SHAPE = "line {line} is not a shape"
    FORMAT = "a line has format {found}, this reads {known}"
    FORMAT_NOT_A_NUMBER = "a line has a format that is not a number"
    COMMAND = "a line holds the unknown command {command}"
    FACTS = "line {line} holds unknown facts"
    FLOW_VERSION = "a flow of another version"
    UNSEALED = "line {line} bears no seal, and was written since lines have one"
    FORGED = "line {line} bears a seal that is none of this service's"
    OTHER_KEY = "line {line} is sealed under a key that is not among those given"
    OTHER_MESSAGE = "lines of another message"
    MESSAGE_GONE = "it is missing: line {line} of the journal sent it"
    LINES_GONE = "its lines are missing, and it was written since messages have some"
    UNTOLD = "its lines are cut after line {line}: they do not tell the end that it had"
    MOVED = "line {line} does not stand where it says that it does"
    ELSEWHERE = "the stored journey does not stand where its journal ends"
    HEAD_NOT_ONE = "it is no head"
    HEAD_EDITED = "it was edited"
    HEAD_FORGED = "its seal is none of this service's"
    HEAD_OTHER_KEY = "it is sealed under a key that is not among those given"
    HEAD_MISSING = "it is missing"
    HEAD_UNCHAINED = "it does not follow the one before"
    HEAD_DIFFERS = "it is not the one that was exported"
    LINES_DIFFER = "of {day} it covered {covered} lines, there are {found}"
    LINES_CHANGED = "of {day} it covered other lines than those that are there"


class JournalDamaged(Reasoned[JournalFault]):
    """A journal has a gap, an edit or a cut: its chain of hashes does not hold.

    What to do: compare with a backup: ``docs/how-to/journals.md`` says what each reason means.
    """


class JournalVersionUnknown(Reasoned[JournalFault]):
    """A journal was written by a version of the library that this one cannot read.

    What to do: read it with the version that wrote it, or a newer one.
    """
