"""The pure step: a journey, a command's event and facts in; the journey after, effects out.

One machine per thread and chart is reused, since making one costs several steps; it is
dropped when it has raised, because the library cannot be trusted with it afterwards.
"""

from __future__ import annotations

import threading
from datetime import datetime

from attrs import evolve, frozen

from .chart import Chart, Flow, Slot
from .effects import Effect, Say
from .errors import ChartRefused
from .facts import Facts
from .journey import Journey

__all__ = ["Stepped", "begin", "load", "settle", "step"]


@frozen
class Stepped:
    """What one step did: the journey after it, and the effects wished, notices aside."""

    journey: Journey
    effects: tuple[Effect, ...]


class _Machines(threading.local):
    def __init__(self) -> None:
        self.by_flow: dict[str, Chart] = {}


_machines = _Machines()


def begin(flow: Flow, reference: str, at: datetime, subject: str | None = None) -> Journey:
    """Start a journey at its flow's first screen."""
    return Journey(
        reference=reference,
        flow=flow.name,
        state=flow.initial,
        started_at=at,
        entered_at=at,
        shown_at=at,
        subject=subject,
    )


def step(flow: Flow, journey: Journey, event: str, facts: Facts, at: datetime) -> Stepped:
    """Take one step by the flow's table.

    Args:
        flow: the definition.
        journey: where the person stands.
        event: the event of a command that has a row in the journey's state.
        facts: what the world answered, of the command's facts type.
        at: the instant of the step, UTC, not before the journey's last one.

    Raises:
        ChartRefused: the state is not one of the chart's, or the event has no row there.
    """
    if event not in flow.offered.get(journey.state, ()):
        raise ChartRefused(f"{flow.name}.{journey.state} has no row for this event")
    machine = _borrow(flow, journey.state)
    load(machine.model, journey, facts, at)
    machine.send(event)
    _give_back(flow, machine)
    return settle(machine.model, journey)


def load(slot: Slot, journey: Journey, facts: Facts, at: datetime) -> None:
    """Put into a slot what guards and actions may read."""
    slot.state = journey.state
    slot.at = at
    slot.facts = facts
    slot.effects = []
    slot.journey = evolve(
        journey,
        notices=(),
        problems=(),
        wait=facts.wait,
        subject=facts.subject or journey.subject,
    )


def settle(slot: Slot, before: Journey) -> Stepped:
    """Make the journey after a step, and its effects, of what a row left in a slot."""
    after = evolve(
        slot.journey,
        state=slot.state,
        seq=before.seq + 1,
        entered_at=before.entered_at if slot.state == before.state else slot.at,
        shown_at=slot.at,
        notices=tuple(effect.notice for effect in slot.effects if isinstance(effect, Say)),
    )
    return Stepped(after, tuple(e for e in slot.effects if not isinstance(e, Say)))


def _borrow(flow: Flow, state: str) -> Chart:
    """Take this thread's machine for the flow: one that raises is never given back."""
    machine = _machines.by_flow.pop(flow.name, None)
    if machine is None or type(machine) is not flow.chart:
        return _hydrate(flow, state)
    return machine


def _give_back(flow: Flow, machine: Chart) -> None:
    # A machine in a final state takes no event any more, and the library has no public way to
    # begin again. It keeps nothing else of the walk: the state is the slot's.
    machine._engine.running = True  # noqa: SLF001 - see above
    _machines.by_flow[flow.name] = machine


def _hydrate(flow: Flow, state: str) -> Chart:
    slot = Slot()
    slot.state = state
    return flow.chart(slot)
