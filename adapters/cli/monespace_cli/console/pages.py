"""How the console's pages are written: by templates of its own, in the style of the journeys'."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from attrs import field, frozen
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monespace_flows.wording import Text
from monespace_http.pages.assets import load_static, make_templates

from ..access.place import Place
from ..access.reading import purpose_words
from ..support.fates import CHANNELS
from ..support.source import open_journals
from .language import plain, say, speaking, switch
from .visits import Visit

__all__ = ["STATIC", "Asked", "written"]

_TEMPLATES = Path(__file__).with_name("templates")
STATIC = load_static(
    {name: (_TEMPLATES / name).read_bytes() for name in ("console.css", "console.js")}
)
"""The style, shared with the journeys' pages, and what the console adds to it."""


@frozen(kw_only=True)
class Asked:
    """One request of an agent who was let in; ``acts`` says whether accounts may be changed."""

    request: Request
    visit: Visit
    place: Place
    acts: bool
    fields: dict[str, str] = field(factory=dict, repr=False)

    def page(self, name: str, status: int = 200, **values: Any) -> Response:
        """Write a page."""
        return written(self.request, name, status, asked=self, channels=self._troubled(), **values)

    def go(self, path: str) -> Response:
        """Lead elsewhere in the console."""
        return RedirectResponse(_base(self.request) + path, 303)

    @property
    def purpose(self) -> Text | None:
        """Why the agent reads; ``None`` before it was said."""
        grounds = self.visit.grounds
        return None if grounds is None else purpose_words(grounds[0])

    @property
    def ticket(self) -> str:
        """The ticket for which the agent reads."""
        grounds = self.visit.grounds
        return "" if grounds is None else grounds[1]

    def _troubled(self) -> list[Text]:
        """The channels by which messages cannot leave; nothing is read before grounds are given."""
        if self.visit.grounds is None:
            return []
        with open_journals(self.place) as journals:
            return [CHANNELS.get(it, Text(it, it)) for it in journals.troubled()]


def written(
    request: Request,
    name: str,
    status: int = 200,
    *,
    asked: Asked | None = None,
    channels: Sequence[Text] = (),
    **values: Any,
) -> Response:
    """Write a page.

    Args:
        request: who asks.
        name: the template's.
        status: of the answer.
        asked: none for whoever was not let in.
        channels: by which messages cannot leave.
        values: what the template tells.
    """
    base = _base(request)
    told = _templates().get_template(f"console-{name}.html")
    text = told.render(
        base=base,
        static=f"{base}/fichiers/{STATIC.version}",
        asked=asked,
        channels=channels,
        language=speaking(),
        switch=switch(request, base),
        **values,
    )
    return HTMLResponse(text, status)


@cache
def _templates() -> Environment:
    """The environment, in which every template can say something in the reader's language."""
    environment = make_templates(_TEMPLATES)
    environment.globals.update(say=say, plain=plain)
    return environment


def _base(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")
