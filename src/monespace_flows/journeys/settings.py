"""Changing one's password or e-mail while signed in (guide ``T1``, ``T2``).

Everything that can move a person through this journey is in this file.
"""

from __future__ import annotations

from statemachine import Event, State

from ..chart import Chart, Flow, Slot, say, stay, wish
from ..effects import Budget, ChangeCredentials, CountFailure, OpenSession, SendLetter
from ..facts import EmailVerdict, PasswordVerdict, SettingsFacts, SignInVerdict
from ..links import ASSISTANCE
from ..notices import (
    CONFIRMATION_MISMATCH,
    EMAIL_CONFIRMATION_SENT,
    EMAIL_TAKEN,
    ENTRY_ERASED,
    IDENTITY_THROTTLED,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    PASSWORD_WEAK,
    PASSWORD_WRONG,
    SETTINGS_SAVED,
    SETTINGS_UNCHANGED,
)
from ..screens import Button, Field, Letter, Link, Place, Screen
from ..spoken import Text
from . import parts
from .parts import (
    email_is_taken,
    emails_are_throttled,
    is_malformed,
    journey_is_over,
    password_confirmation_differs,
    password_is_weak,
    prolong,
    show_problems,
)

__all__ = ["SETTINGS"]


def _facts(model: Slot) -> SettingsFacts:
    assert isinstance(model.facts, SettingsFacts)  # noqa: S101 - narrows the type for the guards
    return model.facts


def present_password_is_locked(model: Slot) -> bool:
    """Too many wrong passwords: the person must wait."""
    return _facts(model).current is SignInVerdict.LOCKED


def present_password_is_wrong(model: Slot) -> bool:
    """The present password is not the account's (``T2``)."""
    return _facts(model).current is SignInVerdict.WRONG


def nothing_changes(model: Slot) -> bool:
    """Neither the address nor the password is another."""
    facts = _facts(model)
    return facts.email is EmailVerdict.UNCHANGED and facts.password is PasswordVerdict.UNCHANGED


def email_changes(model: Slot) -> bool:
    """The address is another, and free."""
    return _facts(model).email is EmailVerdict.FREE


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
    restart = Event(edit_settings.to(expired, on=say(JOURNEY_ABANDONED)), name="Abandonner")
    extend = Event(stay(edit_settings, on=prolong), name="Prolonger")
    tick = Event(
        edit_settings.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(edit_settings, on=say(ENTRY_ERASED)),  # C2
        name="Le temps passe",
    )


SCREENS = {
    "edit_settings": Screen(  # T1
        id="settings.edit_settings",
        title="Paramètres",
        section="INFORMATIONS CONNEXION",
        fields=(
            Field(
                name="current_password",
                label="Mot de passe actuel",
                kind="password",
                hint=(
                    "Saisissez votre mot de passe actuel pour changer votre Adresse de courriel ou "
                    "nouveau mot de passe. Demander un nouveau mot de passe"
                ),
                autocomplete="current-password",
                links=(Link("Demander un nouveau mot de passe", Place.RESET),),
            ),
            Field(
                name="password",
                label="Nouveau mot de passe",
                kind="password",
                required=False,
                hint=parts.PASSWORD_HINT,
                autocomplete="new-password",
                new_secret=True,
            ),
            Field(
                name="password_confirmation",
                label="Confirmer votre nouveau mot de passe",
                kind="password",
                required=False,
                autocomplete="new-password",
            ),
            Field(
                name="email",
                label="Adresse de courriel *",
                kind="email",
                hint="Ne sera pas rendue publique.",
                autocomplete="username",
                prefilled=True,
            ),
        ),
        buttons=(
            Button("save", "Enregistrer", primary=True),
            parts.GIVE_UP,
            parts.EXTEND,
        ),
        links=(Link("MonEspace", Place.HOME), ASSISTANCE),
    ),
    "expired": Screen(
        id="settings.expired",
        title="Votre demande a expiré",
        intro="Par sécurité, une page abandonnée ou laissée sans suite est effacée.",
        links=(Link("MonEspace", Place.HOME),),
    ),
}

LETTERS = (
    Letter(  # D7
        id="email.confirm",
        purpose="confirmation",
        to="login",
        subject="Confirmez votre adresse e-mail",
        paragraphs=(
            "Bonjour,",
            "Vous avez demandé à recevoir à nouveau le lien qui confirme l'adresse e-mail de votre "
            "espace sur le site de l'Ordre des médecins. Connectez-vous puis ouvrez ce lien. Il "
            "est valable jusqu'au {date}.",
            parts.NOT_YOU,
        ),
        link=parts.CONFIRM,
    ),
    Letter(
        id="email.changed",
        purpose="confirmation",
        to="login",
        subject="Votre adresse de connexion a changé",
        paragraphs=(
            "Bonjour,",
            "Cette adresse e-mail est désormais votre identifiant de connexion à votre espace sur "
            "le site de l'Ordre des médecins.",
            parts.CONFIRM_ADDRESS,
            parts.NOT_YOU,
        ),
        link=parts.CONFIRM,
    ),
    Letter(
        id="email.changed.previous",
        purpose="notice",
        to="previous_login",
        subject="Votre adresse de connexion a changé",
        paragraphs=(
            "Bonjour,",
            "L'adresse e-mail de votre espace sur le site de l'Ordre des médecins vient d'être "
            "changée. Cette adresse ne permet plus de se connecter.",
            parts.OBJECT,
        ),
    ),
    parts.PASSWORD_CHANGED,
)

SETTINGS = Flow(
    name="settings",
    version=1,
    path="/parametres",
    label=Text("paramètres", "settings"),
    yours="la modification de vos paramètres",
    chart=Settings,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
    lives={},
    about="Changer votre mot de passe ou votre adresse e-mail.",
    needs_session=True,
    is_transient=True,
)
