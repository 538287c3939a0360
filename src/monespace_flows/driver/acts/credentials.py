"""New credentials: a login e-mail and a password, twice (``C8``, ``C9``, ``R6``, ``P3``)."""

from __future__ import annotations

from datetime import timedelta

from ...commands import Activate, Create, SavePassword
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
)
from ...ports import EmailAddress, Unit
from ...rules.budgets import DAY, window_wait
from ...rules.passwords import judge_password, normalise
from ...rules.typed import visible
from ..case import Case
from .base import seconds

__all__ = [
    "EMAIL_TRIES_PER_DAY",
    "CredentialsGatherer",
    "NewPasswordGatherer",
    "email_wait",
    "judge_email",
    "judge_new_password",
]

EMAIL_TRIES_PER_DAY = 5
"""How many taken addresses one person may try: nobody searches for accounts here (G7)."""

_REFUSALS = {
    Problem.PASSWORD_TOO_SHORT,
    Problem.PASSWORD_TOO_LONG,
    Problem.PASSWORD_GUESSABLE,
    Problem.PASSWORD_PERSONAL,
}


def judge_new_password(
    case: Case, typed: str, confirmation: str, personal: tuple[str, ...]
) -> PasswordVerdict:
    """Judge a new password and note its problem; hash it when nothing at all is wrong."""
    password = normalise(typed)
    policy = case.policy.passwords
    personal = (*personal, *case.site.words)
    # What is too long is never scored: the estimate's cost grows with the length.
    fits = len(password) <= policy.maximum_length
    score = case.ports.passwords.score(password, personal) if fits and password else 0
    problem = judge_password(password, score, personal, policy)
    if problem is not None:
        case.problems.append(problem)
        return PasswordVerdict.WEAK if problem in _REFUSALS else PasswordVerdict.NOT_ASKED
    if normalise(confirmation) != password:
        case.problems.append(Problem.PASSWORD_CONFIRMATION_DIFFERS)
        return PasswordVerdict.DIFFERS_FROM_CONFIRMATION
    if not case.problems:
        case.password_hash = case.ports.passwords.hash(password)
    return PasswordVerdict.ACCEPTED


def judge_email(
    case: Case, unit: Unit, email: EmailAddress, own: str | None, *, proven: bool = False
) -> EmailVerdict:
    """Judge a well-formed login address: proof beats claim.

    Args:
        case: what the submission works with.
        unit: the step's transaction.
        email: the address.
        own: the digest of the account's own address, if there is an account.
        proven: the person has just typed a code that was sent there.

    Raises:
        LostSwap: who claims the address is another than when the driver looked.
    """
    case.email_digests = case.ports.secrets.digests("email", email.key)
    if own is not None and own in case.email_digests:
        return EmailVerdict.UNCHANGED
    # An address that is proven is no guess: nobody searches for accounts with it (C9).
    if not proven and email_wait(case, unit):
        return EmailVerdict.THROTTLED
    holder = unit.accounts.by_email(case.email_digests)
    if holder is None:
        return EmailVerdict.PROVEN if proven else EmailVerdict.FREE
    if not proven or holder.email_confirmed_at is not None:
        return EmailVerdict.TAKEN
    if case.claimant is None or case.claimant.id != holder.id:
        raise LostSwap
    case.claimant = holder
    return EmailVerdict.CLAIMED


def email_wait(case: Case, unit: Unit) -> timedelta:
    """How long until this person may try another address."""
    times = unit.budgets.times(Budget.EMAIL, case.subjects, case.at - DAY)
    return window_wait(times, case.at, EMAIL_TRIES_PER_DAY, DAY)


class CredentialsGatherer:
    """Brings :class:`~monespace_flows.facts.CredentialsFacts`."""

    def outside(self, case: Case) -> None:
        """Ask the registry again (FL-16), judge the shapes, and hash what may be kept."""
        rpps = case.dossier.rpps
        if rpps is None:
            return
        command = case.command
        assert isinstance(command, Activate | Create)  # noqa: S101 - the facts type says so
        case.subjects = case.ports.secrets.digests("subject", rpps)
        case.doctor = case.ports.registry.doctor(rpps)
        _read_email(case, command)
        _find_claimant(case)
        case.password_verdict = judge_new_password(
            case, command.password, command.password_confirmation, _personal(case, rpps)
        )

    def about(self, case: Case) -> object:
        """The doctor, and the Order's address where it is the login."""
        return case.dossier.rpps, case.dossier.email

    def inside(self, case: Case, unit: Unit) -> CredentialsFacts:
        """Look for the account and for the address in the step's own transaction."""
        if case.doctor is None:
            return CredentialsFacts(doctor=DoctorVerdict.GONE)
        unit.lock(f"email:{case.subject()}")
        case.account = unit.accounts.by_rpps(case.subjects)
        verdict, wait = case.email_verdict, timedelta(0)
        if case.email is not None and verdict is EmailVerdict.NOT_ASKED:
            own = case.account.email_digest if case.account else None
            proven = _is_proven(case, case.email)
            verdict = judge_email(case, unit, case.email, own, proven=proven)
            wait = email_wait(case, unit)
        return CredentialsFacts(
            problems=tuple(case.problems),
            doctor=DoctorVerdict.ADMITTED,
            account=_account(case),
            email=verdict,
            password=case.password_verdict,
            wait=seconds(wait) if verdict is EmailVerdict.THROTTLED else 0,
        )


def _account(case: Case) -> AccountVerdict:
    """Whether the account still has the credentials that it had when the doctor was found."""
    if case.account is None:
        return AccountVerdict.NONE
    bound = case.dossier.epoch
    changed = bound is not None and bound != case.account.credential_epoch
    return AccountVerdict.CHANGED if changed else AccountVerdict.EXISTS


def _read_email(case: Case, command: Activate | Create) -> None:
    """Read the login: typed twice, or the Order's own address, which no field can change (C9)."""
    emails = case.ports.emails
    if isinstance(command, Create):
        case.email = emails.read(case.dossier.email or "")
        return
    case.email = emails.read(command.email)
    if case.email is None:
        empty = not visible(command.email)
        case.problems.append(Problem.EMAIL_REQUIRED if empty else Problem.EMAIL_SHAPE)
        return
    confirmation = emails.read(command.email_confirmation)
    if confirmation is None or confirmation.key != case.email.key:
        case.problems.append(Problem.EMAIL_CONFIRMATION_DIFFERS)
        case.email_verdict = EmailVerdict.DIFFERS_FROM_CONFIRMATION


def _is_proven(case: Case, email: EmailAddress) -> bool:
    """Whether the code that the person typed was sent to this very address."""
    order = case.ports.emails.read(case.dossier.email or "")
    return order is not None and order.key == email.key


def _find_claimant(case: Case) -> None:
    """Find whom a proven address would be taken from, and how the Order reaches them."""
    if case.email is None or not _is_proven(case, case.email):
        return
    with case.ports.storage.reading() as unit:
        holder = unit.accounts.by_email(case.ports.secrets.digests("email", case.email.key))
    if holder is not None and holder.email_confirmed_at is None:
        case.claimant = holder
        rpps = case.ports.secrets.unseal(holder.sealed_rpps)
        case.claimants_doctor = case.ports.registry.doctor(rpps)


def _personal(case: Case, rpps: str) -> tuple[str, ...]:
    if case.email is None:
        return (rpps,)
    return (rpps, case.email.address, case.email.address.partition("@")[0])


class NewPasswordGatherer:
    """Brings :class:`~monespace_flows.facts.NewPasswordFacts`."""

    def outside(self, case: Case) -> None:
        """Judge the password, and hash what may be kept."""
        command = case.command
        assert isinstance(command, SavePassword)  # noqa: S101 - the facts type says so
        email = case.dossier.email or ""
        case.password_verdict = judge_new_password(
            case,
            command.password,
            command.password_confirmation,
            (email, email.partition("@")[0]),
        )

    def about(self, case: Case) -> object:
        """The login, which must not be in the password."""
        return case.dossier.email

    def inside(self, case: Case, unit: Unit) -> NewPasswordFacts:
        """Look whether the account is still the one that the link was made for."""
        account = unit.accounts.get(case.stored.account_id or "")
        verdict = AccountVerdict.EXISTS
        if account is None or account.disabled_at is not None:
            verdict = AccountVerdict.NONE
        elif account.credential_epoch != case.dossier.epoch:
            verdict = AccountVerdict.CHANGED
        case.account = account if verdict is AccountVerdict.EXISTS else None
        return NewPasswordFacts(
            problems=tuple(case.problems), account=verdict, password=case.password_verdict
        )
