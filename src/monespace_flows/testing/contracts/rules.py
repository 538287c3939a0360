"""What a rule of a port is, its number, and the two sentences by which a rule finds it broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import getdoc, signature
from typing import Any, TypeVar

from attrs import field, fields, frozen, has

__all__ = ()

CAPABILITIES = {
    "threads": "several threads use one port at once",
    "processes": "several processes open what is stored at once",
    "twin": "what is stored can be opened a second time in one process",
    "purge": "what is past its life is deleted by us",
    "rotation": "keys change while the service runs",
    "received": "what was delivered can be looked at",
    "away": "a port whose server does not answer can be made",
}
"""What a port may lack, by name, if it says why."""

Body = TypeVar("Body", bound=Callable[..., None])


class Broken(Exception):
    """A port does not keep a rule; the message says what was seen."""


@frozen
class Rule:
    """One rule of a port.

    Attributes:
        number: its name for ever: ``PORT-STORAGE-07``.
        sentence: what must hold.
        danger: what becomes of people where it does not.
        hint: where to look for the fault.
        capability: what a port must be able to for it to be asked, of :data:`CAPABILITIES`.
        body: what asks it; raises where it is broken.
    """

    number: str
    sentence: str
    danger: str
    hint: str
    capability: str | None
    body: Callable[..., None] = field(repr=False, eq=False)

    @property
    def port(self) -> str:
        """The port that it is of, in small letters."""
        return self.number.split("-")[1].lower()

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of what it is called with."""
        return tuple(signature(self.body).parameters)


RULES: dict[str, Rule] = {}
"""Every rule, by its number."""


def rule(
    number: str, *, danger: str, hint: str, capability: str | None = None
) -> Callable[[Body], Body]:
    """Make a function a rule: its docstring is the sentence, its parameters are what it needs.

    Raises:
        ValueError: the number is taken.
    """

    def listed(body: Body) -> Body:
        if number in RULES:
            raise ValueError(f"two rules have the number {number}")
        sentence = " ".join((getdoc(body) or "").split())
        RULES[number] = Rule(number, sentence, danger, hint, capability, body)
        return body

    return listed


def holds(condition: object, told: str) -> None:
    """Find the rule broken unless something holds; ``told`` says what was seen else.

    An ``assert`` would be left out by ``python -O``, and every port would keep every rule.
    """
    if not condition:
        raise Broken(told)


def same(expected: object, found: object, told: str = "the answer") -> None:
    """Find the rule broken unless two things are equal; say of long ones where they differ."""
    if expected != found:
        place, wanted, had = _first_difference(expected, found)
        raise Broken(f"{told}{place} should be {shortened(wanted)}, and is {shortened(had)}")


def _first_difference(expected: Any, found: Any) -> tuple[str, Any, Any]:
    if type(expected) is type(found) and has(type(expected)):
        parts = [
            (f", {it.name}", getattr(expected, it.name), getattr(found, it.name))
            for it in fields(type(expected))
        ]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        parts = [(f"[{at}]", *pair) for at, pair in enumerate(zip(expected, found, strict=True))]
    else:
        return "", expected, found
    place, wanted, had = next(part for part in parts if part[1] != part[2])
    further, wanted, had = _first_difference(wanted, had)
    return f"{place}{further}", wanted, had


@contextmanager
def refuses(error: type[BaseException], told: str) -> Iterator[None]:
    """Find the rule broken unless the block raises ``error``; ``told`` names what it did."""
    try:
        yield
    except error:
        return
    raise Broken(f"{told} should raise {error.__name__}, and raises nothing")


_LONG = 240


def shortened(value: Any) -> str:
    """Write a value for a line of a terminal."""
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
