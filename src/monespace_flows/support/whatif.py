"""What if an answer had been another: every one that there could have been, told by the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from attrs import frozen

from ..chart import Flow
from ..errors import ChartRefused
from ..facts import Facts
from ..journal import Entry
from ..journey import Journey
from ..step import Stepped, begin
from .alternatives import closed_sets, complete, one_changed
from .table import Table
from .words import FIELDS, VERDICTS, Text

__all__ = ["Branch", "Change", "ChangeUnreadable", "attempt", "branches", "read_change"]


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


def branches(flow: Flow, entries: Sequence[Entry], table: Table | None = None) -> Iterator[Branch]:
    """Every single other answer at every line, with where it leads (``--all``)."""
    table = table or Table(flow)
    for journey, entry in _stands(table, entries):
        for name, value, facts in one_changed(entry.facts):
            stepped = attempt(table, journey, entry.command, complete(facts, journey), entry.at)
            if stepped is None:
                continue
            branch = Branch(
                change=Change(entry.seq, name, value),
                after=stepped.journey.state,
                notices=stepped.journey.notices,
                recorded_after=entry.after,
                recorded_notices=entry.notices,
            )
            if branch.moves or branch.notices != entry.notices:
                yield branch


def _stands(table: Table, entries: Sequence[Entry]) -> Iterator[tuple[Journey, Entry]]:
    start = entries[0]
    journey = begin(table.flow, start.reference, start.at, start.facts.subject)
    for entry in entries[1:]:
        yield journey, entry
        stepped = attempt(table, journey, entry.command, entry.facts, entry.at)
        if stepped is None:
            return
        journey = stepped.journey


def attempt(
    table: Table, journey: Journey, event: str, facts: Facts, at: datetime
) -> Stepped | None:
    """Take a step by the table, or say that it cannot be taken."""
    try:
        return table.step(journey, event, facts, at)
    except (ChartRefused, AssertionError):
        return None


def _plain(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value).lower()
