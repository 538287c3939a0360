"""How Sphinx builds the manual; nothing is asked of the network, neither here nor by a reader."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import attrs
from sphinx.util.typing import stringify_annotation

sys.path.insert(0, str(Path(__file__).parent))

project = "monespace-flows"
release = version = version_of("monespace-flows")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "writing", "examples"]
language = "en"
smartquotes = False  # `--once` must stay two hyphens

html_theme = "furo"
html_title = "monespace-flows"
html_static_path = ["static"]
html_css_files = ["manual.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def setup(app: Any) -> None:
    """Write what an attrs class is made of as one would call it."""
    app.connect("autodoc-process-signature", _signature)


def _signature(
    _app: Any, what: str, _name: str, kind: Any, _options: Any, _signature: str, returns: str
) -> tuple[str, str] | None:
    if what != "class" or not attrs.has(kind):
        return None
    # Types that are imported for type checkers alone stay names.
    with suppress(NameError):
        attrs.resolve_types(kind)
    fields = [it for it in attrs.fields(kind) if it.init]
    parts = ["*"] if fields and all(it.kw_only for it in fields) else []
    return f"({', '.join((*parts, *map(_parameter, fields)))})", returns


def _parameter(field: attrs.Attribute[Any]) -> str:
    kind = field.type if isinstance(field.type, str) else stringify_annotation(field.type, "smart")
    if field.default is attrs.NOTHING:
        return f"{field.alias}: {kind}"
    is_short = isinstance(field.default, str | int | float | bool | None)
    return (
        f"{field.alias}: {kind} = {field.default!r}" if is_short else f"{field.alias}: {kind} = ..."
    )
