"""The templates: what each is for, what it finds, and what a host may put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, meta, nodes

from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, create_app
from monespace_http.pages.assets import SLOTS, make_templates
from monespace_http.pages.frame import Frame

from .common import GENERATED, REFERENCE, ROOT, Pages, code, markdown, table, told

__all__ = ["found_everywhere", "pages"]

_PAGES = ROOT / "adapters/http/monespace_http/pages/templates"
_MAIL = ROOT / "adapters/backends/monespace_backends/templates"
_LAYOUT = {"static", "session", "linked", "form_token", "first_token", "title"}
"""What :meth:`Frame.page` hands to each page besides: not for a host to lean on."""

_INTRO = """# Templates

Pages are Jinja templates.  A file of the same name in `[http] templates` stands in for ours; one
that lies in its folder `slots` is put into ours, which stay as they are.  Every value is escaped,
and a name that is not there is an error.  [How to make it look like yours](../how-to/theme.md).

What a template's own variables hold is that of this version: look at the template before you
replace it, and prefer a slot, a block or [own texts](../how-to/own-texts.md).
"""

_EMAILS = """Letters are texts: [own texts](../how-to/own-texts.md) say them otherwise.  What they
stand in is not replaced by settings.
"""


def pages() -> Pages:
    """Write the page of the templates."""
    yield REFERENCE / "templates.md", _page()


def found_everywhere() -> dict[str, str]:
    """Say what every page finds, by its name."""
    return told(Frame._everywhere).names  # noqa: SLF001 - its docstring is what hosts are told


def _page() -> str:
    everywhere = sorted(found_everywhere().items())
    lines = [
        GENERATED + _INTRO,
        "## Slots",
        table(("file", "where it is put"), _slots()),
        "## What every page finds",
        table(("name", "what it is"), [(code(name), text) for name, text in everywhere]),
        "## Pages",
        table(("template", "what it is", "its own variables", "blocks"), _rows(_PAGES)),
        "## E-mails",
        _EMAILS,
        table(("template", "what it is", "its own variables", "blocks"), _rows(_MAIL)),
    ]
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _slots() -> Iterator[tuple[str, str]]:
    for slot in SLOTS:
        (where,) = [
            path.name
            for path in sorted(_PAGES.glob("*.html"))
            if f'include "slots/{slot}"' in path.read_text("utf-8")
        ]
        yield code(f"slots/{slot}"), f"into {code(where)}"


def _rows(folder: Path) -> Iterator[tuple[str, ...]]:
    for path in sorted(folder.glob("*.html")):
        source = path.read_text("utf-8")
        tree = _environment().parse(source)
        known = {*found_everywhere(), *_environment().globals, *_LAYOUT}
        own = meta.find_undeclared_variables(tree) - known - _made_here(tree)
        blocks = [each.name for each in tree.find_all(nodes.Block)]
        yield code(path.name), _comment(source, path), _listed(sorted(own)), _listed(blocks)


def _made_here(tree: nodes.Template) -> set[str]:
    """What a template imports, sets or defines: Jinja does not see it inside of blocks."""
    found = {each.name for each in tree.find_all(nodes.Macro)}
    for each in tree.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in each.names}
    return found | {each.name for each in tree.find_all(nodes.Name) if each.ctx == "store"}


def _comment(source: str, path: Path) -> str:
    found = re.match(r"\{#-? (.*?)\s*-?#\}", source, re.DOTALL)
    if found is None:
        raise ValueError(f"{path.name}: begin with a comment that says what it is")
    return markdown(found[1])


def _listed(names: list[str]) -> str:
    return ", ".join(map(code, names)) or "—"


@cache
def _environment() -> Environment:
    # As pages are read: with the filters that they use.
    create_app(Sandbox().flows, HttpSettings(keys=(bytes(32),)))
    return make_templates(None)
