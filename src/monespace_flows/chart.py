"""The base of every journey's table, and what a flow is.

python-statemachine's defaults fail open: an exception in a guard counts as False and the next
row fires, one in an action is swallowed and the state still moves.  :class:`Chart` sets the four
flags that make it fail closed, and :func:`lint` refuses the features that would open it again.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, overload

from attrs import evolve, field, frozen
from statemachine import State, StateChart
from statemachine.transition import Transition
from statemachine.transition_list import TransitionList

from .commands import COMMANDS, Command
from .effects import Effect, Say
from .errors import ChartRefused, FactsUnfit
from .facts import Facts
from .journey import Journey
from .notices import NOTICES
from .policy import Policy
from .screens import Letter, Notice, Screen
from .wording import Cause, Text

F1 = TypeVar("F1", bound=Facts)
F2 = TypeVar("F2", bound=Facts)
F3 = TypeVar("F3", bound=Facts)

__all__ = ["Chart", "Flow", "Row", "Slot", "lint", "rows", "say", "stay", "wish", "wishing"]


class Slot:
    """The only mutable thing: what a machine reads and writes during one step.

    It has no ``repr`` of its content, since the library prints its model.
    """

    __slots__ = ("at", "effects", "facts", "journey", "state")

    state: str
    journey: Journey
    at: datetime
    facts: Facts
    effects: list[Effect]

    @overload
    def known(self, kind: type[F1], /) -> F1: ...
    @overload
    def known(self, kind: type[F1], other: type[F2], /) -> F1 | F2: ...
    @overload
    def known(self, kind: type[F1], other: type[F2], third: type[F3], /) -> F1 | F2 | F3: ...
    def known(self, *kinds: type[Facts]) -> Facts:
        """The facts, as the type or one of the types that a guard or an action reads.

        Raises:
            FactsUnfit: the row's command brings others.
        """
        if not isinstance(self.facts, kinds):
            needed = " or ".join(kind.__name__ for kind in kinds)
            raise FactsUnfit(f"reads {needed} where {type(self.facts).__name__} come")
        return self.facts

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
    transitions: TransitionList = state.to(state, internal=True, **row)
    return transitions


def say(*notices: Notice) -> Action:
    """Make the action that shows notices."""

    def action(model: Slot) -> None:
        model.effects.extend(Say(notice.id) for notice in notices)

    action.__name__ = f"say({', '.join(notice.id for notice in notices)})"
    action.__dict__["says"] = notices
    return action


def wish(*effects: Effect) -> Action:
    """Make the action that asks for effects."""

    def action(model: Slot) -> None:
        model.effects.extend(effects)

    action.__name__ = f"wish({', '.join(map(str, effects))})"
    action.__dict__["wishes"] = effects
    return action


def wishing(*effects: Effect) -> Callable[[Action], Action]:
    """Say of an action that appends effects itself which they may be: a flow is judged by it."""

    def named(action: Action) -> Action:
        action.__dict__["wishes"] = effects
        return action

    return named


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
    """A journey's one declaration: all that anything else has to know of it is said here.

    Args:
        name: its name in JSON and in journals, for ever.
        version: grows when stored journeys could no longer be read as before.
        chart: its table.
        screens: what each state shows.
        path: the address of its pages, below the mount.
        label: what support calls it.
        yours: what the person is told of it: « votre connexion ».
        about: what it is good for, for those who may have it: on the home page of members.
        letters: the messages that its effects send, by their ids.
        lives: the states that have a life of their own.
        needs_session: only a signed-in person may start it.
        for_guests: whoever is signed in has no business here.
        is_transient: a page rather than an undertaking: once over, it is simply shown afresh.
        commands: those that it alone has, beside :data:`~.commands.COMMANDS`.
        gatherers: who brings the facts of those commands, by the facts' type
            (:class:`~.driver.acts.base.Gatherer`).
        words: what support calls the answers of its own facts, and its own effects once done.
        causes: why its own notices refuse, and what waits or is done in its own states, for
            support (:class:`~.wording.Cause` says which by its id).
        executors: who does the effects that it alone wishes, by the effect's type: a function of
            the step's :class:`~.driver.acts.base.EffectContext` and the effect.

    What an application needs of it besides is asked for where it is taken
    (:class:`~.driver.flows.Flows`).

    Raises:
        ChartRefused: the table is not strict, or a state has no screen; the message says where.
    """

    name: str
    version: int
    chart: type[Chart]
    screens: Mapping[str, Screen]
    path: str = ""
    label: Text = field(factory=lambda: Text("", ""))
    yours: str = ""
    about: str = ""
    letters: Mapping[str, Letter] = field(factory=dict)
    lives: Mapping[str, Callable[[Policy], timedelta]] = field(factory=dict)
    needs_session: bool = False
    for_guests: bool = False
    is_transient: bool = False
    commands: tuple[type[Command], ...] = ()
    gatherers: Mapping[type[Facts], Any] = field(factory=dict)
    words: Mapping[Enum | type[Effect], Text] = field(factory=dict)
    causes: tuple[Cause, ...] = ()
    executors: Mapping[type[Effect], Callable[..., None]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        lint(self)

    @cached_property
    def initial(self) -> str:
        """The state in which a journey of this flow begins."""
        return next(str(state.id) for state in self.chart.states if state.initial)

    @cached_property
    def finals(self) -> frozenset[str]:
        """The states that end a journey."""
        return frozenset(state.id for state in self.chart.states if state.final)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the table and the screens: two equal ones behave the same."""
        table = "\n".join(repr(row) for row in rows(self.chart))
        screens = "\n".join(f"{state}: {self.screens[state]!r}" for state in sorted(self.screens))
        return hashlib.sha256(f"{table}\n{screens}".encode()).hexdigest()[:16]

    @cached_property
    def commands_by_event(self) -> Mapping[str, type[Command]]:
        """The commands that its table decides, by their events."""
        known = {**COMMANDS, **{command.event: command for command in self.commands}}
        return {event: known[event] for event in known if event in self.events}

    @cached_property
    def events(self) -> frozenset[str]:
        """The events that have a row somewhere."""
        return frozenset().union(*self.offered.values())

    @cached_property
    def notices(self) -> Mapping[str, Notice]:
        """What it may say, by the notices' ids: the common ones and those of its own rows."""
        actions = (spec.func for _, _, row in transitions(self.chart) for spec in inline(row.on))
        own = (notice for action in actions for notice in getattr(action, "says", ()))
        return {**NOTICES, **{notice.id: notice for notice in own}}

    @cached_property
    def wished(self) -> tuple[Effect, ...]:
        """The effects that its rows ask for, each once."""
        return tuple(dict.fromkeys(it for wishes in self.wished_by.values() for it in wishes))

    @cached_property
    def wished_by(self) -> Mapping[str, tuple[Effect, ...]]:
        """The effects that the rows of each event ask for."""
        found: dict[str, dict[Effect, None]] = {event: {} for event in sorted(self.events)}
        for _, event, row in transitions(self.chart):
            for spec in inline(row.on):
                found[event].update(dict.fromkeys(getattr(spec.func, "wishes", ())))
        return {event: tuple(wishes) for event, wishes in found.items()}

    @cached_property
    def guarded_by(self) -> Mapping[str, tuple[Guard, ...]]:
        """The guards that the rows of each event ask."""
        found: dict[str, dict[Guard, None]] = {event: {} for event in sorted(self.events)}
        for _, event, row in transitions(self.chart):
            found[event].update((spec.func, None) for spec in inline(row.cond))
        return {event: tuple(guards) for event, guards in found.items()}

    @cached_property
    def offered(self) -> Mapping[str, frozenset[str]]:
        """The events that have a row, by state."""
        events: dict[str, set[str]] = {str(state.id): set() for state in self.chart.states}
        for row in rows(self.chart):
            events[row.source].add(row.event)
        return {state: frozenset(names) for state, names in events.items()}


def rows(chart: type[Chart]) -> Iterator[Row]:
    """Read a chart's table, row by row, in the order in which rows are tried."""
    for state, event, transition in transitions(chart):
        yield Row(
            source=state,
            event=event,
            guards=tuple(_guards(transition)),
            actions=tuple(_name(spec.func) for spec in inline(transition.on)),
            target=transition.targets[0].id,
            internal=bool(transition.internal),
        )


def transitions(chart: type[Chart]) -> Iterator[tuple[str, str, Transition]]:
    """Walk a chart in the order in which rows are tried: state, event, and the library's row."""
    for state in chart.states:
        for transition in state.transitions:
            for event in transition.events:
                yield state.id, str(event), transition


def _guards(transition: Transition) -> Iterator[str]:
    for spec in inline(transition.cond):
        yield _name(spec.func) if spec.expected_value else f"not {_name(spec.func)}"


def inline(group: Iterable[Any]) -> Iterator[Any]:
    """Leave out the names that the library looks up by convention (``on_transition``)."""
    return (spec for spec in group if not spec.is_convention)


def _name(function: object) -> str:
    name: str = getattr(function, "__name__", "")
    return name or str(function)


def lint(flow: Flow) -> None:
    """Refuse a flow whose chart could move a person unasked, or has a room without a screen.

    Raises:
        ChartRefused: naming the state, event or function at fault.
    """
    chart = flow.chart
    _lint_chart(flow.name, chart)
    for state in chart.states:
        _lint_state(flow.name, state)
        for transition in state.transitions:
            _lint_transition(flow.name, transition)
    states = {state.id for state in chart.states}
    if states != set(flow.screens):
        raise ChartRefused(f"{flow.name}: states and screens differ: {states ^ set(flow.screens)}")
    for state in chart.states:
        _lint_buttons(flow, state.id)


_FLAGS = (
    "allow_event_without_transition",
    "catch_errors_as_events",
    "atomic_configuration_update",
    "enable_self_transition_entries",
)


def _lint_chart(flow: str, chart: type[Chart]) -> None:
    if chart.__bases__ != (Chart,):
        raise ChartRefused(f"{flow}: a chart that extends another adds rows to that one too")
    for flag in _FLAGS:
        if getattr(chart, flag) is not getattr(Chart, flag):
            raise ChartRefused(f"{flow}: {flag} lets errors pass")
    for name, held in vars(chart).items():
        if inspect.isfunction(held) or name == "listeners":
            raise ChartRefused(f"{flow}: {name} could run without a row that names it")


def _lint_state(flow: str, state: State) -> None:
    where = f"{flow}.{state.id}"
    if state.parallel or state.states or state.history:
        raise ChartRefused(f"{where}: nested, parallel and history states")
    for group in (state.enter, state.exit, state.invoke):
        for spec in inline(group):
            raise ChartRefused(f"{where}: {_name(spec.func)} would run without a row")


def _lint_transition(flow: str, transition: Transition) -> None:
    where = f"{flow}.{transition.source.id}"
    if transition.is_eventless:
        raise ChartRefused(f"{where}: a row without an event would fire by itself")
    if len(transition.targets) != 1:
        raise ChartRefused(f"{where}: a row leads to one state")
    if any(event.delay for event in transition.events):
        raise ChartRefused(f"{where}: time passes by a tick, not by a delay")
    for group in (transition.validators, transition.before, transition.after):
        for spec in inline(group):
            raise ChartRefused(f"{where}: {_name(spec.func)} is neither a guard nor an action")
    for group in (transition.cond, transition.on):
        for spec in inline(group):
            _lint_function(where, spec.func)


def _lint_function(where: str, function: object) -> None:
    """Guards and actions are plain functions of the model: none can reach the machine."""
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise ChartRefused(f"{where}: {_name(function)} is not a plain function")
    if list(inspect.signature(function).parameters) != ["model"]:
        raise ChartRefused(f"{where}: {_name(function)} asks for more than the model")


def _lint_buttons(flow: Flow, state: str) -> None:
    for button in flow.screens[state].buttons:
        if button.command not in flow.offered[state]:
            raise ChartRefused(f"{flow.name}.{state}: no row decides « {button.label} »")
