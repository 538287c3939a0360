"""What an act is made of: who brings its facts, and who does its effects.

A gatherer works in two phases.  ``outside`` asks what is slow (the registry, password hashing)
with no transaction open.  ``inside`` asks the store, in the step's own transaction and after the
journey is locked, so that what it counts and compares cannot change before the commit: nobody
learns a verdict that was not counted.  What it found goes, typed, to the executors of the effects
that the table then wishes; the facts alone go to the table and the journal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from attrs import define, field, frozen

from ...chart import Flow
from ...commands import Command
from ...effects import Effect
from ...events import Event
from ...facts import Facts, NoFacts, Problem
from ...journey import Journey
from ...ports import Account, Doctor, LinkPurpose, StoredLink, Unit
from ..case import Case, Dossier

__all__ = ()

C = TypeVar("C", bound=Command)
Found = TypeVar("Found", bound="Findings")
Facts_co = TypeVar("Facts_co", bound=Facts, covariant=True)
Value = TypeVar("Value")


@frozen(kw_only=True)
class Findings:
    """What a gatherer found that facts must not hold: values, secrets, whole records.

    ``subjects`` and ``email_digests`` are the pseudonyms of the person and of the login, the
    newest first, under which failures are counted; ``password_hash`` is that of a password which
    may be kept.  ``until`` is when a wait ends of which the person is not told.
    """

    problems: tuple[Problem, ...] = ()
    subjects: tuple[str, ...] = field(default=(), repr=False)
    email_digests: tuple[str, ...] = field(default=(), repr=False)
    doctor: Doctor | None = field(default=None, repr=False)
    account: Account | None = field(default=None, repr=False)
    password_is_right: bool = False
    password_hash: str | None = field(default=None, repr=False)
    until: datetime | None = None

    @property
    def subject(self) -> str:
        """The newest pseudonym of the person that the command is about."""
        return required(next(iter(self.subjects), None), "a pseudonym of the person")


class Gatherer(Protocol[C, Facts_co, Found]):
    """Brings the facts of one type, and what was found on the way."""

    def look(self, case: Case[C], unit: Unit) -> Any:
        """Look up in the store what the questions outside depend on, while the journey is read.

        ``outside`` finds it as ``case.looked``; it may have changed since.  Nothing, by default.
        """
        del case, unit

    def outside(self, case: Case[C]) -> Found:
        """Ask what is slow, with no transaction open."""
        ...

    def about(self, case: Case[C]) -> object:
        """Name what of the journey the questions outside are about.

        When the journey moved meanwhile and this is another, the driver asks again; else the
        answers hold, and the step waits for no second turn.
        """
        ...

    def inside(self, case: Case[C], found: Found, unit: Unit) -> tuple[Facts_co, Found]:
        """Ask the store, and give the facts with all that was found."""
        ...


Gatherers = Mapping[type[Facts], Gatherer[Any, Any, Any]]


class Inside(Gatherer[C, Facts_co, Found]):
    """For facts that are all in the store: their command takes one transaction in all."""

    def about(self, case: Case[C]) -> object:
        """Nothing was asked."""


class Nothing(Inside[Command, NoFacts, Findings]):
    """For commands that need to know nothing."""

    def outside(self, case: Case[Any]) -> Findings:
        """Ask nothing."""
        del case
        return Findings()

    def inside(self, case: Case[Any], found: Findings, unit: Unit) -> tuple[NoFacts, Findings]:
        """Give the empty facts."""
        del case, unit
        return NoFacts(), found


@frozen(kw_only=True)
class Beginning:
    """Another journey that a step begins: its flow, and the first command with its answers."""

    flow: Flow = field(repr=False)
    command: Command
    facts: Facts
    found: Findings = field(repr=False)
    dossier: Dossier = field(repr=False)


@define(kw_only=True)
class EffectContext(Generic[Found]):
    """What the effects of one step work with, and what they leave for each other and the answer.

    ``after`` is the journey as the step left it, ``account`` the account as the effects so far
    have, ``key`` the idempotency key of the effect being done.  ``previous_email`` is the login
    that another follows, or ``next_email`` is to; ``previous_is_proven``: its holder was seen to
    read it.  The three tokens are for the answer alone.  ``has_queued``: there is something to
    deliver.
    """

    case: Case[Any]
    unit: Unit = field(repr=False)
    found: Found = field(repr=False)
    after: Journey
    account: Account | None = field(repr=False)
    key: str = ""
    previous_email: str | None = field(default=None, repr=False)
    previous_is_proven: bool = False
    next_email: str | None = field(default=None, repr=False)
    beginning: Beginning | None = None
    token: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    browser_token: str | None = field(default=None, repr=False)
    has_queued: bool = False
    events: list[Event] = field(factory=list, repr=False)

    @property
    def own_account(self) -> Account:
        """The account that the step is about."""
        return required(self.account, "an account")


Executor = Callable[[EffectContext[Any], Any], None]
"""Does the effects of one type, which its second argument names.

Its first argument names the findings that it works with: ``EffectContext[FoundCredentials]``.
"""

Executors = Mapping[type[Effect], Executor]


def required(value: Value | None, what: str) -> Value:
    """Take what a row's own condition promises.

    Raises:
        RuntimeError: it is not there: a table wishes what its guards do not allow.
    """
    if value is None:
        raise RuntimeError(f"an effect was wished without {what}: the row's guards allow it")
    return value


def seconds(wait: timedelta) -> int:
    """A wait in whole seconds, rounded up so that it is over when it says so."""
    return math.ceil(wait.total_seconds())


def judge_link(
    now: datetime, link: StoredLink | None, account: Account | None, purpose: LinkPurpose
) -> bool:
    """Whether a link is good now: its purpose, unused, in time, the account unchanged since.

    One that objects to a change is good whatever has changed since: that is its use.
    """
    return (
        link is not None
        and account is not None
        and link.purpose is purpose
        and link.used_at is None
        and now < link.expires_at
        and account.disabled_at is None
        and (purpose.objects or account.credential_epoch == link.epoch)
    )


def pending_change(unit: Unit, account: Account, now: datetime) -> StoredLink | None:
    """The link that would make another address the account's login, while it is awaited."""
    awaited = unit.links.of_account(account.id, LinkPurpose.CONFIRM)
    good = (it for it in awaited if judge_link(now, it, account, LinkPurpose.CONFIRM))
    return next((it for it in good if it.sealed is not None), None)
