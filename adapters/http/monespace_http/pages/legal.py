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
from monespace_flows.wording import say_span

from ..places import Endpoint
from ..transport.headers import Cookies
from .frame import Frame

__all__ = ["legal_endpoints"]

_BROWSER = "jusqu'à la fermeture du navigateur"


@frozen
class _CookieNote:
    """One line of the table: the cookie's full name, what for, how long."""

    name: str
    purpose: str
    life: str


def _cookie_notes(cookies: Cookies, policy: Policy, flows: Iterable[Flow]) -> Iterator[_CookieNote]:
    """Tell every cookie that the site may set; a test compares them with those really set."""
    idle, absolute = say_span(policy.sessions.idle), say_span(policy.sessions.absolute)
    session = f"{_BROWSER} ; la session se ferme après {idle} sans activité, {absolute} au plus"
    yield _note(cookies, "browser", "Vérifier qu'un formulaire est renvoyé par vous", _BROWSER)
    yield _note(cookies, "session", "Garder votre session ouverte", session)
    known = "Reconnaître ce navigateur, pour que les essais d'autres personnes ne vous bloquent pas"
    yield _note(cookies, "known", known, say_span(policy.passwords.known_browser))
    for flow in flows:
        told = f"Retrouver où vous en êtes de {flow.yours}"
        yield _note(cookies, f"journey_{flow.name}", told, _BROWSER)
    yield _note(cookies, "link", "Revenir au lien reçu par e-mail après la connexion", "15 minutes")
    yield _note(cookies, "back", "Revenir à la page demandée après la connexion", "15 minutes")
    yield _note(cookies, "return", "Revenir au site qui vous a envoyé ici", "15 minutes")
    yield _note(cookies, "told", "Afficher une seule fois un message", "60 secondes")


def _note(cookies: Cookies, purpose: str, told: str, life: str) -> _CookieNote:
    return _CookieNote(cookies.name(purpose), told, life)


# --- The pages -----------------------------------------------------------------------------------


@frozen
class _LegalPages:
    """Who publishes, hosts and answers for the site, and what becomes of what is typed."""

    frame: Frame

    async def terms(self, request: Request) -> Response:
        """The terms of use, under the version that creation records."""
        title = "Conditions générales d'utilisation"
        return await self._page(request, "terms.html", title)

    async def privacy(self, request: Request) -> Response:
        """What is kept of a person, why, for how long, and whom to ask."""
        policy = self.frame.flows.policy
        lives = {
            "entry": say_span(policy.journeys.entry_life),
            "journey": say_span(policy.journeys.longest_life),
            "code": say_span(policy.codes.life),
            "link": say_span(policy.links.life),
            "session": say_span(policy.sessions.absolute),
            "journal": say_span(policy.journeys.retention),
        }
        return await self._page(
            request, "privacy.html", "Politique de confidentialité", lives=lives
        )

    async def cookies(self, request: Request) -> Response:
        """Every cookie: its name, what for, how long, and why no consent is asked."""
        flows = self.frame.flows
        notes = tuple(_cookie_notes(self.frame.cookies, flows.policy, flows.declared.values()))
        return await self._page(request, "cookies.html", "Cookies", notes=notes)

    async def notices(self, request: Request) -> Response:
        """Who publishes and hosts the site."""
        return await self._page(request, "legal_notices.html", "Mentions légales")

    async def accessibility(self, request: Request) -> Response:
        """The declaration of accessibility, with the ways to complain."""
        return await self._page(request, "accessibility.html", "Déclaration d'accessibilité")

    async def _page(self, request: Request, template: str, title: str, **context: Any) -> Response:
        try:
            session = await self.frame.session(request)
        except PortUnavailable:
            session = None  # these must be readable when the store is down
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
