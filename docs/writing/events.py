"""The events that a host is told of: when, and what each holds."""

from __future__ import annotations

from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import attrs

from monespace_flows.events import EVENTS, AlarmKind, Event

from .common import GENERATED, REFERENCE, Pages, code, table, told

__all__ = ["pages"]

_INTRO = """# Events

What a host is told, after the commit and at least once ([how to listen](../how-to/events.md)):
`flows.on(AccountCreated, handler)`, or a webhook, whose body names the kind by these names.
"""


def pages() -> Pages:
    """Write the page of the events."""
    yield REFERENCE / "events.md", _page()


def _page() -> str:
    lines = [GENERATED + _INTRO, "## What all of them hold", _fields(Event, everyone=True)]
    for name, kind in EVENTS.items():
        text = told(kind)
        lines += [f"## {name}", text.summary, *([text.rest] if text.rest else [])]
        if own := _fields(kind):
            lines.append(own)
        if kind.__annotations__.get("kind") == AlarmKind.__name__:
            rows = [(code(it.value), told(AlarmKind).names[it.name]) for it in AlarmKind]
            lines.append(table(("kind", "what is wrong"), rows))
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _fields(kind: type[Event], *, everyone: bool = False) -> str:
    names = told(kind).names
    shared = () if everyone else {it.name for it in attrs.fields(Event)}
    rows = [
        (code(each.name), names[each.name], _type(each.type))
        for each in attrs.fields(attrs.resolve_types(kind))
        if each.name not in shared
    ]
    return table(("field", "what it is", "type"), rows) if rows else ""


def _type(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(code(f'"{it}"') for it in get_args(kind))
    if isinstance(kind, UnionType):
        return " or ".join("`None`" if it is NoneType else _type(it) for it in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = ", ".join(code(f'"{it.value}"') for it in kind)
        return f"{code(kind.__name__)}: {values}"
    return code(kind.__name__)
