"""A chart as a decision table of plain functions: the one evaluator of what is told again.

python-statemachine stays the definition, and the engine of every live step.  The rules are read
from it once, and a test proves that both decide alike on every reachable state, command and facts.
:class:`MemoizedTable` remembers what each standing answers to each command and facts, so that the
second journey that goes the same way costs a dictionary look-up a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from attrs import frozen
from statemachine.transition import Transition

from ..chart import Action, Chart, Flow, Guard, Row, Slot, inline, rows, transitions
from ..commands import COMMANDS
from ..errors import ChartRefused, FactsUnfit
from ..facts import Facts
from ..journal.entry import Entry
from ..journal.text import read_facts
from ..journey import Journey
from ..step import Stepped, begin, load, settle
from .fold import Outcome, Replay, retell_by
from .standing import EPOCH, facts_key, standing

__all__ = ["DecisionTable", "MemoizedTable", "RowId", "numbered_rows", "replay"]


@frozen(order=True)
class RowId:
    """Which row: the ``number``-th, from 0, of those tried for an event in a state."""

    flow: str
    state: str
    event: str
    number: int

    def __str__(self) -> str:
        return f"{self.flow}.{self.state}.{self.event}[{self.number}]"


def numbered_rows(flow: Flow) -> dict[RowId, Row]:
    """Number every row of a flow's table."""
    numbered: dict[RowId, Row] = {}
    tried: dict[tuple[str, str], int] = {}
    for row in rows(flow.chart):
        number = tried.get((row.source, row.event), 0)
        tried[row.source, row.event] = number + 1
        numbered[RowId(flow.name, row.source, row.event, number)] = row
    return numbered


@frozen
class _Rule:
    guards: tuple[tuple[Guard, bool], ...]
    actions: tuple[Action, ...]
    target: str

    def lets_through(self, slot: Slot) -> bool:
        return all(bool(guard(slot)) is expected for guard, expected in self.guards)


class DecisionTable:
    """A flow's chart as plain rules: of those for an event in a state, the first that fits decides.

    A flow's lint has seen to it that a chart does nothing beside its rows.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._rules = _rules(flow.chart)

    def row_taken(
        self, journey: Journey, event: str, facts: Facts, at: datetime
    ) -> tuple[RowId, str] | None:
        """Say which row decides and where it leads; ``None`` when no guard lets one through."""
        slot = _slot(journey, facts, at)
        for number, rule in enumerate(self._tried(journey.state, event)):
            if rule.lets_through(slot):
                return RowId(self.flow.name, journey.state, event, number), rule.target
        return None

    def step(self, journey: Journey, event: str, facts: Facts, at: datetime) -> Stepped:
        """Take one step; see :func:`monespace_flows.step.step`."""
        slot = _slot(journey, facts, at)
        rule = next((it for it in self._tried(journey.state, event) if it.lets_through(slot)), None)
        if rule is None:
            raise ChartRefused(f"{self.flow.name}.{journey.state} has no row for these facts")
        for action in rule.actions:
            action(slot)
        slot.state = rule.target
        return settle(slot, journey)

    def decide(self, journey: Journey, event: str, facts: Facts, at: datetime) -> Outcome[Journey]:
        """Take one step, or say why it cannot be taken."""
        try:
            stepped = self.step(journey, event, facts, at)
        except ChartRefused:
            return Outcome(None, "not offered")
        except FactsUnfit:  # no gatherer brings these there
            return Outcome(None, "facts that do not fit")
        after = stepped.journey
        told = [effect.told for effect in stepped.effects]
        screen = self.flow.screens[after.state].id
        return Outcome(after, after.state, after.notices, told, screen)

    def start(self, entry: Entry) -> Journey:
        """Where the first line of a journal leaves the person."""
        return begin(self.flow, entry.reference, entry.at, entry.facts.subject)

    def answer(self, journey: Journey, entry: Entry) -> Outcome[Journey]:
        """What the table decides on a line of a journal."""
        return self.decide(journey, entry.command, entry.facts, entry.at)

    def _tried(self, state: str, event: str) -> Sequence[_Rule]:
        found = self._rules.get((state, event))
        if found is None:
            raise ChartRefused(f"{self.flow.name}.{state} has no row for this event")
        return found


def replay(flow: Flow, entries: Sequence[Entry]) -> Replay[Journey]:
    """Tell a journey again from its journal, with no port and nothing to send.

    Because the facts are recorded, the same steps through the same table must give the same states,
    effects and notices.

    Raises:
        JournalDamaged: the journal does not begin with a start.
    """
    table = DecisionTable(flow)
    return retell_by(table.answer, table.start, entries)


class MemoizedTable:
    """A flow's table with everything that it answered so far, by the number of the standing."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.answers: dict[tuple[Any, ...], Outcome[int]] = {}
        self._table = DecisionTable(flow)
        self._commands = {**COMMANDS, **flow.commands_by_event}
        self._standings: list[Journey] = []
        self._numbers: dict[Journey, int] = {}
        self.start = self._number(begin(flow, "", EPOCH))

    def answer(self, number: int, line: Mapping[str, Any]) -> Outcome[int]:
        """What the table decides on a decoded line of a journal."""
        event, facts = line["command"], line["facts"]
        key = (number, event, facts_key(facts))
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = self._decide(number, event, facts)
        return found

    def _decide(self, number: int, event: str, facts: Mapping[str, Any]) -> Outcome[int]:
        command = self._commands.get(event)
        if command is None:
            return Outcome(None, "unknown command")
        try:
            known = read_facts(facts, command.facts)
        except ValueError:
            return Outcome(None, "unknown facts")
        found = self._table.decide(self._standings[number], event, known, EPOCH)
        # Lists, as decoded lines have them.
        return Outcome(
            None if found.after is None else self._number(found.after),
            found.state,
            [*found.notices],
            [*found.told],
            found.screen,
        )

    def _number(self, journey: Journey) -> int:
        bare = standing(journey)
        number = self._numbers.get(bare)
        if number is None:
            number = self._numbers[bare] = len(self._standings)
            self._standings.append(bare)
        return number


# --- what is read from a chart -------------------------------------------------------------------


@cache
def _rules(chart: type[Chart]) -> Mapping[tuple[str, str], Sequence[_Rule]]:
    rules: dict[tuple[str, str], list[_Rule]] = {}
    for state, event, transition in transitions(chart):
        rules.setdefault((state, event), []).append(_rule(transition))
    return rules


def _rule(transition: Transition) -> _Rule:
    return _Rule(
        guards=tuple((spec.func, bool(spec.expected_value)) for spec in inline(transition.cond)),
        actions=tuple(spec.func for spec in inline(transition.on)),
        target=transition.targets[0].id,
    )


def _slot(journey: Journey, facts: Facts, at: datetime) -> Slot:
    slot = Slot()
    load(slot, journey, facts, at)
    return slot
