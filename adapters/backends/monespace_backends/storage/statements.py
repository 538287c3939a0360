"""Statements as a driver takes them: written out once for each engine and shape of values.

The tables and statements are SQLAlchemy's; so is their text.  To make it again for each execution,
or to look for it in a cache of everything that was ever said, takes ten times as long as SQLite
takes to answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from attrs import frozen
from sqlalchemy import Dialect, Executable

__all__ = ()

Values = Mapping[str, Any]


@frozen
class _Place:
    """Where the value of a parameter comes from: ``item`` is its place in a list of values."""

    name: str
    source: str
    item: int | None = None


@frozen
class Prepared:
    """A statement's text, and how its parameters are filled in.

    ``fixed`` are the values that the statement itself brings.
    """

    text: str
    is_positional: bool
    places: tuple[_Place, ...]
    fixed: Values
    plain: tuple[str, ...] | None
    """The names in their order, where each is that of one value and nothing else is needed."""

    def fill_in(self, values: Values) -> Sequence[Any] | Values:
        """Make the parameters of one execution, as the driver takes them."""
        if self.plain is not None:
            return tuple(map(values.__getitem__, self.plain)) if self.is_positional else values
        if self.is_positional:
            return tuple([self._value(it, values) for it in self.places])
        return {it.name: self._value(it, values) for it in self.places}

    def _value(self, place: _Place, values: Values) -> Any:
        if place.source not in values:
            return self.fixed[place.name]
        value = values[place.source]
        return value if place.item is None else value[place.item]


_known: WeakKeyDictionary[Executable, dict[tuple[Any, ...], Prepared]] = WeakKeyDictionary()


def prepare(statement: Executable, dialect: Dialect, values: Values, start: str = "") -> Prepared:
    """Find a statement's text for one engine, a list of values being as long as this one.

    ``start`` is how the names of tables begin there.
    """
    of_statement = _known.get(statement)
    if of_statement is None:
        of_statement = _known[statement] = {}
    key = (
        dialect.name, start, *values, *[len(it) for it in values.values() if it.__class__ is list]
    )  # fmt: skip
    found = of_statement.get(key)
    if found is None:
        found = of_statement[key] = _prepared(statement, dialect, values)
    return found


def _prepared(statement: Any, dialect: Dialect, values: Values) -> Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=list(values))
    state = compiled.construct_expanded_state(dict(values))
    expanded = {
        name: _Place(name, source, item)
        for source, names in state.parameter_expansion.items()
        for item, name in enumerate(names)
    }
    is_positional = state.positiontup is not None
    names = tuple(state.positiontup if state.positiontup is not None else state.parameters)
    fixed = {name: it for name, it in state.parameters.items() if name not in values}
    return Prepared(
        text=state.statement,
        is_positional=is_positional,
        places=tuple(expanded.get(name) or _Place(name, name) for name in names),
        fixed=fixed,
        plain=None if expanded or fixed else names,
    )
