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
from .source import OpenJournals, Tale, source_options

if TYPE_CHECKING:
    from monespace_flows.policy import Policy
    from monespace_flows.support.nearest import Nearest
    from monespace_flows.support.simulation import SimulatedStep
    from monespace_flows.support.whatif import Branch, Change

    from .trials import Trial, TrialStep

__all__ = ["whatif"]

_ONE_OF = "choisissez : --at et --shift, ou --all, ou --nearest (un seul des trois)"
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
    # Here, as in the functions below: --help must not wait until the core is imported.
    from . import trials

    with reading(reference, grounds) as access, open_journals() as journals:
        tale, policy = (
            trials.refuse_accounts(journals.tale(access.reference)),
            journals.place.policy,
        )
        cause = journals.diagnose(tale).cause_id if nearest else ""
    if nearest:
        data, lines = _nearest(tale, cause)
    elif everything:
        data, lines = _all(tale, policy)
    else:
        data, lines = _simulated(tale, trials.read_changes(tale, answers), moved, policy)
    if as_json:
        named = {"reference": tale.reference, "simulation": True, "access": access.seq}
        print_json("monespace/whatif/1", **named, **data)
    else:
        print_lines([trials.SIMULATION.fr, "", *lines])
    return Exit.FINE


def _read_shifts(texts: tuple[str, ...]) -> dict[int, timedelta]:
    shifts = {}
    for text in texts:
        found = _SHIFT.fullmatch(text)
        if found is None:
            raise Stop(Exit.USAGE, "--shift attend LIGNE=+DURÉE, par exemple 5=+11m (s, m, h, j)")
        seq, sign, count, unit = found.groups()
        shifts[int(seq)] = int(f"{sign}{count}") * _UNITS[unit]
    return shifts


Told = tuple[dict[str, Any], list[str]]


def _simulated(
    tale: Tale, changes: list[Change], shifts: dict[int, timedelta], policy: Policy
) -> Told:
    from .trials import tell_trial, try_out

    found = try_out(tale, changes, shifts, policy)
    data = {
        "mode": "simulation",
        "state": found.state,
        "recorded_state": tale.entries[-1].after,
        "stop": None if found.stop is None else found.stop.value,
        "turns": [_turn_data(turn) for turn in found.turns],
    }
    return data, _page(tell_trial(tale, found, policy), changes)


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


def _page(trial: Trial, changes: list[Change]) -> list[str]:
    width = width_of(None)
    lines = [line for it in changes for line in wrapped(f"Ligne {it.seq} : {it.words.fr}", width)]
    lines += [" #     geste et écran ensuite (= comme enregistré, ≠ autrement)"]
    for step in trial.steps:
        lines += _told(step, width)
    lines += ["", *wrapped(f"Fin simulée : {trial.end}.", width)]
    lines += wrapped(f"Fin enregistrée : {trial.recorded_end}.", width)
    if trial.stop is not None:
        lines += wrapped(trial.stop.fr, width)
    return lines


def _told(step: TrialStep, width: int) -> list[str]:
    from .french import shortened

    start = f"{step.seq:>2}  {'≠' if step.differs else '='}  "
    lines = wrapped(f"{step.pressed.fr} → {step.screen}", width, start)
    lines += _labelled("verrait", [shortened(it, width - 17) for it in step.seen], width)
    done = ", ".join(it.fr for it in step.done)
    return lines + _labelled("serait effectué", [done] if done else [], width)


def _labelled(label: str, texts: list[str], width: int) -> list[str]:
    return [line for text in texts for line in wrapped(f"{label} : {text}", width, " " * 7)]


def _all(tale: Tale, policy: Policy) -> Told:
    from .trials import can_be_given, other_answers

    found = other_answers(tale)
    data = {"mode": "all", "branches": [_branch_data(it) for it in found]}
    if not found:
        return data, ["Aucune autre réponse ne mènerait ailleurs."]
    told = [line for it in found if can_be_given(it) for line in _branch_lines(tale, it, policy)]
    return data, [" #  autre réponse, puis où elle mène", *told]


def _branch_data(branch: Branch) -> dict[str, Any]:
    from .trials import plain

    return {
        "seq": branch.change.seq,
        "name": branch.change.name,
        "value": plain(branch.change.value),
        "after": branch.after,
        "notices": list(branch.notices),
        "recorded_after": branch.recorded_after,
        "moves": branch.moves,
    }


def _branch_lines(tale: Tale, branch: Branch, policy: Policy) -> list[str]:
    from monespace_flows.support.words import screen_words

    from .french import shortened
    from .trials import plain, would_be_read

    width, change = width_of(None), branch.change
    answer = f"{change.name}={plain(change.value)} ({change.words.fr})"
    lines = wrapped(answer, width, f"{change.seq:>2}  ", " " * 6)
    after = screen_words(tale.flow, branch.after) if branch.moves else "même écran"
    read = (shortened(it, width - 8) for it in would_be_read(branch.notices, policy))
    for text in (f"→ {after}", *read):
        lines += wrapped(text, width, " " * 6, " " * 8)
    return lines


def _nearest(tale: Tale, cause: str) -> Told:
    from monespace_flows.support.messages import OURS

    from .trials import find_nearest, tell_nearest

    if cause in OURS:
        lines = ["Rien à changer : la personne attendait un message qui ne lui est pas parvenu."]
        return {"mode": "nearest", "nearest": None}, lines
    found = find_nearest(tale, cause)
    if found is None:
        lines = ["Rien à changer : aucun refus dans ce parcours."]
        return {"mode": "nearest", "nearest": None}, lines
    told = tell_nearest(tale, found)
    lines = [line for text in told for line in wrapped(text.fr, width_of(None))]
    return {"mode": "nearest", "nearest": _nearest_data(found)}, lines


def _nearest_data(found: Nearest) -> dict[str, Any]:
    from .trials import plain

    return {
        "seq": found.seq,
        "count": found.count,
        "whose": found.whose.value,
        "after": found.after,
        "text": found.text.fr,
        "changes": [{"name": it.name, "value": plain(it.value)} for it in found.changes],
    }
