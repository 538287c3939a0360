"""`monespace outbox listeners` and `forget`: who is told of events, and who is no more."""

from __future__ import annotations

import click

from monespace_flows.driver.queueing import forget_listener

from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..errors import Exit
from ..output import make_sure, print_json, print_lines, say
from .outbox import opened, outbox, recorded

__all__ = ["outbox"]


@outbox.command("listeners")
@place_options(operates=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/outbox-listeners/1)."
)
def listeners(place: Place, as_json: bool) -> None:
    """Lister qui écoute les événements, et ce qui ne lui est pas parvenu.

    Du code de l'hôte ou un webhook écoute dès son premier démarrage : chaque événement de sa sorte
    l'attend, même quand personne ne le fait tourner, jusqu'à ce que l'événement soit abandonné.

    Exemples :
        monespace outbox listeners --config monespace.toml

    Ensuite : monespace outbox forget NOM, quand l'un d'eux est parti pour de bon.
    """
    with opened(place) as (storage, _), storage.reading() as unit:
        everyone = unit.listeners.everyone()
        unsent = [(it.listener, it.status) for it in unit.outbox.unsent()]
    found = [
        {
            "name": it.name,
            "kind": it.kind,
            "since": it.since.isoformat(),
            "waiting": unsent.count((it.address, "waiting")),
            "failed": unsent.count((it.address, "failed")),
        }
        for it in everyone
    ]
    if as_json:
        print_json("monespace/outbox-listeners/1", listeners=found)
    elif found:
        lines = [f"{'sorte':<20}{'attend':>8}{'échoué':>8}  nom"]
        lines += [
            f"{it['kind']:<20}{it['waiting']:>8}{it['failed']:>8}  {it['name']}" for it in found
        ]
        print_lines(lines)
    else:
        print_lines(["Personne n'écoute les événements."])


@outbox.command("forget")
@click.argument("name", metavar="NOM")
@place_options(operates=True)
@grounds_options
@click.option("--kind", metavar="ÉVÉNEMENT", help="Seulement pour cette sorte d'événement.")
@click.option("--yes", "is_sure", is_flag=True, help="Ne pas demander si vous êtes sûr.")
@click.option(
    "--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/outbox-forgotten/1)."
)
def forget(
    name: str, place: Place, grounds: Grounds, *, kind: str | None, is_sure: bool, as_json: bool
) -> Exit:
    """Oublier qui n'écoute plus, pour de bon, et ôter ce qui l'attend.

    Si son programme tourne à nouveau, il écoute comme un nouveau venu, à partir de là. Motif et
    ticket sont d'abord inscrits au registre des accès : faute de quoi rien n'est oublié.

    Code 0 quand c'est fait, 3 quand personne n'écoute sous ce nom, 4 quand le motif, le ticket ou
    le registre des accès est refusé.

    Exemples :
        monespace outbox forget crm --purpose incident --ticket SD-7 --config m.toml
        monespace outbox forget crm --kind SignedIn --yes --purpose incident --ticket SD-7

    Ensuite : monespace outbox listeners --config monespace.toml
    """
    purpose, ticket = grounds.checked("oubliez qui écoute")
    make_sure("Oublier qui écoute, pour de bon ?", "rien n'a été oublié", is_sure=is_sure)
    with opened(place) as (storage, now):
        access = recorded(place, "outbox-forget", purpose, ticket)
        with storage.writing() as unit:
            done = forget_listener(unit, name, kind, now)
    if done is None:
        say("monespace: personne n'écoute sous ce nom ; voyez : monespace outbox listeners")
        return Exit.NO_JOURNEY
    if as_json:
        print_json("monespace/outbox-forgotten/1", dropped=done, access=access.seq)
    else:
        print_lines([f"oublié ; événements ôtés : {done}"])
    return Exit.FINE
