"""The places of a table: which row decides a command, by trying the guards from the top.

This reads the table as a person does, beside the library that runs it: two readings that must
agree on every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve, frozen
from statemachine.transition import Transition

from ..chart import Flow, Row, Slot, rows
from ..facts import Facts
from ..journey import Journey

__all__ = ["Place", "place_taken", "places"]


@frozen(order=True)
class Place:
    """Where a row stands: the ``number``-th, from 0, of those tried for an event in a state."""

    flow: str
    state: str
    event: str
    number: int

    def __str__(self) -> str:
        return f"{self.flow}.{self.state}.{self.event}[{self.number}]"


def places(flow: Flow) -> dict[Place, Row]:
    """Number every row of a flow's table."""
    numbered: dict[Place, Row] = {}
    tried: dict[tuple[str, str], int] = {}
    for row in rows(flow.chart):
        number = tried.get((row.source, row.event), 0)
        tried[row.source, row.event] = number + 1
        numbered[Place(flow.name, row.source, row.event, number)] = row
    return numbered


def place_taken(
    flow: Flow, journey: Journey, event: str, facts: Facts, at: datetime
) -> Place | None:
    """Say which row decides; ``None`` when no guard lets one through."""
    slot = Slot()
    slot.state, slot.at, slot.facts, slot.effects = journey.state, at, facts, []
    slot.journey = evolve(journey, subject=facts.subject or journey.subject)
    for number, transition in enumerate(_tried(flow, journey.state, event)):
        if _lets_through(transition, slot):
            return Place(flow.name, journey.state, event, number)
    return None


def _tried(flow: Flow, state: str, event: str) -> Iterator[Transition]:
    transitions = flow.chart.states_map[state].transitions
    return (it for it in transitions if event in (str(name) for name in it.events))


def _lets_through(transition: Transition, slot: Slot) -> bool:
    guards = (spec for spec in transition.cond if not spec.is_convention)
    return all(bool(spec.func(slot)) is bool(spec.expected_value) for spec in guards)
