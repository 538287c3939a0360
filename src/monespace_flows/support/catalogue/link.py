"""A reset link did not leave, or was refused."""

from __future__ import annotations

from ..words import Text
from .cause import NEW_LINK, Cause

__all__ = ["LINKS"]

LINKS = (
    Cause(
        "link.unknown",
        Text(
            "Aucun lien n'est parti : l'adresse saisie n'est pas celle d'un compte.",
            "No link left: the address typed is not an account's.",
        ),
        Text(
            "1 réponse à changer : l'adresse. Adresse de compte oubliée : « Adresse mail de "
            "compte oubliée ».",
            "1 answer to change: the address. Address forgotten: recovery.",
        ),
    ),
    Cause(
        "link.unconfirmed",
        Text(
            "Aucun lien n'est parti : l'adresse du compte n'a jamais été confirmée.",
            "No link left: the account's address was never confirmed.",
        ),
        Text(
            "Se connecter et ouvrir le lien de confirmation. Mot de passe oublié aussi : "
            "« Adresse mail de compte oubliée ».",
            "Sign in and open the confirmation link. Password forgotten too: recovery.",
        ),
    ),
    Cause(
        "link.disabled",
        Text(
            "Aucun lien n'est parti : le compte est désactivé.",
            "No link left: the account is disabled.",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
    Cause(
        "link.throttled",
        Text(
            "Aucun nouveau lien n'est parti : trop de liens ont été demandés.",
            "No new link left: too many were asked for.",
        ),
        Text(
            "Ouvrir le lien du dernier e-mail reçu ; sinon attendre une heure et redemander.",
            "Open the link of the newest e-mail; otherwise wait an hour and ask again.",
        ),
    ),
    Cause(
        "link.not_asked",
        Text("Aucun lien n'est parti.", "No link left."),
        Text(
            "Recommencer ; si rien n'arrive, prévenir l'exploitation.",
            "Start again; if nothing comes, tell those who run the service.",
        ),
    ),
    Cause(
        "link.invalid",
        Text(
            "Lien refusé {times} : déjà utilisé, périmé ou remplacé par un plus récent.",
            "Link refused {times}: used, expired or replaced by a newer one.",
        ),
        NEW_LINK,
    ),
)
