"""Signing in from outside: another service has said who somebody is, a host vouches for it.

ProSanté Connect is one.  The account is judged as at a sign-in with the right password: one that is
disabled or frozen opens to nobody, and the registry is asked again.
"""

from __future__ import annotations

import re
from functools import partial

from attrs import evolve

from ..errors import SignInFault, UniqueBroken
from ..events import AccountDisabled, SignedIn
from ..facts import DoctorVerdict
from ..policy import Policy
from ..ports import Account, Doctor, Ports, Unit
from .acts.accounts import disabled
from .acts.signin import ask_about
from .erasure import read_subjects
from .keeping import Keeper
from .sessions import open_session
from .transaction import retried

__all__ = ()

_HOW = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)


class Entrance:
    """Opens sessions for whom a host vouches."""

    def __init__(self, ports: Ports, policy: Policy, keeper: Keeper) -> None:
        self._ports = ports
        self._policy = policy
        self._keeper = keeper

    def open(self, *, account_id: str | None, rpps: str | None, how: str) -> str | SignInFault:
        """Open a session, or say why not; :meth:`.Flows.open_session` says how."""
        if (account_id is None) is (rpps is None):
            raise ValueError("name one account: by its id or by an RPPS number")
        if _HOW.fullmatch(how) is None:
            raise ValueError("how: name the service in a-z, 0-9, - and _, such as psc; 32 at most")
        secrets, policy = self._ports.secrets, self._policy
        subjects = () if rpps is None else read_subjects(rpps, secrets, policy)
        return retried(partial(self._open, account_id, subjects, how), UniqueBroken)

    def _open(
        self, account_id: str | None, subjects: tuple[str, ...], how: str
    ) -> str | SignInFault:
        with self._ports.storage.reading() as unit:
            account = _find(unit, account_id, subjects)
        if account is None:
            return SignInFault.UNKNOWN
        admitted, doctor = ask_about(self._ports, self._policy.sessions, account)
        with self._ports.storage.writing() as unit:
            found = self._hold(unit, account)
            if found is None:
                return SignInFault.UNKNOWN
            is_gone = admitted is DoctorVerdict.GONE
            return self._let_in(unit, found, doctor, how, is_gone=is_gone)

    def _hold(self, unit: Unit, account: Account) -> Account | None:
        """Take the names in the order of whoever acts on an account, and read it again."""
        self._keeper.hold(unit, account)
        unit.lock(f"account:{account.id}")
        return unit.accounts.get(account.id)

    def _let_in(
        self, unit: Unit, account: Account, doctor: Doctor | None, how: str, *, is_gone: bool
    ) -> str | SignInFault:
        now = self._ports.clock.now()
        if account.disabled_at is not None:
            return SignInFault.FROZEN if account.frozen_at is not None else SignInFault.DISABLED
        if is_gone:
            disabled(unit, account, now)
            told = partial(AccountDisabled, by="registry")
            self._keeper.note(unit, account, "strike_off", now, told)
            return SignInFault.NOT_ADMITTED
        account = _renewed(unit, account, doctor)
        token, _ = open_session(unit, self._ports.secrets, account, now)
        self._keeper.note(unit, account, "sign_in_elsewhere", now, partial(SignedIn, how=how))
        return token


def _find(unit: Unit, account_id: str | None, subjects: tuple[str, ...]) -> Account | None:
    if account_id is not None:
        return unit.accounts.get(account_id)
    return unit.accounts.by_rpps(subjects)


def _renewed(unit: Unit, account: Account, doctor: Doctor | None) -> Account:
    """Write the role that the registry gives now."""
    if doctor is None or doctor.role is account.role:
        return account
    changed = evolve(account, role=doctor.role, version=account.version + 1)
    unit.accounts.update(changed, account.version)
    return changed
