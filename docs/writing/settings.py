"""The settings, key by key, and the numbers of the policy: from the records that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs

from monespace_backends.settings.service import HttpOptions, LegalSettings, Settings
from monespace_backends.settings.sources import SHORT
from monespace_backends.settings.theme import ThemeSettings
from monespace_flows.policy import Policy
from monespace_http import Brakes, HttpSettings, Legal, Theme

from .common import GENERATED, REFERENCE, Pages, code, span, table, told

__all__ = ["Untold", "pages", "settings_keys"]

_SAID_BY: Mapping[type, type] = {
    HttpOptions: HttpSettings,
    LegalSettings: Legal,
    ThemeSettings: Theme,
}
"""Where the sentences of a record stand that only hands its values on."""
_COLUMNS = ("key", "what it is", "type", "default", "in the environment")
_MORE = {"http.brakes": Brakes}
"""Tables whose keys the settings hand on as they are."""


class Untold(Exception):
    """A key has no sentence: write one under ``Attributes:`` of its record."""


def pages() -> Pages:
    """Write the pages of the settings and of the policy."""
    yield REFERENCE / "settings.md", _settings_page()
    yield REFERENCE / "policy.md", _policy_page()


def settings_keys() -> set[str]:
    """Every key that the settings know, with its tables before it; those of the policy too."""
    return {path for path, _ in _keys(Settings, "")} | {
        f"policy.{path}" for path, _ in _keys(Policy, "")
    }


def _keys(kind: type, before: str) -> Iterator[tuple[str, attrs.Attribute[Any]]]:
    for each in attrs.fields(attrs.resolve_types(kind)):
        tables = _tables(each.type)
        if not tables or f"{before}{each.name}" in SHORT:
            yield before + each.name, each
        for one in () if each.type is Policy else tables:
            yield from _keys(one, f"{before}{each.name}.")


# --- the pages -----------------------------------------------------------------------------------


_INTRO = """# Settings

Every key of `monespace.toml` ([how to run it](../how-to/production.md)), under the table that it
stands in.  A variable of the environment wins over the file; `MONESPACE_CONFIG` names the file
itself.  What is unknown, wrong or missing is told at once, with the key, and nothing starts.

- A time is a number of seconds, or a text such as `"10 min"`, `"24 h"` or `"3 d"`.
- A list is `["a", "b"]` in the file, and `a,b` in the environment.
- A path is meant from where the file lies, in the environment from where the program runs.
- A key without a default must be there, where its table is.
"""
_POLICY = """Every number and switch of the journeys.  In the settings they stand in `[policy.…]`;
in Python they are the fields of `Policy`; `monespace demo --policy FILE` takes a file of these
tables alone, called `[identity]`, `[codes]` and so on.
"""


def _settings_page() -> str:
    top: list[tuple[str, ...]] = []
    parts: list[str] = []
    sentences = _sentences(Settings)
    for each in attrs.fields(attrs.resolve_types(Settings)):
        sentence = sentences.get(each.name)
        if sentence is None:
            raise Untold(each.name)
        tables = _tables(each.type)
        if each.type is Policy:
            parts.append(f"## `[policy]`\n\n{sentence} [A page of its own](policy.md).\n")
            continue
        if not tables or each.name in SHORT:
            top.append(_row(each, sentence, ""))
        parts += [_part(one, each, len(tables) > 1) for one in tables]
    first = f"## At the top\n\n{table(_COLUMNS, top)}"
    return GENERATED + "\n".join((_INTRO, first, *parts))


def _part(kind: type, each: attrs.Attribute[Any], is_choice: bool) -> str:
    heading, path = f"`[{each.name}]`", f"{each.name}."
    if _item_of(each.type) is not None:
        heading, path = f"`[{each.name}.NAME]`", f"{each.name}.NAME."
    if is_choice:
        heading += f", `kind = {attrs.fields_dict(kind)['kind'].default!r}`".replace("'", '"')
    text = told(kind)
    lines = [f"## {heading}", text.summary, *([text.rest] if text.rest else [])]
    lines.append(_table(kind, path))
    for one in attrs.fields(attrs.resolve_types(kind)):
        if more := _MORE.get(f"{each.name}.{one.name}"):
            inner = told(more)
            lines += [
                f"### `[{each.name}.{one.name}]`",
                f"{inner.summary} {inner.rest}",
                _table(more, f"{each.name}.{one.name}."),
            ]
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _table(kind: type, path: str) -> str:
    sentences = _sentences(kind)
    fields = attrs.fields(attrs.resolve_types(kind))
    if missing := [path + it.name for it in fields if it.name not in sentences]:
        raise Untold(", ".join(missing))
    shown = (it for it in fields if path + it.name not in _MORE)
    return table(_COLUMNS, [_row(each, sentences[each.name], path) for each in shown])


def _policy_page() -> str:
    lines = [
        GENERATED + "# Policy",
        _POLICY,
    ]
    for part in attrs.fields(attrs.resolve_types(Policy)):
        assert part.type is not None
        text = told(part.type)
        lines += [f"## `[policy.{part.name}]`", text.summary, *([text.rest] if text.rest else [])]
        lines.append(_table(part.type, f"policy.{part.name}."))
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _sentences(kind: type) -> dict[str, str]:
    """What is said of each field: by the record, by what it is made of, by whom it is handed to."""
    found: dict[str, str] = {}
    for one in (*reversed(kind.__mro__), _SAID_BY.get(kind)):
        found |= {} if one in {None, object} else told(one).names
    if kind in _SAID_BY:
        found |= told(kind).names
    return found


# --- a row ---------------------------------------------------------------------------------------


def _row(each: attrs.Attribute[Any], sentence: str, path: str) -> tuple[str, ...]:
    variable = f"MONESPACE_{(path + each.name).upper().replace('.', '__')}"
    return (
        code(each.name),
        sentence,
        _kind(each.type),
        _default(each),
        "—" if ".NAME." in path or get_origin(each.type) in {dict, Mapping} else code(variable),
    )


_NAMES: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    bool: "`true` or `false`",
    timedelta: "time",
    Path: "path",
    ZoneInfo: "time zone",
    Any: "value",
}


def _kind(kind: Any) -> str:
    """Say a type as those who write settings know it."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _NAMES:
        return _NAMES[kind]
    if origin is Literal:
        return ", ".join(code(f'"{it}"') for it in inner)
    if origin in {Union, UnionType}:
        forms = [_kind(it) for it in inner if it is not NoneType and not attrs.has(it)]
        return " or ".join(forms) or "path, or a table"
    if origin in {tuple, frozenset}:
        return f"list: each a {_kind(inner[0])}"
    if attrs.has(kind):
        return "text, or a table"
    return f"table by name: each a {_kind(inner[1])}"


def _default(each: attrs.Attribute[Any]) -> str:
    value: Any = each.default
    if value is attrs.NOTHING:
        return "—"
    if hasattr(value, "factory"):
        value = value.factory()
    return "none" if value is None else _written(value)


def _written(value: Any) -> str:
    """Write a value as settings do."""
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, timedelta):
        return code(f'"{span(value)}"')
    if isinstance(value, frozenset | tuple):
        items = sorted(value) if isinstance(value, frozenset) else value
        return ", ".join(_written(it) for it in items) or "none"
    if isinstance(value, int):
        return code(value)
    return code(f'"{value}"') if value else "none"


def _item_of(kind: Any) -> type | None:
    inner = get_args(kind)
    return inner[1] if get_origin(kind) is dict and attrs.has(inner[1]) else None


def _tables(kind: Any) -> list[type]:
    """The records that a key may be: one, or several of which ``kind`` chooses."""
    if (item := _item_of(kind)) is not None:
        return [item]
    forms = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    return [form for form in forms if attrs.has(form)]
