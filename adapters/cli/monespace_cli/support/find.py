"""`monespace find`: from a number or an address, never given as an argument, to journeys."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monespace_flows.wording import Text

from ..access.log import AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options, reading
from ..command import support_command
from ..errors import Exit, Stop
from ..output import ask_hidden, print_json, print_lines, say, width_of, wrapped
from .source import Journals, Tale

if TYPE_CHECKING:
    from monespace_backends.reading import Reader

__all__ = ["find"]

_ELSEWHERE = Text(
    "Si son adresse a changé, cherchez par son numéro RPPS.",
    "If their address has changed, search by their RPPS number.",
)
_MISTYPED = Text(
    "Vérifiez le numéro avec elle, ou demandez-lui la référence de son écran.",
    "Check the number with them, or ask for the reference on their screen.",
)
MOST_FOUND = 50


@support_command("find")
@grounds_options
@place_options()
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/find/1).")
def find(grounds: Grounds, place: Place, as_json: bool) -> Exit:
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
    from monespace_backends.reading import open_reader

    database = open_reader(place.database.url, **place.database.naming)
    with reading(AccessRecord.MANY, grounds) as access, database as reader:
        typed = _typed()
        subjects = subjects_of(place, reader, typed)
        journals = Journals.in_database(place, reader)
        # One more than are shown, to know whether there are more.
        tales = [journals.tale(reference) for reference in reader.about(subjects, MOST_FOUND + 1)]
    rows = [row_of(tale, journals) for tale in tales[:MOST_FOUND]]
    if as_json:
        print_json("monespace/find/1", count=len(rows), journeys=rows, access=access.seq)
    elif rows:
        print_lines([line for row in rows for line in _lines(row)])
    if not rows:
        say("monespace: aucun parcours n'a été trouvé pour cette personne")
        say(what_else(typed).fr)
    elif len(tales) > MOST_FOUND:
        say(f"Il y en a d'autres, plus anciens que ces {MOST_FOUND}.")
    return Exit.FINE if rows else Exit.NO_JOURNEY


def what_else(typed: str) -> Text:
    """What to try when nothing was found by what was typed."""
    return _ELSEWHERE if "@" in typed else _MISTYPED


def _typed() -> str:
    if sys.stdin.isatty():
        return ask_hidden("Numéro RPPS ou adresse e-mail")
    return sys.stdin.readline(1000).strip()


def subjects_of(place: Place, reader: Reader, typed: str) -> tuple[str, ...]:
    """The pseudonyms under which journals name the person.

    Raises:
        Stop: what was typed is neither number nor address.
    """
    from monespace_backends.emails import Emails
    from monespace_flows.facts import Problem
    from monespace_flows.rules.identity import read_rpps

    secrets = place.secrets()
    if "@" not in typed:
        rpps = read_rpps(typed, place.policy.identity)
        if isinstance(rpps, Problem):
            raise Stop(
                Exit.USAGE,
                "ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail",
                "that is neither an RPPS number (11 digits) nor an e-mail address",
            )
        return secrets.digests("subject", rpps)
    address = Emails().read(typed)
    if address is None:
        raise Stop(
            Exit.USAGE,
            "cette adresse e-mail n'est pas bien formée",
            "this e-mail address is ill-formed",
        )
    digests = secrets.digests("email", address.key)
    doctor = reader.doctor_of(digests)
    return digests if doctor is None else (*digests, doctor)


def row_of(tale: Tale, journals: Journals) -> dict[str, object]:
    """One of the journeys that were found, as plain JSON data."""
    found = journals.diagnose(tale)
    zone = journals.place.zone
    return {
        "reference": tale.reference,
        "flow": tale.flow.name,
        "state": tale.entries[-1].after,
        "started_at": tale.entries[0].at.astimezone(zone).isoformat(timespec="seconds"),
        "status": found.status.value,
        "status_words": found.status.words.fr,
        "cause": found.cause.fr,
        "cause_id": found.cause_id,
        "cause_short": found.short.fr,
    }


def _lines(row: dict[str, object]) -> list[str]:
    from monespace_flows.support.words import flow_words

    flow = flow_words(str(row["flow"])).fr
    at = f"{datetime.fromisoformat(str(row['started_at'])):%d/%m/%Y %H:%M}"
    head = f"{row['reference']}   {at}   {flow}   {row['status_words']}"
    return [head, *wrapped(str(row["cause"]), width_of(None), "    ")]
