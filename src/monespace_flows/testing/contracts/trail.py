"""The calls that a rule made: what a failure shows, so that it can be typed again.

A port is wrapped whole, by name: what is called, with what, and what came of it.  What a port of
secrets, passwords or people is told or answers is hidden; the rest are the kit's own examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

__all__ = ()

SHOWN = 24
"""So many calls are shown, the last ones."""

_WIDE = 64


class Trail:
    """The calls since the last fresh port."""

    def __init__(self) -> None:
        self._calls: list[str] = []

    def add(self, call: str) -> None:
        """Note one."""
        self._calls.append(call)

    def clear(self) -> None:
        """Begin again: what was done to another port is no part of it."""
        self._calls.clear()

    def shown(self) -> tuple[str, ...]:
        """Give the last calls, and say how many there were before."""
        before = len(self._calls) - SHOWN
        head = (f"… {before} calls before",) if before > 0 else ()
        return (*head, *self._calls[-SHOWN:])


class Recorded:
    """A port, or a part of one, whose calls are noted."""

    def __init__(self, target: object, name: str, trail: Trail, *, hidden: bool) -> None:
        self._target = target
        self._name = name
        self._trail = trail
        self._hidden = hidden

    def __repr__(self) -> str:
        return repr(self._target)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if callable(found):
            return partial(self._call, name, found)
        return Recorded(found, f"{self._name}.{name}", self._trail, hidden=self._hidden)

    def _call(
        self, name: str, method: Callable[..., Any], *values: object, **named: object
    ) -> object:
        told = [self._say(it) for it in values]
        told += [f"{key}={self._say(it)}" for key, it in named.items()]
        call = f"{self._name}.{name}({', '.join(told)})"
        try:
            answer = method(*values, **named)
        except BaseException as error:
            self._trail.add(f"{call}  raised {type(error).__name__}")
            raise
        if isinstance(answer, AbstractContextManager):
            return self._within(call, answer)
        self._trail.add(call if answer is None else f"{call}  -> {self._say(answer)}")
        return answer

    @contextmanager
    def _within(self, call: str, block: AbstractContextManager[object]) -> Iterator[Recorded]:
        self._trail.add(f"with {call}:")
        with block as unit:
            yield Recorded(unit, "    unit", self._trail, hidden=self._hidden)

    def _say(self, value: object) -> str:
        if not self._hidden:
            text = repr(value)
            return text if len(text) <= _WIDE else f"{text[:_WIDE]}…"
        if isinstance(value, str):
            return f"<{len(value)} characters>"
        if isinstance(value, date):
            return "<date>"
        if isinstance(value, tuple):
            return f"<{len(value)} values>"
        plain = value is None or isinstance(value, int | Enum)
        return repr(value) if plain else f"<{type(value).__name__}>"
