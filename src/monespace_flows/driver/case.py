"""What a step works with: the application, and the case of one command on one journey."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from ipaddress import ip_interface, ip_network
from typing import Any, Generic, TypeVar

from attrs import asdict, define, evolve, field, frozen

from ..chart import Flow
from ..commands import Command
from ..facts import Channel
from ..journal.entry import Digests
from ..journey import Journey, StoredJourney
from ..language import FRENCH, Language
from ..policy import Policy
from ..ports import Account, Emails, Ports, Secrets, Unit
from ..serialization import from_json, to_json

__all__ = ["Case", "Site"]

_BASE = re.compile(
    r"https?://(?P<host>\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?(/[^?#\s]*)?", re.IGNORECASE
)


def _is_base(_: object, __: object, value: str) -> None:
    if not _BASE.fullmatch(value):
        raise ValueError("base_url must be like https://monespace.example or …/prefix")


@frozen(kw_only=True)
class Site:
    """The public address, up to and including the prefix under which the pages are mounted.

    ``zone`` is the time zone in which messages name an hour.
    """

    base_url: str = field(default="https://monespace.example", validator=_is_base)
    name: str = "Mon Espace"
    zone: tzinfo = UTC

    @property
    def host(self) -> str:
        """The host that an origin-bound SMS code names."""
        parts = _BASE.fullmatch(self.base_url)
        return parts["host"] if parts else ""

    @property
    def words(self) -> tuple[str, ...]:
        """What the site is called: the first words that a guesser of passwords tries."""
        return (self.name, self.name.replace(" ", ""), self.host)

    @property
    def assistance_url(self) -> str:
        """The address of the help page, for who did not ask for what a letter tells."""
        return f"{self.base_url.rstrip('/')}/assistance"

    def link(self, token: str) -> str:
        """The address of a one-time link."""
        return f"{self.base_url.rstrip('/')}/lien/{token}"


@frozen(kw_only=True)
class Application:
    """Everything outside, every number, the site, the flows, and the language to answer in."""

    ports: Ports
    policy: Policy
    site: Site
    flows: Mapping[str, Flow] = field(repr=False)
    language: Language = FRENCH


# --- One command on one journey: what a gatherer asks from, and what the step is taken on --------
# A case lives as long as one call.  It holds typed values and secrets on purpose, so that neither
# the machine nor the journey has to; it has no ``repr`` of them and is never stored.

C = TypeVar("C", bound=Command)


def digest_token(token: str) -> str:
    """Make the digest under which a 256-bit token is stored and found."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@frozen(kw_only=True)
class Dossier:
    """What a journey must remember of a person, sealed: never shown to support, purged with it.

    ``email`` is the Order's address that received the code, the account's own, or the one that was
    typed to receive a link; ``epoch`` is that of
    the account when the journey was bound to it: by a link, or by saying who one is.  Journeys
    that began before the latter was remembered have none.
    """

    rpps: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    epoch: int | None = None


@frozen
class Pressed:
    """What a person pressed in a journey, and how it came; :meth:`.Flows.submit` says it all."""

    token: str = field(repr=False)
    command: Command = field(repr=False)
    shown_at: datetime | None = None
    browser: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    client: str | None = field(default=None, repr=False)
    reference: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Press:
    """One press, told from all others by the key that its client made for it.

    ``digests`` are of that key and of what was pressed and typed, the newest first; ``said`` are
    the notices of the clock's step just before it.
    """

    digests: tuple[str, ...] = field(repr=False)
    said: tuple[str, ...] = ()

    def is_of(self, other: Answer) -> bool:
        """Whether an answer was given to this very press."""
        kept = other.press.encode()
        return any(hmac.compare_digest(kept, digest.encode()) for digest in self.digests)


@frozen(kw_only=True)
class Answer:
    """What only the answer to a press said: the rest is told by the journey as it stands."""

    press: str = field(repr=False)
    outcome: str
    said: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    browser: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Client:
    """From where a press came: the address' keyed pseudonym, and its network.

    A network is a /24 or a /48: what one office or one household shares with its neighbours.
    """

    pseudonym: str = field(repr=False)
    network: str


def client_of(secrets: Secrets, address: str | None) -> Client | None:
    """Read the address that an adapter vouches for; ``None`` when it is none.

    Of IPv6 the /64 stands for the address: a machine takes another one in it every day.
    """
    try:
        read = ip_interface(address or "").ip
    except ValueError:
        return None
    read = getattr(read, "ipv4_mapped", None) or read
    one, around = (32, 24) if read.version == 4 else (64, 48)
    who, network = (ip_network((read.packed, it), strict=False) for it in (one, around))
    return Client(pseudonym=secrets.digests("client", str(who))[0], network=str(network))


def seal_of(secrets: Secrets) -> Digests:
    """What seals the lines of journals."""
    return partial(secrets.digests, "journal")


@define(kw_only=True)
class Case(Generic[C]):
    """One command, of a kind that a gatherer can rely on, on one journey at one instant (UTC).

    ``opened`` is the dossier as it is sealed.  ``looked`` is what its gatherer saw in the store
    while the journey was read.
    ``browser`` is the token by which the browser asks to be known, empty where it has none yet;
    ``None``: the command came by no browser that could keep one.
    """

    app: Application = field(repr=False)
    flow: Flow
    stored: StoredJourney
    command: C
    at: datetime
    dossier: Dossier = field(factory=Dossier, repr=False)
    opened: Dossier | None = field(default=None, repr=False)
    browser: str | None = field(default=None, repr=False)
    press: Press | None = field(default=None, repr=False)
    looked: Any = field(default=None, repr=False)
    closed: frozenset[Channel] = frozenset()
    client: Client | None = None

    @property
    def ports(self) -> Ports:
        """Everything outside."""
        return self.app.ports

    @property
    def policy(self) -> Policy:
        """Every number and switch."""
        return self.app.policy

    @property
    def site(self) -> Site:
        """The site, as messages name it."""
        return self.app.site

    @property
    def journey(self) -> Journey:
        """Where the person stands: before the step, until it is written."""
        return self.stored.journey

    @property
    def due_at(self) -> datetime:
        """When what this step queues may leave: at once, even if the clock has jumped back."""
        return min(self.at, self.ports.clock.now())

    def reopen(self, stored: StoredJourney) -> None:
        """Go on with the journey as it is now."""
        self.stored = stored
        self.dossier = self.opened = open_dossier(self.ports, stored)
        self.at = max(self.at, stored.journey.shown_at)

    def close_dossier(self) -> str | None:
        """Seal the dossier, unless it is what was sealed already."""
        if self.dossier == self.opened:
            return self.stored.dossier
        return close_dossier(self.ports, self.dossier)

    def keep(self, **changes: Any) -> None:
        """Replace fields of the stored journey, beside the journey itself."""
        self.stored = evolve(self.stored, **changes)

    def remember(self, **changes: Any) -> None:
        """Replace fields of the dossier."""
        self.dossier = evolve(self.dossier, **changes)


def email_digests(secrets: Secrets, emails: Emails, account: Account) -> tuple[str, ...]:
    """Make every digest under which something is counted against an account's login.

    One for each key, the newest first, which is the one to count under: an account keeps the
    digest of its own day, and would else have one count before a rotation of the keys and another
    after it.
    """
    email = emails.read(secrets.unseal(account.sealed_email))
    made = secrets.digests("email", email.key) if email is not None else ()
    return _with(account.email_digest, made)


def subject_digests(secrets: Secrets, account: Account) -> tuple[str, ...]:
    """Make every digest under which something is counted against an account's holder."""
    rpps = secrets.unseal(account.sealed_rpps)
    return _with(account.rpps_digest, secrets.digests("subject", rpps))


def _with(kept: str, made: tuple[str, ...]) -> tuple[str, ...]:
    return made if kept in made else (*made, kept)


def lock_digests(unit: Unit, name: str, digests: Sequence[str]) -> None:
    """Hold the name of somebody until the unit ends, whichever of their digests others begin with.

    While keys change, processes do not agree which one is the newest: two of them take turns only
    when each holds the digest under every key that it knows.  In one order, so that nobody waits
    in a circle.
    """
    for digest in sorted(digests):
        unit.lock(f"{name}:{digest}")


def open_dossier(ports: Ports, stored: StoredJourney) -> Dossier:
    """Unseal a journey's dossier; an empty one when it has none."""
    if stored.dossier is None:
        return Dossier()
    return from_json(ports.secrets.unseal(stored.dossier), Dossier)


def close_dossier(ports: Ports, dossier: Dossier) -> str | None:
    """Seal a dossier; nothing when there is nothing in it."""
    return None if dossier == Dossier() else ports.secrets.seal(to_json(dossier))


def press_of(ports: Ports, token: str, command: Command, key: str | None) -> Press | None:
    """Tell one press from all others; ``None`` when its client made no key for it.

    What was typed is part of it: a key that is used again for something else is another press.
    """
    if key is None:
        return None
    typed = to_json([token, key, command.event, asdict(command)])
    return Press(digests=ports.secrets.digests("press", typed))


def open_answer(ports: Ports, stored: StoredJourney) -> Answer | None:
    """Unseal what only the last press's answer said."""
    return None if stored.answer is None else from_json(ports.secrets.unseal(stored.answer), Answer)


def close_answer(ports: Ports, answer: Answer) -> str:
    """Seal what only an answer said."""
    return ports.secrets.seal(to_json(answer))
