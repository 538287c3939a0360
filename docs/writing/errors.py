"""Every error, every code of a problem, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from pkgutil import walk_packages

from monespace_flows.errors import JournalFault, MonespaceError, SignInFault
from monespace_http.transport.headers import PROBLEMS

from .common import GENERATED, REFERENCE, Pages, capital, code, table, told
from .http import statuses

__all__ = ["Untold", "every_error", "pages"]

_ROOTS = ("monespace_flows", "monespace_http", "monespace_backends")
_ROOM = "monespace_flows.errors"
_DO = "What to do: "
_PAGE = re.compile(r"`docs/((?:[\w-]+/)+)([\w-]+)\.md`")
_REASONS: Mapping[str, type[Enum]] = {"SignInRefused": SignInFault, "JournalDamaged": JournalFault}

_INTRO = """# Errors

An error is a caller's mistake or a broken port, and derives from `MonespaceError`.  A person's
mistake (a wrong code, a weak password) is none: it is a [notice](notices.md) of the view.  How the
program ends: [its codes](program.md#how-it-ends).  They are in `monespace_flows.errors`, unless
another module is named.
"""

_PROBLEMS = """Answers without a view are problem documents (RFC 9457); `code` never changes its
meaning.  Those of pages alone stand in CONTRIBUTING (« A 409 »).
"""


class Untold(Exception):
    """An error does not say what to do: add a paragraph « What to do: … » to its docstring."""


def pages() -> Pages:
    """Write the page of the errors."""
    yield REFERENCE / "errors.md", _page()


def every_error() -> list[type[MonespaceError]]:
    """Find all errors that may reach a host, the root first."""
    for root in _ROOTS:
        package = import_module(root)
        for module in walk_packages(package.__path__, f"{root}."):
            # Migrations run inside Alembic alone, and what servers load reads the settings.
            if ".migrations" not in module.name and not module.name.endswith(".asgi"):
                import_module(module.name)
    found = {*_below(MonespaceError)}
    return sorted(
        found, key=lambda it: (it is not MonespaceError, it.__module__ != _ROOM, it.__name__)
    )


def _below(kind: type[MonespaceError]) -> Iterator[type[MonespaceError]]:
    if kind.__module__.partition(".")[0] in _ROOTS and not kind.__name__.startswith("_"):
        yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def _page() -> str:
    lines = [
        GENERATED + _INTRO,
        "## In Python",
        table(("error", "what it means", "what to do"), map(_error, every_error())),
    ]
    for name, reasons in _REASONS.items():
        rows = [(code(it.name), capital(it.value) + ".") for it in reasons]
        lines += [f"### The reasons of `{name}`", table(("reason", "what it says"), rows)]
    found = statuses()
    problems = (
        (code(name), ", ".join(map(str, found[name])) or "as the server says", *PROBLEMS[name])
        for name in sorted(PROBLEMS)
    )
    lines += [
        "## Problems over HTTP",
        _PROBLEMS,
        table(("code", "status", "what it means", "what to do"), problems),
    ]
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _error(kind: type[MonespaceError]) -> tuple[str, str, str]:
    text = told(kind)
    parts = [text.summary, *text.rest.split("\n\n")]
    does = [it.removeprefix(_DO) for it in parts if it.startswith(_DO)]
    if not does:
        raise Untold(f"{kind.__module__}.{kind.__name__}")
    meaning = " ".join(it for it in parts if it and not it.startswith(_DO))
    where = "" if kind.__module__ == _ROOM else f"<br>{code(kind.__module__)}"
    return code(kind.__name__) + where, meaning, _linked(capital(does[0]))


def _linked(text: str) -> str:
    """Make links of the pages that a docstring names."""
    return _PAGE.sub(r"[\2](../\1\2.md)", text)
