"""Storage as a contract: what is kept, and the stores of one transaction.

Every method may raise :class:`~monespace_flows.errors.PortUnavailable`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum
from typing import Protocol

from attrs import field, frozen

from ..effects import Budget
from ..facts import Role
from ..journey import StoredJourney
from .outbox import ListenerStore, Outbox

__all__ = ()


@frozen(kw_only=True)
class Account:
    """A doctor's account as storage keeps it: nothing in it is readable without the keys.

    ``rpps_digest`` and ``email_digest`` are unique; ``sealed_rpps`` and ``sealed_email`` are the
    values.  ``credential_epoch`` grows at each change of password or e-mail: sessions and links
    of an older epoch are dead.  ``version`` is compared at each update.  ``frozen_at``: somebody
    who read of a recovery said that it was not theirs; such an account is disabled, too.
    """

    id: str
    rpps_digest: str = field(repr=False)
    email_digest: str = field(repr=False)
    sealed_rpps: str = field(repr=False)
    sealed_email: str = field(repr=False)
    password_hash: str = field(repr=False)
    role: Role
    created_at: datetime
    terms_version: str
    terms_accepted_at: datetime
    email_confirmed_at: datetime | None = None
    disabled_at: datetime | None = None
    frozen_at: datetime | None = None
    credential_epoch: int = 0
    version: int = 0


@frozen(kw_only=True)
class Session:
    """A signed-in browser, by the SHA-256 of its token."""

    digest: str = field(repr=False)
    account_id: str
    epoch: int
    created_at: datetime
    seen_at: datetime


class LinkPurpose(Enum):
    """What a link is for; one of another purpose is worth nothing.

    ``BROWSER`` is sent to nobody: its token is the cookie of a browser where the account was signed
    in to.  It is stored as links are because it lives and dies as they do: used once, then replaced
    by the next, and void with the credentials.

    ``OBJECT`` undoes a change of the login address, ``FREEZE`` closes an account that somebody else
    recovered: they say « Ce n'est pas moi » to new credentials, and outlive them.
    """

    RESET = "reset"
    CONFIRM = "confirm"
    BROWSER = "browser"
    OBJECT = "object"
    FREEZE = "freeze"

    @property
    def objects(self) -> bool:
        """Whether it speaks against a change of credentials, and is good beyond it."""
        return self in (LinkPurpose.OBJECT, LinkPurpose.FREEZE)


@frozen(kw_only=True)
class StoredLink:
    """A one-time link, by the SHA-256 of its token.

    ``sealed`` is the address that it is about: the new one, which a ``CONFIRM`` makes the login
    (the present one where there is none), or the one that an ``OBJECT`` puts back.
    """

    digest: str = field(repr=False)
    purpose: LinkPurpose
    account_id: str
    epoch: int
    journey: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    sealed: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class JourneyQuery:
    """What support looks for; newest first, at most ``limit``."""

    flow: str | None = None
    state: str | None = None
    subjects: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50


class JourneyStore(Protocol):
    """Journeys by token and by reference."""

    def add(self, stored: StoredJourney) -> None:
        """Keep a new journey; ``UniqueBroken`` when its reference exists."""

    def get(self, reference: str, *, lock: bool = False) -> StoredJourney | None:
        """Read by public reference; with ``lock``, hold the row until the unit ends."""

    def by_token(self, token_digest: str, *, lock: bool = False) -> StoredJourney | None:
        """Read by the digest of its secret token; with ``lock``, hold the row as :meth:`get`."""

    def swap(self, stored: StoredJourney, expected_seq: int) -> None:
        """Replace a journey still at ``expected_seq``, else raise ``LostSwap``."""

    def search(self, query: JourneyQuery) -> Sequence[StoredJourney]:
        """List journeys for support, newest first."""

    def forget(self, account_id: str, subjects: Sequence[str]) -> Sequence[str]:
        """Delete those bound to an account or about one of some pseudonyms; their references.

        One that a step holds goes when the step is done.  Journals stay.
        """


class JournalStore(Protocol):
    """The lines of each journey's journal: append and read, nothing else.

    A journal outlives its journey.
    """

    def append(self, reference: str, seq: int, at: datetime, line: str) -> None:
        """Add line number ``seq``; ``UniqueBroken`` when it exists."""

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journey's lines, oldest first."""

    def references(self) -> Sequence[str]:
        """Name every journey that has a journal, by the time of its first line."""


class AccountStore(Protocol):
    """Accounts, unique by RPPS digest and by e-mail digest."""

    def add(self, account: Account) -> None:
        """Keep a new account; ``UniqueBroken`` when one has its RPPS or e-mail."""

    def get(self, account_id: str) -> Account | None:
        """Read by id."""

    def by_rpps(self, digests: Sequence[str]) -> Account | None:
        """Read by any of the digests of an RPPS number."""

    def by_email(self, digests: Sequence[str]) -> Account | None:
        """Read by any of the digests of an e-mail key."""

    def update(self, account: Account, expected_version: int) -> None:
        """Replace an account still at ``expected_version``: ``LostSwap``, ``UniqueBroken``."""

    def delete(self, account_id: str, expected_version: int) -> None:
        """Delete an account still at ``expected_version``, else raise ``LostSwap``.

        Its RPPS number and its e-mail are free from then on.
        """


class SessionStore(Protocol):
    """Signed-in browsers."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def get(self, digest: str) -> Session | None:
        """Read by digest."""

    def of_account(self, account_id: str) -> Sequence[Session]:
        """Read every session of an account, the newest first."""

    def touch(self, digest: str, seen_at: datetime) -> None:
        """Move the end of the idle time."""

    def end(self, digest: str) -> None:
        """Forget one session, if it is there."""

    def end_all(self, account_id: str) -> int:
        """Forget every session of an account; how many there were."""


class LinkStore(Protocol):
    """One-time links."""

    def add(self, link: StoredLink) -> None:
        """Keep a new link."""

    def get(self, digest: str) -> StoredLink | None:
        """Read by digest."""

    def of_account(self, account_id: str, purpose: LinkPurpose) -> Sequence[StoredLink]:
        """Read the unused ones of an account for a purpose, the newest first."""

    def drop(self, digest: str) -> None:
        """Forget one, if it is there."""

    def consume(self, digest: str, at: datetime) -> bool:
        """Mark as used; False when it was used already: exactly one caller gets True."""

    def void(self, account_id: str, purpose: LinkPurpose) -> None:
        """Forget every unused link of an account for a purpose."""

    def forget(self, account_id: str) -> int:
        """Forget every link of an account, the used ones too; how many there were."""


class BudgetStore(Protocol):
    """Counted events, by kind and keyed digest of the person."""

    def add(self, budget: Budget, subject: str, at: datetime) -> None:
        """Count one event."""

    def times(self, budget: Budget, subjects: Sequence[str], since: datetime) -> Sequence[datetime]:
        """Read the times after ``since``, of any of the subject's digests, oldest first."""

    def nth(
        self, budget: Budget, subject: str, since: datetime, until: datetime, number: int
    ) -> datetime | None:
        """Read the time of the ``number``-th newest after ``since`` and not after ``until``.

        ``None`` when there are fewer.  No more than ``number`` lines are read for it.
        """

    def count(self, budget: Budget, subject: str, since: datetime, until: datetime) -> int:
        """Count those after ``since`` and not after ``until``."""

    def clear(self, budget: Budget, subjects: Sequence[str]) -> None:
        """Forget a subject's events."""

    def redate(self, budget: Budget, subjects: Sequence[str], now: datetime) -> None:
        """Count a subject's events that are later than ``now`` as of now: a clock was put back."""


class Unit(Protocol):
    """One transaction's view of everything stored."""

    @property
    def journeys(self) -> JourneyStore: ...

    @property
    def journal(self) -> JournalStore: ...

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def sessions(self) -> SessionStore: ...

    @property
    def links(self) -> LinkStore: ...

    @property
    def budgets(self) -> BudgetStore: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def listeners(self) -> ListenerStore: ...

    def lock(self, name: str) -> None:
        """Hold a named lock until the unit ends, so that two units on one person take turns."""


class Storage(Protocol):
    """Where journeys live."""

    def check(self) -> None:
        """Raise ``PortUnavailable`` while it cannot be read, or refuses what is written."""

    def reading(self) -> AbstractContextManager[Unit]:
        """Open a unit that only reads."""

    def writing(self) -> AbstractContextManager[Unit]:
        """Open a unit that commits when its block ends, and rolls back when it raises."""

    def purge(
        self,
        now: datetime,
        journal_before: datetime,
        *,
        report: Callable[[str, int], None] | None = None,
    ) -> dict[str, int]:
        """Delete what is past its life; the counts by table.

        Journeys and what hangs on them go once expired, journals and messages that ended before
        ``journal_before``, budgets older than a day, sessions and links that are over.  Nobody
        else waits for it for long.  ``report`` is told each time that some rows are gone: the
        table, and how many of it so far.
        """
        ...
