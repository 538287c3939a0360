"""Every setting in effect, in words; what is secret only says whether it is set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monespace_backends.settings.service import Settings

__all__ = ["effective"]

_CREDENTIALS = re.compile(r"://[^/@\s]*@")
"""Name and password in an address: the store of the brakes may have one."""


def effective(settings: Settings) -> Iterator[tuple[str, str]]:
    """Name every setting with its value in words; what is secret only says whether it is set."""
    yield from _table(settings, "")


def _table(record: Any, path: str) -> Iterator[tuple[str, str]]:
    for one in attrs.fields(type(record)):
        name, value = f"{path}{one.name}", getattr(record, one.name)
        if name == "database.url":
            yield name, _address(value)
        elif not one.repr:
            yield name, "(non réglé)" if value is None else "(réglé, non montré)"
        elif name == "webhooks":
            for each, webhook in value.items():
                yield from _table(webhook, f"{name}.{each}.")
        elif attrs.has(type(value)):
            yield from _table(value, f"{name}.")
        else:
            yield name, _words(value)


def _address(url: str) -> str:
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "(pas une adresse)"


def _words(value: Any) -> str:
    match value:
        case None:
            return "(non réglé)"
        case bool():
            return "oui" if value else "non"
        case timedelta():
            return f"{value.total_seconds():.15g} s"
        case tuple() | frozenset():
            return ", ".join(map(_words, sorted(value))) or "(aucun)"
        case dict():
            return ", ".join(f"{name} = {_words(it)}" for name, it in value.items()) or "(aucun)"
        case _:
            return _CREDENTIALS.sub("://***@", str(value))
