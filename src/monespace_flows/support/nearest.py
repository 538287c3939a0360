"""The fewest answers to change so that a refused person goes on (``whatif --nearest``)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from attrs import evolve, frozen

from ..chart import Flow
from ..facts import (
    AccountVerdict,
    CodeVerdict,
    DoctorVerdict,
    EmailVerdict,
    Facts,
    IdentityVerdict,
    LinkRequestVerdict,
    LinkVerdict,
    Problem,
    SendVerdict,
    SignInVerdict,
)
from ..journal.entry import Entry
from ..journey import Journey
from ..retelling.fold import Outcome, fold
from ..retelling.table import DecisionTable
from ..wording import Text
from .refusals import refusal
from .whatif import Change, all_facts, closed_sets, complete
from .words import FIELDS, PROBLEM_WORDS

__all__ = ["Nearest", "nearest"]


class Whose(Enum):
    """Who can give another answer."""

    PERSON = "person"
    ORDER = "order"
    TIME = "time"


@frozen(kw_only=True)
class Nearest:
    """The smallest change: at which line, which answers, whose they are, and where it leads."""

    seq: int
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    whose: Whose
    after: str
    text: Text

    @property
    def count(self) -> int:
        """How many answers change: a field that is wrong in two ways is one."""
        return len(_beside(self.changes, self.problems)) + len({it.field for it in self.problems})


def nearest(flow: Flow, entries: Sequence[Entry]) -> Nearest | None:
    """Find the smallest change at the last refusal; ``None`` when nothing was refused."""
    table = DecisionTable(flow)
    entry = next((it for it in reversed(entries) if _is_refused(it)), None)
    if entry is None:
        return None
    folded = fold(table.answer, table.start(entries[0]), entries[1:])
    journey = next((before for before, line, _ in folded if line.seq == entry.seq), None)
    if journey is None:
        return None  # today's table does not come there
    best: tuple[int, tuple[Change, ...], str] | None = None
    for facts in all_facts(entry.facts):
        changes = _changes(entry, facts)
        if best is not None and len(changes) >= best[0]:
            continue
        full = complete(facts, journey)
        outcome = table.decide(journey, entry.command, full, entry.at)
        if _goes_on(entry, full, outcome):
            best = (len(changes), changes, outcome.state)
    if best is None:
        return None
    return _told(entry, best[1], best[2])


def _is_refused(entry: Entry) -> bool:
    return refusal(entry) not in (None, "entry.erased")


def _changes(entry: Entry, facts: Facts) -> tuple[Change, ...]:
    """The answers that differ; one that had not been asked for is no change."""
    return tuple(
        Change(entry.seq, name, getattr(facts, name))
        for name in closed_sets(type(facts))
        if getattr(facts, name) is not getattr(entry.facts, name)
        and _was_asked(getattr(entry.facts, name))
    )


def _was_asked(value: object) -> bool:
    return not isinstance(value, Enum) or value.value != "not_asked"


def _goes_on(entry: Entry, facts: Facts, outcome: Outcome[Journey]) -> bool:
    if outcome.after is None or outcome.after.problems or outcome.state == "expired":
        return False
    told = evolve(
        entry, facts=facts, effects=(), after=outcome.state, notices=tuple(outcome.notices)
    )
    return refusal(told) is None and (
        outcome.state != entry.before or "settings.saved" in outcome.notices
    )


# --- in words ------------------------------------------------------------------------------------

_NAMED: dict[object, Text] = {
    IdentityVerdict.RPPS_UNKNOWN: Text("le numéro RPPS", "the RPPS number"),
    IdentityVerdict.BIRTH_DATE_DIFFERS: Text("la date de naissance", "the birth date"),
    IdentityVerdict.NOT_ADMITTED: Text("le statut au registre", "the status in the registry"),
    IdentityVerdict.NO_CONTACT: Text("les contacts au registre", "the contacts in the registry"),
}
_OF_ORDER = {
    IdentityVerdict.NOT_ADMITTED,
    IdentityVerdict.NO_CONTACT,
    AccountVerdict.EXISTS,
    AccountVerdict.NONE,
    AccountVerdict.CHANGED,
    AccountVerdict.FROZEN,
    DoctorVerdict.GONE,
    SendVerdict.CONTACT_GONE,
    SignInVerdict.DISABLED,
    SignInVerdict.NOT_ADMITTED,
    SignInVerdict.FROZEN,
    LinkRequestVerdict.DISABLED,
    LinkRequestVerdict.UNCONFIRMED,
    False,
}
_OF_TIME = {
    IdentityVerdict.THROTTLED,
    CodeVerdict.EXPIRED,
    CodeVerdict.EXHAUSTED,
    SendVerdict.TOO_SOON,
    SendVerdict.EXHAUSTED,
    SendVerdict.CHANNEL_CLOSED,
    EmailVerdict.THROTTLED,
    SignInVerdict.LOCKED,
    LinkRequestVerdict.THROTTLED,
    LinkVerdict.INVALID,
}


_FACT_OF = {
    "accept_terms": "terms",
    "email_confirmation": "email",
    "password_confirmation": "password",
    "current_password": "current",
}
"""The fact that a field answers, where it has another name."""


def _beside(changes: Sequence[Change], problems: Sequence[Problem]) -> list[Change]:
    """The changes of which no field's problem speaks already."""
    told = {_FACT_OF.get(problem.field, problem.field) for problem in problems}
    return [change for change in changes if change.name not in told]


def _told(entry: Entry, changes: tuple[Change, ...], after: str) -> Nearest:
    old = [getattr(entry.facts, change.name) for change in changes]
    named = [
        _NAMED.get(getattr(entry.facts, change.name), FIELDS[change.name])
        for change in _beside(changes, entry.facts.problems)
    ]
    fields = {problem.field: PROBLEM_WORDS[problem] for problem in entry.facts.problems}
    listed = [*named, *fields.values()]
    return Nearest(
        seq=entry.seq,
        changes=changes,
        problems=entry.facts.problems,
        whose=_whose(old),
        after=after,
        text=Text(
            "À corriger : " + ", ".join(text.fr for text in listed) + ".",
            "To correct: " + ", ".join(text.en for text in listed) + ".",
        ),
    )


def _whose(old: Sequence[object]) -> Whose:
    if any(value in _OF_ORDER for value in old):
        return Whose.ORDER
    return Whose.TIME if any(value in _OF_TIME for value in old) else Whose.PERSON
