"""Small charts and flows, made for one test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, Slot, say, stay
from monespace_flows.facts import NoFacts
from monespace_flows.notices import CODE_WRONG
from monespace_flows.screens import Button, Screen
from monespace_flows.step import begin

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def is_first(model: Slot) -> bool:
    return model.journey.seq == 0


def never(model: Slot) -> bool:
    return False


def breaks(model: Slot) -> bool:
    raise RuntimeError("a guard broke")


def breaks_too(model: Slot) -> None:
    raise RuntimeError("an action broke")


def prolong(model: Slot) -> None:
    model.change(extended_at=model.at)


class Turnstile(Chart):
    """Opens at the first push, is passed at the second."""

    closed = State("Fermé", initial=True)
    open_ = State("Ouvert")
    passed = State("Passé", final=True)

    push = Event(
        closed.to(open_, cond=is_first) | stay(closed, on=say(CODE_WRONG)) | open_.to(passed),
        name="Pousser",
    )
    jam = Event(closed.to(open_, cond=breaks) | closed.to(passed), name="Coincer")
    snap = Event(closed.to(passed, on=[prolong, breaks_too]), name="Casser")
    extend = Event(stay(open_, on=prolong), name="Prolonger")


def flow(chart: type[Chart] = Turnstile, *, buttons: Iterable[Button] = ()) -> Flow:
    """Make a flow of a chart: a screen for each state, the buttons on the first."""
    states = [state.id for state in chart.states]
    screens = {
        state: Screen(
            id=f"test.{state}", title=state, buttons=tuple(buttons) if state == states[0] else ()
        )
        for state in states
    }
    return Flow(name="test", version=1, chart=chart, screens=screens, letters={}, lives={})


def slot(state: str) -> Slot:
    """Make what a machine reads and writes, as the step does."""
    model = Slot()
    model.state = state
    model.at = NOW
    model.facts = NoFacts()
    model.effects = []
    model.journey = begin(flow(), "2345-6789", NOW)
    return model
