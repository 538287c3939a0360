"""`monespace step`: one line after the other; seen, known, possible."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from ..command import support_command
from ..exits import Exit, Stop
from ..output import print_json, print_lines, width_of, wrapped
from ..reference import read_reference
from .access import access_options, reading
from .source import Journals, source_options

if TYPE_CHECKING:
    from datetime import tzinfo

    from monespace_flows.policy import Policy
    from monespace_flows.support.timeline import Moment

__all__ = ["move", "page_of", "step"]

_KEYS = "n suivante · p précédente · g N aller à N · j prochain refus ou envoi · q fin"


@support_command("step")
@click.argument("reference", metavar="RÉFÉRENCE")
@access_options
@source_options
@click.option("--at", "line", type=click.IntRange(0), metavar="LIGNE", help="Cette ligne seule.")
@click.option("--tui", is_flag=True, help="En plein écran (avec l'extra « tui »).")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/step/1).")
def step(
    *,
    reference: str,
    purpose: str | None,
    ticket: str | None,
    open_journals: Callable[[], AbstractContextManager[Journals]],
    line: int | None,
    tui: bool,
    as_json: bool,
) -> Exit:
    """Rejouer un parcours pas à pas : ce que la personne voyait, ce que la machine savait.

    Touches, suivies d'Entrée : n (ligne suivante), p (précédente), g 3 (aller à la ligne 3), j
    (prochain refus ou envoi), q (fin). Elles peuvent aussi venir de l'entrée standard.

    Exemple :
        monespace step 7K3Q-F9M2 --purpose caller --ticket SD-1423
    """
    with reading(read_reference(reference), purpose, ticket) as access, open_journals() as journals:
        from monespace_flows.support.timeline import timeline

        tale = journals.tale(access.reference)
        zone, policy = journals.place.zone, journals.place.policy
        moments = timeline(tale.flow, tale.entries)
    if line is not None and line >= len(moments):
        raise Stop(Exit.USAGE, f"il n'y a pas de ligne {line} : 0 à {len(moments) - 1}")
    if as_json:
        chosen = moments if line is None else moments[line : line + 1]
        print_json(
            "monespace/step/1",
            reference=tale.reference,
            flow=tale.flow.name,
            moments=[_data(moment) for moment in chosen],
            access=access.seq,
        )
    elif line is not None:
        print_lines(page_of(moments, line, policy, zone, width_of(None)))
    elif tui:
        _run_tui(tale.reference, moments, policy, zone)
    else:
        _walk(moments, policy, zone)
    return Exit.FINE


def move(moments: Sequence[Moment], at: int, key: str) -> int | None:
    """Where a key leads from a line; ``None`` ends."""
    from monespace_flows.support.timeline import is_key

    last = len(moments) - 1
    name, _, rest = key.strip().partition(" ")
    match name:
        case "n" | "":
            return min(at + 1, last)
        case "p":
            return max(at - 1, 0)
        case "g" if rest.strip().isdecimal():
            return min(int(rest), last)
        case "j":
            return next((it.seq for it in moments[at + 1 :] if is_key(it)), last)
        case "q":
            return None
        case _:
            return at


def page_of(
    moments: Sequence[Moment], at: int, policy: Policy, zone: tzinfo, width: int
) -> list[str]:
    """One line of a journey in lines of text."""
    from monespace_flows.notices import words_of

    from ..french_time import say_clock, say_gap

    moment = moments[at]
    gap = f"   {say_gap(moment.gap)}" if at else ""
    words = words_of(policy, moment.wait)
    head = f"Ligne {at} sur {len(moments) - 1}   {say_clock(moment.at, zone)}{gap}"
    parts = [
        ("Écran", f"« {moment.title} »"),
        ("Geste", moment.pressed.fr),
        ("Su", ", ".join(text.fr for text in moment.known) or "rien de plus"),
        ("Fait", ", ".join(text.fr for text in moment.effects) or "rien"),
        ("Vu", f"« {moment.title_after} »"),
        *(("", text.format_map(words)) for text in moment.seen),
        ("Possible", ", ".join(f"« {it} »" for it in moment.possible) or "rien : c'est la fin"),
    ]
    lines = [head]
    for label, text in parts:
        lines += wrapped(text, width, f"  {label:<9} ")
    return lines


def _walk(moments: Sequence[Moment], policy: Policy, zone: tzinfo) -> None:
    at: int | None = 0
    print_lines(page_of(moments, 0, policy, zone, width_of(None)))
    while at is not None:
        if sys.stdin.isatty():
            click.echo(_KEYS, err=True)
        typed = sys.stdin.readline()
        if not typed:
            return
        at = move(moments, at, typed)
        if at is not None:
            print_lines(["", *page_of(moments, at, policy, zone, width_of(None))])


def _run_tui(reference: str, moments: Sequence[Moment], policy: Policy, zone: tzinfo) -> None:
    try:
        from .tui import StepApp
    except ModuleNotFoundError:
        raise Stop(
            Exit.USAGE, "le plein écran demande l'extra : pip install 'monespace-flows[tui]'"
        ) from None
    StepApp(reference, moments, policy, zone).run()


def _data(moment: Moment) -> dict[str, Any]:
    return {
        "seq": moment.seq,
        "at": moment.at.isoformat(timespec="seconds"),
        "gap_seconds": moment.gap.total_seconds(),
        "state": moment.state,
        "state_after": moment.state_after,
        "screen": moment.title_after,
        "pressed": moment.pressed.fr,
        "known": [text.fr for text in moment.known],
        "notices": list(moment.notices),
        "effects": [text.fr for text in moment.effects],
        "possible": list(moment.possible),
        "refused": moment.refused,
    }
