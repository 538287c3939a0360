"""The pages that the law wants on every site, and the terms: linked from every page's foot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from monespace_flows.chart import Flow
from monespace_flows.errors import PortUnavailable
from monespace_flows.policy import Policy

from ..places import Endpoint
from ..transport.headers import Cookies
from .frame import TOLD, WANTED, Frame
from .words import Words

__all__ = ["legal_endpoints"]


@frozen
class _CookieNote:
    """One line of the table: the cookie's full name, what for, how long."""

    name: str
    purpose: str
    life: str


def _cookie_notes(
    cookies: Cookies, policy: Policy, flows: Iterable[Flow], words: Words
) -> Iterator[_CookieNote]:
    """Tell every cookie that the site may set; a test compares them with those really set."""

    def note(purpose: str, life: str, kind: str = "", **values: object) -> _CookieNote:
        told = words.say(f"page.cookie.{kind or purpose}", **values)
        return _CookieNote(cookies.name(purpose), told, life)

    until_closed = words.say("page.cookie.until_closed")
    lives = {"idle": policy.sessions.idle, "absolute": policy.sessions.absolute}
    said = {name: words.span(life) for name, life in lives.items()}
    yield note("browser", until_closed)
    yield note("session", words.say("page.cookie.session.life", **said))
    yield note("known", words.span(policy.passwords.known_browser))
    for flow in flows:
        yield note(f"journey_{flow.name}", until_closed, "journey", yours=words.yours(flow))
    yield note("link", words.span(WANTED))
    yield note("back", words.span(WANTED))
    yield note("return", words.span(WANTED))
    yield note("told", words.span(TOLD))


# --- The pages -----------------------------------------------------------------------------------


@frozen
class _LegalPages:
    """Who publishes, hosts and answers for the site, and what becomes of what is typed."""

    frame: Frame

    async def terms(self, request: Request) -> Response:
        """The terms of use, under the version that creation records."""
        return await self._page(request, "terms.html", "page.terms")

    async def privacy(self, request: Request) -> Response:
        """What is kept of a person, why, for how long, and whom to ask."""
        policy = self.frame.flows.policy
        lives = {
            "entry": policy.journeys.entry_life,
            "journey": policy.journeys.longest_life,
            "code": policy.codes.life,
            "link": policy.links.life,
            "session": policy.sessions.absolute,
            "journal": policy.journeys.retention,
        }
        return await self._page(request, "privacy.html", "page.privacy", lives=lives)

    async def cookies(self, request: Request) -> Response:
        """Every cookie: its name, what for, how long, and why no consent is asked."""
        flows, words = self.frame.flows, self.frame.words
        every = flows.declared.values()
        notes = tuple(_cookie_notes(self.frame.cookies, flows.policy, every, words))
        return await self._page(request, "cookies.html", "page.cookies", notes=notes)

    async def notices(self, request: Request) -> Response:
        """Who publishes and hosts the site."""
        return await self._page(request, "legal_notices.html", "page.notices")

    async def accessibility(self, request: Request) -> Response:
        """The declaration of accessibility, with the ways to complain."""
        return await self._page(request, "accessibility.html", "page.accessibility")

    async def _page(self, request: Request, template: str, title: str, **context: Any) -> Response:
        try:
            session = await self.frame.session(request)
        except PortUnavailable:
            session = None  # these must be readable when the store is down
        title = self.frame.words.plain(title)
        version = self.frame.flows.policy.identity.terms_version
        return self.frame.page(
            request, template, title=title, session=session, terms_version=version, **context
        )


def legal_endpoints(frame: Frame) -> list[Endpoint]:
    """List the pages at their addresses."""
    pages, paths = _LegalPages(frame), frame.places.paths
    return [
        Endpoint("GET", paths["terms"], pages.terms),
        Endpoint("GET", paths["privacy"], pages.privacy),
        Endpoint("GET", paths["cookies"], pages.cookies),
        Endpoint("GET", paths["notices"], pages.notices),
        Endpoint("GET", paths["accessibility"], pages.accessibility),
    ]
