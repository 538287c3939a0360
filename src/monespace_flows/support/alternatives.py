"""Every answer that the world could have given instead, from the closed sets of the facts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import attrs
from attrs import evolve

from ..facts import (
    AccountVerdict,
    Channel,
    Contact,
    Deadline,
    Facts,
    IdentityFacts,
    IdentityVerdict,
    Problem,
    Role,
    SendFacts,
    SendVerdict,
)
from ..journey import Journey

__all__ = ["answers", "closed_sets", "complete", "one_changed", "worlds"]

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


def answers(facts: Facts) -> Iterator[Facts]:
    """Every combination of answers for these facts' type, without wrong forms."""
    sets = closed_sets(type(facts))
    for values in itertools.product(*sets.values()):
        yield evolve(facts, problems=(), wait=0, **dict(zip(sets, values, strict=True)))


def one_changed(facts: Facts) -> Iterator[tuple[str, Any, Facts]]:
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


def worlds(kind: type[Facts]) -> Iterator[Facts]:
    """Every world that a table could meet: all answers, with and without wrong forms, contacts.

    More than the driver can bring: a table must decide alike even there.
    """
    base: dict[str, Any] = {"deadline": Deadline.ENTRY} if "deadline" in closed_sets(kind) else {}
    for facts in answers(kind(**base)):
        for problems in ((), (Problem.EMAIL_SHAPE,)):
            yield from _with_contacts(evolve(facts, problems=problems))


def _with_contacts(facts: Facts) -> Iterator[Facts]:
    if isinstance(facts, IdentityFacts):
        for contacts in ((), _SOMEWHERE[:1], _SOMEWHERE[1:], _SOMEWHERE):
            yield evolve(facts, contacts=contacts)
    elif isinstance(facts, SendFacts):
        for contact in (None, *_SOMEWHERE):
            yield evolve(facts, contact=contact)
    else:
        yield facts
