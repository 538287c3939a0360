"""A TOML file under the environment, read strictly: all that is wrong is told, and no value.

A table becomes a frozen attrs record.  cattrs reads each value; here is what it would let pass:
``"3"`` for a number, 1 for yes, a name misspelt.  Texts from the environment are the exception:
there, everything is a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
from attrs import define, field
from cattrs import Converter

from monespace_flows.errors import MonespaceError

__all__ = ["SettingsInvalid"]

Record = TypeVar("Record")

SHORT: Final = {"database": "url", "registry": "file"}
"""Tables that may be written as one value: what is meant is its field of this name."""

_MISSING = object()
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]+)?)\s*([a-z]*)", re.ASCII)
_UNITS = {
    name: timedelta(**{unit: 1})
    for unit, names in {
        "milliseconds": ("ms",),
        "seconds": ("", "s", "sec", "second", "seconds"),
        "minutes": ("min", "minute", "minutes"),
        "hours": ("h", "hour", "hours"),
        "days": ("d", "day", "days"),
    }.items()
    for name in names
}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class _FromEnvironment(str):
    """A text from the environment, which may stand for a number, a yes or no, or a list."""

    __slots__ = ()


class SettingsInvalid(MonespaceError):
    """Settings are missing or wrong.

    What to do: correct each problem; ``docs/reference/settings.md`` has every key.

    Attributes:
        problems: all that is missing or wrong, each naming its setting; none shows a value.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


def read_table(
    kind: type[Record],
    table: Mapping[str, Any],
    base: Path,
    misplaced: Iterable[str] = (),
    needed: Collection[str] = (),
) -> Record:
    """Make a record of a table, or tell everything that is wrong with it at once.

    Args:
        kind: an attrs class; fields that are attrs classes too are tables in the table.
        table: the names and values.
        base: the directory from which paths in it are meant.
        misplaced: what was found wrong already.
        needed: the fields that must be there although they have a default.

    Raises:
        SettingsInvalid: with all that is missing, wrong or unknown.
    """
    reader = _Reader(_converter(base), frozenset(needed), list(misplaced))
    record = reader.record(kind, table, "")
    if reader.problems:
        raise SettingsInvalid(reader.problems)
    return cast("Record", record)


@define
class _Reader:
    converter: Converter
    needed: frozenset[str]
    problems: list[str] = field(factory=list)

    def record(self, kind: type, table: Any, path: str) -> Any:
        if not isinstance(table, Mapping):
            self.problems.append(f"{path.rstrip('.')} must be a table")
            return _MISSING
        fields = attrs.fields_dict(attrs.resolve_types(kind))
        self.problems += _unknown(table, fields, path)
        values = {
            name: self._value(attribute, table.get(name, _MISSING), path + name)
            for name, attribute in fields.items()
            if name in table or attribute.default is attrs.NOTHING or path + name in self.needed
        }
        if _MISSING in values.values():
            return _MISSING
        try:
            return kind(**values)
        except ValueError as error:  # each value may be, but not all of them together
            self.problems.append(f"{path}{error}")
            return _MISSING

    def _value(self, attribute: attrs.Attribute[Any], raw: Any, path: str) -> Any:
        if (item := _item_of(attribute.type)) is not None:
            return self._records(attribute, item, raw, path)
        tables = _tables(attribute.type)
        if tables and not (raw is _MISSING and path in SHORT):
            table = {} if raw is _MISSING else raw
            kind = tables[0] if len(tables) == 1 else self._chosen(tables, table, f"{path}.")
            return _MISSING if kind is None else self.record(kind, table, f"{path}.")
        if raw is _MISSING:
            variable = "MONESPACE_" + path.upper().replace(".", "__")
            self.problems.append(f"{path} is missing (in the environment: {variable})")
            return _MISSING
        try:
            value: Any = self.converter.structure(raw, cast("type", attribute.type))
            if attribute.validator is not None:
                attribute.validator(None, attribute, value)
        except (ValueError, TypeError) as error:
            self.problems.append(f"{path} {error.args[0] if error.args else 'is wrong'}")
            return _MISSING
        return value

    def _chosen(self, tables: list[type], table: Mapping[str, Any], path: str) -> type | None:
        """Find which of several tables this one is: by its ``kind``, or by what only one has."""
        by_kind = {str(attrs.fields_dict(it)["kind"].default): it for it in tables}
        if "kind" in table:
            found = by_kind.get(table["kind"])
        else:
            owners = ([it for it in tables if name in attrs.fields_dict(it)] for name in table)
            found = next((alone[0] for alone in owners if len(alone) == 1), None)
        if found is None:
            told = "must be" if "kind" in table else "is missing:"
            self.problems.append(f"{path}kind {told} one of {', '.join(by_kind)}")
        return found

    def _records(self, attribute: attrs.Attribute[Any], item: type, raw: Any, path: str) -> Any:
        """Read a table of tables, by their names."""
        if not isinstance(raw, Mapping):
            self.problems.append(f"{path} must be a table")
            return _MISSING
        found = {name: self.record(item, it, f"{path}.{name}.") for name, it in raw.items()}
        if _MISSING in found.values():
            return _MISSING
        try:
            if attribute.validator is not None:
                attribute.validator(None, attribute, found)
        except ValueError as error:
            self.problems.append(f"{path} {error.args[0]}")
            return _MISSING
        return found


def _item_of(kind: Any) -> type | None:
    """The attrs class of which a type is a table by name, if it is."""
    if get_origin(kind) is not dict:
        return None
    item: type = get_args(kind)[1]
    return item if attrs.has(item) else None


def _unknown(table: Mapping[str, Any], fields: Mapping[str, Any], path: str) -> Iterable[str]:
    for name in table:
        if name not in fields:
            close = get_close_matches(name, fields, 1)
            yield f"{path}{name} is unknown" + "".join(f", did you mean {it}?" for it in close)


def _tables(kind: Any) -> list[type]:
    """The attrs classes among a type's forms."""
    forms = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    return [form for form in forms if attrs.has(form)]


def _converter(base: Path) -> Converter:
    converter = Converter(detailed_validation=False, forbid_extra_keys=True)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(bool, _boolean)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(timedelta, _duration)
    converter.register_structure_hook(ZoneInfo, _zone)
    converter.register_structure_hook(Path, lambda raw, _: _path(raw, base))
    converter.register_structure_hook_func(_is(Literal), _choice)
    converter.register_structure_hook_func(
        _is(dict), lambda raw, kind: _mapping(raw, kind, converter)
    )
    converter.register_structure_hook_func(
        _is(tuple, frozenset), lambda raw, kind: _many(raw, kind, converter)
    )
    return converter


def _is(*origins: object) -> Callable[[object], bool]:
    return lambda kind: get_origin(kind) in origins


def _text(raw: Any, _: object = None) -> str:
    if not isinstance(raw, str):
        raise TypeError("must be a text")
    return str(raw)


def _boolean(raw: Any, _: object) -> bool:
    value = _BOOLEANS.get(raw.lower()) if isinstance(raw, _FromEnvironment) else raw
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def _integer(raw: Any, _: object) -> int:
    if isinstance(raw, _FromEnvironment) and re.fullmatch(r"-?[0-9]{1,18}", raw, re.ASCII):
        return int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise TypeError("must be a whole number")
    return raw


def _duration(raw: Any, _: object) -> timedelta:
    known = isinstance(raw, str | int | float) and not isinstance(raw, bool)
    parts = _DURATION.fullmatch(str(raw).strip().lower()) if known else None
    if parts is None or parts[2] not in _UNITS:
        raise ValueError('must be a number of seconds, or a text such as "10 min" or "24 h"')
    try:
        return float(parts[1]) * _UNITS[parts[2]]
    except OverflowError:
        raise ValueError("is too long") from None


def _zone(raw: Any, _: object) -> ZoneInfo:
    try:
        return ZoneInfo(_text(raw))
    except (ValueError, OSError, LookupError):
        raise ValueError("is no time zone that this machine knows") from None


def _path(raw: Any, base: Path) -> Path:
    # A file names paths from where it lies, the environment from where the program runs.
    return Path(_text(raw)) if isinstance(raw, _FromEnvironment) else base / _text(raw)


def _choice(raw: Any, kind: Any) -> str:
    choices = get_args(kind)
    if raw not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return str(raw)


def _many(raw: Any, kind: Any, converter: Converter) -> Any:
    if isinstance(raw, _FromEnvironment):
        raw = [_FromEnvironment(part.strip()) for part in raw.split(",")]
    if not isinstance(raw, list):
        raise TypeError("must be a list")
    item, *_ = get_args(kind)
    return get_origin(kind)(converter.structure(each, item) for each in raw)


def _mapping(raw: Any, kind: Any, converter: Converter) -> Any:
    if not isinstance(raw, Mapping):
        raise TypeError("must be a table")
    _, item = get_args(kind)
    return {name: converter.structure(each, item) for name, each in raw.items()}


# --- where settings come from --------------------------------------------------------------------


_PREFIX = "MONESPACE_"
# Where settings are, and what the program is told besides.
_NOT_SETTINGS = frozenset({"MONESPACE_CONFIG", "MONESPACE_DIR", "MONESPACE_FLOWS"})


def read_sources(
    path: Path | None, environment: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Read a file, if any, and what the environment puts in its place.

    Returns:
        The table of settings, and what is wrong with variables that fit nowhere in it.

    Raises:
        SettingsInvalid: the file cannot be read.
    """
    table = {} if path is None else read_toml(path)
    for name, inner in SHORT.items():
        if name in table and not isinstance(table[name], dict):
            table[name] = {inner: table[name]}
    misplaced = [
        problem
        for name, value in sorted(environment.items())
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS and value
        for problem in _overlay(table, name, value)
    ]
    return table, misplaced


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        SettingsInvalid: it cannot be read; the message shows nothing of it.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "is not in UTF-8"
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at .*\)$", str(error))  # its text may quote a value
        problem = f"is not TOML {place[0] if place else ''}".rstrip()
    raise SettingsInvalid([f"{path}: {problem}"])


def _overlay(table: dict[str, Any], variable: str, value: str) -> list[str]:
    name = variable.removeprefix(_PREFIX).lower()
    *outer, last = (f"{name}__{SHORT[name]}" if name in SHORT else name).split("__")
    for name in outer:
        inner: object = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return [f"{variable} sets a value in {name}, which is no table"]
        table = inner
    table[last] = _FromEnvironment(value)
    return []
