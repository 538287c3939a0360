"""What operators and hosts do to an account: unlock, disable, enable, look.

Each act is a line in a journal of the account's own, chained as a journey's is, under a reference
that support finds with the person's others: who is told « it was disabled » can be told when.  No
table decides these lines: whoever acts has decided already.  What the holder does beside the
journeys (a confirmation, an objection, the terms, a sign-out) is told there, too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from attrs import evolve, field, frozen

from ..effects import Budget
from ..errors import LostSwap, UniqueBroken
from ..events import AccountDisabled, AccountEnabled, AccountUnlocked, Event
from ..facts import NoFacts, Role
from ..journal.entry import (
    ACCOUNT_ACTS,
    ACCOUNT_JOURNAL,
    START,
    Digests,
    Entry,
    Wish,
    write_entry,
)
from ..journey import Journey, StoredJourney
from ..ports import Account, JourneyQuery, Unit
from ..rules.waits import DAY
from .acts.accounts import disabled
from .case import digest_token, email_digests, seal_of, subject_digests
from .erasure import OnAccounts, read_digests, read_subjects
from .queueing import queue_event
from .starting import draw_reference
from .transaction import retried

__all__ = ["AccountView", "Keeper", "Kept"]


@frozen(kw_only=True)
class AccountView:
    """What a host may know of an account; instants are UTC."""

    account_id: str
    role: Role
    email: str = field(repr=False)
    email_confirmed: bool
    created_at: datetime
    disabled_at: datetime | None
    frozen_at: datetime | None = None


@frozen(kw_only=True)
class Kept:
    """What was done to an account, in numbers; nothing of whose it was.

    ``reference`` is that of the account's journal, where the act is the last line; ``None`` when
    there was nothing to do.  ``tries`` are the failures that were forgotten.
    """

    reference: str | None = None
    tries: int = 0
    sessions: int = 0
    links: int = 0


@frozen(kw_only=True)
class _Person:
    """Whom an act is about: by pseudonyms, and by an account where there is one."""

    subjects: tuple[str, ...] = field(default=(), repr=False)
    email_digests: tuple[str, ...] = field(default=(), repr=False)
    account: Account | None = field(default=None, repr=False)

    @property
    def subject(self) -> str:
        """The pseudonym that journals name."""
        known = () if self.account is None else (self.account.rpps_digest,)
        named: tuple[str, ...] = (*known, *self.subjects, *self.email_digests)
        return named[0]


_NO_PASSWORD = "*"  # no hash: nothing verifies against it, and it takes the same work
_LOCKING = (Budget.IDENTITY, Budget.CODE, Budget.EMAIL)
"""What is counted against a person and keeps them out; what was sent to them is not forgotten."""


class Keeper(OnAccounts):
    """Unlocks, disables and enables accounts, and keeps the journal of each."""

    def look(self, account_id: str) -> AccountView | None:
        """Read an account; ``None`` when there is none."""
        with self._storage.reading() as unit:
            account = unit.accounts.get(account_id)
        if account is None:
            return None
        return AccountView(
            account_id=account.id,
            role=account.role,
            email=self._secrets.unseal(account.sealed_email),
            email_confirmed=account.email_confirmed_at is not None,
            created_at=account.created_at,
            disabled_at=account.disabled_at,
            frozen_at=account.frozen_at,
        )

    def unlock(
        self, *, rpps: str | None = None, email: str | None = None, account_id: str | None = None
    ) -> Kept | None:
        """Forget the wrong tries that keep a person out; :meth:`.Flows.unlock` says how."""
        return self._act(self._unlock, rpps, email, account_id)

    def disable(
        self, *, rpps: str | None = None, email: str | None = None, account_id: str | None = None
    ) -> Kept | None:
        """Disable an account; :meth:`.Flows.disable_account` says how."""
        return self._act(self._disable, rpps, email, account_id)

    def enable(
        self, *, rpps: str | None = None, email: str | None = None, account_id: str | None = None
    ) -> Kept | None:
        """Enable an account again; :meth:`.Flows.enable_account` says how."""
        return self._act(self._enable, rpps, email, account_id)

    # --- one act, in one transaction ---------------------------------------------------------

    def _act(
        self,
        act: Callable[[Unit, _Person, datetime], Kept | None],
        rpps: str | None,
        email: str | None,
        account_id: str | None,
    ) -> Kept | None:
        if sum(name is not None for name in (rpps, email, account_id)) != 1:
            raise ValueError("name one account: by an RPPS number, an e-mail address or its id")
        person = _Person(
            subjects=() if rpps is None else read_subjects(rpps, self._secrets, self._policy),
            email_digests=() if email is None else read_digests(email, self._secrets, self._emails),
        )
        return retried(partial(self._try, act, person, account_id), UniqueBroken)

    def _try(
        self,
        act: Callable[[Unit, _Person, datetime], Kept | None],
        person: _Person,
        account_id: str | None,
    ) -> Kept | None:
        with self._storage.writing() as unit:
            return act(unit, self._found(unit, person, account_id), self._clock.now())

    def _found(self, unit: Unit, person: _Person, account_id: str | None) -> _Person:
        """Find the account, and take its names as who erases it does: one act after the other."""
        account = _read(unit, person, account_id)
        if account is not None:
            person = evolve(self._person(account), account=None)
        self._journal(unit, person, lock=True)
        names = (
            *((f"account:{account.id}",) if account else ()),
            *(f"identity:{it}" for it in person.subjects[:1]),
            *(f"password:{it}" for it in person.email_digests[:1]),
        )
        for name in names:
            unit.lock(name)
        again = unit.accounts.get(account.id) if account else None
        if again != account:
            raise LostSwap
        return evolve(person, account=again)

    # --- the acts ----------------------------------------------------------------------------

    def _unlock(self, unit: Unit, person: _Person, now: datetime) -> Kept | None:
        counted = (
            *((budget, person.subjects) for budget in _LOCKING),
            (Budget.PASSWORD, person.email_digests),
        )
        tries = 0
        for budget, digests in counted:
            tries += len(unit.budgets.times(budget, digests, now - DAY)) if digests else 0
            unit.budgets.clear(budget, digests)
        if not tries:
            return None if person.account is None else Kept()
        reference = self._note(unit, person, "unlock", now)
        self._tell(unit, person, AccountUnlocked, reference, now)
        return Kept(reference=reference, tries=tries)

    def _disable(self, unit: Unit, person: _Person, now: datetime) -> Kept | None:
        account = person.account
        if account is None or account.disabled_at is not None:
            return None if account is None else Kept()
        sessions = unit.sessions.end_all(account.id)
        links = unit.links.forget(account.id)
        disabled(unit, account, now)
        reference = self._note(unit, person, "disable", now)
        self._tell(unit, person, AccountDisabled, reference, now)
        return Kept(reference=reference, sessions=sessions, links=links)

    def _enable(self, unit: Unit, person: _Person, now: datetime) -> Kept | None:
        account = person.account
        if account is None or account.disabled_at is None:
            return None if account is None else Kept()
        version = account.version + 1
        enabled = evolve(account, disabled_at=None, frozen_at=None, version=version)
        if account.frozen_at is not None:
            # Its credentials are those that somebody objected to: a recovery gives it others.
            enabled = evolve(
                enabled,
                password_hash=_NO_PASSWORD,
                email_confirmed_at=None,
                credential_epoch=account.credential_epoch + 1,
            )
        unit.accounts.update(enabled, account.version)
        reference = self._note(unit, person, "enable", now)
        self._tell(unit, person, AccountEnabled, reference, now)
        return Kept(reference=reference)

    def _tell(
        self,
        unit: Unit,
        person: _Person,
        kind: Callable[..., Event],
        reference: str,
        now: datetime,
    ) -> None:
        """Tell the host of an account that there is; the line's key makes it once."""
        if person.account is not None:
            stored = unit.journeys.get(reference)
            seq = stored.journey.seq if stored else 0
            event = kind(id=f"{reference}-{seq}-0", at=now, account_id=person.account.id)
            queue_event(unit, self._secrets, event, now + self._policy.journeys.retention)

    # --- the account's own journal -----------------------------------------------------------

    def hold(self, unit: Unit, account: Account) -> None:
        """Hold an account's journal, for who then takes the account's name to change it."""
        self._journal(unit, self._person(account), lock=True)

    def note(
        self,
        unit: Unit,
        account: Account,
        act: str,
        now: datetime,
        event: Callable[..., Event] | None = None,
    ) -> None:
        """Write a line of what was done to an account, in the unit that did it.

        Args:
            unit: the transaction; another writer may have been first, which its commit tells.
            account: the account as it is now.
            act: one of :data:`.ACCOUNT_ACTS`.
            now: when (UTC).
            event: what the host is told of it, if anything.
        """
        person = self._person(account)
        reference = self._note(unit, person, act, now)
        if event is not None:
            self._tell(unit, person, event, reference, now)

    def _person(self, account: Account) -> _Person:
        return _Person(
            subjects=subject_digests(self._secrets, account),
            email_digests=email_digests(self._secrets, self._emails, account),
            account=account,
        )

    def _journal(self, unit: Unit, person: _Person, *, lock: bool = False) -> StoredJourney | None:
        """Find the journal that tells of earlier acts, as long as it is kept."""
        subjects = (*person.subjects, *person.email_digests)
        query = JourneyQuery(flow=ACCOUNT_JOURNAL, subjects=subjects, limit=1)
        for stored in unit.journeys.search(query):
            return unit.journeys.get(stored.journey.reference, lock=lock)
        return None

    def _note(self, unit: Unit, person: _Person, act: str, now: datetime) -> str:
        """Write the act's line after the one before; the reference where support reads it."""
        stored = self._journal(unit, person) or self._begun(unit, person, now)
        before, at = stored.journey, max(now, stored.journey.shown_at)
        state, effect = ACCOUNT_ACTS[act]
        after = evolve(
            before,
            state=state,
            seq=before.seq + 1,
            entered_at=before.entered_at if state == before.state else at,
            shown_at=at,
        )
        key = f"{after.reference}-{after.seq}-0"
        wishes, sealed = (Wish(kind=effect, key=key),), seal_of(self._secrets)
        digest = _append(unit, (before, after), act, wishes, stored, digests=sealed)
        kept = evolve(
            stored, journey=after, journal_hash=digest, expires_at=self._end(at),
            account_id=person.account.id if person.account else stored.account_id,
        )  # fmt: skip
        unit.journeys.swap(kept, before.seq)
        return after.reference

    def _begun(self, unit: Unit, person: _Person, now: datetime) -> StoredJourney:
        journey = Journey(
            reference=draw_reference(self._secrets),
            flow=ACCOUNT_JOURNAL,
            state="kept",
            started_at=now,
            entered_at=now,
            shown_at=now,
            subject=person.subject,
        )
        stored = StoredJourney(
            journey=journey,
            token_digest=digest_token(self._secrets.token()),  # nobody is given it
            expires_at=self._end(now),
            account_id=person.account.id if person.account else None,
        )
        sealed = seal_of(self._secrets)
        digest = _append(unit, (journey, journey), START, (), stored, digests=sealed)
        stored = evolve(stored, journal_hash=digest)
        unit.journeys.add(stored)
        return stored

    def _end(self, at: datetime) -> datetime:
        return at + self._policy.journeys.retention


def _read(unit: Unit, person: _Person, account_id: str | None) -> Account | None:
    if account_id is not None:
        return unit.accounts.get(account_id)
    if person.subjects:
        return unit.accounts.by_rpps(person.subjects)
    return unit.accounts.by_email(person.email_digests)


def _append(
    unit: Unit,
    moved: tuple[Journey, Journey],
    command: str,
    effects: tuple[Wish, ...],
    stored: StoredJourney,
    *,
    digests: Digests,
) -> str:
    before, after = moved
    line, digest = write_entry(
        Entry(
            seq=after.seq,
            at=after.shown_at,
            reference=after.reference,
            flow=ACCOUNT_JOURNAL,
            flow_version=1,
            fingerprint=ACCOUNT_JOURNAL,
            before=before.state,
            command=command,
            facts=NoFacts(subject=after.subject),
            effects=effects,
            after=after.state,
            notices=(),
            screen=f"{ACCOUNT_JOURNAL}.{after.state}",
            previous=stored.journal_hash,
        ),
        digests,
    )
    unit.journal.append(after.reference, after.seq, after.shown_at, line)
    return digest
