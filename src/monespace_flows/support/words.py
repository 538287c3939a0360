"""Verdicts, commands and effects in words, French and English, for those who answer the phone."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import attrs

from ..facts import (
    AccountVerdict,
    Channel,
    CodeVerdict,
    Contact,
    Deadline,
    DoctorVerdict,
    EmailVerdict,
    Facts,
    IdentityVerdict,
    LinkRequestVerdict,
    LinkVerdict,
    PasswordVerdict,
    Problem,
    Role,
    SendVerdict,
    SignInVerdict,
    TermsVerdict,
)
from ..journal.entry import ACCOUNT_JOURNAL, START
from ..retelling.compiled import FlowOutline, listed_flows
from ..wording import Lang, Text

__all__ = ["EFFECTS", "FIELDS", "command_words", "flow_words", "screen_words"]


def flow_words(name: str) -> Text:
    """What support calls a flow; by its name where it is none that this version knows."""
    if name == ACCOUNT_JOURNAL:
        return Text("compte", "account")
    known = listed_flows().get(name)
    return known.label if known else Text(name, name)


VERDICTS: dict[Enum, Text] = {
    TermsVerdict.ACCEPTED: Text("conditions acceptées", "terms accepted"),
    TermsVerdict.MISSING: Text("conditions non acceptées", "terms not accepted"),
    IdentityVerdict.MATCH: Text("identité reconnue", "identity recognised"),
    IdentityVerdict.RPPS_UNKNOWN: Text("RPPS inconnu", "RPPS unknown"),
    IdentityVerdict.BIRTH_DATE_DIFFERS: Text(
        "RPPS connu, date de naissance différente", "RPPS known, birth date different"
    ),
    IdentityVerdict.NOT_ADMITTED: Text(
        "connu de l'Ordre, mais sans droit à un espace", "known, but not admitted"
    ),
    IdentityVerdict.NO_CONTACT: Text(
        "identité reconnue, ni mobile ni e-mail connus", "recognised, no contact detail held"
    ),
    IdentityVerdict.THROTTLED: Text("trop d'essais, attente imposée", "too many tries, must wait"),
    AccountVerdict.NONE: Text("pas de compte", "no account"),
    AccountVerdict.EXISTS: Text("compte existant", "account exists"),
    AccountVerdict.CHANGED: Text("identifiants changés entre-temps", "credentials changed since"),
    AccountVerdict.FROZEN: Text("compte bloqué après une contestation", "account frozen"),
    DoctorVerdict.ADMITTED: Text("toujours au registre", "still in the registry"),
    DoctorVerdict.GONE: Text("plus au registre", "gone from the registry"),
    SendVerdict.POSSIBLE: Text("envoi possible", "may be sent"),
    SendVerdict.TOO_SOON: Text("trop tôt pour un autre code", "too soon for another code"),
    SendVerdict.EXHAUSTED: Text("nombre d'envois atteint", "no send left"),
    SendVerdict.CHANNEL_CLOSED: Text("envois par SMS interrompus", "no SMS leaves"),
    SendVerdict.CONTACT_GONE: Text("contact retiré du registre", "contact gone from the registry"),
    CodeVerdict.MATCHES: Text("code juste", "code right"),
    CodeVerdict.DIFFERS: Text("code différent", "code different"),
    CodeVerdict.LAST_TRY_DIFFERS: Text("code différent, dernier essai", "code different, last try"),
    CodeVerdict.EXPIRED: Text("code périmé", "code expired"),
    CodeVerdict.EXHAUSTED: Text("plus d'essai pour ce code", "no try left for this code"),
    EmailVerdict.FREE: Text("adresse libre", "address free"),
    EmailVerdict.PROVEN: Text("adresse libre et prouvée", "address free and proven"),
    EmailVerdict.CLAIMED: Text(
        "adresse prouvée, reprise à un compte qui ne l'avait pas confirmée",
        "address proven, taken from an account that never confirmed it",
    ),
    EmailVerdict.UNCHANGED: Text("adresse inchangée", "address unchanged"),
    EmailVerdict.TAKEN: Text("adresse déjà prise", "address taken"),
    EmailVerdict.DIFFERS_FROM_CONFIRMATION: Text("deux adresses différentes", "addresses differ"),
    EmailVerdict.THROTTLED: Text("trop d'adresses essayées", "too many addresses tried"),
    EmailVerdict.SPENT: Text(
        "trop de changements d'adresse demandés", "too many changes of address asked for"
    ),
    PasswordVerdict.ACCEPTED: Text("mot de passe accepté", "password accepted"),
    PasswordVerdict.UNCHANGED: Text("mot de passe inchangé", "password unchanged"),
    PasswordVerdict.WEAK: Text("mot de passe trop faible", "password too weak"),
    PasswordVerdict.DIFFERS_FROM_CONFIRMATION: Text(
        "deux mots de passe différents", "passwords differ"
    ),
    SignInVerdict.RIGHT: Text("mot de passe juste", "password right"),
    SignInVerdict.WRONG: Text("mot de passe faux", "password wrong"),
    SignInVerdict.UNKNOWN: Text("adresse sans compte", "no account at this address"),
    SignInVerdict.LOCKED: Text("attente imposée", "must wait"),
    SignInVerdict.DISABLED: Text("compte désactivé", "account disabled"),
    SignInVerdict.NOT_ADMITTED: Text("plus admis par le registre", "no longer admitted"),
    SignInVerdict.FROZEN: Text("compte bloqué après une contestation", "account frozen"),
    LinkRequestVerdict.SEND: Text("lien envoyé", "link sent"),
    LinkRequestVerdict.UNKNOWN: Text("adresse sans compte", "no account at this address"),
    LinkRequestVerdict.UNCONFIRMED: Text("adresse non confirmée", "address not confirmed"),
    LinkRequestVerdict.DISABLED: Text("compte désactivé", "account disabled"),
    LinkRequestVerdict.THROTTLED: Text("trop de liens demandés", "too many links asked for"),
    LinkVerdict.VALID: Text("lien valable", "link good"),
    LinkVerdict.INVALID: Text("lien sans valeur", "link worth nothing"),
    Deadline.ENTRY: Text("saisie trop ancienne", "entry too old"),
    Deadline.JOURNEY: Text("demande trop ancienne", "journey too old"),
    Role.DOCTOR: Text("médecin", "doctor"),
    Role.INTERN: Text("interne", "intern"),
    Role.JUNIOR_DOCTOR: Text("docteur junior", "junior doctor"),
    Channel.SMS: Text("SMS", "SMS"),
    Channel.EMAIL: Text("e-mail", "e-mail"),
}
"""Every verdict that says something; ``NOT_ASKED`` says nothing."""

PROBLEM_WORDS: dict[Problem, Text] = {
    Problem.BIRTH_DATE_REQUIRED: Text("date de naissance vide", "birth date empty"),
    Problem.BIRTH_DATE_SHAPE: Text(
        "date de naissance qui n'est pas au format JJ/MM/AAAA", "birth date not as dd/mm/yyyy"
    ),
    Problem.BIRTH_DATE_YEAR: Text(
        "année de naissance à deux chiffres", "year of birth with two digits"
    ),
    Problem.BIRTH_DATE_UNREAL: Text("date de naissance qui n'existe pas", "birth date unreal"),
    Problem.BIRTH_DATE_RANGE: Text("année de naissance improbable", "year of birth unlikely"),
    Problem.RPPS_REQUIRED: Text("numéro RPPS vide", "RPPS number empty"),
    Problem.RPPS_SHAPE: Text("numéro RPPS qui n'a pas 11 chiffres", "RPPS number not 11 digits"),
    Problem.RPPS_LEADING_EIGHT: Text(
        "numéro RPPS précédé du 8 de l'identifiant national", "RPPS number with a leading 8"
    ),
    Problem.RPPS_CHECK_DIGIT: Text("faute de frappe dans le numéro RPPS", "RPPS number mistyped"),
    Problem.TERMS_REQUIRED: Text("case des conditions non cochée", "terms box not ticked"),
    Problem.CHANNEL_REQUIRED: Text("moyen d'envoi non choisi", "channel not chosen"),
    Problem.CHANNEL_UNKNOWN: Text("moyen d'envoi inconnu", "channel unknown"),
    Problem.CODE_REQUIRED: Text("code vide", "code empty"),
    Problem.CODE_SHAPE: Text("code qui n'a pas le bon nombre de chiffres", "code ill-formed"),
    Problem.EMAIL_REQUIRED: Text("adresse e-mail vide", "e-mail address empty"),
    Problem.EMAIL_SHAPE: Text("adresse e-mail mal formée", "e-mail address ill-formed"),
    Problem.EMAIL_CONFIRMATION_DIFFERS: Text(
        "les deux adresses e-mail diffèrent", "the two e-mail addresses differ"
    ),
    Problem.PASSWORD_REQUIRED: Text("mot de passe vide", "password empty"),
    Problem.PASSWORD_TOO_SHORT: Text("mot de passe trop court", "password too short"),
    Problem.PASSWORD_TOO_LONG: Text("mot de passe trop long", "password too long"),
    Problem.PASSWORD_GUESSABLE: Text("mot de passe facile à deviner", "password easy to guess"),
    Problem.PASSWORD_PERSONAL: Text(
        "mot de passe qui contient l'adresse, le RPPS, le mobile ou le nom du site",
        "password holding the address, the RPPS number or the site's name",
    ),
    Problem.PASSWORD_CONFIRMATION_DIFFERS: Text(
        "les deux mots de passe diffèrent", "the two passwords differ"
    ),
    Problem.CURRENT_PASSWORD_REQUIRED: Text("mot de passe actuel vide", "present password empty"),
}

FIELDS: dict[str, Text] = {
    "terms": Text("les conditions", "the terms"),
    "identity": Text("l'identité", "the identity"),
    "account": Text("le compte", "the account"),
    "doctor": Text("l'inscription au registre", "the place in the registry"),
    "send": Text("l'envoi du code", "the sending of the code"),
    "code": Text("le code", "the code"),
    "email": Text("l'adresse e-mail", "the e-mail address"),
    "password": Text("le mot de passe", "the password"),
    "request": Text("l'adresse de connexion", "the login address"),
    "link": Text("le lien", "the link"),
    "sign_in": Text("l'adresse ou le mot de passe", "the address or the password"),
    "current": Text("le mot de passe actuel", "the present password"),
    "deadline": Text("l'heure", "the time"),
    "problems": Text("la forme de la saisie", "the form of the entry"),
    "offer_recovery": Text("le droit de poursuivre", "the right to go on"),
    "code_is_live": Text("un code encore valable", "a code that is still good"),
    "known_browser": Text("un navigateur déjà connu", "a browser known before"),
    "many": Text("trop d'échecs en un jour", "too many failures in a day"),
    "warns": Text("un avertissement à envoyer", "a warning to send"),
    "has_others": Text("d'autres sessions ouvertes", "other open sessions"),
}
"""What each fact is an answer about."""

EFFECTS: dict[str, Text] = {
    "SendCode": Text("code envoyé", "code sent"),
    "CancelCode": Text("code annulé", "code cancelled"),
    "CountFailure": Text("essai compté", "try counted"),
    "ClearFailures": Text("essais oubliés", "tries forgotten"),
    "CreateAccount": Text("compte créé", "account created"),
    "RecoverAccount": Text("compte récupéré", "account recovered"),
    "ReleaseAddress": Text("adresse reprise à un autre compte", "address taken from an account"),
    "BeginReset": Text("réinitialisation commencée", "reset begun"),
    "ChangeCredentials": Text("identifiants changés", "credentials changed"),
    "SendLetter": Text("message envoyé", "message sent"),
    "SendResetLink": Text("lien envoyé", "link sent"),
    "SendNothing": Text("rien envoyé", "nothing sent"),
    "ConsumeLink": Text("lien utilisé", "link used up"),
    "OpenSession": Text("session ouverte", "signed in"),
    "EndOtherSessions": Text("autres sessions fermées", "other sessions ended"),
    "WarnHolder": Text("personne avertie des essais", "holder told of the tries"),
    "DisableAccount": Text("compte désactivé", "account disabled"),
    "UnlockAccount": Text("essais oubliés par l'exploitation", "tries forgotten by an operator"),
    "EnableAccount": Text("compte réactivé", "account enabled"),
    "ImportAccount": Text("compte repris d'un ancien site", "account imported"),
    "ConfirmAddress": Text("adresse confirmée", "address confirmed"),
    "EndSession": Text("session fermée", "session ended"),
    "AcceptTerms": Text("conditions acceptées", "terms accepted"),
    "UndoChange": Text("changement d'adresse annulé", "change of address undone"),
    "FreezeAccount": Text("compte bloqué", "account frozen"),
}

_EVENTS = {
    START: Text("début", "start"),
    "tick": Text("le temps passe", "time passes"),
    "use_link": Text("ouvre le lien reçu", "opens the link"),
    "unlock": Text("l'exploitation déverrouille", "an operator unlocks"),
    "disable": Text("l'exploitation désactive", "an operator disables"),
    "enable": Text("l'exploitation réactive", "an operator enables"),
    "import": Text("l'exploitation reprend le compte d'un ancien site", "an operator imports"),
    "confirm": Text("confirme son adresse par le lien reçu", "confirms the address by its link"),
    "sign_out": Text("se déconnecte", "signs out"),
    "accept_terms": Text("accepte les conditions", "accepts the terms"),
    "object": Text(
        "conteste un changement d'adresse par le lien reçu", "objects to a change of address"
    ),
    "freeze": Text("conteste une récupération par le lien reçu", "objects to a recovery"),
    "sign_in_elsewhere": Text(
        "se connecte par un autre service", "signs in by way of another service"
    ),
    "strike_off": Text("n'est plus admis par le tableau", "is admitted by the registry no more"),
}


def command_words(flow: FlowOutline, state: str, event: str) -> Text:
    """What was pressed: the button's French words, or what happened without a button."""
    found = _EVENTS.get(event)
    if found is not None:
        return found
    screen = flow.screens.get(state)
    buttons = screen.buttons if screen is not None else ()
    label = next((button.label for button in buttons if button.command == event), event)
    return Text(f"« {label} »", f"“{label}”")


def screen_words(flow: FlowOutline, state: str) -> str:
    """A state by its screen's title, or that it is the second screen of that title."""
    if state not in flow.screens:
        return f"« {state} »"
    title = flow.screens[state].title
    first = next(name for name, screen in flow.screens.items() if screen.title == title)
    return f"« {title} »" if state == first else f"« {title} » (suite)"


def fact_words(facts: Facts) -> tuple[Text, ...]:
    """What the machine knew, in the order in which the facts are declared."""
    problems = (PROBLEM_WORDS[problem] for problem in facts.problems)
    return (*problems, *_verdict_words(facts))


def _verdict_words(facts: Facts) -> Iterator[Text]:
    for one in attrs.fields(type(facts)):
        value = getattr(facts, one.name)
        if isinstance(value, Enum) and value in VERDICTS:
            yield VERDICTS[value]
        elif isinstance(value, Contact):
            yield Text(*(f"{VERDICTS[value.channel].said(lang)} {value.masked}" for lang in _LANGS))


_LANGS: tuple[Lang, Lang] = ("fr", "en")


def say_times(count: int) -> Text:
    """Say how often: « 1 fois », « 3 fois »."""
    english = {1: "once", 2: "twice"}.get(count, f"{count} times")
    return Text(f"{count} fois", english)


def say_span(seconds: int) -> Text:
    """Say how long, rounded up so that waiting that long is enough."""
    if seconds < 120:
        return Text(f"{seconds} s", f"{seconds} s")
    minutes = -(-seconds // 60)
    if minutes < 120:
        return Text(f"{minutes} min", f"{minutes} min")
    hours = -(-minutes // 60)
    return Text(f"{hours} h", f"{hours} h")


# --- what several causes say ---------------------------------------------------------------------

COUNCIL = Text(" Sinon : conseil départemental.", " Otherwise: departmental council.")
"""Where to turn when the way out fails, after a sentence."""

NEW_TRY = Text(
    "Recommencer {after}." + COUNCIL.fr,
    "Start again {after}." + COUNCIL.en,
)
"""The way out of someone who tried too often."""

NEW_LINK = Text(
    "Demander un nouveau lien et n'ouvrir que celui du dernier e-mail.",
    "Ask for a new link and open only the one in the newest e-mail.",
)
"""The way out of someone whose link is worth nothing."""

NOT_THEIRS = Text(
    "La personne ne peut rien corriger elle-même : orientez-la vers son conseil départemental.",
    "The person can correct nothing: send them to their departmental council.",
)
"""The way out of someone whose answers were right."""
