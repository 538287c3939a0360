"""The templates: ours, and in their stead those of the host that have the same name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from monespace_flows.spoken import say_span
from monespace_flows.typography import typeset

from .typeset_templates import TypesetTemplates
from .weaving import loose_links, weave

__all__ = ["make_templates"]

_OURS = Path(__file__).with_name("templates")


@cache
def make_templates(theirs: Path | None) -> Environment:
    """Make the environment: every value is escaped, and a missing one is an error.

    It is made once for each directory, since compiling takes longer than rendering.
    """
    loaders = [FileSystemLoader(_OURS)]
    if theirs is not None:
        loaders.insert(0, FileSystemLoader(theirs))
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[TypesetTemplates],
    )
    environment.filters["typeset"] = typeset
    environment.filters["span"] = say_span
    environment.filters["weave"] = weave
    environment.filters["loose_links"] = loose_links
    return environment
