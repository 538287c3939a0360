"""Other answers than a journey had, and where they would have led: in words, without any effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from attrs import frozen

from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import ACCOUNT_JOURNAL
from monespace_flows.notices import words_of
from monespace_flows.policy import Policy
from monespace_flows.support.messages import OURS
from monespace_flows.support.nearest import Nearest, nearest
from monespace_flows.support.simulation import SimulatedStep, Simulation, simulate
from monespace_flows.support.whatif import (
    Branch,
    Change,
    ChangeUnreadable,
    branches,
    read_change,
)
from monespace_flows.support.words import EFFECTS, command_words, screen_words
from monespace_flows.wording import Text

from ..errors import Exit, Stop
from .french import Sentence, say_notice
from .source import Tale

__all__ = ()

SIMULATION = Text(
    "SIMULATION : rien n'est envoyé, rien n'est écrit.",
    "SIMULATION: nothing is sent, nothing is written.",
)
_AN_ACCOUNTS = Text(
    "ce journal est celui d'un compte : il n'y a pas de réponse à changer",
    "this journal is an account's: there is no answer to change",
)
_WHOSE = {
    "person": Text("La personne peut le faire.", "The person can do it."),
    "order": Text(
        "Seul l'Ordre peut changer cela : conseil départemental.",
        "Only the Order can change that: departmental council.",
    ),
    "time": Text(
        "Il faut attendre, ou demander un nouvel envoi.", "Wait, or ask for another message."
    ),
}


@frozen(kw_only=True)
class TrialStep:
    """One step of a simulation: what was pressed, and the screen that it would have led to.

    ``seen`` and ``done`` are what the person would have read and what would have been done, where
    that ``differs`` from what was recorded.
    """

    seq: int
    differs: bool
    pressed: Text
    screen: str
    seen: tuple[Sentence, ...] = ()
    done: tuple[Text, ...] = ()


@frozen(kw_only=True)
class Trial:
    """A simulation in words: its steps, the screens where it and the journey end, and why early."""

    steps: tuple[TrialStep, ...]
    end: str
    recorded_end: str
    stop: Text | None


def refuse_accounts(tale: Tale) -> Tale:
    """Hand a journey on that has answers to change.

    Raises:
        Stop: it is an account's journal, which has none.
    """
    if tale.flow.name == ACCOUNT_JOURNAL:
        raise Stop(Exit.USAGE, _AN_ACCOUNTS.fr, _AN_ACCOUNTS.en)
    return tale


def read_changes(tale: Tale, answers: Sequence[tuple[int, str]]) -> list[Change]:
    """Read other answers, each a line and ``identity=match``.

    Raises:
        Stop: one of them cannot be.
    """
    try:
        return [read_change(tale.entries, seq, text) for seq, text in answers]
    except ChangeUnreadable as error:
        raise Stop(
            Exit.USAGE,
            f"cette réponse ne peut pas être lue : {error.words.fr}",
            f"this answer cannot be read: {error.words.en}",
        ) from None


def other_answers(tale: Tale) -> list[Branch]:
    """Every single other answer that leads elsewhere, with where it leads."""
    return list(branches(FLOWS[tale.flow.name], tale.entries))


def can_be_given(branch: Branch) -> bool:
    """Whether somebody could give that answer: nobody could give that something was not asked."""
    return plain(branch.change.value) != "not_asked"


def plain(value: object) -> str:
    """An answer as it is typed: ``match``, ``true``."""
    return str(getattr(value, "value", value)).lower()


def try_out(
    tale: Tale, changes: Sequence[Change], shifts: Mapping[int, timedelta], policy: Policy
) -> Simulation:
    """Tell a journey again with other answers or at other times."""
    flow = FLOWS[tale.flow.name]
    return simulate(flow, tale.entries, changes=changes, shifts=shifts, policy=policy)


def tell_trial(tale: Tale, found: Simulation, policy: Policy) -> Trial:
    """Say in words how a simulation went."""
    return Trial(
        steps=tuple(_step(tale, turn, policy) for turn in found.turns),
        end=screen_words(tale.flow, found.state),
        recorded_end=screen_words(tale.flow, tale.entries[-1].after),
        stop=None if found.stop is None else found.stop.words,
    )


def _step(tale: Tale, turn: SimulatedStep, policy: Policy) -> TrialStep:
    effects = (EFFECTS.get(it, Text(it, it)) for it in turn.effects)
    return TrialStep(
        seq=turn.seq,
        differs=turn.differs,
        pressed=command_words(tale.flow, turn.before, turn.event),
        screen=screen_words(tale.flow, turn.after),
        seen=tuple(would_be_read(turn.notices, policy)) if turn.differs else (),
        done=tuple(effects) if turn.differs else (),
    )


def would_be_read(notices: Sequence[str], policy: Policy) -> Iterator[Sentence]:
    """The notices of a simulation; how long a wait would be is not known."""
    words = {**words_of(policy), "wait": "le temps demandé"}
    return (say_notice(it, words) for it in notices)


def find_nearest(tale: Tale, cause_id: str) -> Nearest | None:
    """The smallest change at the last refusal; ``None`` when there was none, or it was ours."""
    return None if cause_id in OURS else nearest(FLOWS[tale.flow.name], tale.entries)


def tell_nearest(tale: Tale, found: Nearest) -> tuple[Text, ...]:
    """Say what would have led on, where to, and who can do it."""
    after = screen_words(tale.flow, found.after)
    return (
        Text(f"Ligne {found.seq} : {found.text.fr}", f"Line {found.seq}: {found.text.en}"),
        Text(
            f"La personne serait alors à l'écran {after}.",
            f"The person would then be at the screen {after}.",
        ),
        _WHOSE[found.whose.value],
    )
