"""`monespace stats` and `monespace shapes`: where people stop, which paths they take."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import click
from attrs import asdict

from monespace_flows.wording import Text

from ..command import support_command
from ..errors import Exit
from ..output import print_json, print_lines, say, watched, width_of, wrapped, write_whole
from .source import OpenJournals, checked, corpus_options
from .unread import Unread

if TYPE_CHECKING:
    from pathlib import Path

    from monespace_flows.support.funnel import Cell, Funnel

__all__ = ["shapes", "stats"]

COLUMNS = ("went_on", "done", "blocked", "abandoned", "expired", "open")
VAGUE = Text(
    "« <10 » (de 1 à 9) et « ≥ » (au moins) cachent ce qui trahirait un « <5 ».",
    "<10 (from 1 to 9) and ≥ (at least) hide what would give a <5 away.",
)
HEAD = (
    (Text("continué", "went on"), 9),
    (Text("terminé", "done"), 8),
    (Text("bloqué", "blocked"), 8),
    (Text("abandonné", "given up"), 10),
    (Text("expiré", "expired"), 8),
    (Text("en cours", "open"), 9),
)
_TITLE = 28  # the columns that the counts leave of 80


@support_command("stats")
@corpus_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/stats/1).")
def stats(
    open_journals: OpenJournals,
    as_json: bool,
) -> Exit:
    """Compter où les personnes s'arrêtent, écran par écran, et pour quelles causes.

    Un nombre de 1 à 4 s'écrit « <5 », pour que personne ne soit reconnu à un chemin rare. Là où
    une soustraction le donnerait, des nombres voisins sont dits moins précisément : « <10 » (de 1
    à 9), « ≥1040 » (au moins 1040). Les autres sont exacts, et le total n'est pas donné. CORPUS est
    un export ; sans lui, la base est lue. Un journal abîmé est nommé et n'est pas compté ;
    codes 5 et 6, comme « monespace verify ».

    Exemple :
        monespace stats parcours.jsonl
    """
    funnel, unread = counted(open_journals)
    if as_json:
        print_json(
            "monespace/stats/1",
            screens=[asdict(row) for row in funnel.rows()],
            causes=[
                {"flow": flow, "cause": cause, "count": count}
                for flow, cause, count in funnel.causes()
            ],
            **unread.data(),
        )
    else:
        print_lines(_page(funnel))
    unread.tell()
    return unread.code


def counted(open_journals: OpenJournals) -> tuple[Funnel, Unread]:
    """Count every journal; those that cannot be read come beside."""
    from monespace_flows.support.funnel import Funnel

    funnel, unread = Funnel(), Unread()
    with (
        open_journals() as journals,
        watched(journals.each(), journals.count(), "Comptage") as each,
    ):
        for found in each:
            with unread.noting(found.recorded.reference):
                tale = checked(found.recorded, found.head)
                funnel.add(tale.entries, journals.diagnose(tale))
    return funnel, unread


def _page(funnel: Funnel) -> list[str]:
    from monespace_flows.support.catalogue import CAUSES
    from monespace_flows.support.words import flow_words

    from .french import cause_in_brief

    lines: list[str] = []
    flow = ""
    for row in funnel.rows():
        if row.flow != flow:
            flow = row.flow
            head = "".join(f"{name.fr:>{width}}" for name, width in HEAD)
            lines += ["", flow_words(flow).fr, f"{'':<{_TITLE}}{head}"]
        cells = zip(COLUMNS, HEAD, strict=True)
        counts = (f"{told_cell(getattr(row, name)):>{width}}" for name, (_, width) in cells)
        lines.append(f"{_titled(flow, row.state):<{_TITLE}}{''.join(counts)}")
    lines += ["", "Causes"]
    for flow, cause, count in funnel.causes():
        told = f"{flow_words(flow).fr} : {cause_in_brief(CAUSES[cause])}"
        lines += wrapped(told, width_of(None), f"{told_cell(count):>6}  ")
    if any("<10" in line or "≥" in line for line in lines):
        lines += ["", *wrapped(VAGUE.fr, width_of(None))]
    return lines[1:] if lines[0] == "" else lines


def _titled(flow: str, state: str) -> str:
    """The screen of a state, in the columns that there are for it."""
    from monespace_flows.retelling.compiled import compiled_flow
    from monespace_flows.support.words import screen_words

    known = compiled_flow(flow)
    if known is None:
        return state
    title, _, second = screen_words(known, state).removeprefix("« ").partition(" »")
    return shorten(title, _TITLE - len(second), placeholder="…") + second


def told_cell(cell: Cell) -> str:
    """Say a count, or what hides it."""
    return str(cell).replace(">=", "≥")


@support_command("shapes")
@corpus_options
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER",
    help="Où écrire ; sans lui, sur la sortie.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Sans effet : c'est déjà du JSON Lines.")
def shapes(
    open_journals: OpenJournals,
    output: Path | None,
    as_json: bool,
) -> Exit:
    """Résumer les chemins suivis, avec leur nombre et sans personne.

    Ni référence, ni heure, ni pseudonyme, ni contact masqué : le résultat peut être gardé dans git
    et rejoué par « monespace gate ». Une ligne de JSON par chemin (monespace/shape/1).

    Exemple :
        monespace shapes parcours.jsonl -o chemins.jsonl
    """
    del as_json
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
