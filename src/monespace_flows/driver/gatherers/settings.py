"""A change of settings: the present password first, then what changes (``T1``, ``T2``)."""

from __future__ import annotations

from ...commands import Save
from ...errors import LostSwap
from ...facts import EmailVerdict, PasswordVerdict, Problem, SettingsFacts, SignInVerdict
from ...ports import Account, Unit
from ...rules.typed import visible
from ..case import Case, email_digests, subject_digests
from .base import seconds
from .credentials import email_wait, judge_email, judge_new_password
from .signin import password_wait, same_password, verify_password

__all__ = ["SettingsGatherer"]


class SettingsGatherer:
    """Brings :class:`~monespace_flows.facts.SettingsFacts`."""

    def outside(self, case: Case) -> None:
        """Verify the present password; only when it is right is anything else worth the work."""
        command = case.command
        assert isinstance(command, Save)  # noqa: S101 - the facts type says so
        with case.ports.storage.reading() as unit:
            account = unit.accounts.get(case.stored.account_id or "")
        if account is None:
            return
        case.account = account
        case.subjects = subject_digests(case.ports.secrets, account)
        case.email_digests = email_digests(case.ports.secrets, case.ports.emails, account)
        if not command.current_password:
            case.problems.append(Problem.CURRENT_PASSWORD_REQUIRED)
            return
        verify_password(case, account, command.current_password)
        if case.password_is_right:
            _read_changes(case, command)

    def about(self, case: Case) -> object:
        """The account, and the session: another one was opened for other credentials."""
        return case.stored.account_id, case.stored.session_digest

    def inside(self, case: Case, unit: Unit) -> SettingsFacts:
        """Judge under a lock, in the step's own transaction."""
        account = _account(case, unit)
        same_password(case.account, account)
        case.account = account
        if Problem.CURRENT_PASSWORD_REQUIRED in case.problems:
            return SettingsFacts(problems=tuple(case.problems))
        unit.lock(f"password:{case.email_digests[0]}")
        wait = password_wait(case, unit)
        if wait:
            return SettingsFacts(current=SignInVerdict.LOCKED, wait=seconds(wait))
        if not case.password_is_right:
            return SettingsFacts(current=SignInVerdict.WRONG)
        return self._changes(case, unit, account.email_digest)

    def _changes(self, case: Case, unit: Unit, own: str) -> SettingsFacts:
        email = EmailVerdict.NOT_ASKED
        if case.email is not None:
            email = judge_email(case, unit, case.email, own)
        if email is EmailVerdict.UNCHANGED:
            case.email = None
        throttled = email is EmailVerdict.THROTTLED
        return SettingsFacts(
            problems=tuple(case.problems),
            current=SignInVerdict.RIGHT,
            email=email,
            password=case.password_verdict,
            wait=seconds(email_wait(case, unit)) if throttled else 0,
        )


def _account(case: Case, unit: Unit) -> Account:
    """Read the account again, and make sure that the session is still one of its own.

    Raises:
        LostSwap: the session ended since the driver looked, because someone signed out or changed
            the account elsewhere; the driver asks again, and then says so.
    """
    session = unit.sessions.get(case.stored.session_digest or "")
    account = unit.accounts.get(session.account_id) if session else None
    if session is None or account is None or session.epoch != account.credential_epoch:
        raise LostSwap
    return account


def _read_changes(case: Case, command: Save) -> None:
    case.email = case.ports.emails.read(command.email)
    if case.email is None:
        empty = not visible(command.email)
        case.problems.append(Problem.EMAIL_REQUIRED if empty else Problem.EMAIL_SHAPE)
    if not command.password and not command.password_confirmation:
        case.password_verdict = PasswordVerdict.UNCHANGED
        return
    address = case.email.address if case.email else ""
    case.password_verdict = judge_new_password(
        case,
        command.password,
        command.password_confirmation,
        (address, address.partition("@")[0]),
    )
