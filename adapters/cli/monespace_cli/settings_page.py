"""Settings as they are in effect, for people to read: no secret among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monespace_backends.settings.service import Settings

__all__ = ["effective"]


def effective(settings: Settings) -> Iterator[tuple[str, str]]:
    """Name every setting with its value in words; what is secret only says whether it is set."""
    yield from _table(settings, "")


def _table(record: Any, path: str) -> Iterator[tuple[str, str]]:
    for one in attrs.fields(type(record)):
        name, value = f"{path}{one.name}", getattr(record, one.name)
        if name == "database":
            yield name, _address(value)
        elif not one.repr:
            yield name, "(not set)" if value is None else "(set, not shown)"
        elif attrs.has(type(value)):
            yield from _table(value, f"{name}.")
        else:
            yield name, _words(value)


def _address(url: str) -> str:
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "(not an address)"


def _words(value: Any) -> str:
    match value:
        case None:
            return "(not set)"
        case bool():
            return "true" if value else "false"
        case timedelta():
            return f"{value.total_seconds():.15g} s"
        case tuple() | frozenset():
            return ", ".join(map(_words, sorted(value))) or "(none)"
        case dict():
            return ", ".join(f"{name} = {_words(it)}" for name, it in value.items()) or "(none)"
        case _:
            return str(value)
