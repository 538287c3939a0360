"""The form, the check of who it is, or an account that is there already, refused."""

from __future__ import annotations

from ...wording import Cause, Text
from ..words import COUNCIL, NEW_LINK, NEW_TRY, NOT_THEIRS

__all__ = ()


def _one_answer(french: str, english: str) -> Text:
    """The way out of someone who must answer one thing otherwise."""
    return Text(
        f"Il suffit de corriger {french}.{COUNCIL.fr}",
        f"It is enough to correct {english}.{COUNCIL.en}",
    )


_FORM = (
    Cause(
        "form",
        Text("Saisie refusée {times} : {problems}.", "Entry refused {times}: {problems}."),
        Text(
            "Corriger la saisie signalée à l'écran, puis valider à nouveau.",
            "Correct the entry that the screen points at, then submit again.",
        ),
        is_slip=True,
        short=Text("saisie mal formée", "ill-formed entry"),
    ),
    Cause(
        "terms.required",
        Text("Conditions non acceptées ({times}).", "Terms not accepted ({times})."),
        Text("Cocher la case des conditions, puis valider.", "Tick the terms box, then submit."),
        is_slip=True,
        short=Text("conditions non acceptées", "terms not accepted"),
    ),
    Cause(
        "entry.erased",
        Text(
            "Saisie effacée {times}, faute d'avoir été validée à temps.",
            "Entry erased {times}, as it was not submitted in time.",
        ),
        Text(
            "Saisir à nouveau et valider ; « Prolonger » donne plus de temps.",
            "Type it again and submit; “Prolonger” gives more time.",
        ),
        halts=False,
        short=Text("saisie effacée", "entry erased"),
    ),
)


# --- the check of birth date and RPPS number refused ---------------------------------------------


def _identity(
    verdict: str,
    detail: Text,
    way_out: Text,
    *,
    short: Text | None = None,
    is_slip: bool = False,
) -> Cause:
    text = Text(
        f"Contrôle d'identité refusé {{times}} : {detail.fr}.",
        f"Identity check refused {{times}}: {detail.en}.",
    )
    return Cause(f"identity.{verdict}", text, way_out, is_slip=is_slip, short=short)


_IDENTITY = (
    _identity(
        "rpps_unknown",
        Text("RPPS inconnu", "RPPS unknown"),
        _one_answer("le numéro RPPS", "the RPPS number"),
        short=Text("RPPS inconnu", "RPPS unknown"),
        is_slip=True,
    ),
    _identity(
        "birth_date_differs",
        Text("RPPS connu, date de naissance différente", "RPPS known, birth date different"),
        _one_answer("la date de naissance", "the birth date"),
        short=Text("date de naissance différente", "birth date different"),
        is_slip=True,
    ),
    _identity(
        "not_admitted",
        Text(
            "connu de l'Ordre, mais son statut ne donne pas droit à un espace",
            "known to the Order, but with a status that gives no right to a space",
        ),
        NOT_THEIRS,
        short=Text("statut sans droit à un espace", "not admitted"),
    ),
    _identity(
        "no_contact",
        Text(
            "identité reconnue, mais l'Ordre n'a ni mobile ni adresse e-mail",
            "recognised, but the Order holds neither mobile number nor e-mail address",
        ),
        Text(
            "La personne ne peut rien corriger elle-même : faire enregistrer un mobile ou une "
            "adresse e-mail par le "
            "conseil départemental, puis recommencer.",
            "The person can correct nothing: have the departmental council record a mobile number "
            "or an e-mail address, then start again.",
        ),
        short=Text("aucun contact connu", "no contact held"),
    ),
    _identity(
        "not_asked",
        Text("le registre n'a pas été interrogé", "the registry was not asked"),
        Text(
            "Recommencer ; si le refus revient, prévenir l'exploitation.",
            "Start again; if it is refused once more, tell those who run the service.",
        ),
    ),
    Cause(
        "identity.throttled",
        Text(
            "Trop d'essais d'identité pour ce RPPS{until}.",
            "Too many identity tries for this RPPS number{until}.",
        ),
        NEW_TRY,
        short=Text("trop d'essais", "too many tries"),
    ),
)


# --- an account is there, or the doctor is not ---------------------------------------------------

_ACCOUNT = (
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
        short=Text("compte existant", "account exists"),
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
        NOT_THEIRS,
    ),
)

IDENTITY = (*_FORM, *_IDENTITY, *_ACCOUNT)
