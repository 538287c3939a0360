"""`monespace export`: journals as they were stored, or one journey to read, print or draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from pathlib import Path

import click

from monespace_flows.support.diagnosis import Diagnosis
from monespace_flows.support.timeline import Moment, timeline
from monespace_flows.support.words import flow_words

from ..access.log import AccessRecord
from ..access.place import Place
from ..access.reading import PURPOSES, Grounds, grounds_options, reading
from ..command import support_command
from ..errors import Exit, Stop
from ..output import say, unbroken, watched, write_whole
from .fates import fates_by_line, say_in_line, tell_messages
from .french import Scale, Sentence, say_clock, say_day, say_gap, say_period, sentences_of
from .source import Found, Journals, OpenJournals, Tale, source_options
from .story import Story, tell_story

__all__ = ["export"]

_ROW = 26  # from a line of a drawing to the next

# Contrast is above 7:1.  In print, a journey of some twenty lines fits a page of A4.
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:60rem;
margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
dt{font-weight:600}dd{margin:0}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.25rem 0}
th,td{border:1px solid #595959;padding:.25rem .5rem;text-align:left;vertical-align:top}
thead th{background:#f2f2f2}
td p,dd p{margin:0}th:nth-child(5){width:24%}th:nth-child(6){width:44%}
details{margin-top:1.5rem}summary{font-weight:600}
.screen{border:2px solid #595959;margin:1rem 0;padding:.5rem 1rem;max-width:40rem}
.screen p{margin:.25rem 0}.notice{border-left:4px solid #595959;padding-left:.5rem}
@media print{@page{size:A4;margin:10mm}
body{font-size:8pt;line-height:1.2;margin:0;padding:0;max-width:none}
h1{font-size:11pt;margin:0 0 3pt}h2{font-size:9pt;margin:6pt 0 3pt}
dl{gap:1pt 8pt}caption{padding:1pt 0}th,td{padding:1pt 3pt}
td p{display:inline}td p:before{content:" · "}tr{break-inside:avoid}}
"""


_PAGE = """\
<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<dl>
{listed}
</dl>
<h2>Pas à pas</h2>
<table>
<caption>Ce que la personne a saisi n'est pas enregistré ; ses contacts sont masqués.</caption>
<thead><tr><th scope="col">Ligne</th><th scope="col">Heure</th><th scope="col">Écart</th>
<th scope="col">Geste</th><th scope="col">Constaté</th><th scope="col">Affiché ensuite</th>
<th scope="col">Effectué</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<details>
<summary>Les écrans que la personne a vus</summary>
<p>Ce qui a été saisi n'est pas conservé ; les contacts sont masqués.</p>
{screens}
</details>
</main>
</body>
</html>
"""


def _to_html(story: Story, found: Diagnosis, place: Place, access: AccessRecord) -> str:
    """One file that a browser shows and prints, and that a screen reader reads."""
    from monespace_flows.support.seen import screen_as_html, screens_seen

    tale = story.tale
    facts = [
        ("Parcours", [flow_words(tale.flow.name).fr]),
        ("État", [found.status.words.fr]),
        ("Quand", [say_period(story.started_at, story.ended_at, place.zone)]),
        ("Cause", [found.cause.fr]),
        ("Que faire", [found.way_out.fr]),
        ("Messages", _messages(story, place)),
        ("Exporté", [_exported(access, place)]),
    ]
    seen = screens_seen(tale.flow, tale.entries, place.policy, place.zone, tale.deliveries)
    return _PAGE.format(
        title=escape(f"Parcours {tale.reference}"),
        style=_STYLE,
        listed="\n".join(
            f"<dt>{escape(name)}</dt><dd>{_paragraphs(texts)}</dd>" for name, texts in facts
        ),
        rows="\n".join(_rows(tale, place)),
        screens="\n".join(map(screen_as_html, seen)),
    )


def _rows(tale: Tale, place: Place) -> Iterator[str]:
    """A row for each line; what was read before is not written out once more."""
    told_at: dict[tuple[Sentence, ...], int] = {}
    day = tale.entries[0].at.astimezone(place.zone).date()
    for entry, moment in zip(tale.entries, timeline(tale.flow, tale.entries), strict=True):
        at, today = say_clock(moment.at, place.zone), moment.at.astimezone(place.zone).date()
        read = sentences_of(entry, place.policy)
        yield _row(
            moment,
            at if today == day else f"{say_day(today)} {at}",
            _read(read, told_at.setdefault(read, moment.seq), moment.seq),
        )
        day = today


def _read(read: tuple[Sentence, ...], told_at: int, seq: int) -> list[str]:
    if read and told_at != seq:
        same = "mêmes messages qu'" if len(read) > 1 else "même message qu'"
        return [f"{same}à la ligne {told_at}"]
    return [f"{it.kind} : {it.text}" for it in read]


def _row(moment: Moment, at: str, read: list[str]) -> str:
    moved = moment.state_after != moment.state or moment.seq == 0
    cells = [
        [at],
        [say_gap(moment.gap) if moment.seq else ""],
        [moment.pressed.fr],
        [", ".join(text.fr for text in moment.known)],
        [f"« {moment.title_after} »" if moved else "même écran", *read],
        [", ".join(text.fr for text in moment.effects)],
    ]
    told = "".join(f"<td>{_paragraphs(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{moment.seq}</th>{told}</tr>'


def _paragraphs(texts: list[str]) -> str:
    first, *rest = (escape(unbroken(text)) for text in texts)
    return first + "".join(f"<p>{text}</p>" for text in rest)


def _messages(story: Story, place: Place) -> list[str]:
    """What became of each message, a line each."""
    told = tell_messages(story, place.zone)
    if told is None:
        return ["inconnus : un fichier ne contient que les journaux"]
    return [say_in_line(it) for it in told] or ["aucun"]


def _exported(access: AccessRecord, place: Place) -> str:
    """Who exported it, when and why."""
    at = datetime.fromisoformat(access.at).astimezone(place.zone)
    return (
        f"le {say_day(at.date())} à {say_clock(at, place.zone)} par {access.actor}, "
        f"ticket {access.ticket}, motif « {PURPOSES[access.purpose]} », accès n° {access.seq}"
    )


def _to_svg(tale: Tale, found: Diagnosis, place: Place) -> str:
    """A scale of time with a mark and a sentence for each line, and for each message below it."""
    moments, fates = timeline(tale.flow, tale.entries), fates_by_line(tale, place.zone)
    start = tale.entries[0].at
    scale = Scale(tale.entries[-1].at - start, 160)
    lines: list[str] = []
    top = 70
    for moment in moments:
        left = 90 + scale.column(moment.at - start)
        known = ", ".join(text.fr for text in moment.known)
        told = f"{moment.pressed.fr}{' : ' if known else ''}{known} → {moment.title_after}"
        lines.append(
            f'<text x="10" y="{top + 5}">{say_clock(moment.at, place.zone)}</text>'
            f'<rect x="{left}" y="{top - 5}" width="8" height="10" fill="#1a1a1a"/>'
            f'<text x="270" y="{top + 5}">{escape(told)}</text>'
        )
        top += _ROW
        for fate in fates.get(moment.seq, ()):
            lines.append(f'<text x="290" y="{top + 5}">{escape(fate)}</text>')
            top += _ROW
    title = f"Parcours {tale.reference}, {flow_words(tale.flow.name).fr}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 {top + 10}" role="img" '
        'aria-labelledby="titre cause" font-family="sans-serif" font-size="14">\n'
        f'<title id="titre">{escape(title)}</title>\n'
        f'<desc id="cause">{escape(found.cause.fr)}</desc>\n'
        f'<rect width="1000" height="{top + 10}" fill="#fff"/>\n'
        f'<text x="10" y="24" font-weight="bold">{escape(title)} : '
        f"{escape(found.status.words.fr)}</text>\n"
        f'<text x="10" y="46">{escape(found.cause.fr)}</text>\n' + "\n".join(lines) + "\n</svg>\n"
    )


def _to_mermaid(tale: Tale, found: Diagnosis, place: Place) -> str:
    """The states that the person went through, each arrow with its line and what was known."""
    lines = ["stateDiagram-v2", f"    %% {tale.reference} : {found.status.words.fr}"]
    for state in dict.fromkeys(entry.after for entry in tale.entries):
        title = _safe(tale.flow.screens[state].title)
        lines.append(f"    {state} : {title}")
    lines.append(f"    [*] --> {tale.entries[0].after}")
    for moment in timeline(tale.flow, tale.entries)[1:]:
        known = ", ".join(text.fr for text in moment.known) or moment.pressed.fr
        told = _safe(f"{moment.seq}. {known}")
        lines.append(f"    {moment.state} --> {moment.state_after} : {told}")
    for seq, fates in fates_by_line(tale, place.zone).items():
        told = _safe(" ; ".join(fates))
        lines.append(f"    note right of {tale.entries[seq].after} : {seq}. {told}")
    if tale.entries[-1].after in tale.flow.finals:
        lines.append(f"    {tale.entries[-1].after} --> [*]")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    """Without what Mermaid reads as syntax."""
    return text.replace(":", " -").replace(";", ",").replace("#", "n°")


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
@grounds_options
@source_options
def export(
    *,
    reference: str | None,
    everything: bool,
    form: str,
    output: Path | None,
    as_json: bool,
    grounds: Grounds,
    open_journals: OpenJournals,
) -> Exit:
    """Exporter un parcours, ou tous, tels qu'ils ont été enregistrés.

    Le JSON est fait des lignes du journal, octet pour octet : les commandes les relisent avec
    --file, et leurs empreintes tiennent encore. La page HTML dit les phrases que la personne a
    lues, dessine ses écrans, et nomme les messages, le ticket et qui l'a exportée. Elle tient
    dans un fichier, sans script ni réseau, et s'imprime sur une page ; un très long parcours (plus
    d'une vingtaine de lignes) peut en prendre plusieurs. Les écrans s'ouvrent au bas de la page ;
    fermés, ils ne s'impriment pas.

    Exemples :
        monespace export 7K3Q-F9M2 --to html -o p.html --purpose legal --ticket SD-9
        monespace export --all -o parcours.jsonl --purpose incident --ticket SD-9
    """
    kind = "json" if as_json else form
    if (reference is None) != everything:
        raise Stop(Exit.USAGE, "donnez une référence, ou --all (l'un des deux)")
    if everything and kind != "json":
        raise Stop(Exit.USAGE, "--all n'exporte qu'en JSON : ôtez --to")
    with reading(reference or AccessRecord.MANY, grounds) as access, open_journals() as journals:
        if everything:
            with watched(journals.each(), journals.count(), "Export") as each:
                _put(_lines(each), output)
        else:
            _put([_one(journals, access, kind)], output)
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


def _one(journals: Journals, access: AccessRecord, kind: str) -> str:
    from monespace_flows.journal.export import write_journeys

    if kind == "html":
        story = tell_story(journals.find(access.reference), journals.messages(access.reference))
        return _to_html(story, journals.diagnose(story.tale), journals.place, access)
    tale = journals.tale(access.reference)
    if kind == "json":
        return "".join(write_journeys([tale.recorded]))
    found = journals.diagnose(tale)
    return (_to_svg if kind == "svg" else _to_mermaid)(tale, found, journals.place)
