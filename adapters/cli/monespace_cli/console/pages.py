"""How the console's pages are written: by templates of its own, in the style of the journeys'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monespace_http.pages.assets import load_static, make_templates

from ..access.place import Place
from ..access.reading import PURPOSES
from .visits import Visit

__all__ = ["STATIC", "Asked", "written"]

_TEMPLATES = Path(__file__).with_name("templates")
STATIC = load_static({"console.css": (_TEMPLATES / "console.css").read_bytes()})
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
        return written(self.request, name, status, asked=self, **values)

    def go(self, path: str) -> Response:
        """Lead elsewhere in the console."""
        return RedirectResponse(_base(self.request) + path, 303)

    @property
    def told_grounds(self) -> str:
        """Why the agent reads, for the head of each page; empty before it was said."""
        grounds = self.visit.grounds
        return "" if grounds is None else f"{PURPOSES[grounds[0]]}, ticket {grounds[1]}"


def written(
    request: Request, name: str, status: int = 200, asked: Asked | None = None, **values: Any
) -> Response:
    """Write a page; without ``asked`` for whoever was not let in."""
    base = _base(request)
    text = make_templates(_TEMPLATES).get_template(f"console-{name}.html")
    told = text.render(base=base, static=f"{base}/fichiers/{STATIC.version}", asked=asked, **values)
    return HTMLResponse(told, status)


def _base(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")
