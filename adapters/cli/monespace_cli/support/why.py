"""`monespace why`: one paragraph to read to the person."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from ..command import support_command
from ..exits import Exit
from ..output import print_json, print_lines, width_of, wrapped
from ..reference import read_reference
from .access import access_options, reading
from .source import Journals, source_options

__all__ = ["why"]


@support_command("why")
@click.argument("reference", metavar="RÉFÉRENCE")
@access_options
@source_options
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="La langue.")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/why/1).")
def why(
    *,
    reference: str,
    purpose: str | None,
    ticket: str | None,
    open_journals: Callable[[], AbstractContextManager[Journals]],
    lang: str,
    as_json: bool,
) -> Exit:
    """Dire pourquoi un parcours en est là, en un paragraphe à lire à la personne.

    Le paragraphe dit l'état, la cause, combien de fois, et l'issue. Il ne contient aucune donnée de
    la personne. Assurez-vous d'abord de parler à elle : savoir qu'un compte existe est déjà une
    information.

    Exemple :
        monespace why 7K3Q-F9M2 --purpose caller --ticket SD-1423
    """
    with reading(read_reference(reference), purpose, ticket) as access, open_journals() as journals:
        from monespace_flows.support.diagnosis import diagnose

        tale = journals.tale(access.reference)
        place = journals.place
        found = diagnose(
            tale.flow, tale.entries, now=journals.now, policy=place.policy, zone=place.zone
        )
    told = {"fr": "fr", "en": "en"}[lang]
    if as_json:
        print_json(
            "monespace/why/1",
            reference=tale.reference,
            flow=tale.flow.name,
            state=tale.entries[-1].after,
            status=found.status.value,
            cause_id=found.cause_id,
            count=found.count,
            cause=getattr(found.cause, told),
            way_out=getattr(found.way_out, told),
            why=getattr(found.why, told),
            access=access.seq,
        )
    else:
        print_lines(wrapped(getattr(found.why, told), width_of(None)))
    return Exit.FINE
