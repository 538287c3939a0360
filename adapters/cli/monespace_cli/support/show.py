"""`monespace show`: what the person saw, what the machine knew, when, and what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..access.log import AccessRecord
from ..access.reading import PURPOSES, Grounds, grounds_options, reading
from ..command import support_command
from ..errors import Exit
from ..output import print_json, print_lines, width_of
from .source import Journals, OpenJournals, source_options

if TYPE_CHECKING:
    from .story import Story

__all__ = ["show"]


@support_command("show")
@click.argument("reference", metavar="RÉFÉRENCE")
@grounds_options
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
    grounds: Grounds,
    open_journals: OpenJournals,
    as_json: bool,
    width: int | None,
) -> Exit:
    """Montrer ce qui est arrivé à quelqu'un, sans aucune de ses données.

    RÉFÉRENCE est celle que la personne lit sur son écran, en majuscules ou non, avec ou sans
    tiret. La page dit la cause et l'issue, puis pas à pas : le geste, ce que la machine a su, ce
    qu'elle a effectué, ce qui s'est affiché ; enfin les messages envoyés et si le rejeu est
    identique.

    Chaque lecture est d'abord inscrite au registre des accès, avec son motif et son ticket. Dans un
    fichier exporté (--file) il n'y a que les journaux : les messages envoyés y sont inconnus.

    Exemples :
        monespace show 7K3Q-F9M2 --purpose caller --ticket SD-1423
        monespace show 7k3qf9m2 --purpose test --ticket T-1 --json

    Ensuite : monespace why, pour un paragraphe à lire à la personne.
    """
    with reading(reference, grounds) as access, open_journals() as journals:
        from .story import tell_story

        reference = access.reference
        story = tell_story(journals.find(reference), journals.messages(reference))
    _write(story, access, journals, as_json, width_of(width))
    return Exit.FINE if story.verdict.is_same else Exit.FOUND


def _write(
    story: Story, access: AccessRecord, journals: Journals, as_json: bool, width: int
) -> None:
    place, diagnosis = journals.place, journals.diagnose(story.tale)
    if as_json:
        from .story import story_data

        print_json(
            "monespace/show/1", **story_data(story, diagnosis, place.policy), access=access.seq
        )
        return
    from .story_page import StoryPage

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
