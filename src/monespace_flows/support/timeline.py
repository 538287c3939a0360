"""A journey as a line of moments: what the person saw, what the machine knew, what was possible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen

from ..facts import IdentityFacts, NoFacts
from ..journal.entry import Entry
from ..notices import NOTICES, PROBLEMS
from ..retelling.compiled import FlowOutline
from ..wording import Text
from .refusals import refusal
from .words import EFFECTS, command_words, fact_words

__all__ = ["Moment", "is_key", "timeline"]

_SENDING = {"SendCode", "SendLetter", "SendResetLink", "WarnHolder"}


@frozen(kw_only=True)
class Moment:
    """One line of a journal in words.

    ``gap`` is the time since the line before, ``sends`` whether a code, a link or a letter left.
    ``title`` is that of the screen before the step, ``title_after`` of the one after; ``seen`` are
    the sentences then shown, as the guide has them (numbers still in braces), ``wait`` the seconds
    that they name; ``possible`` the buttons of the screen after, as far as the journal tells which
    are shown.
    """

    seq: int
    at: datetime
    gap: timedelta
    state: str
    state_after: str
    title: str
    title_after: str
    pressed: Text
    known: tuple[Text, ...]
    seen: tuple[str, ...]
    wait: int
    notices: tuple[str, ...]
    effects: tuple[Text, ...]
    sends: bool
    possible: tuple[str, ...]
    refused: str | None


def timeline(flow: FlowOutline, entries: Sequence[Entry]) -> tuple[Moment, ...]:
    """Tell a journal that has been read and checked."""
    moments = []
    before, truths = entries[0].at, frozenset[str]()
    for entry in entries:
        truths = _truths(entry, truths)
        moments.append(_moment(flow, entry, entry.at - before, truths))
        before = entry.at
    return tuple(moments)


def is_key(moment: Moment) -> bool:
    """Whether something was told: the screen said it, refused, or a message was sent."""
    return bool(moment.notices or moment.seen) or moment.refused is not None or moment.sends


def _moment(flow: FlowOutline, entry: Entry, gap: timedelta, truths: frozenset[str]) -> Moment:
    shown = [NOTICES[notice].text for notice in entry.notices if notice in NOTICES]
    wrong = [PROBLEMS[problem] for problem in entry.facts.problems]
    known = () if isinstance(entry.facts, NoFacts) else fact_words(entry.facts)
    return Moment(
        seq=entry.seq,
        at=entry.at,
        gap=gap,
        state=entry.before,
        state_after=entry.after,
        title=_title(flow, entry.before),
        title_after=_title(flow, entry.after),
        pressed=command_words(flow, entry.before, entry.command),
        known=known,
        seen=(*shown, *wrong),
        wait=entry.facts.wait,
        notices=entry.notices,
        effects=tuple(EFFECTS.get(it.kind, Text(it.kind, it.kind)) for it in entry.effects),
        sends=any(it.kind in _SENDING for it in entry.effects),
        possible=_possible(flow, entry.after, truths),
        refused=refusal(entry),
    )


def _title(flow: FlowOutline, state: str) -> str:
    screen = flow.screens.get(state)
    return screen.title if screen is not None else state


def _possible(flow: FlowOutline, state: str, truths: frozenset[str]) -> tuple[str, ...]:
    screen = flow.screens.get(state)
    buttons = screen.buttons if screen is not None else ()
    return tuple(it.label for it in buttons if it.requires is None or it.requires in truths)


def _truths(entry: Entry, before: frozenset[str]) -> frozenset[str]:
    """What decides which buttons are shown, once the doctor was found.

    The buttons that a refusal brings are left to the words of its cause.
    """
    facts = entry.facts
    if not isinstance(facts, IdentityFacts):
        return before
    found = {"offer_recovery": facts.offer_recovery, "has_other_contact": len(facts.contacts) > 1}
    return frozenset(name for name, holds in found.items() if holds)
