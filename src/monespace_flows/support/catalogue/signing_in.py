"""An e-mail address or a password was wrong."""

from __future__ import annotations

from ..words import Text
from .cause import Cause

__all__ = ["SIGNING_IN"]

SIGNING_IN = (
    Cause(
        "signin.wrong",
        Text(
            "Connexion refusée {times} : mot de passe faux.",
            "Sign-in refused {times}: wrong password.",
        ),
        Text(
            "1 réponse à changer : le mot de passe. Oublié : « Identifiants oubliés ? ».",
            "1 answer to change: the password. Forgotten: password reset.",
        ),
    ),
    Cause(
        "signin.unknown",
        Text(
            "Connexion refusée {times} : aucun compte à cette adresse.",
            "Sign-in refused {times}: no account at this address.",
        ),
        Text(
            "1 réponse à changer : l'adresse. Oubliée : « Identifiants oubliés ? » puis « Adresse "
            "mail de compte oubliée ».",
            "1 answer to change: the address. Forgotten: recovery.",
        ),
    ),
    Cause(
        "signin.locked",
        Text(
            "Connexion refusée {times} : attente imposée après trop d'essais.",
            "Sign-in refused {times}: a wait is imposed after too many tries.",
        ),
        Text(
            "Attendre un quart d'heure sans essayer, ou réinitialiser le mot de passe.",
            "Wait a quarter of an hour without trying, or reset the password.",
        ),
    ),
    Cause(
        "signin.disabled",
        Text(
            "Connexion refusée {times} : le compte est désactivé.",
            "Sign-in refused {times}: the account is disabled.",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
    Cause(
        "signin.not_asked",
        Text("Connexion refusée {times}.", "Sign-in refused {times}."),
        Text(
            "Recommencer ; si le refus revient, prévenir l'exploitation.",
            "Start again; if it is refused once more, tell those who run the service.",
        ),
    ),
    Cause(
        "settings.wrong",
        Text(
            "Changement refusé {times} : mot de passe actuel faux.",
            "Change refused {times}: wrong present password.",
        ),
        Text(
            "1 réponse à changer : le mot de passe actuel. Oublié : « Demander un nouveau mot de "
            "passe ».",
            "1 answer to change: the present password. Forgotten: password reset.",
        ),
    ),
    Cause(
        "settings.locked",
        Text(
            "Changement refusé {times} : attente imposée après trop d'essais.",
            "Change refused {times}: a wait is imposed after too many tries.",
        ),
        Text(
            "Attendre un quart d'heure sans essayer, ou « Demander un nouveau mot de passe ».",
            "Wait a quarter of an hour without trying, or reset the password.",
        ),
    ),
)
