"""What each cookie is for, as `/cookies` tells it; a test compares it with those really set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from monespace_flows.chart import Flow
from monespace_flows.policy import Policy
from monespace_flows.spoken import say_span

from .cookies import Cookies

__all__ = ["CookieNote", "cookie_notes"]

_BROWSER = "jusqu'à la fermeture du navigateur"


@frozen
class CookieNote:
    """One line of the table: the cookie's full name, what for, how long."""

    name: str
    purpose: str
    life: str


def cookie_notes(cookies: Cookies, policy: Policy, flows: Iterable[Flow]) -> Iterator[CookieNote]:
    """Tell every cookie that the site may set, under the names it has here."""
    idle, absolute = say_span(policy.sessions.idle), say_span(policy.sessions.absolute)
    session = f"{_BROWSER} ; la session se ferme après {idle} sans activité, {absolute} au plus"
    yield _note(cookies, "browser", "Vérifier qu'un formulaire est renvoyé par vous", _BROWSER)
    yield _note(cookies, "session", "Garder votre session ouverte", session)
    for flow in flows:
        told = f"Retrouver où vous en êtes de {flow.yours}"
        yield _note(cookies, f"journey_{flow.name}", told, _BROWSER)
    yield _note(cookies, "link", "Revenir au lien reçu par e-mail après la connexion", "15 minutes")
    yield _note(cookies, "back", "Revenir à la page demandée après la connexion", "15 minutes")
    yield _note(cookies, "told", "Afficher une seule fois un message", "60 secondes")


def _note(cookies: Cookies, purpose: str, told: str, life: str) -> CookieNote:
    return CookieNote(cookies.name(purpose), told, life)
