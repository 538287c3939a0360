"""An account is there, or the doctor is not."""

from __future__ import annotations

from ..words import Text
from .cause import COUNCIL, NEW_LINK, Cause

__all__ = ["ACCOUNT"]

ACCOUNT = (
    Cause(
        "account.exists",
        Text(
            "Création refusée {times} : un compte existe déjà pour ce RPPS.",
            "Sign-up refused {times}: an account exists for this RPPS number.",
        ),
        Text(
            "Se connecter. Mot de passe oublié : « récupération de mot de passe ». Adresse du "
            "compte oubliée : « Adresse mail de compte oubliée ».",
            "Sign in. Password forgotten: password reset. Address forgotten: recovery.",
        ),
    ),
    Cause(
        "account.appeared",
        Text(
            "Création refusée {times} : un compte a été créé entre-temps pour ce RPPS.",
            "Sign-up refused {times}: an account was created meanwhile for this RPPS number.",
        ),
        Text(
            "Se connecter avec le compte créé, ou demander une récupération de mot de passe.",
            "Sign in with the account that was created, or ask for a password reset.",
        ),
    ),
    Cause(
        "account.blocked",
        Text(
            "Identité reconnue, mais un compte existe déjà et la récupération n'est pas ouverte.",
            "Recognised, but an account exists and recovery is not open.",
        ),
        Text(
            "Demander une récupération de mot de passe." + COUNCIL.fr,
            "Ask for a password reset." + COUNCIL.en,
        ),
    ),
    Cause(
        "account.changed",
        Text(
            "Nouveau mot de passe refusé : le compte a changé depuis l'ouverture du lien.",
            "New password refused: the account has changed since the link was opened.",
        ),
        NEW_LINK,
    ),
    Cause(
        "account.renewed",
        Text(
            "Récupération arrêtée : les identifiants du compte ont été changés depuis que la "
            "personne s'est identifiée.",
            "Recovery ended: the account's credentials were changed after the person said who "
            "they are.",
        ),
        Text(
            "Se connecter avec les identifiants choisis en dernier ; si le médecin n'a rien changé "
            "lui-même, prévenir le conseil départemental.",
            "Sign in with the credentials chosen last; if the doctor changed nothing, tell the "
            "departmental council.",
        ),
    ),
    Cause(
        "doctor.gone",
        Text(
            "Activation refusée {times} : le médecin n'est plus admis au registre.",
            "Activation refused {times}: the registry no longer admits the doctor.",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
)
