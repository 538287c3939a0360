"""What it shows and sends."""

from __future__ import annotations

from ...notices import ASSISTANCE
from ...screens import Button, Field, Letter, Link, Place, Screen
from ..shared import screens as shared

__all__ = ["LETTERS", "SCREENS"]

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
                hint=shared.PASSWORD_HINT,
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
            Button("close_sessions", "Fermer les autres sessions"),
            shared.GIVE_UP,
            shared.EXTEND,
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

_CHANGES = (
    "Le changement de l'adresse e-mail de votre espace sur le site de l'Ordre des médecins vient "
    "d'être demandé. Cette adresse ne permettra plus de se connecter dès que la nouvelle sera "
    "confirmée."
)

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
            shared.NOT_YOU,
        ),
        link=shared.CONFIRM,
    ),
    Letter(
        id="email.changed",
        purpose="confirmation",
        to="next_login",
        subject="Confirmez votre nouvelle adresse de connexion",
        paragraphs=(
            "Bonjour,",
            "Il a été demandé que cette adresse e-mail devienne l'identifiant de connexion d'un "
            "espace sur le site de l'Ordre des médecins. Si cet espace est le vôtre, "
            "connectez-vous avec votre adresse précédente puis ouvrez ce lien. Il est valable "
            "jusqu'au {date} ; d'ici là, rien ne change.",
            "Si vous n'êtes pas à l'origine de cette demande, vous n'avez rien à faire.",
        ),
        link=shared.CONFIRM,
    ),
    Letter(
        id="email.changed.previous",
        purpose="notice",
        to="previous_login",
        subject="Votre adresse de connexion va changer",
        paragraphs=(
            "Bonjour,",
            _CHANGES,
            "Si vous n'avez pas demandé ce changement, ouvrez ce lien sans attendre : le "
            "changement sera annulé, même s'il a déjà eu lieu, et toutes les sessions seront "
            "fermées. Il est valable jusqu'au {date}.",
        ),
        link=shared.NOT_ME,
        carries="object",
        without_link=("Bonjour,", _CHANGES, shared.OBJECT),
    ),
    shared.PASSWORD_CHANGED,
)
