"""E-mail and password against the account: one password verified in every case (``S4``)."""

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
from ..case import Case

__all__ = ["SignInGatherer", "password_wait", "verify_password"]


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
