"""`monespace step`: one line after the other; seen, known, possible."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..access.place import Place
from ..access.reading import Grounds, grounds_options, reading
from ..command import support_command
from ..errors import Exit, Stop
from ..output import print_json, print_lines, width_of
from .source import OpenJournals, Tale, source_options

if TYPE_CHECKING:
    from monespace_flows.support.seen import SeenScreen
    from monespace_flows.support.timeline import Moment

    from .story_page import Walk

__all__ = ["step"]

_KEYS = "n suivante · p précédente · g N aller à N · j prochain message ou refus · q fin"


@support_command("step")
@click.argument("reference", metavar="RÉFÉRENCE")
@grounds_options
@source_options
@click.option("--at", "line", type=click.IntRange(0), metavar="LIGNE", help="Cette ligne seule.")
@click.option("--tui", is_flag=True, help="En plein écran (avec l'extra « tui »).")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/step/1).")
def step(
    *,
    reference: str,
    grounds: Grounds,
    open_journals: OpenJournals,
    line: int | None,
    tui: bool,
    as_json: bool,
) -> Exit:
    """Rejouer un parcours pas à pas : ce que la personne voyait, ce que la machine savait.

    Touches, suivies d'Entrée : n (ligne suivante), p (précédente), g 3 (aller à la ligne 3), j
    (prochaine ligne où un message s'est affiché, où quelque chose a été refusé, ou un code, un lien
    ou un courrier envoyé ; sinon la dernière), q (fin). Elles peuvent aussi venir de l'entrée
    standard.

    Exemple :
        monespace step 7K3Q-F9M2 --purpose caller --ticket SD-1423
    """
    with reading(reference, grounds) as access, open_journals() as journals:
        tale, place = journals.tale(access.reference), journals.place
        walk = _walk_of(tale, place)
    last = len(walk.moments) - 1
    if line is not None and line > last:
        raise Stop(Exit.USAGE, f"il n'y a pas de ligne {line} : 0 à {last}")
    if as_json:
        from .story import deliveries_data

        chosen = slice(None) if line is None else slice(line, line + 1)
        print_json(
            "monespace/step/1",
            reference=tale.reference,
            flow=tale.flow.name,
            moments=list(map(_data, walk.moments[chosen], walk.screens[chosen])),
            deliveries=deliveries_data(tale),
            access=access.seq,
        )
    elif line is not None:
        print_lines(walk.page(line, width_of(None)))
    else:
        (_run_tui if tui else _walk)(walk)
    return Exit.FINE


def _walk_of(tale: Tale, place: Place) -> Walk:
    from monespace_flows.support.seen import screens_seen
    from monespace_flows.support.timeline import timeline

    from .fates import fates_by_line
    from .story_page import Walk

    moments = timeline(tale.flow, tale.entries)
    screens = screens_seen(tale.flow, tale.entries, place.policy, place.zone, tale.deliveries)
    return Walk(
        reference=tale.reference,
        moments=moments,
        screens=screens,
        zone=place.zone,
        fates=fates_by_line(tale, place.zone),
    )


def _walk(walk: Walk) -> None:
    at: int | None = 0
    print_lines(walk.page(0, width_of(None)))
    while at is not None:
        if sys.stdin.isatty():
            click.echo(_KEYS, err=True)
        typed = sys.stdin.readline()
        if not typed:
            return
        at = walk.move(at, typed)
        if at is not None:
            print_lines(["", *walk.page(at, width_of(None))])


def _run_tui(walk: Walk) -> None:
    try:
        from .tui import StepApp
    except ModuleNotFoundError:
        raise Stop(
            Exit.USAGE, "le plein écran demande l'extra : pip install 'monespace-flows[tui]'"
        ) from None
    StepApp(walk).run()


def _data(moment: Moment, screen: SeenScreen) -> dict[str, Any]:
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
        "drawn": {
            "title": screen.title,
            "intro": screen.intro,
            "notices": list(screen.notices),
            "later": list(screen.later),
            "fields": [
                {"label": it.label, "kind": it.kind, "hint": it.hint, "choices": list(it.choices)}
                for it in screen.fields
            ],
            "buttons": list(screen.buttons),
        },
    }
