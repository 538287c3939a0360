"""`monespace diff`: where two journeys part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..access.reading import Grounds, grounds_options, read_reference, reading
from ..command import support_command
from ..errors import Exit
from ..output import print_json, print_lines, width_of, wrapped
from .source import OpenJournals, Tale, source_options

if TYPE_CHECKING:
    from monespace_flows.journal.entry import Entry
    from monespace_flows.policy import Policy
    from monespace_flows.support.diff import Difference, Parting

__all__ = ["diff"]

_WORDS = {
    "flow": "démarche",
    "command": "geste",
    "state": "étape suivante",
    "notices": "messages affichés",
    "effects": "effectué",
    "length": "nombre de lignes",
    "problems": "forme de la saisie",
}
_BRIEF = 60  # columns of a message, so that its beginning stands on one line


@support_command("diff")
@click.argument("left", metavar="RÉFÉRENCE")
@click.argument("right", metavar="AUTRE")
@grounds_options
@source_options
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/diff/1).")
def diff(
    *,
    left: str,
    right: str,
    grounds: Grounds,
    open_journals: OpenJournals,
    as_json: bool,
) -> Exit:
    """Comparer deux parcours : le premier écart, puis la suite de chacun.

    RÉFÉRENCE et AUTRE sont celles de deux parcours. Les heures et les personnes ne comptent pas,
    seulement ce qui a été répondu, affiché et effectué. Code 1 quand les parcours diffèrent.

    Exemple :
        monespace diff 7K3Q-F9M2 4H2M-P8RS --purpose incident --ticket SD-1423
    """
    first, second = read_reference(left), read_reference(right)
    with (
        reading(first, grounds),
        reading(second, grounds) as access,
        open_journals() as journals,
    ):
        one, other = journals.tale(first), journals.tale(second)
        policy = journals.place.policy
    from monespace_flows.support.diff import compare

    found = compare(one.entries, other.entries)
    if as_json:
        print_json("monespace/diff/1", **_data(one, other, found), access=access.seq)
    else:
        print_lines(_page(one, other, found, policy))
    return Exit.FINE if found.same else Exit.FOUND


def _data(one: Tale, other: Tale, found: Parting) -> dict[str, Any]:
    return {
        "left": one.reference,
        "right": other.reference,
        "same": found.same,
        "common": found.common,
        "differences": [
            {"what": it.what, "left": it.left, "right": it.right} for it in found.differences
        ],
        "left_tail": [_step(entry) for entry in found.left],
        "right_tail": [_step(entry) for entry in found.right],
    }


def _page(one: Tale, other: Tale, found: Parting, policy: Policy) -> list[str]:
    if found.same:
        return [f"{one.reference} et {other.reference} vont de même, {found.common} lignes."]
    width = width_of(None)
    same = f"Même chemin sur {found.common} ligne{'s' if found.common > 1 else ''}, puis :"
    lines = [same if found.common else "Aucune ligne commune :"]
    for it in found.differences:
        told = _told(it, (one, found.left), (other, found.right), policy)
        lines += wrapped(told, width, f"  {_named(it.what)} : ", "      ")
    return lines + _tail(one, found.left, width) + _tail(other, found.right, width)


def _named(what: str) -> str:
    from monespace_flows.support.words import FIELDS

    return FIELDS[what].fr if what in FIELDS and what not in _WORDS else _WORDS[what]


_Side = tuple[Tale, "tuple[Entry, ...]"]


def _told(found: Difference, one: _Side, other: _Side, policy: Policy) -> str:
    from .french import say_ids

    if found.words is not None:
        sides = [text.fr for text in found.words]
    elif found.what == "length":
        sides = [found.left, found.right]
    else:
        sides = [
            say_ids(found.what, ids, flow=tale.flow, entry=entry, policy=policy, width=_BRIEF)
            for (tale, (entry, *_)), ids in ((one, found.left), (other, found.right))
        ]
    return " ≠ ".join(side or "rien" for side in sides)


def _tail(tale: Tale, entries: tuple[Entry, ...], width: int) -> list[str]:
    from monespace_flows.support.timeline import timeline
    from monespace_flows.support.words import screen_words

    lines = ["", f"{tale.reference}, la suite :"]
    if not entries:
        return [*lines, "  rien"]
    for moment in timeline(tale.flow, entries):
        known = ", ".join(text.fr for text in moment.known)
        after = screen_words(tale.flow, moment.state_after)
        told = f"{moment.pressed.fr}{' : ' if known else ''}{known} → {after}"
        lines += wrapped(told, width, f"{moment.seq:>3}  ")
    return lines


def _step(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "command": entry.command,
        "before": entry.before,
        "after": entry.after,
        "notices": list(entry.notices),
        "effects": [wish.kind for wish in entry.effects],
    }
