"""Passwords against the account: at sign-in (``S4``), and the present one typed again (``T2``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from attrs import evolve

from ...commands import SignIn
from ...effects import Budget, OpenSession
from ...errors import LostSwap
from ...events import SignedIn
from ...facts import Problem, SignInFacts, SignInVerdict
from ...ports import Account, Session, Unit
from ...rules.passwords import normalise
from ...rules.typed import visible
from ...rules.waits import DAY, growing_wait, window_wait
from ..case import Case, digest_token, email_digests, lock_digests, subject_digests
from .base import EffectContext, Executors, Findings, Gatherer, Gatherers, seconds

__all__ = ()

Found = TypeVar("Found", bound=Findings)


def _is_right(case: Case[Any], account: Account | None, typed: str) -> bool:
    """Verify once, whether there is an account or not.

    What is longer than any password may be is compared cut: it cannot be right, and must not
    cost more.
    """
    limit, password = case.policy.passwords.maximum_length, normalise(typed)
    known = account.password_hash if account else None
    right = case.ports.passwords.verify(known, password[: limit + 1])
    return right and len(password) <= limit


def _password_wait(case: Case[Any], digests: Sequence[str], unit: Unit) -> timedelta:
    """How long until a password may be tried again for this address."""
    policy = case.policy.passwords
    failures = unit.budgets.times(Budget.PASSWORD, digests, case.at - DAY)
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


def _require_same_password(before: Account | None, now: Account | None) -> None:
    """Refuse to judge by a hash that changed since it was verified; the driver asks again.

    Raises:
        LostSwap: the account came, went or changed its password meanwhile.
    """
    if (before and before.password_hash) != (now and now.password_hash):
        raise LostSwap


class _SignIn(Gatherer[SignIn, SignInFacts, Findings]):
    """Brings :class:`~monespace_flows.facts.SignInFacts`: one password verified in every case."""

    def outside(self, case: Case[SignIn]) -> Findings:
        """Find the account and spend one verification."""
        command, ports = case.command, case.ports
        problems = _missing(command)
        if problems:
            return Findings(problems=problems)
        email = ports.emails.read(command.email)
        digests = ports.secrets.digests("email", email.key if email else command.email.strip())
        with ports.storage.reading() as unit:
            account = unit.accounts.by_email(digests)
            is_free = not _password_wait(case, digests, unit)
        found = Findings(
            email_digests=digests,
            account=account,
            password_is_right=_is_right(case, account, command.password),
        )
        if is_free and account is not None and account.disabled_at is None:
            return self._renewed(case, found, account)
        return found

    def _renewed(self, case: Case[SignIn], found: Findings, account: Account) -> Findings:
        """Hash the right password again when the parameters have risen since it was hashed.

        Only for who may come in: the work of a second hash would tell a guesser at a locked
        account that the guess was right.
        """
        passwords = case.ports.passwords
        if not found.password_is_right or not passwords.is_outdated(account.password_hash):
            return found
        return evolve(found, password_hash=passwords.hash(normalise(case.command.password)))

    def about(self, case: Case[SignIn]) -> object:
        """The address and the password that were typed, whatever the journey."""

    def inside(
        self, case: Case[SignIn], found: Findings, unit: Unit
    ) -> tuple[SignInFacts, Findings]:
        """Judge under a lock: a right password is refused too while the address must wait."""
        if found.problems:
            return SignInFacts(problems=found.problems), found
        lock_digests(unit, "password", found.email_digests)
        account = unit.accounts.by_email(found.email_digests)
        _require_same_password(found.account, account)
        found = evolve(found, account=account)
        subject = account.rpps_digest if account else found.email_digests[0]
        return SignInFacts(sign_in=self._judge(case, found, unit), subject=subject), found

    def _judge(self, case: Case[SignIn], found: Findings, unit: Unit) -> SignInVerdict:
        if _password_wait(case, found.email_digests, unit):
            unit.budgets.redate(Budget.PASSWORD, found.email_digests, case.at)
            return SignInVerdict.LOCKED
        if found.account is None:
            return SignInVerdict.UNKNOWN
        if not found.password_is_right:
            return SignInVerdict.WRONG
        return SignInVerdict.DISABLED if found.account.disabled_at else SignInVerdict.RIGHT


def _missing(command: SignIn) -> tuple[Problem, ...]:
    typed = {
        Problem.EMAIL_REQUIRED: visible(command.email),
        Problem.PASSWORD_REQUIRED: command.password,
    }
    return tuple(problem for problem, text in typed.items() if not text)


class PresentPassword:
    """Asks and judges it, for the gatherers of journeys that need a session."""

    def ask(self, case: Case[Any], typed: str, found: Found) -> Found:
        """Find the account and verify once, outside the transaction.

        Args:
            case: the command and its journey.
            typed: the present password as it was typed; its absence is noted as a problem.
            found: the gatherer's findings so far.

        Returns:
            The findings with the account, its digests, and whether the password is right.
        """
        secrets = case.ports.secrets
        with case.ports.storage.reading() as unit:
            account = unit.accounts.get(case.stored.account_id or "")
        if account is None:
            return found
        found = evolve(
            found,
            account=account,
            subjects=subject_digests(secrets, account),
            email_digests=email_digests(secrets, case.ports.emails, account),
        )
        if typed:
            return evolve(found, password_is_right=_is_right(case, account, typed))
        return evolve(found, problems=(*found.problems, Problem.CURRENT_PASSWORD_REQUIRED))

    def about(self, case: Case[Any]) -> object:
        """The account, and the session: another one was opened for other credentials."""
        return case.stored.account_id, case.stored.session_digest

    def judge(self, case: Case[Any], found: Found, unit: Unit) -> tuple[SignInVerdict, int, Found]:
        """Judge under a lock, in the step's own transaction.

        Returns:
            The verdict, a wait in seconds, and the findings with the account as it is now.

        Raises:
            LostSwap: the session ended since the driver looked, because someone signed out or
                changed the account elsewhere; the driver asks again, and then says so.
        """
        account = _bound_account(case, unit)
        _require_same_password(found.account, account)
        found = evolve(found, account=account)
        if Problem.CURRENT_PASSWORD_REQUIRED in found.problems:
            return SignInVerdict.NOT_ASKED, 0, found
        lock_digests(unit, "password", found.email_digests)
        wait = _password_wait(case, found.email_digests, unit)
        if wait:
            unit.budgets.redate(Budget.PASSWORD, found.email_digests, case.at)
            return SignInVerdict.LOCKED, seconds(wait), found
        return (SignInVerdict.RIGHT if found.password_is_right else SignInVerdict.WRONG), 0, found


def _bound_account(case: Case[Any], unit: Unit) -> Account:
    """Read the account again, and make sure that the session is still one of its own."""
    session = unit.sessions.get(case.stored.session_digest or "")
    account = unit.accounts.get(session.account_id) if session else None
    if session is None or account is None or session.epoch != account.credential_epoch:
        raise LostSwap
    return account


GATHERERS: Gatherers = {SignInFacts: _SignIn()}


def _open_session(context: EffectContext[Findings], effect: OpenSession) -> None:
    case, unit = context.case, context.unit
    account = _rehashed(context) if effect.by_password else context.own_account
    context.session_token = case.ports.secrets.token()
    digest = digest_token(context.session_token)
    unit.sessions.add(
        Session(
            digest=digest,
            account_id=account.id,
            epoch=account.credential_epoch,
            created_at=case.at,
            seen_at=case.at,
        )
    )
    case.keep(account_id=account.id, session_digest=digest)
    if effect.by_password:
        unit.budgets.clear(Budget.PASSWORD, context.found.email_digests)
        context.events.append(SignedIn(id=context.key, at=case.at, account_id=account.id))


def _rehashed(context: EffectContext[Findings]) -> Account:
    """Write a hash made under newer parameters, when signing in found the old one outdated."""
    account, renewed = context.own_account, context.found.password_hash
    if renewed is None:
        return account
    changed = evolve(account, password_hash=renewed, version=account.version + 1)
    context.unit.accounts.update(changed, account.version)
    return changed


EXECUTORS: Executors = {OpenSession: _open_session}
