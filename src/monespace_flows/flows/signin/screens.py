"""What it shows."""

from __future__ import annotations

from ...screens import Button, Field, Link, Place, Screen
from ..shared import screens as shared

__all__ = ["LETTERS", "SCREENS"]

SCREENS = {
    "enter_credentials": Screen(  # S1, S2
        id="signin.enter_credentials",
        title="Connectez-vous à votre espace",
        quiet=True,
        fields=(
            Field(name="email", label="E-mail", kind="email", autocomplete="username"),
            Field(
                name="password",
                label="Mot de passe",
                kind="password",
                autocomplete="current-password",
            ),
        ),
        buttons=(
            Button("sign_in", "Se connecter", primary=True),
            shared.RESTART,
            shared.EXTEND,
        ),
        links=(Link("Créer votre espace", Place.CREATION), shared.FORGOTTEN),
    ),
    "signed_in": Screen(
        id="signin.signed_in",
        title="Votre session est ouverte",
        links=(Link("MonEspace", Place.HOME),),
    ),
    "expired": Screen(
        id="signin.expired",
        title="Votre demande a expiré",
        intro="Par sécurité, une page de connexion abandonnée ou laissée sans suite est effacée.",
        links=(shared.SIGN_IN,),
    ),
}

LETTERS = (shared.TRIES_WARNING,)
