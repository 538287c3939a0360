"""A code was not sent, or was refused."""

from __future__ import annotations

from ...wording import Cause, Text
from ..words import COUNCIL

__all__ = ()

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
        short=Text("contact retiré du registre", "contact gone"),
    ),
    Cause(
        "send.too_soon",
        Text(
            "Nouveau code demandé trop tôt ({times}){until}.",
            "Another code asked for too soon ({times}){until}.",
        ),
        Text(
            "Saisir le code déjà reçu, ou en demander un autre {after}.",
            "Type the code already received, or ask for another {after}.",
        ),
        halts=False,
        short=Text("nouveau code demandé trop tôt", "code asked for too soon"),
    ),
    Cause(
        "send.exhausted",
        Text(
            "Envoi du code refusé {times} : le nombre d'envois possibles est atteint{until}.",
            "Code not sent ({times}): no send is left{until}.",
        ),
        Text(
            "Saisir le dernier code s'il est encore valable. Sinon : recommencer {after}, ou "
            "conseil départemental.",
            "Type the newest code if it still works. Otherwise: start again {after}, or the "
            "departmental council.",
        ),
        short=Text("nombre d'envois atteint", "no send left"),
    ),
    Cause(
        "send.sms_closed",
        Text(
            "Envoi du code par SMS refusé {times} : le budget de SMS du jour est atteint, pour "
            "tout le monde.",
            "Code not sent by SMS ({times}): the day's budget for SMS is used up, for everybody.",
        ),
        Text(
            "« Choisir un autre moyen » : l'e-mail, s'il est proposé. Sinon : demain, ou dès que "
            "l'exploitant rouvre les SMS (monespace breaker close).",
            "Choose another way: e-mail, where it is offered. Otherwise: tomorrow, or as soon as "
            "an operator lets SMS leave again (monespace breaker close).",
        ),
        short=Text("envois par SMS interrompus", "no SMS leaves"),
    ),
    Cause(
        "code.differs",
        Text(
            "Code refusé {times} : ce n'est pas celui qui a été envoyé.",
            "Code refused {times}: it is not the one that was sent.",
        ),
        Text(
            "Il suffit de corriger le code. Prendre celui du dernier message reçu, ou « Renvoyer "
            "le code ».",
            "It is enough to correct the code. Take the one of the newest message, or ask for "
            "another.",
        ),
        is_slip=True,
        short=Text("code différent", "code different"),
    ),
    Cause(
        "code.last_try",
        Text(
            "Code refusé : ce n'est pas celui qui a été envoyé, et c'était le dernier essai.",
            "Code refused: it is not the one that was sent, and that was the last try.",
        ),
        Text("« Renvoyer le code » : le nouveau a ses propres essais.", "Ask for another code."),
        is_slip=True,
        short=Text("dernier essai manqué", "last try missed"),
    ),
    Cause(
        "code.exhausted",
        Text(
            "Code refusé {times} : plus aucun essai pour ce code.",
            "Code refused {times}: no try is left for this code.",
        ),
        Text("« Renvoyer le code » : le nouveau a ses propres essais.", "Ask for another code."),
        is_slip=True,
        short=Text("plus d'essai pour ce code", "no try left for this code"),
    ),
    Cause(
        "code.exhausted_today",
        Text(
            "Code refusé {times} : plus aucun essai pour aujourd'hui, quel que soit le "
            "code{until}.",
            "Code refused {times}: no try is left for today, whichever the code{until}.",
        ),
        Text(
            "Ne pas demander d'autre code : il serait refusé aussi. Recommencer {after}."
            + COUNCIL.fr,
            "Ask for no other code: it would be refused too. Start again {after}." + COUNCIL.en,
        ),
        short=Text("plus d'essai aujourd'hui", "no try left today"),
    ),
    Cause(
        "code.expired",
        Text("Code refusé {times} : il est périmé.", "Code refused {times}: it has expired."),
        Text(
            "« Renvoyer le code », puis saisir le nouveau sans attendre.",
            "Ask for another code, then type it at once.",
        ),
        is_slip=True,
        short=Text("code périmé", "code expired"),
    ),
)
