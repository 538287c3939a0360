"""Passwords against the account: at sign-in (``S4``), and the present one typed again (``T2``)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from ...commands import SignIn
from ...effects import Budget
from ...errors import LostSwap, PortUnavailable
from ...facts import DoctorVerdict, Problem, SignInFacts, SignInVerdict
from ...policy import SessionPolicy
from ...ports import Account, Doctor, LinkPurpose, Ports, StoredLink, Unit
from ...rules.passwords import normalise
from ...rules.typed import visible
from ...rules.waits import DAY, growing_wait, window_wait
from ..case import Case, digest_token, email_digests, lock_digests, subject_digests
from .base import Findings, Gatherer, Gatherers, judge_link, seconds

__all__ = ()

Found = TypeVar("Found", bound=Findings)

_logger = logging.getLogger("monespace_flows")

_NOBODY = "00000000000"
"""A number that no doctor has: asked about where there is no account (TM-02)."""


@frozen(kw_only=True)
class FoundSignIn(Findings):
    """What the registry says of the account's holder, and the browser where it is known.

    ``is_free``: nothing made the address wait when the account was found.
    """

    admitted: DoctorVerdict = DoctorVerdict.NOT_ASKED
    is_free: bool = False
    browser: StoredLink | None = field(default=None, repr=False)


# --- the registry, asked again -------------------------------------------------------------------


def ask_registry(
    case: Case[Any], account: Account | None, found: Found
) -> tuple[DoctorVerdict, Found]:
    """Read the account's holder in the registry as of now, once, account or not (TM-02).

    Returns:
        Whether they are still admitted, ``NOT_ASKED`` where the registry does not answer and the
        policy goes on without it; and the findings with the doctor.

    Raises:
        PortUnavailable: the registry does not answer, and the policy lets nobody in without it.
    """
    admitted, doctor = ask_about(case.ports, case.policy.sessions, account)
    if admitted is DoctorVerdict.NOT_ASKED:
        return admitted, found
    return admitted, evolve(found, doctor=doctor)


def ask_about(
    ports: Ports, policy: SessionPolicy, account: Account | None
) -> tuple[DoctorVerdict, Doctor | None]:
    """Read an account's holder in the registry; of no account, nobody is asked about.

    Errors and verdicts are those of :func:`ask_registry`.
    """
    rpps = ports.secrets.unseal(account.sealed_rpps) if account else _NOBODY
    try:
        doctor = ports.registry.doctor(rpps)
    except PortUnavailable:
        if policy.without_registry == "refuse":
            raise
        _logger.warning("the registry port is down: accounts are judged by what was known before")
        return DoctorVerdict.NOT_ASKED, None
    return (DoctorVerdict.GONE if doctor is None else DoctorVerdict.ADMITTED), doctor


# --- the password --------------------------------------------------------------------------------


def _is_right(case: Case[Any], account: Account | None, typed: str) -> bool:
    """Verify once, whether there is an account or not.

    What is longer than any password may be is compared cut: it cannot be right, and must not
    cost more.
    """
    limit, password = case.policy.passwords.maximum_length, normalise(typed)
    known = account.password_hash if account else None
    right = case.ports.passwords.verify(known, password[: limit + 1])
    return right and len(password) <= limit


def _password_wait(
    case: Case[Any],
    digests: Sequence[str],
    unit: Unit,
    budget: Budget = Budget.PASSWORD,
) -> timedelta:
    """How long until a password may be tried again for this address, or by this known browser."""
    policy = case.policy.passwords
    failures = unit.budgets.times(budget, digests, case.at - DAY)
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


class _SignIn(Gatherer[SignIn, SignInFacts, FoundSignIn]):
    """Brings :class:`~monespace_flows.facts.SignInFacts`.

    One password verified and one question to the registry in every case.
    """

    def look(self, case: Case[SignIn], unit: Unit) -> FoundSignIn:
        """Find the account, and see whether its address must wait."""
        command, ports = case.command, case.ports
        problems = _missing(command)
        if problems:
            return FoundSignIn(problems=problems)
        email = ports.emails.read(command.email)
        digests = ports.secrets.digests("email", email.key if email else command.email.strip())
        found = FoundSignIn(email_digests=digests, account=unit.accounts.by_email(digests))
        found = _with_browser(case, found, unit)
        return evolve(found, is_free=not _wait(case, found, unit))

    def outside(self, case: Case[SignIn]) -> FoundSignIn:
        """Ask the registry again, and spend one verification."""
        found: FoundSignIn = case.looked
        if found.problems:
            return found
        account = found.account
        admitted, found = ask_registry(case, account, found)
        is_right = _is_right(case, account, case.command.password)
        found = evolve(found, admitted=admitted, password_is_right=is_right)
        if found.is_free and account is not None and account.disabled_at is None:
            return self._renewed(case, found, account)
        return found

    def _renewed(self, case: Case[SignIn], found: FoundSignIn, account: Account) -> FoundSignIn:
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
        self, case: Case[SignIn], found: FoundSignIn, unit: Unit
    ) -> tuple[SignInFacts, FoundSignIn]:
        """Judge under a lock: a right password is refused too while the address must wait."""
        if found.problems:
            return SignInFacts(problems=found.problems), found
        lock_digests(unit, "password", found.email_digests)
        account = unit.accounts.by_email(found.email_digests)
        _require_same_password(found.account, account)
        found = _with_browser(case, evolve(found, account=account), unit)
        secrets = case.ports.secrets
        subjects = subject_digests(secrets, account) if account else found.email_digests
        found = evolve(found, subjects=subjects)
        wait = _wait(case, found, unit)
        verdict = self._judge(case, found, unit, wait)
        many = _are_many(case, found, unit) and found.browser is None
        is_news = not _was_told(case, found, unit)
        facts = SignInFacts(
            sign_in=verdict,
            subject=account.rpps_digest if account else found.email_digests[0],
            known_browser=found.browser is not None,
            many=many and verdict is SignInVerdict.LOCKED,
            warns=many and is_news and verdict in _COUNTED,
        )
        # Support is told when it ends, and nobody at the sign-in: no view ever says it (S4).
        return facts, evolve(found, until=case.at + wait if wait else None)

    def _judge(
        self, case: Case[SignIn], found: FoundSignIn, unit: Unit, wait: timedelta
    ) -> SignInVerdict:
        if wait:
            unit.budgets.redate(Budget.PASSWORD, found.email_digests, case.at)
            return SignInVerdict.LOCKED
        if found.account is None:
            return SignInVerdict.UNKNOWN
        if not found.password_is_right:
            return SignInVerdict.WRONG
        if found.account.disabled_at:
            is_frozen = found.account.frozen_at is not None
            return SignInVerdict.FROZEN if is_frozen else SignInVerdict.DISABLED
        if found.admitted is DoctorVerdict.GONE:
            return SignInVerdict.NOT_ADMITTED
        return SignInVerdict.RIGHT


_COUNTED = (
    SignInVerdict.UNKNOWN,
    SignInVerdict.WRONG,
    SignInVerdict.DISABLED,
    SignInVerdict.FROZEN,
)
"""What is counted as a failure, and so may be told."""


def _with_browser(case: Case[SignIn], found: FoundSignIn, unit: Unit) -> FoundSignIn:
    """Know the browser again by its cookie, if it is this account's and the credentials stand."""
    kept = unit.links.get(digest_token(case.browser or ""))
    return evolve(found, browser=kept if is_known(case, kept, found.account) else None)


def is_known(case: Case[Any], kept: StoredLink | None, account: Account | None) -> bool:
    is_own = kept is not None and account is not None and kept.account_id == account.id
    return is_own and judge_link(case.at, kept, account, LinkPurpose.BROWSER)


def _wait(case: Case[SignIn], found: FoundSignIn, unit: Unit) -> timedelta:
    """How long until the next try: a known browser has a count of its own."""
    shared = _password_wait(case, found.email_digests, unit)
    by_browser = _password_wait(case, (browser_of(found),), unit, Budget.BROWSER)
    return shared if found.browser is None else by_browser


def browser_of(found: FoundSignIn) -> str:
    """What a known browser's tries are counted under."""
    return found.browser.digest if found.browser else ""


def _are_many(case: Case[SignIn], found: FoundSignIn, unit: Unit) -> bool:
    """Whether this is one failure more than one person makes in a day."""
    failures = unit.budgets.times(Budget.PASSWORD, found.email_digests, case.at - DAY)
    return len(failures) + 1 >= case.policy.passwords.failures_before_warning


def _was_told(case: Case[SignIn], found: FoundSignIn, unit: Unit) -> bool:
    """Whether the holder was told already: not twice in a day (BF-16)."""
    unit.lock(f"warning:{found.subject}")
    return bool(unit.budgets.times(Budget.WARNING, found.subjects, case.at - DAY))


def _missing(command: SignIn) -> tuple[Problem, ...]:
    typed = {
        Problem.EMAIL_REQUIRED: visible(command.email),
        Problem.PASSWORD_REQUIRED: command.password,
    }
    return tuple(problem for problem, text in typed.items() if not text)


class PresentPassword:
    """Asks and judges it, for the gatherers of journeys that need a session."""

    def look(self, case: Case[Any], unit: Unit) -> Account | None:
        """Find the journey's account."""
        return account_of(case, unit)

    def ask(self, case: Case[Any], typed: str, found: Found) -> Found:
        """Verify once, outside the transaction, against the account that :meth:`look` found.

        Args:
            case: the command and its journey.
            typed: the present password as it was typed; its absence is noted as a problem.
            found: the gatherer's findings so far.

        Returns:
            The findings with the account, its digests, and whether the password is right.
        """
        secrets, account = case.ports.secrets, case.looked
        if account is None:  # a gatherer that does not look
            with case.ports.storage.reading() as unit:
                account = self.look(case, unit)
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
        account = bound_account(case, unit)
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


def account_of(case: Case[Any], unit: Unit) -> Account | None:
    """Read the account that a journey is bound to, whoever holds a session of it."""
    return unit.accounts.get(case.stored.account_id or "")


def bound_account(case: Case[Any], unit: Unit) -> Account:
    """Read the account again, and make sure that the session is still one of its own."""
    session = unit.sessions.get(case.stored.session_digest or "")
    account = unit.accounts.get(session.account_id) if session else None
    if session is None or account is None or session.epoch != account.credential_epoch:
        raise LostSwap
    return account


GATHERERS: Gatherers = {SignInFacts: _SignIn()}
