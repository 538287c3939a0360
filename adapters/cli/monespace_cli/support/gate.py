"""`monespace gate`: would today's tables have taken recorded journeys elsewhere?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..command import support_command
from ..errors import Exit, Stop, in_french
from ..junit import Case, write_junit
from ..output import print_json, print_lines, watched, width_of, wrapped
from .source import OpenJournals, corpus_options
from .unread import Unread

if TYPE_CHECKING:
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
    from monespace_flows.support.gate import Cluster, DriftKey, Gate, Judged, Report, Waiver

    from .source import Journals

    _Read = tuple[str, list[dict[str, Any]] | JournalDamaged | JournalVersionUnknown, int]

__all__ = ["gate"]

_FRENCH = {
    "same": "identique",
    "wording changed": "message changé",
    "new optional effect": "effet ajouté",
    "effect says otherwise": "effet au contenu changé",
    "effect missing or reordered": "effet perdu ou déplacé",
    "different next screen": "autre écran ensuite",
    "different end": "autre fin",
    "cannot fold": "ne peut plus être rejoué",
}


@support_command("gate")
@corpus_options
@click.option(
    "--waivers", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FICHIER",
    help="Les écarts acceptés, en TOML : chacun a son motif et sa date de fin.",
)  # fmt: skip
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER",
    help="Écrire aussi le résultat au format JUnit.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/gate/1).")
def gate(
    open_journals: OpenJournals,
    waivers: Path | None,
    junit: Path | None,
    as_json: bool,
) -> Exit:
    """Rejouer tous les parcours par les tables d'aujourd'hui, avant une mise à jour.

    EXPORT est un fichier exporté, ou un fichier de chemins écrit par « monespace shapes » ; sans
    lui, la base est lue. Les écarts sont rangés du plus grave au plus anodin et groupés par
    endroit, avec le plus petit exemple et la dispense à coller. Code 1 s'il reste un écart sans
    dispense.

    Un journal illisible est nommé et n'est pas rejoué ; codes 5 et 6, comme « monespace verify ».
    Les empreintes ne sont pas vérifiées ici : un journal modifié ou coupé peut passer. Lancez
    d'abord « monespace verify ».

    Exemple :
        monespace gate parcours.jsonl --waivers dispenses.toml --junit gate.xml
    """
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.gate import Gate, judge

    accepted = _read(waivers)
    compared, unread = Gate(FLOWS), Unread()
    with open_journals() as journals, watched(_read_all(journals), None, "Rejeu") as each:
        _judge_each(compared, each, unread)
    report = compared.report
    judged = judge(report.ranked(), accepted, datetime.now(UTC).date())
    if junit is not None:
        write_junit(junit, "monespace gate", _cases(report, judged))
    if as_json:
        print_json("monespace/gate/1", **_data(report, judged), **unread.data())
    else:
        print_lines(_page(report, judged))
    unread.tell()
    return unread.code or (Exit.FOUND if judged.open else Exit.FINE)


def _judge_each(compared: Gate, each: Iterable[_Read], unread: Unread) -> None:
    for reference, journey, times in each:
        if isinstance(journey, list):
            compared.judge(journey, times)
        else:
            unread.add(reference, journey)


def _read(path: Path | None) -> tuple[Waiver, ...]:
    from monespace_flows.support.gate import WaiverUnreadable, read_waivers

    if path is None:
        return ()
    try:
        return read_waivers(path.read_text("utf-8"))
    except WaiverUnreadable as error:
        why = f"dans la dispense {error.place}, {error.name} manque ou n'est pas de la bonne sorte"
    except ValueError as error:
        # Only Python 3.14 says it in numbers.
        at = re.search(r"line (\d+), column (\d+)", str(error))
        where = "" if at is None else f" (ligne {at[1]}, colonne {at[2]})"
        why = f"ce n'est pas du TOML{where}"
    except OSError as error:
        why = in_french(error)
    raise Stop(Exit.USAGE, f"{path} ne peut pas servir : {why}")


def _file_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from lines


def _read_all(journals: Journals) -> Iterator[_Read]:
    """Every journey, or what is wrong with it, and how many went that way."""
    from monespace_flows.journal.export import decode_each

    if journals.file is not None:
        yield from _of_file(_file_lines(journals.file))
        return
    for found in journals.each():
        for _, journey in decode_each(found.recorded.lines):
            yield found.recorded.reference, journey, 1


def _of_file(rest: Iterator[str]) -> Iterator[_Read]:
    from monespace_flows.journal.export import decode_each

    first = next(rest, None)
    if first is None:
        return
    lines = chain([first], rest)
    if _begins_shapes(first):
        yield from map(_shape, lines, count(1))
        return
    for reference, journey in decode_each(lines):
        yield reference, journey, 1


def _begins_shapes(first: str) -> bool:
    from monespace_flows.journal.export import is_shape

    try:
        return is_shape(json.loads(first))
    except (ValueError, AttributeError):
        return False


def _shape(line: str, number: int) -> _Read:
    from monespace_flows.errors import JournalDamaged, JournalFault
    from monespace_flows.journal.export import read_shape

    try:
        journey, times = read_shape(json.loads(line), number)
    except ValueError:
        return f"shape-{number}", JournalDamaged(JournalFault.NOT_A_SHAPE, line=number), 1
    return f"shape-{number}", journey, times


def _data(report: Report, judged: Judged) -> dict[str, Any]:
    return {
        "journeys": report.journeys,
        "steps": report.steps,
        "touched": report.touched,
        "share": round(report.share, 6),
        "by_kind": report.by_kind,
        "classes": {drift.value: count for drift, count in report.by_drift.items()},
        "open": [_cluster(it) for it in judged.open],
        "waived": [_cluster(it) for it in judged.waived],
        "ended_waivers": [it.reason for it in judged.ended],
        "unused_waivers": [it.reason for it in judged.unused],
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    place = cluster.place
    return {
        "class": place.drift.value,
        "flow": place.flow,
        "state": place.state,
        "event": place.event,
        "expected": place.expected,
        "actual": place.actual,
        "count": cluster.count,
        "example": cluster.example,
        "example_length": cluster.example_length,
        "example_line": cluster.example_seq,
        "fingerprint": cluster.fingerprint,
    }


def _page(report: Report, judged: Judged) -> list[str]:
    from monespace_flows.support.gate import Drift, paste

    width = width_of(None)
    share = f"{100 * report.share:.2f}".replace(".", ",")
    told = f"{report.journeys} parcours rejoué{_s(report.journeys)}"
    lines = [
        f"{told} ; {report.touched} touché{_s(report.touched)}, soit {share} %.",
        "",
        *(f"{report.by_drift[drift]:>8}  {_FRENCH[drift.value]}" for drift in Drift),
    ]
    if report.by_kind:
        older = (
            f"{report.by_kind} parcours écrit{_s(report.by_kind)} avant que le "
            "contenu des effets ne soit gardé : seule la sorte de leurs effets est comparée."
        )
        lines += ["", *wrapped(older, width)]
    for cluster in judged.open:
        lines += ["", *_described(cluster, width), "    Dispense à coller :"]
        lines += [f"        {line}" for line in paste(cluster.place).splitlines()]
    for cluster in judged.waived:
        lines += ["", "Accepté par une dispense :", *_described(cluster, width)]
    lines += [f"Dispense échue : {waiver.reason}" for waiver in judged.ended]
    lines += [f"Dispense qui ne sert plus : {waiver.reason}" for waiver in judged.unused]
    return lines


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def _described(cluster: Cluster, width: int) -> list[str]:
    place = cluster.place
    head = f"{_FRENCH[place.drift.value]} : {cluster.count} parcours, {_located(place)}"
    return [
        *wrapped(head, width),
        *wrapped(place.expected or "rien", width, "    enregistré ──▶ "),
        *wrapped(place.actual or "rien", width, "    aujourd'hui ─▶ "),
        f"    plus petit exemple : {cluster.example}, ligne {cluster.example_seq}",
    ]


def _located(place: DriftKey) -> str:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.words import command_words, flow_words, screen_words

    flow = FLOWS.get(place.flow)
    if flow is None:
        return f"{place.flow}.{place.state}, geste {place.event}"
    screen = f"{flow_words(flow.name).fr}, {screen_words(flow, place.state)}"
    return f"{screen}, geste {command_words(flow, place.state, place.event).fr}"


def _cases(report: Report, judged: Judged) -> list[Case]:
    cases = [
        Case(
            classname=f"gate.{it.place.flow}",
            name=_named(it),
            failure=it.place.drift.value,
            text=f"{it.place.expected} -> {it.place.actual}; {it.count} x",
        )
        for it in judged.open
    ]
    cases += [
        Case(classname=f"gate.{it.place.flow}", name=_named(it), skipped="") for it in judged.waived
    ]
    return cases or [Case(classname="gate", name=f"{report.journeys} journeys")]


def _named(cluster: Cluster) -> str:
    place = cluster.place
    return f"{place.state} {place.event} {place.drift.value} {cluster.example}"
