"""How a flow is broken: in a copy of its table, or in one line of what its guards and acts call."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Sequence
from types import CodeType, FunctionType, new_class
from typing import Any

import pytest
from attrs import evolve, frozen
from statemachine import Event, State
from statemachine.transition_list import TransitionList

from monespace_flows import Flows
from monespace_flows.chart import Chart, Flow, inline, say, transitions, wish
from monespace_flows.effects import Effect
from monespace_flows.flows import STANDARD
from monespace_flows.screens import Notice
from monespace_flows.testing import Sandbox

Function = Callable[..., Any]


@frozen(kw_only=True)
class Line:
    """One row of a table, to be written again otherwise."""

    place: str
    """``state.event``"""
    guards: tuple[tuple[Function, bool], ...]
    actions: tuple[Function, ...]
    target: str
    internal: bool

    @property
    def when(self) -> str:
        """The guards by their names."""
        return " and ".join(guard.__name__ for guard, _ in self.guards)


Lines = list[Line]
Break = Callable[[Lines], Lines]


def read(chart: type[Chart]) -> Lines:
    """Read a chart's rows, state by state, as they are tried."""
    return [
        Line(
            place=f"{state}.{event}",
            guards=tuple((spec.func, spec.expected_value) for spec in inline(row.cond)),
            actions=tuple(spec.func for spec in inline(row.on)),
            target=row.targets[0].id,
            internal=bool(row.internal),
        )
        for state, event, row in transitions(chart)
    ]


def write(chart: type[Chart], lines: Iterable[Line]) -> type[Chart]:
    """Write a chart of the same states with other rows."""
    states = {it.id: State(it.name, initial=it.initial, final=it.final) for it in chart.states}
    events: dict[str, TransitionList] = {}
    for line in lines:
        state, _, event = line.place.partition(".")
        row = states[state].to(
            states[line.target],
            internal=line.internal,
            cond=[guard for guard, expected in line.guards if expected],
            unless=[guard for guard, expected in line.guards if not expected],
            on=list(line.actions),
        )
        events[event] = events[event] | row if event in events else row
    held = {event: Event(rows, name=vars(chart)[event].name) for event, rows in events.items()}
    return new_class(chart.__name__, (Chart,), exec_body=lambda it: it.update(states | held))


# --- what may be wrong with a row ----------------------------------------------------------------


def _one(lines: Lines, place: str, when: str) -> int:
    (at,) = [at for at, line in enumerate(lines) if (line.place, line.when) == (place, when)]
    return at


def _changed(place: str, when: str, change: Callable[[Line], Line]) -> Break:
    def broken(lines: Lines) -> Lines:
        at = _one(lines, place, when)
        changed = change(lines[at])
        assert changed != lines[at], f"nothing is broken in {place} when {when}"
        return [*lines[:at], changed, *lines[at + 1 :]]

    return broken


def _never(model: object) -> bool:
    del model
    return False


def always(place: str, when: str) -> Break:
    """The row is taken whatever its guards say."""
    return _changed(place, when, lambda line: evolve(line, guards=()))


def never(place: str, when: str) -> Break:
    """The row's guards say no."""
    return _changed(place, when, lambda line: evolve(line, guards=((_never, True),)))


def negated(place: str, when: str) -> Break:
    """The row's guards say the contrary."""
    return _changed(
        place,
        when,
        lambda line: evolve(line, guards=tuple((it, not said) for it, said in line.guards)),
    )


def removed(place: str, when: str) -> Break:
    """The row is not there."""

    def broken(lines: Lines) -> Lines:
        at = _one(lines, place, when)
        return [*lines[:at], *lines[at + 1 :]]

    return broken


def swapped(place: str, when: str, other: str) -> Break:
    """Two rows are tried in the other order."""

    def broken(lines: Lines) -> Lines:
        one, two = _one(lines, place, when), _one(lines, place, other)
        lines = list(lines)
        lines[one], lines[two] = lines[two], lines[one]
        return lines

    return broken


def leading(place: str, when: str, target: str) -> Break:
    """The row leads elsewhere."""
    return _changed(place, when, lambda line: evolve(line, target=target, internal=False))


# --- what may be wrong with what it does ---------------------------------------------------------


def _doing(place: str, when: str, change: Callable[[Function], Sequence[Function]]) -> Break:
    def broken(line: Line) -> Line:
        return evolve(line, actions=tuple(it for each in line.actions for it in change(each)))

    return _changed(place, when, broken)


def without(place: str, when: str, action: Function) -> Break:
    """An action is forgotten."""
    return _doing(place, when, lambda it: () if it is action else (it,))


def doing(place: str, when: str, action: Function, other: Function) -> Break:
    """Another action stands in the place of one."""
    return _doing(place, when, lambda it: (other,) if it is action else (it,))


def wishing(place: str, when: str, effect: Effect, *others: Effect) -> Break:
    """Other effects are wished in the place of one: none, two, or one that says something else."""

    def change(action: Function) -> Sequence[Function]:
        wished = action.__dict__.get("wishes", ())
        if effect not in wished or not action.__name__.startswith("wish("):
            return (action,)
        at = wished.index(effect)
        return (wish(*wished[:at], *others, *wished[at + 1 :]),)

    return _doing(place, when, change)


def saying(place: str, when: str, notice: Notice, *others: Notice) -> Break:
    """Other notices are shown in the place of one, or none."""

    def change(action: Function) -> Sequence[Function]:
        said = action.__dict__.get("says", ())
        if notice not in said:
            return (action,)
        at = said.index(notice)
        return (say(*said[:at], *others, *said[at + 1 :]),)

    return _doing(place, when, change)


# --- and put in the place of what is right -------------------------------------------------------


@frozen
class Table:
    """A flow whose table is a broken copy."""

    flow: str
    broken: Break

    def put(self, patch: pytest.MonkeyPatch) -> None:
        """Let every sandbox and every application have it."""
        flows = tuple(self._broken(it) if it.name == self.flow else it for it in STANDARD)
        for made in (Sandbox, Flows):
            create = inspect.unwrap(made.__init__)
            assert create.__kwdefaults__["flows"] is STANDARD
            patch.setitem(create.__kwdefaults__, "flows", flows)

    def _broken(self, flow: Flow) -> Flow:
        return evolve(flow, chart=write(flow.chart, self.broken(read(flow.chart))))


@frozen
class Code:
    """A function in which one text is another."""

    function: Function
    text: str
    other: str

    def put(self, patch: pytest.MonkeyPatch) -> None:
        """Let whoever holds the function run the other text."""
        function = inspect.unwrap(self.function)
        assert isinstance(function, FunctionType)
        patch.setattr(function, "__code__", self._compiled(function))

    def _compiled(self, function: FunctionType) -> CodeType:
        source = textwrap.dedent(inspect.getsource(function))
        assert source.count(self.text) == 1, f"{function.__qualname__} has not one {self.text!r}"
        names: dict[str, Any] = {}
        text = f"from __future__ import annotations\n{source.replace(self.text, self.other)}"
        exec(compile(text, function.__code__.co_filename, "exec"), function.__globals__, names)  # noqa: S102 - our own source
        code = names[function.__name__].__code__
        assert isinstance(code, CodeType)
        assert code.co_freevars == function.__code__.co_freevars
        return code
