"""`monespace show`: what the person saw, what the machine knew, when, and what was sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from ..command import support_command
from ..exits import Exit
from ..output import print_json, print_lines, width_of
from ..reference import read_reference
from .access import PURPOSES, AccessRecord, access_options, reading
from .source import Journals, source_options

if TYPE_CHECKING:
    from ..story import Story

__all__ = ["show"]


@support_command("show")
@click.argument("reference", metavar="RÉFÉRENCE")
@access_options
@source_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/show/1).")
@click.option(
    "--width",
    type=click.IntRange(60, 240),
    metavar="COLONNES",
    help="La largeur ; sans elle, celle du terminal, ou 80.",
)
def show(
    *,
    reference: str,
    purpose: str | None,
    ticket: str | None,
    open_journals: Callable[[], AbstractContextManager[Journals]],
    as_json: bool,
    width: int | None,
) -> Exit:
    """Montrer ce qui est arrivé à quelqu'un, sans aucune de ses données.

    RÉFÉRENCE est celle que la personne lit sur son écran, en majuscules ou non, avec ou sans
    tiret. La page dit la cause et l'issue, puis pas à pas : le geste, ce que la machine a su, ce
    qu'elle a fait, ce que la personne a vu ; enfin les messages envoyés et si le rejeu est
    identique.

    Chaque lecture est d'abord inscrite au registre des accès, avec son motif et son ticket. Dans un
    fichier exporté (--file) il n'y a que les journaux : les messages envoyés y sont inconnus.

    Exemples :
        monespace show 7K3Q-F9M2 --purpose caller --ticket SD-1423
        monespace show 7k3qf9m2 --purpose test --ticket T-1 --json

    Ensuite : monespace why, pour un paragraphe à lire à la personne.
    """
    with reading(read_reference(reference), purpose, ticket) as access, open_journals() as journals:
        from ..story import tell_story

        reference = access.reference
        story = tell_story(journals.find(reference), journals.messages(reference))
    _write(story, access, journals, as_json, width_of(width))
    return Exit.FINE if story.verdict.is_same else Exit.FOUND


def _write(
    story: Story, access: AccessRecord, journals: Journals, as_json: bool, width: int
) -> None:
    from monespace_flows.support.diagnosis import diagnose

    place = journals.place
    diagnosis = diagnose(
        story.flow, story.entries, now=journals.now, policy=place.policy, zone=place.zone
    )
    if as_json:
        from ..story_json import SCHEMA, story_data

        print_json(SCHEMA, **story_data(story, diagnosis, place.policy), access=access.seq)
        return
    from ..story_page import StoryPage

    page = StoryPage(
        story=story,
        diagnosis=diagnosis,
        access=(
            f"Accès n° {access.seq}",
            f"ticket {access.ticket}",
            f"motif « {PURPOSES[access.purpose]} »",
            "valeurs masquées",
        ),
        policy=place.policy,
        zone=place.zone,
        width=width,
    )
    print_lines(page.lines())
