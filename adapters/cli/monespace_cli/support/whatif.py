"""`monespace whatif`: another answer, or the same ones later; nothing is sent or written."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from ..access.reading import Grounds, grounds_options, reading
from ..command import support_command
from ..errors import Exit, Stop
from ..output import print_json, print_lines, width_of, wrapped
from .source import Journals, OpenJournals, Tale, source_options

if TYPE_CHECKING:
    from monespace_flows.policy import Policy
    from monespace_flows.support.nearest import Nearest
    from monespace_flows.support.simulation import SimulatedStep, Simulation
    from monespace_flows.support.whatif import Branch, Change

__all__ = ["whatif"]

_BANNER = "SIMULATION : rien n'est envoyé, rien n'est écrit."
WHOSE = {
    "person": "La personne peut le faire.",
    "order": "Seul l'Ordre peut changer cela : conseil départemental.",
    "time": "Il faut attendre, ou demander un nouvel envoi.",
}
"""Who may change what would have helped."""
_ONE_OF = "choisissez : --at et --shift, ou --all, ou --nearest (un seul des trois)"
_AN_ACCOUNTS = "ce journal est celui d'un compte : il n'y a pas de réponse à changer"
_SHIFT = re.compile(r"([0-9]{1,4})=([+-])([0-9]{1,5})([smhj])", re.ASCII)
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "j": timedelta(days=1),
}


@support_command("whatif")
@click.argument("reference", metavar="RÉFÉRENCE")
@grounds_options
@source_options
@click.option(
    "--at", "answers", nargs=2, type=(int, str), multiple=True, metavar="LIGNE FAIT=RÉPONSE",
    help="Une autre réponse à une ligne, par exemple --at 3 identity=match.",
)  # fmt: skip
@click.option(
    "--shift", "shifts", multiple=True, metavar="LIGNE=+11m",
    help="Une ligne et les suivantes plus tard (ou plus tôt, -) : s, m, h ou j.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Toutes les autres réponses, une à une.")
@click.option("--nearest", is_flag=True, help="Le plus petit changement qui fait avancer.")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/whatif/1).")
def whatif(
    *,
    reference: str,
    grounds: Grounds,
    open_journals: OpenJournals,
    answers: tuple[tuple[int, str], ...],
    shifts: tuple[str, ...],
    everything: bool,
    nearest: bool,
    as_json: bool,
) -> Exit:
    """Essayer une autre réponse, ou les mêmes plus tard, sans aucun effet.

    La simulation ne peut ni envoyer ni écrire. Elle s'arrête là où la personne serait sur un autre
    écran que celui qui a été enregistré. --nearest suffit souvent ; --all montre les FAIT=RÉPONSE
    que --at accepte.

    Exemples :
        monespace whatif 7K3Q-F9M2 --nearest --purpose caller --ticket SD-1423
        monespace whatif 7K3Q-F9M2 --shift 5=+11m --purpose caller --ticket SD-1423
        monespace whatif 7K3Q-F9M2 --at 3 identity=match --purpose test --ticket T-1
    """
    if bool(answers or shifts) + everything + nearest != 1:
        raise Stop(Exit.USAGE, _ONE_OF)
    moved = _read_shifts(shifts)
    with reading(reference, grounds) as access, open_journals() as journals:
        tale, policy = _with_answers(journals, access.reference), journals.place.policy
    if nearest:
        data, lines = _nearest(tale)
    elif everything:
        data, lines = _all(tale, policy)
    else:
        data, lines = _simulated(tale, _read_changes(tale, answers), moved, policy)
    if as_json:
        named = {"reference": tale.reference, "simulation": True, "access": access.seq}
        print_json("monespace/whatif/1", **named, **data)
    else:
        print_lines([_BANNER, "", *lines])
    return Exit.FINE


def _with_answers(journals: Journals, reference: str) -> Tale:
    from monespace_flows.journal.entry import ACCOUNT_JOURNAL

    tale = journals.tale(reference)
    if tale.flow.name == ACCOUNT_JOURNAL:
        raise Stop(Exit.USAGE, _AN_ACCOUNTS)
    return tale


def _read_shifts(texts: tuple[str, ...]) -> dict[int, timedelta]:
    shifts = {}
    for text in texts:
        found = _SHIFT.fullmatch(text)
        if found is None:
            raise Stop(Exit.USAGE, "--shift attend LIGNE=+DURÉE, par exemple 5=+11m (s, m, h, j)")
        seq, sign, count, unit = found.groups()
        shifts[int(seq)] = int(f"{sign}{count}") * _UNITS[unit]
    return shifts


def _read_changes(tale: Tale, answers: tuple[tuple[int, str], ...]) -> list[Change]:
    from monespace_flows.support.whatif import ChangeUnreadable, read_change

    try:
        return [read_change(tale.entries, seq, text) for seq, text in answers]
    except ChangeUnreadable as error:
        raise Stop(Exit.USAGE, f"--at ne peut pas être lu : {error.words.fr}") from None


Told = tuple[dict[str, Any], list[str]]


def _simulated(
    tale: Tale, changes: list[Change], shifts: dict[int, timedelta], policy: Policy
) -> Told:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.simulation import simulate

    flow = FLOWS[tale.flow.name]
    found = simulate(flow, tale.entries, changes=changes, shifts=shifts, policy=policy)
    data = {
        "mode": "simulation",
        "state": found.state,
        "recorded_state": tale.entries[-1].after,
        "stop": None if found.stop is None else found.stop.value,
        "turns": [_turn_data(turn) for turn in found.turns],
    }
    return data, _page(tale, found, changes, policy)


def _turn_data(turn: SimulatedStep) -> dict[str, Any]:
    return {
        "seq": turn.seq,
        "at": turn.at.isoformat(timespec="seconds"),
        "event": turn.event,
        "before": turn.before,
        "after": turn.after,
        "notices": list(turn.notices),
        "effects": list(turn.effects),
        "differs": turn.differs,
    }


def _page(tale: Tale, found: Simulation, changes: list[Change], policy: Policy) -> list[str]:
    from monespace_flows.support.words import screen_words

    width = width_of(None)
    lines = [line for it in changes for line in wrapped(f"Ligne {it.seq} : {it.words.fr}", width)]
    lines += [" #     geste et écran ensuite (= comme enregistré, ≠ autrement)"]
    for turn in found.turns:
        lines += _told(tale, turn, policy, width)
    ends = [screen_words(tale.flow, it) for it in (found.state, tale.entries[-1].after)]
    lines += ["", *wrapped(f"Fin simulée : {ends[0]}.", width)]
    lines += wrapped(f"Fin enregistrée : {ends[1]}.", width)
    if found.stop is not None:
        lines += wrapped(found.stop.words.fr, width)
    return lines


def _told(tale: Tale, turn: SimulatedStep, policy: Policy, width: int) -> list[str]:
    from monespace_flows.support.words import EFFECTS, command_words, screen_words

    mark = "≠" if turn.differs else "="
    start = f"{turn.seq:>2}  {mark}  "
    done = command_words(tale.flow, turn.before, turn.event).fr
    told = f"{done} → {screen_words(tale.flow, turn.after)}"
    lines = wrapped(told, width, start)
    if turn.differs:
        effects = ", ".join(EFFECTS[it].fr if it in EFFECTS else it for it in turn.effects)
        lines += _labelled("verrait", _in_brief(turn.notices, policy, width - 17), width)
        lines += _labelled("serait effectué", [effects] if effects else [], width)
    return lines


def _labelled(label: str, texts: list[str], width: int) -> list[str]:
    return [line for text in texts for line in wrapped(f"{label} : {text}", width, " " * 7)]


def _in_brief(notices: tuple[str, ...], policy: Policy, width: int) -> list[str]:
    """The notices that would be read; how long a wait would be is not known."""
    from monespace_flows.notices import words_of

    from .french import in_brief

    return in_brief(notices, {**words_of(policy), "wait": "le temps demandé"}, width)


def _all(tale: Tale, policy: Policy) -> Told:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.whatif import branches

    found = list(branches(FLOWS[tale.flow.name], tale.entries))
    data = {"mode": "all", "branches": [_branch_data(it) for it in found]}
    if not found:
        return data, ["Aucune autre réponse ne mènerait ailleurs."]
    # Nobody could give the answer that something was not asked.
    given = [it for it in found if _plain(it.change.value) != "not_asked"]
    told = [line for it in given for line in _branch_lines(tale, it, policy)]
    return data, [" #  autre réponse, puis où elle mène", *told]


def _branch_data(branch: Branch) -> dict[str, Any]:
    return {
        "seq": branch.change.seq,
        "name": branch.change.name,
        "value": _plain(branch.change.value),
        "after": branch.after,
        "notices": list(branch.notices),
        "recorded_after": branch.recorded_after,
        "moves": branch.moves,
    }


def _branch_lines(tale: Tale, branch: Branch, policy: Policy) -> list[str]:
    from monespace_flows.support.words import screen_words

    width, change = width_of(None), branch.change
    answer = f"{change.name}={_plain(change.value)} ({change.words.fr})"
    lines = wrapped(answer, width, f"{change.seq:>2}  ", " " * 6)
    after = screen_words(tale.flow, branch.after) if branch.moves else "même écran"
    for text in (f"→ {after}", *_in_brief(branch.notices, policy, width - 8)):
        lines += wrapped(text, width, " " * 6, " " * 8)
    return lines


def _plain(value: object) -> str:
    return str(getattr(value, "value", value)).lower()


def _nearest(tale: Tale) -> Told:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.nearest import nearest

    found = nearest(FLOWS[tale.flow.name], tale.entries)
    if found is None:
        lines = ["Rien à changer : aucun refus dans ce parcours."]
        return {"mode": "nearest", "nearest": None}, lines
    return {"mode": "nearest", "nearest": _nearest_data(found)}, _nearest_lines(tale, found)


def _nearest_data(found: Nearest) -> dict[str, Any]:
    return {
        "seq": found.seq,
        "count": found.count,
        "whose": found.whose.value,
        "after": found.after,
        "text": found.text.fr,
        "changes": [{"name": it.name, "value": _plain(it.value)} for it in found.changes],
    }


def _nearest_lines(tale: Tale, found: Nearest) -> list[str]:
    from monespace_flows.support.words import screen_words

    width, after = width_of(None), screen_words(tale.flow, found.after)
    return [
        *wrapped(f"Ligne {found.seq} : {found.text.fr}", width),
        *wrapped(f"La personne serait alors à l'écran {after}.", width),
        WHOSE[found.whose.value],
    ]
