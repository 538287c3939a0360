"""It went well; or this version has no word for it."""

from __future__ import annotations

from ..words import Text
from .cause import Cause

__all__ = ["ENDING"]


def _done(state: str, text: Text, way_out: Text) -> Cause:
    return Cause(f"done.{state}", text, way_out, halts=False)


ENDING = (
    _done(
        "created",
        Text("L'espace a été créé.", "The space has been created."),
        Text(
            "Rien à faire : se connecter avec l'adresse e-mail choisie.",
            "Nothing to do: sign in with the e-mail address chosen.",
        ),
    ),
    _done(
        "recovered",
        Text("L'espace a été récupéré.", "The space has been recovered."),
        Text(
            "Rien à faire : se connecter avec la nouvelle adresse e-mail.",
            "Nothing to do: sign in with the new e-mail address.",
        ),
    ),
    _done(
        "password_changed",
        Text("Le mot de passe a été changé.", "The password has been changed."),
        Text("Rien à faire : la session est ouverte.", "Nothing to do: signed in."),
    ),
    _done(
        "signed_in",
        Text("La connexion a réussi.", "The sign-in succeeded."),
        Text("Rien à faire.", "Nothing to do."),
    ),
    _done(
        "settings_saved",
        Text("Les paramètres ont été enregistrés.", "The settings have been saved."),
        Text("Rien à faire.", "Nothing to do."),
    ),
    Cause(
        "unexplained",
        Text(
            "Arrêt à un endroit que cette version ne sait pas expliquer.",
            "Stopped where this version has no explanation.",
        ),
        Text("Prévenir l'exploitation.", "Tell those who run the service."),
    ),
)
