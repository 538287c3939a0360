"""The present password of who is signed in, typed again before something that matters (``T2``)."""

from __future__ import annotations

from ...errors import LostSwap
from ...facts import Problem, SignInVerdict
from ...ports import Account, Unit
from ..case import Case, email_digests, subject_digests
from .base import seconds
from .signin import password_wait, same_password, verify_password

__all__ = ["PresentPassword"]


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
