"""What one submission works with: found outside, judged inside, used by the effects, then gone.

A case lives as long as one call.  It holds typed values and secrets on purpose, so that neither
the machine nor the journal has to; it has no ``repr`` of them and is never stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define, evolve, field, frozen

from ..chart import Flow
from ..commands import Command
from ..errors import PortUnavailable
from ..events import Event
from ..facts import EmailVerdict, Facts, PasswordVerdict, Problem
from ..journey import Journey, StoredJourney
from ..policy import Policy
from ..ports import (
    Account,
    Doctor,
    EmailAddress,
    Emails,
    Ports,
    RegistryAnswer,
    Secrets,
    Session,
    StoredLink,
)
from ..serialization import from_json, to_json
from .site import Site

__all__ = [
    "Beginning",
    "Case",
    "Dossier",
    "close_dossier",
    "digest_token",
    "email_digests",
    "open_dossier",
    "subject_digests",
]


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


@frozen(kw_only=True)
class Beginning:
    """Another journey that a step begins: its flow, and the first command with its facts."""

    flow: Flow = field(repr=False)
    command: Command
    facts: Facts
    dossier: Dossier = field(repr=False)


@define(kw_only=True)
class Case:
    """One command on one journey, at one instant."""

    ports: Ports
    policy: Policy
    site: Site
    flows: Mapping[str, Flow] = field(repr=False)
    flow: Flow
    stored: StoredJourney
    command: Command
    at: datetime
    dossier: Dossier = field(repr=False)

    problems: list[Problem] = field(factory=list)
    subjects: tuple[str, ...] = field(default=(), repr=False)
    email_digests: tuple[str, ...] = field(default=(), repr=False)
    answer: RegistryAnswer | None = field(default=None, repr=False)
    doctor: Doctor | None = field(default=None, repr=False)
    destination: str | None = field(default=None, repr=False)
    email: EmailAddress | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    password_is_right: bool = False
    email_verdict: EmailVerdict = EmailVerdict.NOT_ASKED
    password_verdict: PasswordVerdict = PasswordVerdict.NOT_ASKED
    account: Account | None = field(default=None, repr=False)
    previous_email: str | None = field(default=None, repr=False)
    claimant: Account | None = field(default=None, repr=False)
    claimants_doctor: Doctor | None = field(default=None, repr=False)
    beginning: Beginning | None = None
    link: StoredLink | None = field(default=None, repr=False)
    link_must_wait: bool = False
    session: Session | None = field(default=None, repr=False)

    after: Journey = field(init=False)
    key: str = ""
    token: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    events: list[Event] = field(factory=list, repr=False)

    def __attrs_post_init__(self) -> None:
        self.after = self.stored.journey

    @property
    def journey(self) -> Journey:
        """Where the person stands before the step."""
        return self.stored.journey

    @property
    def due_at(self) -> datetime:
        """When what this step queues may leave: at once, even if the clock has jumped back."""
        return min(self.at, self.ports.clock.now())

    def reopen(self, stored: StoredJourney) -> None:
        """Go on with the journey as it is now."""
        self.stored = stored
        self.dossier = open_dossier(self.ports, stored)
        self.at = max(self.at, stored.journey.shown_at)

    def keep(self, **changes: Any) -> None:
        """Replace fields of the stored journey, beside the journey itself."""
        self.stored = evolve(self.stored, **changes)

    def remember(self, **changes: Any) -> None:
        """Replace fields of the dossier."""
        self.dossier = evolve(self.dossier, **changes)

    def subject(self) -> str:
        """The newest pseudonym of the person that the command is about."""
        if not self.subjects:
            raise PortUnavailable("secrets")
        return self.subjects[0]


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


def open_dossier(ports: Ports, stored: StoredJourney) -> Dossier:
    """Unseal a journey's dossier; an empty one when it has none."""
    if stored.dossier is None:
        return Dossier()
    return from_json(ports.secrets.unseal(stored.dossier), Dossier)


def close_dossier(ports: Ports, dossier: Dossier) -> str | None:
    """Seal a dossier; nothing when there is nothing in it."""
    return None if dossier == Dossier() else ports.secrets.seal(to_json(dossier))
