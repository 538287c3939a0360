"""Passwords against the account: at sign-in (``S4``), and the present one typed again (``T2``)."""

from __future__ import annotations

from datetime import timedelta

from ...commands import SignIn
from ...effects import Budget
from ...errors import LostSwap
from ...facts import Problem, SignInFacts, SignInVerdict
from ...policy import PasswordPolicy
from ...ports import Account, Unit
from ...rules.budgets import DAY, growing_wait, window_wait
from ...rules.passwords import normalise
from ...rules.typed import visible
from ..case import Case, email_digests, subject_digests
from .base import seconds

__all__ = [
    "PresentPassword",
    "SignInGatherer",
    "password_wait",
    "verify_password",
]


def verify_password(case: Case, account: Account | None, typed: str) -> None:
    """Verify once, whether there is an account or not, and note the answer.

    What is longer than any password may be is compared cut: it cannot be right, and must not
    cost more.
    """
    limit = case.policy.passwords.maximum_length
    password = normalise(typed)
    known = account.password_hash if account else None
    right = case.ports.passwords.verify(known, password[: limit + 1])
    case.password_is_right = right and len(password) <= limit
    case.account = account


def renew_hash(case: Case, account: Account, typed: str) -> None:
    """Hash the right password again when the parameters have risen since it was hashed.

    Only for who may come in: the work of a second hash would tell a guesser at a locked account
    that the guess was right.
    """
    if case.password_is_right and case.ports.passwords.is_outdated(account.password_hash):
        case.password_hash = case.ports.passwords.hash(normalise(typed))


def password_wait(case: Case, unit: Unit) -> timedelta:
    """How long until a password may be tried again for this address."""
    policy: PasswordPolicy = case.policy.passwords
    failures = unit.budgets.times(Budget.PASSWORD, case.email_digests, case.at - DAY)
    return max(
        window_wait(failures, case.at, policy.failures_per_day, DAY),
        growing_wait(
            failures,
            case.at,
            free=policy.failures_before_delay,
            first=policy.delay,
            ceiling=policy.delay_ceiling,
        ),
    )


def same_password(before: Account | None, now: Account | None) -> None:
    """Refuse to judge by a hash that changed since it was verified; the driver asks again.

    Raises:
        LostSwap: the account came, went or changed its password meanwhile.
    """
    if (before and before.password_hash) != (now and now.password_hash):
        raise LostSwap


class SignInGatherer:
    """Brings :class:`~monespace_flows.facts.SignInFacts`."""

    def outside(self, case: Case) -> None:
        """Find the account and spend one verification."""
        command = case.command
        assert isinstance(command, SignIn)  # noqa: S101 - the facts type says so
        if not visible(command.email):
            case.problems.append(Problem.EMAIL_REQUIRED)
        if not command.password:
            case.problems.append(Problem.PASSWORD_REQUIRED)
        if case.problems:
            return
        case.email = case.ports.emails.read(command.email)
        key = case.email.key if case.email else command.email.strip()
        case.email_digests = case.ports.secrets.digests("email", key)
        with case.ports.storage.reading() as unit:
            account = unit.accounts.by_email(case.email_digests)
            is_free = not password_wait(case, unit)
        verify_password(case, account, command.password)
        if is_free and account is not None and account.disabled_at is None:
            renew_hash(case, account, command.password)

    def about(self, case: Case) -> object:
        """The address and the password that were typed, whatever the journey."""

    def inside(self, case: Case, unit: Unit) -> SignInFacts:
        """Judge under a lock: a right password is refused too while the address must wait."""
        if case.problems:
            return SignInFacts(problems=tuple(case.problems))
        unit.lock(f"password:{case.email_digests[0]}")
        account = unit.accounts.by_email(case.email_digests)
        same_password(case.account, account)
        case.account = account
        subject = account.rpps_digest if account else case.email_digests[0]
        return SignInFacts(sign_in=self._judge(case, unit), subject=subject)

    def _judge(self, case: Case, unit: Unit) -> SignInVerdict:
        if password_wait(case, unit):
            return SignInVerdict.LOCKED
        if case.account is None:
            return SignInVerdict.UNKNOWN
        if not case.password_is_right:
            return SignInVerdict.WRONG
        return SignInVerdict.DISABLED if case.account.disabled_at else SignInVerdict.RIGHT


# --- the present password of who is signed in ---------------------------------------------------


class PresentPassword:
    """Asks and judges it, for the gatherers of journeys that need a session."""

    def ask(self, case: Case, typed: str) -> None:
        """Find the account and verify once, outside the transaction; ``case.account`` is its.

        Notes a problem in the case where nothing was typed.
        """
        with case.ports.storage.reading() as unit:
            account = unit.accounts.get(case.stored.account_id or "")
        if account is None:
            return
        case.account = account
        case.subjects = subject_digests(case.ports.secrets, account)
        case.email_digests = email_digests(case.ports.secrets, case.ports.emails, account)
        if typed:
            verify_password(case, account, typed)
        else:
            case.problems.append(Problem.CURRENT_PASSWORD_REQUIRED)

    def about(self, case: Case) -> object:
        """The account, and the session: another one was opened for other credentials."""
        return case.stored.account_id, case.stored.session_digest

    def judge(self, case: Case, unit: Unit) -> tuple[SignInVerdict, int]:
        """Judge under a lock, in the step's own transaction; the verdict, and a wait in seconds.

        Raises:
            LostSwap: the session ended since the driver looked, because someone signed out or
                changed the account elsewhere; the driver asks again, and then says so.
        """
        account = _account(case, unit)
        same_password(case.account, account)
        case.account = account
        if Problem.CURRENT_PASSWORD_REQUIRED in case.problems:
            return SignInVerdict.NOT_ASKED, 0
        unit.lock(f"password:{case.email_digests[0]}")
        wait = password_wait(case, unit)
        if wait:
            return SignInVerdict.LOCKED, seconds(wait)
        return (SignInVerdict.RIGHT if case.password_is_right else SignInVerdict.WRONG), 0


def _account(case: Case, unit: Unit) -> Account:
    """Read the account again, and make sure that the session is still one of its own."""
    session = unit.sessions.get(case.stored.session_digest or "")
    account = unit.accounts.get(session.account_id) if session else None
    if session is None or account is None or session.epoch != account.credential_epoch:
        raise LostSwap
    return account
