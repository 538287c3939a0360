"""Two journeys side by side: how long they go the same way, and what first tells them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
from attrs import frozen

from ..facts import Facts
from ..journal import Entry

__all__ = ["Difference", "Parting", "compare"]


@frozen
class Difference:
    """One thing that differs: ``flow``, ``command``, a fact's name, ``state``, ``notices``."""

    what: str
    left: str
    right: str


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
    for what, left, right in (
        ("flow", one.flow, other.flow),
        ("command", one.command, other.command),
        *_answers(one.facts, other.facts),
        ("state", one.after, other.after),
        ("notices", ", ".join(one.notices), ", ".join(other.notices)),
        ("effects", _kinds(one), _kinds(other)),
    ):
        if left != right:
            yield Difference(what, left, right)


def _kinds(entry: Entry) -> str:
    return ", ".join(wish.kind for wish in entry.effects)


def _answers(one: Facts, other: Facts) -> Iterator[tuple[str, str, str]]:
    if type(one) is not type(other):
        return
    for each in attrs.fields(type(one)):
        if each.name in ("subject", "wait", "contacts", "contact", "terms_version"):
            continue
        yield each.name, _said(getattr(one, each.name)), _said(getattr(other, each.name))


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_said(each) for each in value)
    return str(getattr(value, "value", value))
