"""`monespace shapes`: the paths that people take, with counts and nobody in them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click

from ..command import support_command
from ..exits import Exit
from ..output import say
from .progress import watched
from .source import Journals, corpus_options
from .writing import write_whole

__all__ = ["shapes"]


@support_command("shapes")
@corpus_options
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER",
    help="Où écrire ; sans lui, sur la sortie.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Sans effet : c'est déjà du JSON Lines.")
def shapes(
    corpus: Path | None,
    open_journals: Callable[[], AbstractContextManager[Journals]],
    output: Path | None,
    as_json: bool,
) -> Exit:
    """Résumer les chemins suivis, avec leur nombre et sans personne.

    Ni référence, ni heure, ni pseudonyme, ni contact masqué : le résultat peut être gardé dans git
    et rejoué par « monespace gate ». Une ligne de JSON par chemin (monespace/shape/1).

    Exemple :
        monespace shapes parcours.jsonl -o chemins.jsonl
    """
    del corpus, as_json
    from monespace_flows.journal.export import Shapes, decode_journeys

    found = Shapes()
    with open_journals() as journals:
        journeys = decode_journeys(journals.lines())
        with watched(journeys, journals.count(), "Chemins") as each:
            for journey in each:
                found.add(journey)
    if output is None:
        click.echo("".join(found.write()), nl=False)
    else:
        write_whole(output, found.write())
        say(f"{len(found)} chemins écrits dans {output}")
    return Exit.FINE
