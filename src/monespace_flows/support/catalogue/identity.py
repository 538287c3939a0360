"""The check of birth date and RPPS number refused."""

from __future__ import annotations

from ..words import Text
from .cause import NEW_TRY, Cause, one_answer

__all__ = ["IDENTITY"]


def _identity(verdict: str, detail: Text, way_out: Text) -> Cause:
    text = Text(
        f"Contrôle d'identité refusé {{times}} : {detail.fr}.",
        f"Identity check refused {{times}}: {detail.en}.",
    )
    return Cause(f"identity.{verdict}", text, way_out)


IDENTITY = (
    _identity(
        "rpps_unknown",
        Text("RPPS inconnu", "RPPS unknown"),
        one_answer("le numéro RPPS", "the RPPS number"),
    ),
    _identity(
        "birth_date_differs",
        Text("RPPS connu, date de naissance différente", "RPPS known, birth date different"),
        one_answer("la date de naissance", "the birth date"),
    ),
    _identity(
        "not_admitted",
        Text(
            "connu de l'Ordre, mais son statut ne donne pas droit à un espace",
            "known to the Order, but with a status that gives no right to a space",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
    _identity(
        "no_contact",
        Text(
            "identité reconnue, mais l'Ordre n'a ni mobile ni adresse e-mail",
            "recognised, but the Order holds neither mobile number nor e-mail address",
        ),
        Text(
            "Aucune réponse à changer : faire enregistrer un mobile ou une adresse e-mail par le "
            "conseil départemental, puis recommencer.",
            "No answer to change: have the departmental council record a mobile number or an "
            "e-mail address, then start again.",
        ),
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
            "Trop d'essais d'identité pour ce RPPS : attente imposée de {wait}.",
            "Too many identity tries for this RPPS number: a wait of {wait} is imposed.",
        ),
        NEW_TRY,
    ),
)
