"""What a host wrote, made as settings name it: ``package.module:NAME`` and options."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from typing import Any, cast

from attrs import Attribute

from monespace_flows.errors import MonespaceError

__all__ = ["TargetInvalid", "check_methods", "is_target", "made"]


_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


class TargetInvalid(MonespaceError):
    """A host's own port cannot be made; the message says what to write, and no value.

    What to do: write ``package.module:NAME`` as the message says.
    """


def is_target(_: object, __: Attribute[Any], named: str | None) -> None:
    """Refuse what names no class or function; a validator of settings.

    Raises:
        ValueError: it does not.
    """
    if named is not None and not _TARGET.fullmatch(named):
        raise ValueError("must name a class or a function, as package.module:NAME")


def made(target: str, options: Mapping[str, Any], setting: str) -> object:
    """Import a class or a function, and call it.

    Args:
        target: where it is, as ``package.module:NAME``.
        options: what to call it with, by name.
        setting: the table of the settings that names it.

    Raises:
        TargetInvalid: it cannot be imported or called so.
    """
    make = _imported(target)
    try:
        signature(make).bind(**options)
    except (TypeError, ValueError) as error:  # names what is missing or unknown, and no value
        raise TargetInvalid(f"{setting}.options do not fit {target}: {error}") from None
    try:
        return make(**options)
    except ValueError as error:
        told = "an option cannot be written" if isinstance(error, UnicodeError) else error
        raise TargetInvalid(f"{target}: {told}") from None


def check_methods(port: object, target: str, methods: Mapping[str, str], name: str) -> None:
    """Refuse what is no port of a kind.

    Args:
        port: what was made.
        target: of what.
        methods: what it must have, and how each is written.
        name: the port's name in :mod:`monespace_flows.ports`.

    Raises:
        TargetInvalid: a method is missing.
    """
    for method, written in methods.items():
        if not callable(getattr(port, method, None)):
            raise TargetInvalid(
                f"what {target} makes has no method {method}: write {written}, as "
                f"monespace_flows.ports.{name} says"
            )


def _imported(target: str) -> Callable[..., object]:
    module, _, name = target.partition(":")
    try:
        found = getattr(import_module(module), name, None)
    except ImportError as error:
        raise TargetInvalid(
            f"{target} cannot be imported ({error}): write package.module:NAME, of a package that "
            "is installed where the program runs"
        ) from None
    if not callable(found):
        raise TargetInvalid(
            f"{module} has no class or function {name}: write the NAME of what makes it"
        )
    return cast("Callable[..., object]", found)
