"""A code was not sent, or not accepted."""

from __future__ import annotations

from ..words import Text
from .cause import COUNCIL, Cause

__all__ = ["CODES"]

CODES = (
    Cause(
        "send.contact_gone",
        Text(
            "Envoi du code refusé {times} : le contact choisi n'est plus celui du registre.",
            "Code not sent ({times}): the contact chosen is no longer the registry's.",
        ),
        Text(
            "« Retour », puis recommencer l'identification : les contacts à jour seront proposés."
            + COUNCIL.fr,
            "Go back and identify again: the present contacts will be offered." + COUNCIL.en,
        ),
    ),
    Cause(
        "send.too_soon",
        Text(
            "Nouveau code demandé trop tôt ({times}) : attente imposée de {wait}.",
            "Another code asked for too soon ({times}): a wait of {wait} is imposed.",
        ),
        Text(
            "Saisir le code déjà reçu, ou attendre {wait} avant d'en demander un autre.",
            "Type the code already received, or wait {wait} before asking for another.",
        ),
    ),
    Cause(
        "send.exhausted",
        Text(
            "Envoi du code refusé {times} : le nombre d'envois possibles est atteint.",
            "Code not sent ({times}): no send is left.",
        ),
        Text(
            "Saisir le dernier code s'il est encore valable. Sinon : recommencer plus tard, ou "
            "conseil départemental.",
            "Type the newest code if it still works. Otherwise: start again later, or the "
            "departmental council.",
        ),
    ),
    Cause(
        "code.differs",
        Text(
            "Code refusé {times} : ce n'est pas celui qui a été envoyé.",
            "Code refused {times}: it is not the one that was sent.",
        ),
        Text(
            "1 réponse à changer : le code. Prendre celui du dernier message reçu, ou « Renvoyer "
            "le code ».",
            "1 answer to change: the code. Take the one of the newest message, or ask for another.",
        ),
    ),
    Cause(
        "code.last_try",
        Text(
            "Code refusé : ce n'est pas celui qui a été envoyé, et c'était le dernier essai.",
            "Code refused: it is not the one that was sent, and that was the last try.",
        ),
        Text("« Renvoyer le code » : le nouveau a ses propres essais.", "Ask for another code."),
    ),
    Cause(
        "code.exhausted",
        Text(
            "Code refusé {times} : plus aucun essai pour ce code, ou pour aujourd'hui.",
            "Code refused {times}: no try is left for this code, or for today.",
        ),
        Text(
            "« Renvoyer le code » ; si le refus revient, attendre le lendemain." + COUNCIL.fr,
            "Ask for another code; if it is refused too, wait until tomorrow." + COUNCIL.en,
        ),
    ),
    Cause(
        "code.expired",
        Text("Code refusé {times} : il est périmé.", "Code refused {times}: it has expired."),
        Text(
            "« Renvoyer le code », puis saisir le nouveau sans attendre.",
            "Ask for another code, then type it at once.",
        ),
    ),
)
