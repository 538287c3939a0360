"""A login or a password was refused."""

from __future__ import annotations

from ..words import Text
from .cause import COUNCIL, NEW_TRY, Cause

__all__ = ["CREDENTIALS"]

CREDENTIALS = (
    Cause(
        "email.mismatch",
        Text(
            "Identifiants refusés {times} : les deux adresses e-mail diffèrent.",
            "Credentials refused {times}: the two e-mail addresses differ.",
        ),
        Text(
            "1 réponse à changer : la confirmation de l'adresse e-mail.",
            "1 answer to change: the confirmation of the e-mail address.",
        ),
    ),
    Cause(
        "email.taken",
        Text(
            "Identifiants refusés {times} : l'adresse e-mail est déjà celle d'un compte.",
            "Credentials refused {times}: the e-mail address is an account's already.",
        ),
        Text(
            "1 réponse à changer : l'adresse e-mail. Si ce compte est le sien : réinitialiser le "
            "mot de passe.",
            "1 answer to change: the e-mail address. If the account is theirs: password reset.",
        ),
    ),
    Cause(
        "email.own",
        Text(
            "Identifiants refusés {times} : l'adresse e-mail est celle du compte lui-même.",
            "Credentials refused {times}: the e-mail address is the account's own.",
        ),
        Text(
            "« Recevoir un lien à cette adresse » pour choisir un nouveau mot de passe, ou saisir "
            "une autre adresse e-mail.",
            "Ask for a reset link to that address, or type another e-mail address.",
        ),
    ),
    Cause(
        "email.order_taken",
        Text(
            "Création refusée {times} : l'adresse e-mail connue de l'Ordre est déjà celle d'un "
            "compte.",
            "Sign-up refused {times}: the e-mail address that the Order holds is an account's.",
        ),
        Text(
            "« Choisir une autre adresse e-mail », sur le même écran." + COUNCIL.fr,
            "Choose another e-mail address, on the same screen." + COUNCIL.en,
        ),
    ),
    Cause(
        "email.throttled",
        Text(
            "Trop d'adresses déjà prises ont été essayées : attente imposée de {wait}.",
            "Too many taken addresses were tried: a wait of {wait} is imposed.",
        ),
        NEW_TRY,
    ),
    Cause(
        "password.mismatch",
        Text(
            "Identifiants refusés {times} : les deux mots de passe diffèrent.",
            "Credentials refused {times}: the two passwords differ.",
        ),
        Text(
            "1 réponse à changer : la confirmation du mot de passe.",
            "1 answer to change: the confirmation of the password.",
        ),
    ),
    Cause(
        "password.weak",
        Text("Mot de passe refusé {times} : {problems}.", "Password refused {times}: {problems}."),
        Text(
            "1 réponse à changer : le mot de passe ; plusieurs mots sans lien conviennent.",
            "1 answer to change: the password; several unrelated words do well.",
        ),
    ),
)
