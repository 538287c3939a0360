"""`monespace access-log`: who read what, when, and why."""

from __future__ import annotations

from datetime import datetime, tzinfo

import click
from attrs import asdict

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import PURPOSES, read_reference
from ..command import support_command
from ..errors import Exit
from ..output import print_json, print_lines, width_of, wrapped

__all__ = ["access_log"]

_NOT_ONE = {
    AccessRecord.MANY: "tous les parcours",
    AccessRecord.ACCOUNT: "un compte",
    AccessRecord.MESSAGES: "des messages",
}
"""How a reference that is no journey's is said."""


@support_command("access-log")
@place_options()
@click.option("--actor", metavar="COMPTE", help="Seulement les lectures de ce compte.")
@click.option("--ticket", metavar="TICKET", help="Seulement les lectures pour ce ticket.")
@click.option(
    "--reference", metavar="RÉFÉRENCE",
    help="Seulement les lectures de ce parcours, y compris celles de tous les parcours à la fois.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/access-log/1).")
def access_log(
    place: Place,
    actor: str | None,
    ticket: str | None,
    reference: str | None,
    as_json: bool,
) -> Exit:
    """Voir qui a lu quel parcours, quand, pour quel motif et quel ticket.

    Les lectures viennent de la plus ancienne à la plus récente, aux heures de Paris ou du réglage
    zone. Le registre est vérifié d'abord : code 5 si une ligne a été modifiée ou manque.

    « find » et « export --all » lisent tous les parcours à la fois : ces lectures répondent aussi à
    --reference, sous le nom « tous les parcours » (en JSON : *). Celles d'un fichier exporté
    (--file) sont inscrites à côté de lui, sauf si --config ou --dir est donné. Les comptes effacés
    y sont aussi (« account erase »), sans dire de qui, et les messages remis en attente ou
    abandonnés (« outbox retry », « outbox drop »).

    Exemples :
        monespace access-log --ticket SD-1423
        monespace access-log --reference 7K3Q-F9M2
    """
    whose = reference if reference in {None, AccessRecord.MANY} else read_reference(reference)
    records = [
        record
        for record in AccessLog(place.access_log).read()
        if actor in (None, record.actor)
        and ticket in (None, record.ticket)
        and (whose is None or record.reference in {whose, AccessRecord.MANY})
    ]
    if as_json:
        print_json("monespace/access-log/1", records=[asdict(record) for record in records])
    elif not records:
        print_lines(["Aucune lecture."])
    else:
        width = width_of(None)
        print_lines([line for it in records for line in _told(it, place.zone, width)])
    return Exit.FINE


def _told(record: AccessRecord, zone: tzinfo, width: int) -> list[str]:
    at = f"{datetime.fromisoformat(record.at).astimezone(zone):%d/%m/%Y %H:%M}"
    who = f"{record.seq:>4}  {at}  {record.actor}  {record.command:<6} "
    whose = _NOT_ONE.get(record.reference, record.reference)
    why = f"{PURPOSES.get(record.purpose, record.purpose)}, {record.ticket}"
    return wrapped(f"{who}{whose}  {why}", width, "", " " * 6)
