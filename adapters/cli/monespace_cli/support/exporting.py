"""`monespace export`: journals as they were stored, or one journey to read, print or draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import click

from ..command import support_command
from ..exits import Exit, Stop
from ..output import say
from ..reference import read_reference
from .access import MANY, access_options, reading
from .progress import watched
from .source import Found, Journals, source_options
from .writing import write_whole

__all__ = ["export"]


@support_command("export")
@click.argument("reference", required=False, metavar="[RÉFÉRENCE]")
@click.option("--all", "everything", is_flag=True, help="Tous les parcours (JSON seulement).")
@click.option(
    "--to", "form", type=click.Choice(["json", "html", "svg", "mermaid"]), default="json",
    help="json (JSON Lines), html (une page à imprimer), svg ou mermaid (un dessin).",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER",
    help="Où écrire ; sans lui, sur la sortie.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Comme --to json.")
@access_options
@source_options
def export(
    *,
    reference: str | None,
    everything: bool,
    form: str,
    output: Path | None,
    as_json: bool,
    purpose: str | None,
    ticket: str | None,
    open_journals: Callable[[], AbstractContextManager[Journals]],
) -> Exit:
    """Exporter un parcours, ou tous, tels qu'ils ont été enregistrés.

    Le JSON est fait des lignes du journal, octet pour octet : les commandes les relisent avec
    --file, et leurs empreintes tiennent encore. La page HTML dit les phrases que la personne a
    lues. Elle tient dans un fichier, sans script ni réseau, et s'imprime sur une page ; un très
    long parcours (plus d'une vingtaine de lignes) peut en prendre plusieurs.

    Exemples :
        monespace export 7K3Q-F9M2 --to html -o p.html --purpose legal --ticket SD-9
        monespace export --all -o parcours.jsonl --purpose incident --ticket SD-9
    """
    kind = "json" if as_json else form
    if (reference is None) != everything:
        raise Stop(Exit.USAGE, "donnez une référence, ou --all (l'un des deux)")
    if everything and kind != "json":
        raise Stop(Exit.USAGE, "--all n'exporte qu'en JSON : ôtez --to")
    named = MANY if reference is None else read_reference(reference)
    with reading(named, purpose, ticket), open_journals() as journals:
        if everything:
            with watched(journals.each(), journals.count(), "Export") as each:
                _put(_lines(each), output)
        else:
            _put([_one(journals, named, kind)], output)
    return Exit.FINE


def _put(texts: Iterable[str], output: Path | None) -> None:
    if output is None:
        for text in texts:
            click.echo(text, nl=False)
    else:
        write_whole(output, texts)
        say(f"écrit dans {output}")


def _lines(journals: Iterable[Found]) -> Iterator[str]:
    from monespace_flows.journal.export import write_journeys

    yield from write_journeys(found.recorded for found in journals)


def _one(journals: Journals, reference: str, kind: str) -> str:
    from monespace_flows.journal.export import write_journeys

    tale = journals.tale(reference)
    if kind == "json":
        return "".join(write_journeys([tale.recorded]))
    from monespace_flows.support.diagnosis import diagnose

    from . import drawing

    place = journals.place
    found = diagnose(
        tale.flow, tale.entries, now=journals.now, policy=place.policy, zone=place.zone
    )
    draw = {"html": drawing.to_html, "svg": drawing.to_svg, "mermaid": drawing.to_mermaid}[kind]
    return draw(tale, found, place)
