"""`monespace access-log`: who read what, when, and why."""

from __future__ import annotations

import click
from attrs import asdict

from ..command import support_command
from ..exits import Exit
from ..output import print_json, print_lines
from ..reference import read_reference
from .access import PURPOSES, AccessLog
from .opening import Place, place_options

__all__ = ["access_log"]


@support_command("access-log")
@place_options
@click.option("--actor", metavar="COMPTE", help="Seulement les lectures de ce compte.")
@click.option("--ticket", metavar="TICKET", help="Seulement les lectures pour ce ticket.")
@click.option("--reference", metavar="RÉFÉRENCE", help="Seulement les lectures de ce parcours.")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/access-log/1).")
def access_log(
    place: Place,
    actor: str | None,
    ticket: str | None,
    reference: str | None,
    as_json: bool,
) -> Exit:
    """Voir qui a lu quel parcours, quand, pour quel motif et quel ticket.

    Les lectures viennent de la plus ancienne à la plus récente. Le registre est vérifié d'abord :
    code 5 si une ligne a été modifiée ou manque. Les lectures de plusieurs parcours à la fois y
    portent la référence *.

    Exemple :
        monespace access-log --ticket SD-1423
    """
    whose = reference if reference is None or reference == "*" else read_reference(reference)
    records = [
        record
        for record in AccessLog(place.access_log).read()
        if actor in (None, record.actor)
        and ticket in (None, record.ticket)
        and whose in (None, record.reference)
    ]
    if as_json:
        print_json("monespace/access-log/1", records=[asdict(record) for record in records])
    elif not records:
        print_lines(["Aucune lecture."])
    else:
        print_lines(
            [
                f"{it.seq:>4}  {it.at[:19].replace('T', ' ')}Z  {it.actor:<10} {it.command:<7}"
                f"{it.reference:<10} {PURPOSES.get(it.purpose, it.purpose)}, {it.ticket}"
                for it in records
            ]
        )
    return Exit.FINE
