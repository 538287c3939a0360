"""Why a journey stands where it stands, from the verdicts of its journal alone.

The cause is that of its last *spell*, the steps since it last moved: the last refusal of the spell,
how often it came, and what was refused before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from enum import Enum

from attrs import frozen

from ..facts import (
    TickFacts,
)
from ..journal.deliveries import Delivery
from ..journal.entry import Entry
from ..policy import Policy
from ..retelling.compiled import FlowOutline
from ..rules.waits import journey_end
from ..wording import Cause, Text
from .catalogue import CAUSES
from .messages import OURS, cause_of_message, left_late, say_message
from .refusals import refusal
from .waits import say_until, wait_end
from .words import PROBLEM_WORDS, flow_words, say_span, say_times

__all__ = ["Diagnosis", "Status", "diagnose"]


class Status(Enum):
    """Where a journey stands, in one word."""

    BLOCKED = "blocked"
    OPEN = "open"
    DONE = "done"
    EXPIRED = "expired"
    ABANDONED = "abandoned"

    @property
    def words(self) -> Text:
        """The word, in capitals, for a header."""
        return _STATUS_WORDS[self]


_STATUS_WORDS = {
    Status.BLOCKED: Text("BLOQUÉ", "BLOCKED"),
    Status.OPEN: Text("EN COURS", "OPEN"),
    Status.DONE: Text("TERMINÉ", "DONE"),
    Status.EXPIRED: Text("EXPIRÉ", "EXPIRED"),
    Status.ABANDONED: Text("ABANDONNÉ", "ABANDONED"),
}


@frozen(kw_only=True)
class Diagnosis:
    """What support says of a journey: ``cause`` in words, the way out, and how often.

    ``short`` is the cause in the few words that a list has room for.
    """

    status: Status
    cause_id: str
    count: int
    short: Text
    cause: Text
    way_out: Text
    why: Text


def diagnose(
    flow: FlowOutline,
    entries: Sequence[Entry],
    *,
    now: datetime | None = None,
    policy: Policy | None = None,
    zone: tzinfo = UTC,
    deliveries: Sequence[Sequence[Delivery]] = (),
) -> Diagnosis:
    """Say why a journey stands where it stands.

    Args:
        flow: its definition.
        entries: its journal, read and checked; at least the start.
        now: the present, to tell an abandoned journey from one that goes on; else unknown.
        policy: the lives of journeys.
        zone: in which hours are said.
        deliveries: what became of its messages, each from its first line on.
    """
    last = entries[-1]
    expired = last.after in flow.finals and last.after == "expired"
    cut = expired and (last.command == _RESTART or isinstance(last.facts, TickFacts))
    spell = _spell(entries[:-1] if cut else entries)
    pressed = _cause_id(flow, spell)
    late = _is_late(flow, entries, now, policy)
    is_over = expired or (late and bool(flow.finals))  # an account's own journal never ends
    of_message = cause_of_message(pressed, entries, deliveries, now=now, is_over=is_over)
    cause_id = of_message or pressed
    cause = CAUSES.get(cause_id, CAUSES["unexplained"])
    refusals = Counter(found for found in map(refusal, spell) if found is not None)
    entry = next((it for it in reversed(spell) if refusal(it) == cause.id), spell[-1])
    end = wait_end(entry)
    words = _words(entry, refusals[cause.id], end, now, zone)
    status = _status(
        flow,
        last,
        halts=_halts(cause, refusals[cause.id], is_waited=_is_past(end, now)),
        is_saved=cause.id == "done.settings_saved",
        unended=_unended(cause, late=late),
    )
    # What was pressed for want of a message that never came is no fault to be told.
    before = _NOTHING if cause_id in OURS else _said_before(refusals, cause_id)
    ended = _ended(last, policy or Policy(), cut=cut) if expired else _NOTHING
    is_told = of_message or left_late(pressed, entries, deliveries)
    sent = say_message(entries, deliveries, zone) if is_told else _NOTHING
    said = _join(cause.text.filled(**words), sent, before, ended)
    out = _way_out(cause, cause.way_out.filled(**words), last, is_over=is_over)
    return Diagnosis(
        status=status,
        cause_id=cause.id,
        count=refusals[cause_id],
        short=_in_short(cause, words, until=say_until(end, since=entry.at, now=None, zone=zone)[0]),
        cause=said,
        way_out=out,
        why=_paragraph(entries, status, said, out, zone),
    )


def _way_out(cause: Cause, text: Text, last: Entry, *, is_over: bool) -> Text:
    """What there is to do: on a screen that is gone, nothing any more."""
    if is_over and cause.id.startswith(_WAITS):
        return _START_AGAIN
    starts_again = last.after == "expired" and cause.id not in _FOR_OTHERS
    return _join(text, _START_AGAIN if starts_again else _NOTHING)


def _ended(last: Entry, policy: Policy, *, cut: bool) -> Text:
    if last.command == _RESTART:
        return _GIVEN_UP
    return _WORN if cut and last.seq > policy.journeys.steps else _EXPIRED


def is_overdue(flow: FlowOutline, entries: Sequence[Entry], now: datetime, policy: Policy) -> bool:
    """Whether a journey that nobody came back to is past its end."""
    last = entries[-1]
    if last.after in flow.finals:
        return False
    if last.seq >= policy.journeys.steps:
        return True
    life = flow.lives.get(last.after)
    entered = next(e.at for e in reversed(entries) if e.before != e.after or e.seq == 0)
    extended = [e.at for e in entries if e.command == _EXTEND]
    end = journey_end(
        entries[0].at,
        entered,
        extended[-1] if extended else None,
        life(policy) if life else None,
        policy.journeys,
    )
    return now >= end


def _is_late(
    flow: FlowOutline, entries: Sequence[Entry], now: datetime | None, policy: Policy | None
) -> bool:
    return now is not None and is_overdue(flow, entries, now, policy or Policy())


def _spell(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The steps since the journey last moved, with the one that moved it."""
    for place in range(len(entries) - 1, -1, -1):
        if entries[place].before != entries[place].after:
            return entries[place:]
    return entries


def _cause_id(flow: FlowOutline, spell: Sequence[Entry]) -> str:
    state = spell[-1].after
    decisive = next((e for e in reversed(spell) if e.command not in _INDECISIVE), spell[0])
    found = refusal(decisive)
    if found is not None:
        return found
    if state in flow.finals:
        return f"done.{state}"
    if {"settings.saved", "settings.unchanged"} & {*decisive.notices}:
        return "done.settings_saved"
    if any(refusal(e) == "entry.erased" for e in spell):
        return "entry.erased"
    return f"{_WAITS}{state}"


_WAITS = "waiting."
_EXTEND = "extend"
_RESTART = "restart"
_INDECISIVE = {_EXTEND, "tick"}


_SLIPS = 3
"""Who makes the same slip so often does not find the way out alone."""


def _halts(cause: Cause, count: int, *, is_waited: bool) -> bool:
    return cause.halts and not is_waited and (not cause.is_slip or count >= _SLIPS)


def _is_past(end: datetime | None, now: datetime | None) -> bool:
    return end is not None and now is not None and now >= end


def _status(
    flow: FlowOutline, last: Entry, *, halts: bool, is_saved: bool, unended: Status
) -> Status:
    if last.command == _RESTART:
        return Status.ABANDONED
    if last.after in flow.finals:
        return Status.EXPIRED if last.after == "expired" else Status.DONE
    if is_saved:
        return Status.DONE
    if halts:
        return Status.BLOCKED
    if not flow.finals:  # an account's own journal: each act is done, and nobody is on the way
        return Status.DONE
    return unended


def _unended(cause: Cause, *, late: bool) -> Status:
    """Where a journey stands that came to no end: past its life somebody may have come back."""
    if not late:
        return Status.OPEN
    return Status.EXPIRED if cause.id == _CAME_TOO_LATE else Status.ABANDONED


_CAME_TOO_LATE = "link.expired"


# --- in words ------------------------------------------------------------------------------------

_NOTHING = Text("", "")
_EXPIRED = Text("Puis la demande a expiré.", "Then the journey expired.")
_WORN = Text(
    "Puis la demande a expiré : elle comptait trop d'étapes.",
    "Then the journey expired: it had too many steps.",
)
_GIVEN_UP = Text("Puis la demande a été abandonnée.", "Then the journey was given up.")
_START_AGAIN = Text("Recommencer une demande.", "Start a new journey.")
_FOR_OTHERS = {
    "account.disabled",
    "account.frozen",
    "doctor.gone",
    "identity.not_admitted",
    "identity.no_contact",
}
"""What the person can correct nothing of: to start again would lead to the same place."""


def _words(
    entry: Entry, count: int, end: datetime | None, now: datetime | None, zone: tzinfo
) -> dict[str, Text]:
    """What the texts of a cause may name, of the step that it comes from."""
    until, after = say_until(end, since=entry.at, now=now, zone=zone)
    problems = [PROBLEM_WORDS[problem] for problem in entry.facts.problems]
    return {
        "times": say_times(count),
        "wait": say_span(entry.facts.wait),
        "until": until,
        "after": after,
        "problems": _listed(problems, Text("trop faible", "too weak")),
    }


def _in_short(cause: Cause, words: dict[str, Text], until: Text) -> Text:
    if cause.short is None:
        told = cause.text.filled(**words)
        return Text(*(f"{it[0].lower()}{it[1:]}".rstrip(".") for it in (told.fr, told.en)))
    return _join(cause.short, until, between="")


def _listed(words: Sequence[Text], otherwise: Text) -> Text:
    if not words:
        return otherwise
    return Text(", ".join(word.fr for word in words), ", ".join(word.en for word in words))


def _said_before(refusals: Counter[str], cause_id: str) -> Text:
    others = []
    for found, count in refusals.items():
        short = CAUSES[found].short if found in CAUSES else None
        if found != cause_id and short is not None:
            times = say_times(count)
            others.append(Text(f"{short.fr} ({times.fr})", f"{short.en} ({times.en})"))
    if not others:
        return _NOTHING
    listed = _listed(others, _NOTHING)
    return Text(f"Auparavant : {listed.fr}.", f"Before that: {listed.en}.")


def _join(*texts: Text, between: str = " ") -> Text:
    return Text(
        between.join(text.fr for text in texts if text.fr),
        between.join(text.en for text in texts if text.en),
    )


def _paragraph(
    entries: Sequence[Entry], status: Status, cause: Text, way_out: Text, zone: tzinfo
) -> Text:
    start = entries[0]
    at = start.at.astimezone(zone)
    flow = flow_words(start.flow)
    name = Text(flow.fr[0].upper() + flow.fr[1:], flow.en[0].upper() + flow.en[1:])
    head = Text(
        f"{name.fr}, parcours {start.reference} du {at:%d/%m/%Y} à {at:%H:%M} : "
        f"{status.words.fr.lower()}.",
        f"{name.en}, journey {start.reference} of {at:%d/%m/%Y} at {at:%H:%M}: "
        f"{status.words.en.lower()}.",
    )
    return _join(head, cause, Text(f"Que faire : {way_out.fr}", f"What to do: {way_out.en}"))
