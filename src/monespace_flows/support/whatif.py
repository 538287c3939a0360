"""Every answer that the world could have given instead, from the closed sets of the facts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import attrs
from attrs import evolve, frozen

from ..chart import Flow
from ..facts import (
    AccountVerdict,
    Channel,
    Contact,
    Facts,
    IdentityFacts,
    IdentityVerdict,
    Role,
    SendFacts,
    SendVerdict,
)
from ..journal.entry import Entry
from ..journey import Journey
from ..retelling.fold import fold
from ..retelling.table import DecisionTable
from ..wording import Text
from .words import FIELDS, VERDICTS

__all__ = ["Branch", "Change", "ChangeUnreadable", "branches", "read_change"]

_NEVER: dict[type[Facts], Enum] = {IdentityFacts: AccountVerdict.CHANGED}
"""What cannot be answered: nothing has changed since the account was found when it is found."""

_SOMEWHERE = tuple(Contact("", channel, "…") for channel in Channel)


def closed_sets(kind: type[Facts]) -> Mapping[str, tuple[Any, ...]]:
    """The fields of a facts type that answer from a closed set, with that set."""
    attrs.resolve_types(kind)
    sets: dict[str, tuple[Any, ...]] = {}
    for one in attrs.fields(kind):
        if isinstance(one.type, type) and issubclass(one.type, Enum):
            sets[one.name] = tuple(it for it in one.type if it is not _NEVER.get(kind))
        elif one.type is bool:
            sets[one.name] = (False, True)
    return sets


def all_facts(facts: Facts) -> Iterator[Facts]:
    """Every combination of answers for these facts' type, without wrong forms."""
    sets = closed_sets(type(facts))
    for values in itertools.product(*sets.values()):
        yield evolve(facts, problems=(), wait=0, **dict(zip(sets, values, strict=True)))


def _one_changed(facts: Facts) -> Iterator[tuple[str, Any, Facts]]:
    """The facts with one answer changed: its name, the other answer, and the facts."""
    for name, values in closed_sets(type(facts)).items():
        for value in values:
            if value is not getattr(facts, name):
                yield name, value, evolve(facts, problems=(), wait=0, **{name: value})


def complete(facts: Facts, journey: Journey) -> Facts:
    """Add what comes along with an answer: a known doctor has contacts, a code a destination.

    And leave out what does not: of somebody who is not recognised no account is told.
    """
    if isinstance(facts, IdentityFacts):
        return _complete_identity(facts)
    if isinstance(facts, SendFacts) and facts.send is SendVerdict.POSSIBLE and not facts.contact:
        offered = (*((journey.contact,) if journey.contact else ()), *journey.contacts, *_SOMEWHERE)
        return evolve(facts, contact=offered[0])
    return facts


def _complete_identity(facts: IdentityFacts) -> IdentityFacts:
    if facts.identity is IdentityVerdict.NO_CONTACT:
        return evolve(facts, contacts=())
    if facts.identity is not IdentityVerdict.MATCH:
        return evolve(facts, account=AccountVerdict.NOT_ASKED, role=None, contacts=())
    known = facts.account is not AccountVerdict.NOT_ASKED
    return evolve(
        facts,
        account=facts.account if known else AccountVerdict.NONE,
        contacts=facts.contacts or _SOMEWHERE,
        role=facts.role or Role.DOCTOR,
        offer_recovery=True if not known else facts.offer_recovery,
    )


# --- where another answer leads -------------------------------------------------------------------

_OTHERS = {
    "not_asked": Text("pas demandé", "not asked"),
    "true": Text("oui", "yes"),
    "false": Text("non", "no"),
}


@frozen
class Change:
    """Another answer at a line: a field of its facts and the value that it would have."""

    seq: int
    name: str
    value: Any

    @property
    def words(self) -> Text:
        """The change in words."""
        plain = _plain(self.value)
        value = VERDICTS.get(self.value) or _OTHERS.get(plain) or Text(plain, plain)
        name = FIELDS.get(self.name) or Text(self.name, self.name)
        return Text(f"{name.fr} : {value.fr}", f"{name.en}: {value.en}")


@frozen(kw_only=True)
class Branch:
    """Where one other answer leads: the state after its step, and what the person would see."""

    change: Change
    after: str
    notices: tuple[str, ...]
    recorded_after: str
    recorded_notices: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether the person would stand on another screen."""
        return self.after != self.recorded_after


class ChangeUnreadable(ValueError):
    """A change that cannot be; ``words`` say what can."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


def read_change(entries: Sequence[Entry], seq: int, text: str) -> Change:
    """Read ``identity=match`` for a line.

    Raises:
        ChangeUnreadable: no such line, field or value.
    """
    if not 0 < seq < len(entries):
        last = len(entries) - 1
        raise ChangeUnreadable(
            Text(
                f"il n'y a pas de ligne {seq} : 1 à {last}", f"there is no line {seq}: 1 to {last}"
            )
        )
    name, _, wanted = text.partition("=")
    sets = closed_sets(type(entries[seq].facts))
    if name not in sets:
        known = ", ".join(sets)
        raise ChangeUnreadable(
            Text(
                f"la ligne {seq} ne répond qu'à {known}"
                if known
                else f"la ligne {seq} ne répond à rien qui puisse changer",
                f"line {seq} knows {known or 'nothing that could be another'}",
            )
        )
    for value in sets[name]:
        if _plain(value) == wanted:
            return Change(seq, name, value)
    choices = ", ".join(map(_plain, sets[name]))
    raise ChangeUnreadable(
        Text(f"{name} : une réponse parmi {choices}", f"{name} is one of {choices}")
    )


def branches(flow: Flow, entries: Sequence[Entry]) -> Iterator[Branch]:
    """Every single other answer at every line, with where it leads (``--all``)."""
    table = DecisionTable(flow)
    for journey, entry, _ in fold(table.answer, table.start(entries[0]), entries[1:]):
        for name, value, facts in _one_changed(entry.facts):
            outcome = table.decide(journey, entry.command, complete(facts, journey), entry.at)
            if outcome.after is None:
                continue
            branch = Branch(
                change=Change(entry.seq, name, value),
                after=outcome.state,
                notices=tuple(outcome.notices),
                recorded_after=entry.after,
                recorded_notices=entry.notices,
            )
            if branch.moves or branch.notices != entry.notices:
                yield branch


def _plain(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value).lower()
