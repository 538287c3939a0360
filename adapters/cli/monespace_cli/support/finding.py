"""`monespace find`: from a number or an address, never given as an argument, to journeys."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..command import support_command
from ..exits import Exit, Stop
from ..output import print_json, print_lines, say, width_of, wrapped
from .access import MANY, access_options, reading
from .opening import Place, open_database, place_options
from .progress import watched
from .source import Tale, journals_of

if TYPE_CHECKING:
    from monespace_backends.reading import Reader

__all__ = ["find"]

_ELSEWHERE = "Si son adresse a changé, cherchez par son numéro RPPS."
_MISTYPED = "Vérifiez le numéro avec elle, ou demandez-lui la référence de son écran."
_MOST = 50
_PAGE = 200


@support_command("find")
@access_options
@place_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/find/1).")
def find(purpose: str | None, ticket: str | None, place: Place, as_json: bool) -> Exit:
    """Trouver les parcours d'une personne par son numéro RPPS ou son adresse e-mail.

    Le numéro ou l'adresse est demandé au clavier, sans être affiché, ou lu sur l'entrée standard.
    Il n'est jamais accepté comme argument, puisque l'historique du terminal le garderait, et n'est
    ni montré ni écrit : seul son pseudonyme, calculé avec les clés du service, est cherché.

    Les parcours viennent du plus récent au plus ancien, 50 au plus. Par une adresse, on trouve ceux
    du compte qui l'a aujourd'hui et les connexions tentées avec elle ; si elle a changé depuis,
    cherchez par le numéro RPPS.

    Exemple :
        monespace find --purpose caller --ticket SD-1423
    """
    with reading(MANY, purpose, ticket) as access, open_database(place) as reader:
        typed = _typed()
        subjects = _subjects(place, reader, typed)
        tales = _tales(place, reader, subjects)
    rows = [_row(tale, place) for tale in tales[:_MOST]]
    if as_json:
        print_json("monespace/find/1", count=len(rows), journeys=rows, access=access.seq)
    elif rows:
        print_lines([line for row in rows for line in _lines(row)])
    if not rows:
        say("monespace: aucun parcours n'a été trouvé pour cette personne")
        say(_ELSEWHERE if "@" in typed else _MISTYPED)
    elif len(tales) > _MOST:
        say(f"Il y en a d'autres, plus anciens que ces {_MOST}.")
    return Exit.FINE if rows else Exit.NO_JOURNEY


def _typed() -> str:
    if sys.stdin.isatty():
        text: str = click.prompt("Numéro RPPS ou adresse e-mail", hide_input=True, err=True)
        return text.strip()
    return sys.stdin.readline(1000).strip()


def _subjects(place: Place, reader: Reader, typed: str) -> tuple[str, ...]:
    """The pseudonyms under which journals name the person."""
    from monespace_backends.emails import Emails
    from monespace_flows.facts import Problem
    from monespace_flows.rules.identity import read_rpps

    secrets = place.secrets()
    if "@" not in typed:
        rpps = read_rpps(typed, place.policy.identity)
        if isinstance(rpps, Problem):
            raise Stop(Exit.USAGE, "ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail")
        return secrets.digests("subject", rpps)
    address = Emails().read(typed)
    if address is None:
        raise Stop(Exit.USAGE, "cette adresse e-mail n'est pas bien formée")
    digests = secrets.digests("email", address.key)
    doctor = reader.doctor_of(digests)
    return digests if doctor is None else (*digests, doctor)


def _tales(place: Place, reader: Reader, subjects: tuple[str, ...]) -> list[Tale]:
    """The newest journeys that name the person, and one more than are shown."""
    journals = journals_of(place, reader)
    references = list(reversed(reader.references()))
    pages = [references[at : at + _PAGE] for at in range(0, len(references), _PAGE)]
    tales: list[Tale] = []
    with watched(pages, len(pages), "Recherche") as each:
        for page in each:
            named = reader.about(subjects, page)
            tales += [journals.tale(reference) for reference in page if reference in named]
            if len(tales) > _MOST:
                break
    return tales


def _row(tale: Tale, place: Place) -> dict[str, object]:
    from monespace_flows.support.diagnosis import diagnose

    found = diagnose(
        tale.flow, tale.entries, now=datetime.now(UTC), policy=place.policy, zone=place.zone
    )
    return {
        "reference": tale.reference,
        "flow": tale.flow.name,
        "state": tale.entries[-1].after,
        "started_at": tale.entries[0].at.astimezone(place.zone).isoformat(timespec="seconds"),
        "status": found.status.value,
        "status_words": found.status.words.fr,
        "cause": found.cause.fr,
    }


def _lines(row: dict[str, object]) -> list[str]:
    from monespace_flows.support.words import flow_words

    flow = flow_words(str(row["flow"])).fr
    at = f"{datetime.fromisoformat(str(row['started_at'])):%d/%m/%Y %H:%M}"
    head = f"{row['reference']}   {at}   {flow}   {row['status_words']}"
    return [head, *wrapped(str(row["cause"]), width_of(None), "    ")]
