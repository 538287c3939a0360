"""New credentials: a login e-mail and a password (``C8``, ``C9``, ``R6``, ``P3``, ``T1``)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve, field, frozen

from ...commands import Activate, Create, Save, SavePassword
from ...effects import Budget
from ...errors import LostSwap
from ...facts import (
    AccountVerdict,
    CredentialsFacts,
    DoctorVerdict,
    EmailVerdict,
    NewPasswordFacts,
    PasswordVerdict,
    Problem,
    SettingsFacts,
    SignInVerdict,
)
from ...ports import Account, Doctor, EmailAddress, Unit
from ...rules.passwords import (
    Known,
    normalise,
)
from ...rules.typed import visible
from ...rules.waits import DAY, window_wait
from ..case import Case, lock_digests
from .base import Findings, Gatherer, Gatherers, pending_change, seconds
from .passwords import judge_new_password, known_to_guessers, rpps_of
from .signin import PresentPassword, account_of, ask_registry

__all__ = ()

_REFUSALS = {
    Problem.PASSWORD_TOO_SHORT,
    Problem.PASSWORD_TOO_LONG,
    Problem.PASSWORD_GUESSABLE,
    Problem.PASSWORD_PERSONAL,
}


@frozen(kw_only=True)
class FoundCredentials(Findings):
    """What was chosen, and whom a proven address would be taken from.

    ``admitted`` is the registry's word on the account's holder, asked again.
    """

    admitted: DoctorVerdict = DoctorVerdict.NOT_ASKED
    email: EmailAddress | None = field(default=None, repr=False)
    email_verdict: EmailVerdict = EmailVerdict.NOT_ASKED
    password_verdict: PasswordVerdict = PasswordVerdict.NOT_ASKED
    claimant: Account | None = field(default=None, repr=False)
    claimants_doctor: Doctor | None = field(default=None, repr=False)


def _with_problem(found: FoundCredentials, problem: Problem) -> FoundCredentials:
    return evolve(found, problems=(*found.problems, problem))


# --- the password --------------------------------------------------------------------------------


def _with_password(
    case: Case[Any],
    found: FoundCredentials,
    typed: tuple[str, str],
    known: Known,
) -> FoundCredentials:
    """Judge a new password, typed twice, and hash it when nothing at all is wrong."""
    password = normalise(typed[0])
    problem, _ = judge_new_password(case.ports, password, known, case.policy.passwords)
    if problem is not None:
        refused = problem in _REFUSALS
        verdict = PasswordVerdict.WEAK if refused else PasswordVerdict.NOT_ASKED
        return _with_problem(evolve(found, password_verdict=verdict), problem)
    if normalise(typed[1]) != password:
        differs = PasswordVerdict.DIFFERS_FROM_CONFIRMATION
        found = evolve(found, password_verdict=differs)
        return _with_problem(found, Problem.PASSWORD_CONFIRMATION_DIFFERS)
    kept = None if found.problems else case.ports.passwords.hash(password)
    return evolve(found, password_verdict=PasswordVerdict.ACCEPTED, password_hash=kept)


# --- the address ---------------------------------------------------------------------------------


def _with_address(case: Case[Any], found: FoundCredentials, typed: str) -> FoundCredentials:
    """Read a login address as it was typed."""
    email = case.ports.emails.read(typed)
    if email is not None:
        return evolve(found, email=email)
    return _with_problem(found, Problem.EMAIL_SHAPE if visible(typed) else Problem.EMAIL_REQUIRED)


def _judge_email(
    case: Case[Any],
    found: FoundCredentials,
    unit: Unit,
    email: EmailAddress,
    *,
    proven: bool = False,
) -> FoundCredentials:
    """Judge a well-formed login address: proof beats claim.

    Args:
        case: the command and its journey.
        found: what is known so far: the account too, if there is one.
        unit: the step's transaction.
        email: the address.
        proven: the person has just typed a code that was sent there.

    Raises:
        LostSwap: who claims the address is another than when the driver looked.
    """
    found = evolve(found, email_digests=case.ports.secrets.digests("email", email.key))
    if found.account is not None and found.account.email_digest in found.email_digests:
        return evolve(found, email_verdict=EmailVerdict.UNCHANGED)
    # An address that is proven is no guess: nobody searches for accounts with it (C9).
    if not proven and _email_wait(case, found, unit):
        unit.budgets.redate(Budget.EMAIL, found.subjects, case.at)
        return evolve(found, email_verdict=EmailVerdict.THROTTLED)
    # The store refuses a second account under one digest only, and there is one for each key.
    lock_digests(unit, "address", found.email_digests)
    holder = unit.accounts.by_email(found.email_digests)
    if holder is None:
        return evolve(found, email_verdict=EmailVerdict.PROVEN if proven else EmailVerdict.FREE)
    if not proven or holder.email_confirmed_at is not None:
        return evolve(found, email_verdict=EmailVerdict.TAKEN)
    if found.claimant is None or found.claimant.id != holder.id:
        raise LostSwap
    return evolve(found, email_verdict=EmailVerdict.CLAIMED, claimant=holder)


def _email_wait(case: Case[Any], found: FoundCredentials, unit: Unit) -> timedelta:
    """How long until this person may try another address."""
    times = unit.budgets.times(Budget.EMAIL, found.subjects, case.at - DAY)
    return window_wait(times, case.at, case.policy.identity.taken_addresses_per_day, DAY)


def _judge_change(
    case: Case[Save], found: FoundCredentials, unit: Unit, email: EmailAddress
) -> FoundCredentials:
    """Judge the address of the settings: one that is awaited already is no other one."""
    account = found.account
    awaited = pending_change(unit, account, case.at) if account else None
    if awaited is not None and awaited.sealed is not None:
        known = case.ports.emails.read(case.ports.secrets.unseal(awaited.sealed))
        if known is not None and known.key == email.key:
            return evolve(found, email_verdict=EmailVerdict.UNCHANGED)
    found = _judge_email(case, found, unit, email)
    is_free = found.email_verdict is EmailVerdict.FREE
    if is_free and _change_wait(case, found, unit):
        unit.budgets.redate(Budget.CHANGE, found.subjects, case.at)
        return evolve(found, email_verdict=EmailVerdict.SPENT)
    return found


def _change_wait(case: Case[Any], found: FoundCredentials, unit: Unit) -> timedelta:
    """How long until the account may ask for another address again: each one is written to."""
    times = unit.budgets.times(Budget.CHANGE, found.subjects, case.at - DAY)
    return window_wait(times, case.at, case.policy.links.changes_per_day, DAY)


_WAITS = {EmailVerdict.THROTTLED: _email_wait, EmailVerdict.SPENT: _change_wait}


def _told_wait(case: Case[Any], found: FoundCredentials, unit: Unit) -> int:
    """The same in seconds, where it is why the address was not taken."""
    wait = _WAITS.get(found.email_verdict)
    return seconds(wait(case, found, unit)) if wait else 0


# --- at the end of a creation or a recovery ------------------------------------------------------


class _Credentials(Gatherer[Activate | Create, CredentialsFacts, FoundCredentials]):
    """Brings :class:`~monespace_flows.facts.CredentialsFacts`."""

    def look(self, case: Case[Activate | Create], unit: Unit) -> Account | None:
        """Find who claims the Order's address, which a code has proven."""
        email = case.ports.emails.read(case.dossier.email or "")
        digests = case.ports.secrets.digests("email", email.key) if email else ()
        return unit.accounts.by_email(digests) if digests else None

    def outside(self, case: Case[Activate | Create]) -> FoundCredentials:
        """Ask the registry again (FL-16), judge the shapes, and hash what may be kept."""
        rpps, command = case.dossier.rpps, case.command
        if rpps is None:
            return FoundCredentials()
        found = FoundCredentials(
            subjects=case.ports.secrets.digests("subject", rpps),
            doctor=case.ports.registry.doctor(rpps),
        )
        found = _with_claimant(case, _with_login(case, found))
        typed = found.email.address if found.email else None
        known = known_to_guessers(case.ports, case.site, rpps, typed, case.dossier.email)
        return _with_password(case, found, (command.password, command.password_confirmation), known)

    def about(self, case: Case[Activate | Create]) -> object:
        """The doctor, and the Order's address where it is the login."""
        return case.dossier.rpps, case.dossier.email

    def inside(
        self, case: Case[Activate | Create], found: FoundCredentials, unit: Unit
    ) -> tuple[CredentialsFacts, FoundCredentials]:
        """Look for the account and for the address in the step's own transaction."""
        if found.doctor is None:
            return CredentialsFacts(doctor=DoctorVerdict.GONE), found
        lock_digests(unit, "email", found.subjects)
        found = evolve(found, account=unit.accounts.by_rpps(found.subjects))
        if found.email is not None and found.email_verdict is EmailVerdict.NOT_ASKED:
            proven = _is_proven(case, found.email)
            found = _judge_email(case, found, unit, found.email, proven=proven)
        facts = CredentialsFacts(
            problems=found.problems,
            doctor=DoctorVerdict.ADMITTED,
            account=_account(case, found.account),
            email=found.email_verdict,
            password=found.password_verdict,
            wait=_told_wait(case, found, unit),
        )
        return facts, found


def _account(case: Case[Activate | Create], account: Account | None) -> AccountVerdict:
    """Whether the account still has the credentials that it had when the doctor was found."""
    if account is None:
        return AccountVerdict.NONE
    if account.frozen_at is not None:
        return AccountVerdict.FROZEN
    bound = case.dossier.epoch
    changed = bound is not None and bound != account.credential_epoch
    return AccountVerdict.CHANGED if changed else AccountVerdict.EXISTS


def _with_login(case: Case[Activate | Create], found: FoundCredentials) -> FoundCredentials:
    """Read the login: typed twice, or the Order's own address, which no field can change (C9)."""
    command, emails = case.command, case.ports.emails
    if isinstance(command, Create):
        return evolve(found, email=emails.read(case.dossier.email or ""))
    found = _with_address(case, found, command.email)
    confirmation = emails.read(command.email_confirmation)
    if found.email is None or (confirmation and confirmation.key == found.email.key):
        return found
    found = evolve(found, email_verdict=EmailVerdict.DIFFERS_FROM_CONFIRMATION)
    return _with_problem(found, Problem.EMAIL_CONFIRMATION_DIFFERS)


def _is_proven(case: Case[Activate | Create], email: EmailAddress) -> bool:
    """Whether the code that the person typed was sent to this very address."""
    order = case.ports.emails.read(case.dossier.email or "")
    return order is not None and order.key == email.key


def _with_claimant(case: Case[Activate | Create], found: FoundCredentials) -> FoundCredentials:
    """Find whom a proven address would be taken from, and how the Order reaches them."""
    ports = case.ports
    if found.email is None or not _is_proven(case, found.email):
        return found
    holder: Account | None = case.looked
    if holder is None or holder.email_confirmed_at is not None:
        return found
    doctor = ports.registry.doctor(ports.secrets.unseal(holder.sealed_rpps))
    return evolve(found, claimant=holder, claimants_doctor=doctor)


# --- at the end of a reset -----------------------------------------------------------------------


class _NewPassword(Gatherer[SavePassword, NewPasswordFacts, FoundCredentials]):
    """Brings :class:`~monespace_flows.facts.NewPasswordFacts`."""

    def look(self, case: Case[SavePassword], unit: Unit) -> Account | None:
        """Find the account that the link was for."""
        return account_of(case, unit)

    def outside(self, case: Case[SavePassword]) -> FoundCredentials:
        """Ask the registry again, judge the password, and hash what may be kept."""
        account: Account | None = case.looked
        admitted, found = ask_registry(case, account, FoundCredentials())
        found = evolve(found, admitted=admitted)
        typed = (case.command.password, case.command.password_confirmation)
        rpps = rpps_of(case.ports, account)
        known = known_to_guessers(case.ports, case.site, rpps, case.dossier.email)
        return _with_password(case, found, typed, known)

    def about(self, case: Case[SavePassword]) -> object:
        """The login and the account, whose holder's words are not worth anything in a password."""
        return case.dossier.email, case.stored.account_id

    def inside(
        self, case: Case[SavePassword], found: FoundCredentials, unit: Unit
    ) -> tuple[NewPasswordFacts, FoundCredentials]:
        """Look whether the account is still the one that the link was made for."""
        account = account_of(case, unit)
        verdict = AccountVerdict.EXISTS
        if account is None or account.disabled_at is not None:
            verdict = AccountVerdict.NONE
        elif account.credential_epoch != case.dossier.epoch:
            verdict = AccountVerdict.CHANGED
        facts = NewPasswordFacts(
            problems=found.problems,
            doctor=found.admitted,
            account=verdict,
            password=found.password_verdict,
        )
        return facts, evolve(found, account=account if verdict is AccountVerdict.EXISTS else None)


# --- in the settings -----------------------------------------------------------------------------


class _Settings(Gatherer[Save, SettingsFacts, FoundCredentials]):
    """Brings :class:`~monespace_flows.facts.SettingsFacts`."""

    def __init__(self) -> None:
        self._present = PresentPassword()

    def look(self, case: Case[Save], unit: Unit) -> Account | None:
        """Find the account."""
        return self._present.look(case, unit)

    def outside(self, case: Case[Save]) -> FoundCredentials:
        """Verify the present password; only when it is right is anything else worth the work."""
        command = case.command
        found = self._present.ask(case, command.current_password, FoundCredentials())
        if not found.password_is_right:
            return found
        admitted, found = ask_registry(case, found.account, found)
        found = _with_address(case, evolve(found, admitted=admitted), command.email)
        if not command.password and not command.password_confirmation:
            return evolve(found, password_verdict=PasswordVerdict.UNCHANGED)
        typed = found.email.address if found.email else None
        rpps = rpps_of(case.ports, found.account)
        known = known_to_guessers(case.ports, case.site, rpps, typed, case.dossier.email)
        return _with_password(case, found, (command.password, command.password_confirmation), known)

    def about(self, case: Case[Save]) -> object:
        """The account, and the session."""
        return self._present.about(case)

    def inside(
        self, case: Case[Save], found: FoundCredentials, unit: Unit
    ) -> tuple[SettingsFacts, FoundCredentials]:
        """Judge under a lock, in the step's own transaction."""
        current, wait, found = self._present.judge(case, found, unit)
        if current is not SignInVerdict.RIGHT:
            missing = current is SignInVerdict.NOT_ASKED
            problems = found.problems if missing else ()
            return SettingsFacts(problems=problems, current=current, wait=wait), found
        if found.admitted is DoctorVerdict.GONE:
            return SettingsFacts(current=SignInVerdict.NOT_ADMITTED), found
        if found.email is not None:
            found = _judge_change(case, found, unit, found.email)
        facts = SettingsFacts(
            problems=found.problems,
            current=current,
            email=found.email_verdict,
            password=found.password_verdict,
            wait=_told_wait(case, found, unit),
        )
        unchanged = found.email_verdict is EmailVerdict.UNCHANGED
        return facts, evolve(found, email=None) if unchanged else found


GATHERERS: Gatherers = {
    CredentialsFacts: _Credentials(),
    NewPasswordFacts: _NewPassword(),
    SettingsFacts: _Settings(),
}
