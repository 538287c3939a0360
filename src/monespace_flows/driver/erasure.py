"""Erasing someone's account: all that could be read or used of it, in one transaction (PR-07).

Journeys are deleted as a purge deletes them, not brought to an end: no row of a table says that
an account was erased, and a step that did not happen must not be written.  Their journals stay,
under a pseudonym.  So do the counters that bound how often something may be tried, for a day.

What happens at the same moment comes before or after.  A step holds its journey first, and then a
name; so does this: the journeys go first, then the names are taken, then comes what may have come
meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from attrs import evolve, field, frozen

from ..events import AccountErased, CredentialsChanged
from ..facts import Problem
from ..policy import Policy
from ..ports import (
    Account,
    Clock,
    Emails,
    LinkPurpose,
    Message,
    OutboxMessage,
    Ports,
    Secrets,
    Storage,
    Unit,
)
from ..rules.identity import read_rpps
from ..serialization import from_json, to_json
from .case import email_digests, lock_digests, subject_digests
from .queueing import queue_event
from .transaction import retried

__all__ = ["Eraser", "Erasure"]


@frozen(kw_only=True)
class Erasure:
    """What went with an account, in numbers; nothing of whose it was.

    ``journeys`` counts those that were still kept, open or over; ``messages`` those that still
    waited to leave.
    """

    sessions: int
    links: int
    journeys: int
    messages: int


@frozen(kw_only=True)
class _Marks:
    """Everything by which stored rows may name one person."""

    subjects: tuple[str, ...] = field(repr=False)
    email_digests: tuple[str, ...] = field(repr=False)
    addresses: frozenset[str] = field(repr=False)

    def hold(self, unit: Unit, account: Account) -> None:
        """Hold what those lock who write something for the account without changing it."""
        unit.lock(f"account:{account.id}")
        lock_digests(unit, "identity", self.subjects)
        lock_digests(unit, "link", self.email_digests)
        lock_digests(unit, "password", self.email_digests)


class OnAccounts:
    """What acts on an account needs.

    No registry and no way out: one who has left the Order is acted on too, and an operator's
    program need not be able to send anything.

    Args:
        storage: where the account is.
        secrets: the keys; the old ones are tried too.
        emails: the syntax of e-mail addresses.
        clock: the time.
        policy: how long journals are kept.
    """

    def __init__(
        self, *, storage: Storage, secrets: Secrets, emails: Emails, clock: Clock, policy: Policy
    ) -> None:
        self._storage = storage
        self._secrets = secrets
        self._emails = emails
        self._clock = clock
        self._policy = policy

    @classmethod
    def of(cls, ports: Ports, policy: Policy) -> Self:
        """Act on the accounts of an application."""
        return cls(
            storage=ports.storage,
            secrets=ports.secrets,
            emails=ports.emails,
            clock=ports.clock,
            policy=policy,
        )


class Eraser(OnAccounts):
    """Erases accounts."""

    def erase(self, *, rpps: str | None = None, email: str | None = None) -> Erasure | None:
        """Erase the account of one person; :meth:`.Flows.erase_account` says how."""
        if (rpps is None) is (email is None):
            raise ValueError("name the person by an RPPS number or by an e-mail address")
        subjects = () if rpps is None else read_subjects(rpps, self._secrets, self._policy)
        digests = () if email is None else read_digests(email, self._secrets, self._emails)
        return retried(lambda: self._erase(subjects, digests))

    def _erase(self, subjects: tuple[str, ...], digests: tuple[str, ...]) -> Erasure | None:
        now = self._clock.now()
        with self._storage.writing() as unit:
            found = unit.accounts.by_rpps(subjects) if subjects else unit.accounts.by_email(digests)
            return None if found is None else self._empty(unit, found, now)

    def _empty(self, unit: Unit, account: Account, now: datetime) -> Erasure:
        marks = self._marks(unit, account)
        pseudonyms = (*marks.subjects, *marks.email_digests)
        references = {*unit.journeys.forget(account.id, pseudonyms)}
        marks.hold(unit, account)
        unit.accounts.delete(account.id, account.version)
        references |= {*unit.journeys.forget(account.id, pseudonyms)}
        erasure = Erasure(
            sessions=unit.sessions.end_all(account.id),
            links=unit.links.forget(account.id),
            journeys=len(references),
            messages=self._drop_messages(unit, references, marks.addresses, now),
        )
        self._redact_events(unit, account)
        self._queue_event(unit, account, now)
        return erasure

    def _marks(self, unit: Unit, account: Account) -> _Marks:
        # Links are about an address that is to be the login, or was.
        purposes = (LinkPurpose.CONFIRM, LinkPurpose.OBJECT)
        links = (it for purpose in purposes for it in unit.links.of_account(account.id, purpose))
        sealed = (account.sealed_email, *(it.sealed for it in links if it.sealed is not None))
        return _Marks(
            subjects=subject_digests(self._secrets, account),
            email_digests=email_digests(self._secrets, self._emails, account),
            addresses=frozenset(map(self._secrets.unseal, sealed)),
        )

    def _drop_messages(
        self, unit: Unit, references: set[str], addresses: frozenset[str], now: datetime
    ) -> int:
        """Drop what waits for the account's addresses, or was written by one of its journeys.

        And what failed, as long as it has a text that could be put back.
        """
        doomed = [
            message.id
            for message in unit.outbox.unsent()
            if message.channel != "event"
            and (message.status == "waiting" or message.sealed is not None)
            and (message.journey in references or self._is_to(message, addresses))
        ]
        return unit.outbox.drop(doomed, now)

    def _is_to(self, message: OutboxMessage, addresses: frozenset[str]) -> bool:
        if message.channel == "none":
            return False
        opened = from_json(self._secrets.unseal(message.sealed or ""), Message)
        return opened.to in addresses

    def _redact_events(self, unit: Unit, account: Account) -> None:
        """Have events that wait name no address any more; the host is told all the same."""
        for message in unit.outbox.unsent():
            if message.purpose != CredentialsChanged.__name__ or message.sealed is None:
                continue
            event = from_json(self._secrets.unseal(message.sealed), CredentialsChanged)
            if event.account_id == account.id and event.email is not None:
                # Another row: whoever holds this one may still write it back as it was.
                sealed = self._secrets.seal(to_json(evolve(event, email=None)))
                unit.outbox.drop([message.id], event.at)
                unit.outbox.add(evolve(message, id=f"{message.id}-redacted", sealed=sealed))

    def _queue_event(self, unit: Unit, account: Account, now: datetime) -> None:
        """Leave the only trace that an account was erased: an id that nothing else has."""
        event = AccountErased(id=f"erased-{account.id}", at=now, account_id=account.id)
        queue_event(unit, self._secrets, event, now + self._policy.journeys.retention)


def read_subjects(typed: str, secrets: Secrets, policy: Policy) -> tuple[str, ...]:
    """Make the pseudonyms of whoever has an RPPS number.

    Raises:
        ValueError: it can be nobody's; the message does not repeat it.
    """
    rpps = read_rpps(typed, policy.identity)
    if isinstance(rpps, Problem):
        raise ValueError("not an RPPS number")  # noqa: TRY004 - its type is not what is wrong
    return secrets.digests("subject", rpps)


def read_digests(typed: str, secrets: Secrets, emails: Emails) -> tuple[str, ...]:
    """Make the digests of an address.

    Raises:
        ValueError: it can be nobody's; the message does not repeat it.
    """
    address = emails.read(typed)
    if address is None:
        raise ValueError("not an e-mail address")
    return secrets.digests("email", address.key)
