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
        to="login",
        subject="Votre adresse de connexion a changé",
        paragraphs=(
            "Bonjour,",
            "Cette adresse e-mail est désormais votre identifiant de connexion à votre espace sur "
            "le site de l'Ordre des médecins.",
            shared.CONFIRM_ADDRESS,
            shared.NOT_YOU,
        ),
        link=shared.CONFIRM,
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
            shared.OBJECT,
        ),
    ),
    shared.PASSWORD_CHANGED,
)
