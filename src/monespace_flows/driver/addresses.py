"""What becomes of a login address by a link: it changes, or somebody says that it must not.

Another address is the login once a link that was sent there is used by who is signed in.  A link
that was sent to the earlier address, or to whoever is told of a recovery, undoes it: « Ce n'est
pas moi » (decision 0017).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Literal

from attrs import evolve

from ..effects import Budget
from ..errors import LinkInvalid, UniqueBroken
from ..events import AccountFrozen, CredentialsChanged
from ..ports import Account, LinkPurpose, Session, StoredLink, Unit
from .acts.accounts import disabled, end_access
from .acts.base import judge_link, required
from .case import digest_token, email_digests, lock_digests
from .keeping import Keeper
from .submit import Engine
from .transaction import retried

__all__ = ()

Objected = Literal["undone", "frozen"]
"""What an objection did: a change of address is undone, or the account is frozen."""


class Addresses:
    """Makes another address the login, and hears who objects to it."""

    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self._engine = engine
        self._keeper = keeper

    # --- another address ---------------------------------------------------------------------

    def take(
        self, unit: Unit, account: Account, session: Session, link: StoredLink, now: datetime
    ) -> Account:
        """Make the address of a link, just used up, the login; only this session goes on.

        Raises:
            LinkInvalid: it has become another account's meanwhile; nothing is written.
        """
        address, digests = self._address(unit, link)
        if unit.accounts.by_email(digests) is not None:
            raise LinkInvalid("the address is another account's by now")
        changed = self._write(
            unit,
            account,
            email_digest=digests[0],
            sealed_email=self._engine.ports.secrets.seal(address),
            email_confirmed_at=now,
        )
        unit.sessions.add(evolve(session, epoch=changed.credential_epoch))
        return changed

    def changed_event(self, account: Account) -> Callable[..., CredentialsChanged]:
        """What the host is told of another login, as by steps of journeys."""
        if not self._engine.policy.events.addresses:
            return CredentialsChanged
        email = self._engine.ports.secrets.unseal(account.sealed_email)
        return partial(CredentialsChanged, email=email)

    # --- who objects -------------------------------------------------------------------------

    def object(self, token: str) -> Objected:
        """Use a link up that says « Ce n'est pas moi »."""
        done = retried(lambda: self._object(digest_token(token)), UniqueBroken)
        self._engine.after_commit()
        return done

    def _object(self, digest: str) -> Objected:
        now = self._engine.ports.clock.now()
        with self._engine.ports.storage.writing() as unit:
            self._hold(unit, digest)
            link = unit.links.get(digest)
            account = unit.accounts.get(link.account_id) if link else None
            if link is None or account is None or not link.purpose.objects:
                raise LinkInvalid("the link objects to nothing")
            if self._has_objected(link, now):
                return "undone" if account.frozen_at is None else "frozen"
            is_good = judge_link(now, link, account, link.purpose)
            if not is_good or not unit.links.consume(digest, now):
                raise LinkInvalid("the link was used or is too old")
            if link.purpose is LinkPurpose.OBJECT and self._undo(unit, account, link, now):
                return "undone"
            frozen = disabled(unit, account, now, frozen=True)
            self._keeper.note(unit, frozen, "freeze", now, AccountFrozen)
        return "frozen"

    def _hold(self, unit: Unit, digest: str) -> None:
        """Come before or after whoever else acts on the account, as operators do."""
        link = unit.links.get(digest)
        account = unit.accounts.get(link.account_id) if link else None
        if account is not None:
            self._keeper.hold(unit, account)
            unit.lock(f"account:{account.id}")

    def _has_objected(self, link: StoredLink, now: datetime) -> bool:
        """Whether this link has just done its work: the answer was lost (FT-06)."""
        life = self._engine.policy.journeys.entry_life
        return link.used_at is not None and now - link.used_at < life

    def _undo(self, unit: Unit, account: Account, link: StoredLink, now: datetime) -> bool:
        """Put the link's address back, or keep it; False when it is another account's by now.

        Whoever asked for the change knows the password and perhaps reads the other address: their
        sessions end, and what was sent there later can undo nothing.
        """
        address, digests = self._address(unit, link)
        holder = unit.accounts.by_email(digests)
        if holder is not None and holder.id != account.id:
            return False
        changes: dict[str, Any] = {}
        if holder is None:
            changes = {
                "email_digest": digests[0],
                "sealed_email": self._engine.ports.secrets.seal(address),
                "email_confirmed_at": now,  # by this very link
            }
        undone = self._write(unit, account, **changes)
        for later in unit.links.of_account(account.id, LinkPurpose.OBJECT):
            if later.epoch > link.epoch:
                unit.links.drop(later.digest)
        self._keeper.note(unit, undone, "object", now, self.changed_event(undone))
        return True

    def _address(self, unit: Unit, link: StoredLink) -> tuple[str, tuple[str, ...]]:
        """The address that a link is about, and its digests, held against others who want it."""
        ports = self._engine.ports
        address = ports.secrets.unseal(required(link.sealed, "an address"))
        email = ports.emails.read(address)
        digests = ports.secrets.digests("email", email.key if email is not None else address)
        lock_digests(unit, "address", digests)
        return address, digests

    def _write(self, unit: Unit, account: Account, **changes: Any) -> Account:
        changed = evolve(
            account,
            credential_epoch=account.credential_epoch + 1,
            version=account.version + 1,
            **changes,
        )
        unit.accounts.update(changed, account.version)
        end_access(unit, changed)
        ports = self._engine.ports
        for each in (account, changed):  # nobody's tries keep out who has just shown who they are
            digests = email_digests(ports.secrets, ports.emails, each)
            unit.budgets.clear(Budget.PASSWORD, digests)
        return changed
