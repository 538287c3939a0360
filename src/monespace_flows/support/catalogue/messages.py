"""The code or the link did not come: that is ours, and no answer of the person changes it."""

from __future__ import annotations

from ...wording import Cause, Text
from ..words import COUNCIL, NEW_LINK

__all__ = ()

MESSAGES = (
    Cause(
        "message.waiting",
        Text(
            "Le message attendu n'est pas encore parti : l'envoi a du retard, sans que la personne "
            "y soit pour rien.",
            "The message has not left yet: sending is late, and the person has no part in it.",
        ),
        Text(
            "Patienter quelques minutes : l'envoi est essayé à nouveau. Sinon, choisir un autre "
            "moyen s'il est proposé, ou rappeler plus tard. Si plusieurs personnes attendent : "
            "prévenir l'exploitation.",
            "Wait some minutes: it is tried again. Otherwise choose another way where one is "
            "offered, or call later. If several people wait: tell those who run the service.",
        ),
        halts=False,
        short=Text("message en retard", "message late"),
    ),
    Cause(
        "message.given_up",
        Text(
            "Le message attendu n'est jamais parti : l'envoi a été abandonné, ou venait trop tard.",
            "The message never left: it was given up, or too late to be sent.",
        ),
        Text(
            "Ce n'est pas une erreur de la personne. En demander un autre, par un autre moyen s'il "
            "est proposé, et prévenir l'exploitation.",
            "It is no mistake of the person's. Ask for another, another way where one is offered, "
            "and tell those who run the service.",
        ),
        short=Text("message jamais parti", "message never left"),
    ),
    Cause(
        "message.refused",
        Text(
            "Le message attendu a été refusé par le service qui devait l'acheminer : le numéro ou "
            "l'adresse n'accepte pas le message.",
            "The message was refused by the service that was to carry it: the number or the "
            "address does not accept it.",
        ),
        Text(
            "Choisir un autre moyen, s'il est proposé." + COUNCIL.fr,
            "Choose another way, where one is offered." + COUNCIL.en,
        ),
        short=Text("message refusé", "message refused"),
    ),
    Cause(
        "link.expired",
        Text(
            "Le lien a été ouvert trop tard, ou après avoir été remplacé.",
            "The link was opened too late, or after it had been replaced.",
        ),
        NEW_LINK,
        halts=False,
        short=Text("lien périmé", "link expired"),
    ),
    Cause(
        "link.used",
        Text(
            "Le lien a été rouvert après avoir servi : par la personne dans un autre navigateur, "
            "ou d'abord par un logiciel qui contrôle son courrier.",
            "The link was opened again after its use: by the person in another browser, or first "
            "by software that checks their mail.",
        ),
        Text(
            "Continuer dans le navigateur où le lien a servi. Sinon : " + NEW_LINK.fr,
            "Go on in the browser where the link was used. Otherwise: " + NEW_LINK.en,
        ),
        halts=False,
        short=Text("lien déjà utilisé", "link used already"),
    ),
)
