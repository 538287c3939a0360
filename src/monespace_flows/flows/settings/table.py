"""Changing one's password or e-mail while signed in (guide ``T1``, ``T2``).

Everything that can move a person through this journey is in this table.
"""

from __future__ import annotations

from statemachine import Event, State

from ...chart import Chart, Slot, say, stay, wish
from ...effects import (
    Budget,
    ChangeCredentials,
    CountFailure,
    DisableAccount,
    EndOtherSessions,
    OpenSession,
    SendLetter,
)
from ...facts import EmailVerdict, PasswordVerdict, SessionsFacts, SettingsFacts, SignInVerdict
from ...notices import (
    CONFIRMATION_MISMATCH,
    EMAIL_CHANGED_OFTEN,
    EMAIL_CONFIRMATION_SENT,
    EMAIL_TAKEN,
    ENTRY_ERASED,
    IDENTITY_THROTTLED,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    PASSWORD_WEAK,
    PASSWORD_WRONG,
    SESSIONS_CLOSED,
    SESSIONS_NONE,
    SETTINGS_SAVED,
    SETTINGS_UNCHANGED,
)
from ..shared.table import (
    email_is_taken,
    emails_are_throttled,
    is_malformed,
    journey_is_over,
    password_confirmation_differs,
    password_is_weak,
    prolong,
    show_problems,
)

__all__ = ["Settings"]


def present_password_is_locked(model: Slot) -> bool:
    """Too many wrong passwords: the person must wait."""
    return model.known(SettingsFacts).current is SignInVerdict.LOCKED


def present_password_is_wrong(model: Slot) -> bool:
    """The present password is not the account's (``T2``)."""
    return model.known(SettingsFacts).current is SignInVerdict.WRONG


def nothing_changes(model: Slot) -> bool:
    """Neither the address nor the password is another."""
    facts = model.known(SettingsFacts)
    return facts.email is EmailVerdict.UNCHANGED and facts.password is PasswordVerdict.UNCHANGED


def email_changes(model: Slot) -> bool:
    """The address is another, and free."""
    return model.known(SettingsFacts).email is EmailVerdict.FREE


def changes_are_spent(model: Slot) -> bool:
    """The account asked for as many other addresses today as it may."""
    return model.known(SettingsFacts).email is EmailVerdict.SPENT


def holder_has_left(model: Slot) -> bool:
    """The present password is right, but the registry no longer admits the person."""
    return model.known(SettingsFacts).current is SignInVerdict.NOT_ADMITTED


def nobody_else_is_signed_in(model: Slot) -> bool:
    """This session is the account's only one."""
    return not model.known(SessionsFacts).has_others


class Settings(Chart):
    """Changing one's credentials."""

    edit_settings = State("Paramètres", initial=True)
    expired = State("Votre session a expiré", final=True)

    save = Event(
        stay(edit_settings, cond=present_password_is_locked, on=say(PASSWORD_WRONG))
        | stay(
            edit_settings,
            cond=present_password_is_wrong,
            on=[wish(CountFailure(Budget.PASSWORD)), say(PASSWORD_WRONG)],
        )  # T2
        | edit_settings.to(
            expired, cond=holder_has_left, on=[wish(DisableAccount()), say(JOURNEY_EXPIRED)]
        )
        | stay(
            edit_settings,
            cond=password_confirmation_differs,
            on=[show_problems, say(CONFIRMATION_MISMATCH)],
        )
        | stay(edit_settings, cond=password_is_weak, on=[show_problems, say(PASSWORD_WEAK)])
        | stay(edit_settings, cond=is_malformed, on=show_problems)
        | stay(edit_settings, cond=emails_are_throttled, on=say(IDENTITY_THROTTLED))
        | stay(
            edit_settings,
            cond=email_is_taken,
            on=[wish(CountFailure(Budget.EMAIL)), say(EMAIL_TAKEN)],
        )
        | stay(edit_settings, cond=changes_are_spent, on=say(EMAIL_CHANGED_OFTEN))
        | stay(edit_settings, cond=nothing_changes, on=say(SETTINGS_UNCHANGED))
        | stay(
            edit_settings,
            cond=email_changes,
            on=[
                wish(
                    ChangeCredentials(),
                    OpenSession(),
                    SendLetter("email.changed"),
                    SendLetter("email.changed.previous"),
                ),
                say(SETTINGS_SAVED, EMAIL_CONFIRMATION_SENT),
            ],
        )  # T1
        | stay(
            edit_settings,
            on=[
                wish(ChangeCredentials(), OpenSession(), SendLetter("password.changed")),
                say(SETTINGS_SAVED),
            ],
        ),  # T1
        name="Enregistrer",
    )
    close_sessions = Event(
        stay(edit_settings, cond=nobody_else_is_signed_in, on=say(SESSIONS_NONE))
        | stay(edit_settings, on=[wish(EndOtherSessions()), say(SESSIONS_CLOSED)]),
        name="Fermer les autres sessions",
    )
    restart = Event(edit_settings.to(expired, on=say(JOURNEY_ABANDONED)), name="Abandonner")
    extend = Event(stay(edit_settings, on=prolong), name="Prolonger")
    tick = Event(
        edit_settings.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(edit_settings, on=say(ENTRY_ERASED)),  # C2
        name="Le temps passe",
    )
