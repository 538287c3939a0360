"""Everything outside, as contracts: what the driver asks for, and which errors may come back.

Every method may raise :class:`~monespace_flows.errors.PortUnavailable`; the driver then moves
nothing and counts no try.  All times are UTC and aware.  Implementations must be safe to call
from several threads at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Literal, Protocol

from attrs import field, frozen

from ..events import Alarm
from ..facts import Channel, Role
from ..wording import Lang
from .outbox import Backlog, Listener, ListenerStore, Outbox, OutboxMessage
from .storage import (
    Account,
    AccountStore,
    BudgetStore,
    JournalStore,
    JourneyQuery,
    JourneyStore,
    LinkPurpose,
    LinkStore,
    Session,
    SessionStore,
    Storage,
    StoredLink,
    Unit,
)

__all__ = [
    "Account",
    "AccountStore",
    "Backlog",
    "Blocklist",
    "BudgetStore",
    "Clock",
    "Doctor",
    "EmailAddress",
    "Emails",
    "JournalStore",
    "JourneyQuery",
    "JourneyStore",
    "LinkPurpose",
    "LinkStore",
    "Listener",
    "ListenerStore",
    "Message",
    "Messaging",
    "Observer",
    "Outbox",
    "OutboxMessage",
    "Passwords",
    "Ports",
    "Purpose",
    "Registry",
    "RegistryAnswer",
    "RegistryVerdict",
    "Secrets",
    "Session",
    "SessionStore",
    "Storage",
    "StoredLink",
    "Unit",
]


# --- the registry --------------------------------------------------------------------------------


class RegistryVerdict(Enum):
    """What the registry says of a pair; only ``MATCH`` comes with a doctor."""

    MATCH = "match"
    RPPS_UNKNOWN = "rpps_unknown"
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    NOT_ADMITTED = "not_admitted"


@frozen(kw_only=True)
class Doctor:
    """A person the Order admits: ``mobile`` in E.164, ``email`` as the Order holds it."""

    rpps: str = field(repr=False)
    role: Role
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    council: str | None = None

    def destination(self, channel: Channel) -> str | None:
        """Where a message by ``channel`` goes, if the Order knows."""
        return self.mobile if channel is Channel.SMS else self.email


@frozen
class RegistryAnswer:
    """The answer to a pair; ``doctor`` is given with ``MATCH`` and only then."""

    verdict: RegistryVerdict
    doctor: Doctor | None = None


class Registry(Protocol):
    """The Order's base of registered doctors, interns and junior doctors."""

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known; an ambiguous number is ``RPPS_UNKNOWN``."""

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again, as of now; ``None`` when no longer admitted."""


# --- time, chance, secrets -----------------------------------------------------------------------


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present instant, UTC and aware."""


Purpose = Literal[
    "subject", "email", "code", "press", "start", "destination", "journal", "head", "client"
]
"""What a digest is made for: the same value has another one for each."""


class Secrets(Protocol):
    """Keys and chance.  Keys are an ordered list, newest first; old ones are still read."""

    def digests(self, purpose: Purpose, value: str) -> tuple[str, ...]:
        """Make keyed digests of ``value``, one for each live key, newest first.

        The key of each purpose is its own; a digest starts with its key's id.
        """

    def seal(self, text: str) -> str:
        """Encrypt and authenticate under the newest key."""

    def unseal(self, sealed: str) -> str:
        """Undo :meth:`seal` under any live key; ``PortUnavailable`` when none fits."""

    def token(self) -> str:
        """Draw 256 random bits, safe in a URL."""

    def digits(self, count: int) -> str:
        """Draw that many random decimal digits."""


class Passwords(Protocol):
    """Password hashing and judging; passwords come in normalised."""

    def hash(self, password: str) -> str:
        """Hash under the present parameters."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Compare; with no hash, spend the same work and answer False."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made under other parameters than the present ones."""

    def score(self, password: str, personal: Sequence[str]) -> int:
        """Estimate how hard it is to guess, 0 to 4, knowing the person's own words."""


class Blocklist(Protocol):
    """Passwords that are too common or that leaked."""

    def contains(self, password: str) -> bool:
        """Whether it is listed, spelled like this; the rule asks for each spelling it makes."""


class _NothingListed:
    def contains(self, password: str) -> bool:
        del password
        return False


@frozen
class EmailAddress:
    """An address as typed (cleaned) and the key by which two of them are the same."""

    address: str = field(repr=False)
    key: str = field(repr=False)


class Emails(Protocol):
    """The syntax of e-mail addresses."""

    def read(self, typed: str) -> EmailAddress | None:
        """Read one address, or ``None`` if it is not exactly one that can receive mail."""


# --- messages ------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Message:
    """A message ready to leave, in its own language; ``id`` is its idempotency key."""

    id: str
    at: datetime
    channel: Channel
    purpose: str
    to: str = field(repr=False)
    subject: str | None = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    link_label: str | None = None
    link_url: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    language: Lang = "fr"


class Messaging(Protocol):
    """The way out: SMS and e-mail.  At least once; ``message.id`` tells repeats apart."""

    def deliver(self, message: Message) -> None:
        """Hand one message over, or raise ``PortUnavailable`` to be asked again later."""


# --- who looks on --------------------------------------------------------------------------------


class Observer(Protocol):
    """Is told what happens, to count it; it is asked nothing, and no error of its own counts.

    It never learns who or what: names of closed sets only.  It is called in the thread of the
    work, after the commit: it must be quick.
    """

    def stepped(
        self, *, flow: str, state: str, command: str, outcome: str, notices: tuple[str, ...]
    ) -> None:
        """A step led to ``state``; ``notices`` are those that the person is told."""

    def alarmed(self, alarm: Alarm) -> None:
        """An episode of trouble began, or is over."""

    def delivered(self, channel: str, status: str) -> None:
        """A relay dealt with a message: sent, expired, failed, or waiting for another try."""


# --- all of them ---------------------------------------------------------------------------------


@frozen(kw_only=True)
class Ports:
    """All ports of one application.

    Without a ``blocklist`` no password is listed, without an ``observer`` nobody counts.
    """

    registry: Registry
    storage: Storage
    secrets: Secrets
    passwords: Passwords
    emails: Emails
    messaging: Messaging
    clock: Clock
    blocklist: Blocklist = field(factory=_NothingListed)
    observer: Observer | None = None
