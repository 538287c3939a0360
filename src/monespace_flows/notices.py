"""Every notice and every field error a person may read, under a stable id, and their links.

Several journeys say the same sentence (``C3`` and ``R2``, ``C4`` and ``R3``), so the sentences
stand here once; the journeys name them.  The texts between guillemets in the guide are kept to
the letter.  ``{wait}`` is replaced by a duration in words, ``{minimum}``, ``{maximum}``,
``{digits}`` and the like by the policy's numbers, ``{address}``, ``{tries_left}`` and the like by
what the journey knows.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any, Literal

from attrs import frozen

from .facts import Problem
from .language import FRENCH, Language
from .policy import Policy

__all__ = [
    "ASSISTANCE",
    "NOTICES",
    "PROBLEMS",
    "Link",
    "Notice",
    "Place",
    "words_of",
]


class Place(Enum):
    """Where a link leads; an adapter knows the address."""

    HOME = "home"
    SIGN_IN = "signin"
    FORGOTTEN = "forgotten"
    CREATION = "creation"
    RECOVERY = "recovery"
    RESET = "reset"
    SETTINGS = "settings"
    RPPS_HELP = "rpps_help"
    ASSISTANCE = "assistance"
    TERMS = "terms"
    PRIVACY = "privacy"


@frozen
class Link:
    """A live link: its visible words and where it leads: a place, or a host's flow by its name."""

    label: str
    to: Place | str

    @property
    def place(self) -> str:
        """The name of where it leads."""
        return self.to.value if isinstance(self.to, Place) else self.to


ASSISTANCE = Link("Assistance", Place.ASSISTANCE)
"""The one that stands at the foot of every page, too."""


@frozen(kw_only=True)
class Notice:
    """A sentence to a person, under a stable id.

    ``links`` are live words inside the text; ``fields`` names the fields that it is about.
    """

    id: str
    kind: Literal["error", "info", "success"]
    text: str
    links: tuple[Link, ...] = ()
    fields: tuple[str, ...] = ()


IDENTITY_UNKNOWN = Notice(
    id="identity.unknown",
    kind="error",
    text=(
        "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre, "
        "veuillez les corriger ou vous rapprocher de votre conseil"
    ),
    fields=("birth_date", "rpps"),
)
IDENTITY_THROTTLED = Notice(
    id="identity.throttled",
    kind="error",
    text=(
        "Vous avez atteint le nombre maximal d'essais. Pour votre sécurité, veuillez patienter "
        "{wait} avant de recommencer, ou vous rapprocher de votre conseil."
    ),
)
ACCOUNT_EXISTS = Notice(
    id="account.exists",
    kind="info",
    text=(
        "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
        "récupération de mot de passe."
    ),
    links=(Link("récupération de mot de passe", Place.RESET),),
)
EMAIL_TAKEN = Notice(
    id="email.taken",
    kind="error",
    text="Un compte est déjà associé à cette adresse mail",
    fields=("email",),
)
EMAIL_TO_CONFIRM = Notice(
    id="email.to_confirm",
    kind="info",
    text=(
        "Pour confirmer votre adresse, ouvrez une session, puis le lien contenu dans cet e-mail : "
        "une adresse non confirmée ne peut pas recevoir de lien de réinitialisation."
    ),
)
EMAIL_CONFIRMATION_SENT = Notice(
    id="email.confirmation_sent",
    kind="info",
    text=(
        "Un e-mail vient d'être envoyé à {address}. Ouvrez le lien qu'il contient pour confirmer "
        "cette adresse : d'ici là, vous vous connectez toujours avec la précédente."
    ),
)
EMAIL_CHANGED_OFTEN = Notice(
    id="email.changed_often",
    kind="error",
    text=(
        "Vous avez demandé trop de changements d'adresse. Pour votre sécurité, veuillez patienter "
        "{wait} avant d'en demander un autre. Rien n'a été modifié."
    ),
    fields=("email",),
)
TERMS_REQUIRED = Notice(
    id="terms.required",
    kind="error",
    text=(
        "Pour continuer, veuillez lire et accepter les Conditions générales d'utilisation "
        "et la Politique de confidentialité."
    ),
    links=(
        Link("Conditions générales d'utilisation", Place.TERMS),
        Link("Politique de confidentialité", Place.PRIVACY),
    ),
    fields=("accept_terms",),
)
CODE_WRONG = Notice(
    id="code.wrong",
    kind="error",
    text="Ce code n'est pas le bon. Vérifiez-le puis saisissez-le de nouveau.{newer}{tries_left}",
    fields=("code",),
)
CODE_UNDELIVERED = Notice(
    id="code.undelivered",
    kind="error",
    text=(
        "Le code n'a pas pu vous être envoyé. Choisissez un autre moyen s'il vous en est proposé "
        "un, ou demandez un nouveau code dans quelques instants."
    ),
)
CODE_DELAYED = Notice(
    id="code.delayed",
    kind="info",
    text=(
        "L'envoi de votre code prend plus de temps que d'habitude. Patientez encore quelques "
        "instants, ou choisissez un autre moyen s'il vous en est proposé un."
    ),
)
CODE_EXPIRED = Notice(
    id="code.expired",
    kind="error",
    text=("Ce code n'est plus valable : il a plus de {code_life}. Demandez un nouveau code."),
    fields=("code",),
)
CODE_EXHAUSTED = Notice(
    id="code.exhausted",
    kind="error",
    text="Vous avez atteint le nombre maximal d'essais pour ce code. Demandez un nouveau code.",
    fields=("code",),
)
CODE_RESENT = Notice(
    id="code.resent",
    kind="success",
    text="Un nouveau code vient de vous être envoyé. Le code précédent n'est plus valable.",
)
CODE_TOO_SOON = Notice(
    id="code.too_soon",
    kind="info",
    text=(
        "Un code vient de vous être envoyé : il peut mettre quelques instants à arriver. "
        "Vous pourrez en demander un autre dans {wait}."
    ),
)
SEND_EXHAUSTED = Notice(
    id="send.exhausted",
    kind="error",
    text=(
        "Vous avez atteint le nombre maximal d'envois. Saisissez le dernier code reçu s'il est "
        "encore valable, sinon recommencez plus tard ou rapprochez-vous de votre conseil."
    ),
)
SMS_CLOSED = Notice(
    id="send.sms_closed",
    kind="error",
    text=(
        "L'envoi de codes par SMS est interrompu pour aujourd'hui. Choisissez l'e-mail s'il vous "
        "est proposé ; sinon recommencez demain, ou rapprochez-vous de votre conseil."
    ),
    fields=("channel",),
)
CONFIRMATION_MISMATCH = Notice(
    id="confirmation.mismatch",
    kind="error",
    text="La confirmation n'est pas identique à la première saisie. Veuillez saisir à nouveau.",
)
PASSWORD_WEAK = Notice(
    id="password.weak",
    kind="error",
    text="Ce mot de passe est trop faible : choisissez-en un plus long ou moins courant.",
)
PASSWORD_WRONG = Notice(
    id="password.wrong",
    kind="error",
    text="Le mot de passe actuel n'est pas le bon. Rien n'a été modifié.",
    fields=("current_password",),
)
CREDENTIALS_REFUSED = Notice(
    id="credentials.refused",
    kind="error",
    text=(
        "Adresse e-mail ou mot de passe incorrect. Vérifiez votre saisie ; après plusieurs "
        "essais, un délai s'impose avant le suivant."
    ),
    fields=("email", "password"),
)
LINK_SENT = Notice(
    id="link.sent",
    kind="success",
    text=(
        "Si cette adresse est celle d'un compte, un e-mail contenant un lien valable "
        "{link_life} vient d'y être envoyé."
    ),
)
LINK_USED = Notice(
    id="link.used",
    kind="info",
    text=(
        "Vous venez d'utiliser votre lien de connexion unique. Il n'est désormais plus nécessaire "
        "d'utiliser ce lien pour vous connecter."
    ),
)
LINK_INVALID = Notice(
    id="link.invalid",
    kind="error",
    text=(
        "Ce lien n'est plus valable : il a déjà été utilisé, a plus de {link_life} "
        "ou a été remplacé par un lien plus récent. Vous pouvez demander un nouveau lien."
    ),
    links=(Link("demander un nouveau lien", Place.RESET),),
)
ENTRY_ERASED = Notice(
    id="entry.erased",
    kind="info",
    text=(
        "Pour votre sécurité, votre saisie a été effacée car elle n'a pas été validée dans les "
        "{entry_life}. Veuillez la saisir à nouveau."
    ),
)
JOURNEY_EXPIRED = Notice(
    id="journey.expired",
    kind="info",
    text="Votre demande a expiré. Rien n'a été modifié ; vous pouvez la recommencer.",
)
JOURNEY_ABANDONED = Notice(
    id="journey.abandoned",
    kind="info",
    text="Cette demande est abandonnée. Rien n'a été modifié ; vous pouvez en commencer une autre.",
)
SETTINGS_UNCHANGED = Notice(
    id="settings.unchanged",
    kind="info",
    text="Vous n'avez rien changé : vos paramètres restent les mêmes.",
)
SETTINGS_SAVED = Notice(
    id="settings.saved", kind="success", text="Vos paramètres sont enregistrés."
)
SESSIONS_CLOSED = Notice(
    id="sessions.closed",
    kind="success",
    text="Vos autres sessions sont fermées. Cette session reste ouverte.",
)
SESSIONS_NONE = Notice(
    id="sessions.none",
    kind="info",
    text="Aucune autre session de votre espace n'est ouverte.",
)
SERVICE_UNAVAILABLE = Notice(
    id="service.unavailable",
    kind="error",
    text=(
        "Le service est momentanément indisponible. Rien n'a été perdu et aucun essai n'a été "
        "compté : veuillez réessayer dans quelques instants."
    ),
)

NOTICES: dict[str, Notice] = {
    notice.id: notice
    for notice in (
        IDENTITY_UNKNOWN,
        IDENTITY_THROTTLED,
        ACCOUNT_EXISTS,
        EMAIL_TAKEN,
        EMAIL_TO_CONFIRM,
        EMAIL_CONFIRMATION_SENT,
        EMAIL_CHANGED_OFTEN,
        TERMS_REQUIRED,
        CODE_WRONG,
        CODE_UNDELIVERED,
        CODE_DELAYED,
        CODE_EXPIRED,
        CODE_EXHAUSTED,
        CODE_RESENT,
        CODE_TOO_SOON,
        SEND_EXHAUSTED,
        SMS_CLOSED,
        CONFIRMATION_MISMATCH,
        PASSWORD_WEAK,
        PASSWORD_WRONG,
        CREDENTIALS_REFUSED,
        LINK_SENT,
        LINK_USED,
        LINK_INVALID,
        ENTRY_ERASED,
        JOURNEY_EXPIRED,
        JOURNEY_ABANDONED,
        SETTINGS_UNCHANGED,
        SETTINGS_SAVED,
        SESSIONS_CLOSED,
        SESSIONS_NONE,
        SERVICE_UNAVAILABLE,
    )
}
"""Every notice by its id."""

PROBLEMS: dict[Problem, str] = {
    Problem.BIRTH_DATE_REQUIRED: "Saisissez votre date de naissance, par exemple 17/06/1975.",
    Problem.BIRTH_DATE_SHAPE: "Saisissez la date au format JJ/MM/AAAA, par exemple 17/06/1975.",
    Problem.BIRTH_DATE_YEAR: "Saisissez l'année en entier, avec ses 4 chiffres, par exemple 1975.",
    Problem.BIRTH_DATE_UNREAL: "Cette date n'existe pas. Vérifiez le jour et le mois.",
    Problem.BIRTH_DATE_RANGE: "Vérifiez l'année de votre date de naissance.",
    Problem.RPPS_REQUIRED: "Saisissez votre numéro RPPS, 11 chiffres.",
    Problem.RPPS_SHAPE: "Le numéro RPPS a 11 chiffres, par exemple 99000000002.",
    Problem.RPPS_LEADING_EIGHT: (
        "Ce numéro a 12 chiffres : c'est votre identifiant national. "
        "Saisissez-le sans le 8 du début."
    ),
    Problem.RPPS_CHECK_DIGIT: "Ce numéro RPPS comporte une erreur de frappe. Vérifiez-le.",
    Problem.TERMS_REQUIRED: "Cochez cette case pour continuer.",
    Problem.CHANNEL_REQUIRED: "Choisissez où recevoir votre code.",
    Problem.CHANNEL_UNKNOWN: "Choisissez l'un des moyens proposés.",
    Problem.CODE_REQUIRED: "Saisissez le code reçu.",
    Problem.CODE_SHAPE: "Le code a {digits} chiffres.",
    Problem.EMAIL_REQUIRED: "Saisissez une adresse e-mail.",
    Problem.EMAIL_SHAPE: "Saisissez une adresse e-mail complète, par exemple nom@exemple.fr.",
    Problem.EMAIL_CONFIRMATION_DIFFERS: "Cette adresse n'est pas identique à la première.",
    Problem.PASSWORD_REQUIRED: "Saisissez un mot de passe.",
    Problem.PASSWORD_TOO_SHORT: "Choisissez un mot de passe d'au moins {minimum} caractères.",
    Problem.PASSWORD_TOO_LONG: "Choisissez un mot de passe d'au plus {maximum} caractères.",
    Problem.PASSWORD_GUESSABLE: (
        "Ce mot de passe est trop facile à deviner. Les noms, les dates, les mots du métier et les "
        "suites courantes n'y comptent pas ; plusieurs mots sans lien entre eux font un bon mot "
        "de passe."
    ),
    Problem.PASSWORD_PERSONAL: (
        "Ce mot de passe contient votre adresse, votre numéro RPPS ou de mobile, ou le nom du "
        "site. Choisissez un mot de passe sans information personnelle."
    ),
    Problem.PASSWORD_CONFIRMATION_DIFFERS: "Ce mot de passe n'est pas identique au premier.",
    Problem.CURRENT_PASSWORD_REQUIRED: "Saisissez votre mot de passe actuel.",
}
"""The text of every field error."""


def words_of(policy: Policy, wait: int = 0, language: Language = FRENCH) -> dict[str, Any]:
    """What texts may name: the policy's numbers, and nothing yet of what a journey knows.

    Args:
        policy: where the numbers are.
        wait: in seconds, for the notices that name a wait.
        language: in which they are said.
    """
    return {
        "wait": language.span(timedelta(seconds=wait)),
        "digits": policy.codes.digits,
        "minimum": policy.passwords.minimum_length,
        "maximum": policy.passwords.maximum_length,
        "code_life": language.span(policy.codes.life),
        "entry_life": language.span(policy.journeys.entry_life),
        "link_life": language.span(policy.links.life),
        "address": language.phrase("told.your_address"),
        "code_sent": "",
        "newer": "",
        "tries_left": "",
    }
