"""In which language the console speaks: the one its address asks for, else the one remembered."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from attrs import frozen
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from monespace_flows.wording import Lang, Text, typeset
from monespace_http.transport.headers import Cookies
from monespace_http.transport.languages import Languages, asked_language

__all__ = ["Chosen", "plain", "remember", "say", "speaking", "switch"]

_ASKED = "lang"
_COOKIE = "language"
_YEAR = 365 * 24 * 60 * 60
_LANGS: dict[str, Lang] = {"fr": "fr", "en": "en"}
_KEPT: dict[str, Lang] = {"in-french": "fr", "in-english": "en"}
"""What the cookie holds."""

# Where an English page quotes what stands on a doctor's screen.
_QUOTED = re.compile("«[^»]*»|“[^”]*”")


@frozen
class Chosen(Languages):
    """French, unless the reader once chose English by ``?lang=en``."""

    cookies: Cookies

    def pick(self, scope: Scope) -> str:
        """Which language a request is answered in."""
        request = Request(scope)
        asked = _LANGS.get(request.query_params.get(_ASKED, ""))
        return asked or _KEPT.get(self.cookies.read(request, _COOKIE) or "", "fr")


def remember(cookies: Cookies, request: Request, answer: Response) -> None:
    """Remember a language that the address asks for."""
    asked = request.query_params.get(_ASKED)
    kept = next((value for value, lang in _KEPT.items() if lang == asked), None)
    if kept is not None:
        cookies.write(answer, _COOKIE, kept, seconds=_YEAR)


def switch(request: Request, base: str) -> str:
    """The address of the same page in the other language; of the first one after a POST."""
    other = "en" if speaking() == "fr" else "fr"
    if request.method != "GET":
        return f"{base}/?{_ASKED}={other}"
    path = request.url.path.lstrip("/")  # two of them would begin the name of another host
    return f"/{path}?{urlencode({**request.query_params, _ASKED: other})}"


def speaking() -> Lang:
    """The language of the request that is being answered."""
    return "en" if asked_language() == "en" else "fr"


def plain(text: Text | str, english: str = "", **values: object) -> str:
    """Say something in the reader's language, as text.

    Args:
        text: both languages, or the French.
        english: the English beside it.
        values: what fills the places in braces.
    """
    both = text if isinstance(text, Text) else Text(text, english)
    said = both.said(speaking())
    filled = said.format_map(values) if values else said
    return typeset(filled) if speaking() == "fr" else filled


def say(text: Text | str, english: str = "", **values: Any) -> Markup:
    """Say something as a piece of a page; what it quotes of a screen is marked as French."""
    said = escape(plain(text, english, **values))
    if speaking() == "fr":
        return said
    marked = _QUOTED.sub(r'<span lang="fr">\g<0></span>', str(said))
    return Markup(marked)  # noqa: S704 - escaped above
