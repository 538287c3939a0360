"""Makes the flows' data (:mod:`~monespace_flows.retelling.compiled`) by walking their charts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

from attrs import evolve

from ..chart import Flow
from ..flows import FLOWS
from ..journey import Journey
from ..policy import Policy
from ..retelling.standing import EPOCH, answer_key, standing_data
from ..screens import Button, Screen
from ..serialization import to_data
from ..step import begin
from .exploration import Edge, explore

__all__ = ["compile_flows", "compile_index", "describe"]

_GENERATED = {"generated": "by `make maps` from the flows' charts: change those, never this file"}


def compile_index() -> str:
    """Write the text of the list of the flows."""
    listed = {
        name: {"label": [flow.label.fr, flow.label.en], "finals": sorted(flow.finals)}
        for name, flow in FLOWS.items()
    }
    return _written({**_GENERATED, "flows": listed})


def compile_flows() -> dict[str, str]:
    """Write the text of each flow's file, by the flow's name: an answer on each line."""
    return {name: _written({**_GENERATED, **compile_flow(it)}) for name, it in FLOWS.items()}


def _written(data: dict[str, Any]) -> str:
    parts = [f'"{name}": {_lines(value)}' for name, value in data.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    match value:
        case dict() if value:
            inside = [f"{_dump(name)}:{_dump(it)}" for name, it in value.items()]
            return "{\n" + ",\n".join(inside) + "\n}"
        case list():
            return "[\n" + ",\n".join(map(_dump, value)) + "\n]"
        case _:
            return _dump(value)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def compile_flow(flow: Flow) -> dict[str, Any]:
    """Walk a flow under every policy that changes what it offers.

    Raises:
        ValueError: what is dropped of a journey or of facts would change an answer.
    """
    numbers: dict[str, int] = {}
    standings: list[Mapping[str, Any]] = []

    def number(journey: Journey) -> int:
        data = standing_data(to_data(journey))
        return _numbered(data, numbers, standings)

    number(begin(flow, "", EPOCH))
    answers: dict[str, list[Any]] = {}
    for edge in _edges(flow):
        key = answer_key(number(edge.before), edge.event, edge.facts)
        told = [effect.told for effect in edge.effects]
        answer = [number(edge.after), list(edge.notices), told]
        if answers.setdefault(key, answer) != answer:
            raise ValueError(f"{flow.name}: {key} has two answers")
    return {**describe(flow), "standings": standings, "answers": answers}


def describe(flow: Flow) -> dict[str, Any]:
    """Describe a flow as data, but for its answers: where there are none, its chart is asked."""
    return {
        "version": flow.version,
        "fingerprint": flow.fingerprint,
        "finals": sorted(flow.finals),
        "screens": {state: _screen(screen) for state, screen in flow.screens.items()},
        "lives": {state: _path(life) for state, life in flow.lives.items()},
        "standings": [standing_data(to_data(begin(flow, "", EPOCH)))],
        "answers": {},
    }


def _screen(screen: Screen) -> list[Any]:
    told = [screen.title, [_button(it) for it in screen.buttons]]
    fields = [[it.label, it.kind, it.hint or ""] for it in screen.fields]
    return [*told, screen.intro or "", fields]


def _button(button: Button) -> list[str]:
    return [it for it in (button.command, button.label, button.requires) if it is not None]


def _edges(flow: Flow) -> Iterator[Edge]:
    policy = Policy()
    for existing in ("block", "offer"):
        known = evolve(policy, recovery=evolve(policy.recovery, existing_account=existing))
        # Two, so that both channels may have been used before either is asked for again.
        yield from (it for it in explore(flow, known, resends=2).edges if it.row is not None)


def _numbered(
    data: Mapping[str, Any], numbers: dict[str, int], standings: list[Mapping[str, Any]]
) -> int:
    text = json.dumps(data, sort_keys=True)
    if text not in numbers:
        numbers[text] = len(standings)
        standings.append(data)
    return numbers[text]


class _Path:
    """Stands for a policy, and remembers which of its fields is read."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getattr__(self, name: str) -> _Path:
        return _Path(*self._names, name)

    def __str__(self) -> str:
        return ".".join(self._names)


def _path(life: Callable[[Policy], timedelta]) -> str:
    read = life(cast(Policy, _Path()))
    if not isinstance(read, _Path):
        raise TypeError("a life must be one field of the policy")
    return str(read)
