"""Instants and facts as a journal's line has them: plain JSON data, and back, exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from attrs import NOTHING, fields

from ..facts import Contact, Facts

__all__ = [
    "read_facts",
    "read_instant",
    "write_facts",
    "write_instant",
]


def write_instant(value: datetime) -> str:
    """Write an instant: ``2026-11-22T18:03:01.000000Z``."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """Read an instant as this module writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


# --- facts ---------------------------------------------------------------------------------------

# By hand, for a journal's line must stay readable for years: what is written is fixed here and
# nowhere else, and support's commands read it without the time that a general converter takes to
# import.

_Reader = Callable[[Any], Any]


def write_facts(facts: Facts) -> dict[str, Any]:
    """Make plain data of facts: first those without a default, then those that are not at it."""
    named = sorted(fields(type(facts)), key=lambda one: one.default is not NOTHING)
    values = ((one, getattr(facts, one.name)) for one in named)
    return {one.name: _plain(value) for one, value in values if value != one.default}


def read_facts(data: object, kind: type[Facts]) -> Facts:
    """Read facts of a known kind.

    Raises:
        ValueError: the data are not of that kind; the message does not show them.
    """
    readers = _readers(kind)
    if not isinstance(data, dict) or not data.keys() <= readers.keys():
        raise ValueError(f"not {kind.__name__}")
    try:
        return kind(**{name: readers[name](value) for name, value in data.items()})
    except (ValueError, TypeError):
        raise ValueError(f"not {kind.__name__}") from None


def _plain(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case Contact():
            return {"id": value.id, "channel": value.channel.value, "masked": value.masked}
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return value


_KNOWN: dict[type[Any], Mapping[str, _Reader]] = {}


def _readers(kind: type[Any]) -> Mapping[str, _Reader]:
    if kind not in _KNOWN:
        hints = get_type_hints(kind)
        _KNOWN[kind] = {one.name: _reader(hints[one.name]) for one in fields(kind)}
    return _KNOWN[kind]


def _reader(hint: Any) -> _Reader:
    if get_origin(hint) is UnionType:
        (known,) = (_reader(kind) for kind in get_args(hint) if kind is not NoneType)
        return lambda value: None if value is None else known(value)
    if get_origin(hint) is tuple:
        one = _reader(get_args(hint)[0])
        return lambda value: tuple(one(it) for it in _exactly(list, value))
    if issubclass(hint, Enum):
        return lambda value: hint(_exactly(str, value))
    if hint is Contact:
        return _contact
    return lambda value: _exactly(hint, value)


def _contact(value: object) -> Contact:
    data, readers = _exactly(dict, value), _readers(Contact)
    if data.keys() != readers.keys():
        raise ValueError
    return Contact(**{name: read(data[name]) for name, read in readers.items()})


def _exactly(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value
