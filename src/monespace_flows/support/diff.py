"""Two journeys side by side: how long they go the same way, and what first tells them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

import attrs
from attrs import frozen

from ..facts import Facts
from ..journal.entry import Entry
from ..wording import Text
from .words import PROBLEM_WORDS, VERDICTS

__all__ = ["Difference", "Parting", "compare"]


@frozen
class Difference:
    """One thing that differs: ``flow``, ``command``, a fact's name, ``state``, ``notices``.

    ``words`` say both sides of a fact that has words of its own.
    """

    what: str
    left: str
    right: str
    words: tuple[Text, Text] | None = None


@frozen(kw_only=True)
class Parting:
    """Where two journeys part: after ``common`` lines, by what, and how each goes on."""

    common: int
    differences: tuple[Difference, ...]
    left: tuple[Entry, ...]
    right: tuple[Entry, ...]

    @property
    def same(self) -> bool:
        """Whether both go the same way to the end."""
        return not self.differences


def compare(left: Sequence[Entry], right: Sequence[Entry]) -> Parting:
    """Compare two journals, names and times left out."""
    for place, (one, other) in enumerate(zip(left, right, strict=False)):
        differences = tuple(_differences(one, other))
        if differences:
            return _parting(place, differences, left, right)
    common = min(len(left), len(right))
    if len(left) != len(right):
        ends = Difference("length", str(len(left)), str(len(right)))
        return _parting(common, (ends,), left, right)
    return _parting(common, (), left, right)


def _parting(
    common: int,
    differences: tuple[Difference, ...],
    left: Sequence[Entry],
    right: Sequence[Entry],
) -> Parting:
    return Parting(
        common=common,
        differences=differences,
        left=tuple(left[common:]),
        right=tuple(right[common:]),
    )


def _differences(one: Entry, other: Entry) -> Iterator[Difference]:
    for found in (
        Difference("flow", one.flow, other.flow),
        Difference("command", one.command, other.command),
        *_answers(one.facts, other.facts),
        Difference("state", one.after, other.after),
        Difference("notices", ", ".join(one.notices), ", ".join(other.notices)),
        Difference("effects", *_effects(one, other)),
    ):
        if found.left != found.right:
            yield found


def _effects(one: Entry, other: Entry) -> tuple[str, str]:
    left, right = one.told, other.told
    kinds = _kinds(one), _kinds(other)
    # Contents where nothing else differs, and where neither line was written without.
    if kinds[0] != kinds[1] or left is None or right is None:
        return kinds
    return ", ".join(left), ", ".join(right)


def _kinds(entry: Entry) -> str:
    return ", ".join(wish.kind for wish in entry.effects)


def _answers(one: Facts, other: Facts) -> Iterator[Difference]:
    if type(one) is not type(other):
        return
    for each in attrs.fields(type(one)):
        if each.name not in _PERSONAL:
            left, right = getattr(one, each.name), getattr(other, each.name)
            yield Difference(each.name, _said(left), _said(right), (_worded(left), _worded(right)))


_PERSONAL = {"subject", "wait", "contacts", "contact", "terms_version", "role", "offer_recovery"}
_NOTHING = Text("rien", "nothing")
_YES, _NO = Text("oui", "yes"), Text("non", "no")


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_said(each) for each in value)
    return str(getattr(value, "value", value))


def _worded(value: object) -> Text:
    if isinstance(value, tuple):
        words = [PROBLEM_WORDS[problem] for problem in value]
        return Text(", ".join(it.fr for it in words), ", ".join(it.en for it in words))
    if isinstance(value, bool):
        return _YES if value else _NO
    return VERDICTS.get(value, _NOTHING) if isinstance(value, Enum) else _NOTHING
