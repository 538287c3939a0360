"""The base of every journey's table, and what a flow is.

python-statemachine's defaults fail open: an exception in a guard counts as False and the next
row fires, one in an action is swallowed and the state still moves.  :class:`Chart` sets the four
flags that make it fail closed, and :func:`lint` refuses the features that would open it again.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen
from statemachine import State, StateChart
from statemachine.transition import Transition
from statemachine.transition_list import TransitionList

from .effects import Effect, Say
from .errors import ChartRefused
from .facts import Facts
from .journey import Journey
from .policy import Policy
from .screens import Letter, Notice, Screen

__all__ = ["Chart", "Flow", "Row", "Slot", "lint", "rows", "say", "stay", "wish"]


class Slot:
    """The only mutable thing: what a machine reads and writes during one step.

    It has no ``repr`` of its content, since the library prints its model.
    """

    __slots__ = ("command", "effects", "facts", "journey", "state")

    state: str
    journey: Journey
    command: str
    facts: Facts
    effects: list[Effect]

    def change(self, **changes: Any) -> None:
        """Replace fields of the journey; for actions."""
        self.journey = evolve(self.journey, **changes)


class Chart(StateChart[Slot]):
    """The strict base of every journey: refuses what has no row, and never swallows an error."""

    allow_event_without_transition = False
    catch_errors_as_events = False
    atomic_configuration_update = True
    enable_self_transition_entries = False


Action = Callable[[Slot], None]
Guard = Callable[[Slot], bool]


def stay(state: State, **row: Any) -> TransitionList:
    """Write a row that keeps the person on the same screen: a refusal, or a step that stays."""
    return state.to(state, internal=True, **row)


def say(*notices: Notice) -> Action:
    """Make the action that shows notices."""

    def action(model: Slot) -> None:
        model.effects.extend(Say(notice.id) for notice in notices)

    action.__name__ = f"say({', '.join(notice.id for notice in notices)})"
    return action


def wish(*effects: Effect) -> Action:
    """Make the action that asks for effects."""

    def action(model: Slot) -> None:
        model.effects.extend(effects)

    action.__name__ = f"wish({', '.join(effect.kind for effect in effects)})"
    return action


@frozen(kw_only=True)
class Row:
    """One row of a journey's table, as the library understood it."""

    source: str
    event: str
    guards: tuple[str, ...]
    actions: tuple[str, ...]
    target: str
    internal: bool


@frozen(kw_only=True)
class Flow:
    """A journey's definition: its table, what each state shows, and the letters it sends.

    ``version`` grows when stored journeys could no longer be read as before.  ``lives`` gives a
    life of their own to some states.  ``needs_session``: only a signed-in person may start it.
    """

    name: str
    version: int
    chart: type[Chart]
    screens: Mapping[str, Screen]
    letters: Mapping[str, Letter]
    lives: Mapping[str, Callable[[Policy], timedelta]]
    needs_session: bool = False

    def __attrs_post_init__(self) -> None:
        lint(self)

    @property
    def initial(self) -> str:
        """The state in which a journey of this flow begins."""
        return next(state.id for state in self.chart.states if state.initial)

    @property
    def finals(self) -> frozenset[str]:
        """The states that end a journey."""
        return frozenset(state.id for state in self.chart.states if state.final)

    @property
    def fingerprint(self) -> str:
        """A digest of the table and the screens: two equal ones behave the same."""
        table = "\n".join(repr(row) for row in rows(self.chart))
        screens = "\n".join(f"{state}: {self.screens[state]!r}" for state in sorted(self.screens))
        return hashlib.sha256(f"{table}\n{screens}".encode()).hexdigest()[:16]

    def offers(self, state: str) -> frozenset[str]:
        """The events that have a row in ``state``."""
        return frozenset(row.event for row in rows(self.chart) if row.source == state)


def rows(chart: type[Chart]) -> Iterator[Row]:
    """Read a chart's table, row by row, in the order in which rows are tried."""
    for state in chart.states:
        for transition in state.transitions:
            for event in transition.events:
                yield Row(
                    source=state.id,
                    event=str(event),
                    guards=tuple(_guards(transition)),
                    actions=tuple(_name(spec.func) for spec in transition.on),
                    target=transition.target.id,
                    internal=bool(transition.internal),
                )


def _guards(transition: Transition) -> Iterator[str]:
    for spec in transition.cond:
        yield _name(spec.func) if spec.expected_value else f"not {_name(spec.func)}"


def _name(function: object) -> str:
    return getattr(function, "__name__", str(function))


def lint(flow: Flow) -> None:
    """Refuse a flow whose chart could move a person unasked, or has a room without a screen.

    Raises:
        ChartRefused: naming the state, event or function at fault.
    """
    chart = flow.chart
    states = {state.id for state in chart.states}
    if states != set(flow.screens):
        raise ChartRefused(f"{flow.name}: states and screens differ: {states ^ set(flow.screens)}")
    for state in chart.states:
        if state.parallel or state.states or state.history:
            raise ChartRefused(f"{flow.name}.{state.id}: nested, parallel and history states")
        for transition in state.transitions:
            _lint_transition(flow.name, transition)
        _lint_buttons(flow, state.id)


def _lint_transition(flow: str, transition: Transition) -> None:
    where = f"{flow}.{transition.source.id}"
    if transition.is_eventless:
        raise ChartRefused(f"{where}: a row without an event would fire by itself")
    for spec in (*transition.cond, *transition.on, *transition.before, *transition.after):
        if not callable(spec.func) or inspect.iscoroutinefunction(spec.func):
            raise ChartRefused(f"{where}: {_name(spec.func)} is not a plain function")


def _lint_buttons(flow: Flow, state: str) -> None:
    offered = flow.offers(state)
    for button in flow.screens[state].buttons:
        if button.command not in offered:
            raise ChartRefused(f"{flow.name}.{state}: no row decides « {button.label} »")
