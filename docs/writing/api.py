"""The names in Python: which stand on which page; Sphinx reads the rest from their docstrings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import isroutine
from typing import Any

from attrs import frozen

from monespace_flows.chart import Chart

from .common import GENERATED, REFERENCE, Pages, table, told

__all__ = ["BOOKS", "Book", "pages", "public_names"]


@frozen
class Book:
    """A page of names: what it is for, and the modules whose ``__all__`` it shows."""

    title: str
    about: str
    modules: tuple[str, ...]


BOOKS: Mapping[str, Book] = {
    "monespace_flows": Book(
        "monespace_flows",
        "The first names: the application, its commands, its events.",
        ("monespace_flows",),
    ),
    "driver": Book(
        "Looking after accounts",
        "What the application lets a host and an operator do beside journeys.",
        ("monespace_flows.driver",),
    ),
    "ports": Book(
        "Ports",
        "What is outside, as a host may write it.",
        ("monespace_flows.ports", "monespace_flows.facts"),
    ),
    "errors": Book(
        "Errors, events and the policy",
        "Each has a reference of its own; here are the classes.",
        ("monespace_flows.errors", "monespace_flows.events", "monespace_flows.policy"),
    ),
    "flows": Book(
        "Flows",
        "What a flow of one's own is made of.",
        (
            "monespace_flows.flows",
            "monespace_flows.chart",
            "monespace_flows.screens",
            "monespace_flows.notices",
            "monespace_flows.commands",
            "monespace_flows.effects",
            "monespace_flows.wording",
            "monespace_flows.texts",
            "monespace_flows.maps",
            "monespace_flows.verify",
        ),
    ),
    "testing": Book(
        "Testing",
        "The whole library in memory, for the tests of a host.",
        (
            "monespace_flows.testing",
            "monespace_flows.testing.contracts",
            "monespace_flows.testing.situations",
            "monespace_flows.testing.strategies",
        ),
    ),
    "client": Book("Client", "The JSON, called from Python.", ("monespace_flows.client",)),
    "monespace_http": Book(
        "monespace_http",
        "Pages and JSON as an ASGI app, and who is signed in.",
        ("monespace_http", "monespace_http.transport.counts"),
    ),
    "monespace_backends": Book(
        "monespace_backends",
        "Real backends, and the settings that make them.",
        (
            "monespace_backends",
            "monespace_backends.settings.service",
            "monespace_backends.settings.messaging",
            "monespace_backends.settings.metrics",
            "monespace_backends.settings.support",
            "monespace_backends.settings.texts",
            "monespace_backends.settings.theme",
            "monespace_backends.settings.webhooks",
            "monespace_backends.registry",
            "monespace_backends.storage",
            "monespace_backends.storage.database",
            "monespace_backends.messaging",
            "monespace_backends.metrics",
            "monespace_backends.housekeeping",
            "monespace_backends.secrets",
            "monespace_backends.passwords",
            "monespace_backends.emails",
            "monespace_backends.clock",
        ),
    ),
}
"""The pages.  A name that several modules tell stands where it is told first."""


def pages() -> Pages:
    """Write a page for each book, and their list."""
    shown = public_names()
    for name, book in BOOKS.items():
        parts = (_module(each, shown[each]) for each in book.modules if shown[each])
        text = f"{GENERATED}# {book.title}\n\n{book.about}\n\n" + "\n".join(parts)
        yield REFERENCE / "api" / f"{name}.md", text
    listed = ((f"[{it.title}]({name}.md)", it.about) for name, it in BOOKS.items())
    yield REFERENCE / "api" / "README.md", _list(table(("page", "what it is"), listed))


def _list(listed: str) -> str:
    names = "\n".join(BOOKS)
    return (
        f"{GENERATED}# Names in Python\n\nWhat a host may import.  What no page names may change "
        f"from one version to the next.\n\n{listed}\n"
        f"```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    )


def public_names() -> dict[str, list[str]]:
    """Find the names of each module that no module before it has told."""
    seen: set[object] = set()
    found: dict[str, list[str]] = {}
    for module in (each for book in BOOKS.values() for each in book.modules):
        room = import_module(module)
        found[module] = []
        for name in room.__all__:
            which = _identity(module, name, getattr(room, name))
            if which not in seen:
                seen.add(which)
                found[module].append(name)
    return found


def _identity(module: str, name: str, value: Any) -> object:
    """Tell classes and functions by where they were made, values by where they stand."""
    made = getattr(value, "__qualname__", None)
    return (value.__module__, made) if made else (module, name)


def _module(module: str, names: list[str]) -> str:
    directives = "\n\n".join(_directives(module, names))
    about = told(import_module(module)).summary
    return (
        f"## `{module}`\n\n{about}\n\n```{{eval-rst}}\n.. module:: {module}\n\n{directives}\n```\n"
    )


def _directives(module: str, names: list[str]) -> Iterator[str]:
    room = import_module(module)
    for name in names:
        value = getattr(room, name)
        if value is Chart:
            # The rest of what it has is python-statemachine's.
            yield f".. autoclass:: {module}.{name}"
        elif isinstance(value, type):
            bases = "" if value.__bases__ == (object,) else "\n   :show-inheritance:"
            yield f".. autoclass:: {module}.{name}\n   :members:{bases}"
        elif isroutine(value):
            yield f".. autofunction:: {module}.{name}"
        else:
            yield f".. autodata:: {module}.{name}\n   :no-value:"
