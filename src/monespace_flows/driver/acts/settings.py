"""A change of settings: the present password first, then what changes (``T1``, ``T2``)."""

from __future__ import annotations

from ...commands import Save
from ...facts import EmailVerdict, PasswordVerdict, Problem, SettingsFacts, SignInVerdict
from ...ports import Unit
from ...rules.typed import visible
from ..case import Case
from .base import seconds
from .credentials import email_wait, judge_email, judge_new_password
from .signin import PresentPassword

__all__ = ["SettingsGatherer"]


class SettingsGatherer:
    """Brings :class:`~monespace_flows.facts.SettingsFacts`."""

    def __init__(self) -> None:
        self._password = PresentPassword()

    def outside(self, case: Case) -> None:
        """Verify the present password; only when it is right is anything else worth the work."""
        command = case.command
        assert isinstance(command, Save)  # noqa: S101 - the facts type says so
        self._password.ask(case, command.current_password)
        if case.password_is_right:
            _read_changes(case, command)

    def about(self, case: Case) -> object:
        """The account, and the session."""
        return self._password.about(case)

    def inside(self, case: Case, unit: Unit) -> SettingsFacts:
        """Judge under a lock, in the step's own transaction."""
        current, wait = self._password.judge(case, unit)
        if current is SignInVerdict.RIGHT and case.account is not None:
            return self._changes(case, unit, case.account.email_digest)
        missing = current is SignInVerdict.NOT_ASKED
        return SettingsFacts(
            problems=tuple(case.problems) if missing else (), current=current, wait=wait
        )

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
