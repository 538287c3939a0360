"""Accounts of an earlier site, made ours: with the hash of the password that their holders know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import partial

from attrs import field, frozen

from ..errors import UniqueBroken
from ..events import AccountCreated
from ..facts import Role
from ..ports import Account, EmailAddress, Unit
from .keeping import Keeper
from .transaction import retried

__all__ = ["Candidate", "Importer", "Standing"]


@frozen(kw_only=True)
class Candidate:
    """An account that is to be imported.

    Attributes:
        rpps: the number of a doctor whom the registry admits.
        email: the address to sign in with.
        password_hash: what the passwords' port can verify.
        role: what the registry says.
        is_confirmed: whether the earlier site had the address confirmed by a link.
    """

    rpps: str = field(repr=False)
    email: EmailAddress = field(repr=False)
    password_hash: str = field(repr=False)
    role: Role
    is_confirmed: bool = False


class Standing(Enum):
    """What an account meets: it is new, its holder has one, or somebody else has the address."""

    NEW = "new"
    THERE = "there"
    EMAIL_TAKEN = "email_taken"


class Importer(Keeper):
    """Makes accounts of those of an earlier site, each with a line in a journal of its own."""

    def judge(self, candidates: Sequence[Candidate]) -> list[Standing]:
        """Say what each would meet; nothing is written."""
        with self._storage.reading() as unit:
            return [self._standing(unit, it) for it in candidates]

    def add(self, candidates: Sequence[Candidate]) -> list[Standing]:
        """Make those that are new, all in one transaction; what each of them met.

        Whoever has an account keeps it as it is: an import may be repeated.

        Raises:
            PortBusy: other writers were first, again and again.
        """
        return retried(partial(self._try_all, candidates), UniqueBroken)

    def _try_all(self, candidates: Sequence[Candidate]) -> list[Standing]:
        now = self._clock.now()
        with self._storage.writing() as unit:
            return [self._take(unit, it, now) for it in candidates]

    def _take(self, unit: Unit, candidate: Candidate, now: datetime) -> Standing:
        standing = self._standing(unit, candidate)
        if standing is Standing.NEW:
            account = self._made(candidate, now)
            self.hold(unit, account)
            unit.accounts.add(account)
            told = partial(AccountCreated, role=account.role)
            self.note(unit, account, "import", now, told)
        return standing

    def _standing(self, unit: Unit, candidate: Candidate) -> Standing:
        digests = self._secrets.digests
        if unit.accounts.by_rpps(digests("subject", candidate.rpps)) is not None:
            return Standing.THERE
        if unit.accounts.by_email(digests("email", candidate.email.key)) is not None:
            return Standing.EMAIL_TAKEN
        return Standing.NEW

    def _made(self, candidate: Candidate, now: datetime) -> Account:
        secrets = self._secrets
        return Account(
            id=secrets.token()[:22],
            rpps_digest=secrets.digests("subject", candidate.rpps)[0],
            email_digest=secrets.digests("email", candidate.email.key)[0],
            sealed_rpps=secrets.seal(candidate.rpps),
            sealed_email=secrets.seal(candidate.email.address),
            password_hash=candidate.password_hash,
            role=candidate.role,
            created_at=now,
            terms_version="",  # of ours they accepted none: they are asked when they sign in
            terms_accepted_at=now,
            email_confirmed_at=now if candidate.is_confirmed else None,
        )
