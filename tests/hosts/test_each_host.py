"""The journeys in Starlette, FastAPI, Django and Flask: each example of the manual, walked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from a2wsgi import WSGIMiddleware
from attrs import field, frozen
from hosts import django_host, fastapi_host, flask_host, starlette_host

from monespace_cli.serving.server import Limits, listen, server_config
from monespace_flows import Site
from monespace_flows.testing import Sandbox
from tests.http.html import Page
from tests.http.visiting import FORGOTTEN, JOHN, PASSWORD, Visitor, settings

pytestmark = pytest.mark.usefixtures("alone")

EMAIL = "john@medecin.example"
ANOTHER = "jean@medecin.example"
OTHER = "deux renards traversent le pont"


def _flask(*given: Any) -> WSGIMiddleware:
    host: Any = flask_host.make_host(*given)
    return WSGIMiddleware(host)


_MAKERS: dict[str, Callable[..., Any]] = {
    "starlette": starlette_host.make_host,
    "fastapi": fastapi_host.make_host,
    "django": django_host.make_host,
    "django by wsgi": lambda *given: WSGIMiddleware(django_host.make_wsgi_host(*given)),
    "flask": _flask,
}


@frozen
class Served:
    """A host on a port of this machine."""

    sandbox: Sandbox
    root: str
    browsers: list[_Browser] = field(factory=list)

    def visitor(self) -> _Browser:
        self.browsers.append(_Browser(self.root))
        return self.browsers[-1]

    def received(self, what: str, purpose: str) -> str:
        newest = reversed(list(self.sandbox.messages))
        return next(str(getattr(it, what)) for it in newest if it.purpose == purpose)


class _Browser(Visitor):
    """A browser without scripts, over real HTTP."""

    def __init__(self, root: str) -> None:
        self.client = httpx2.Client(base_url=root, follow_redirects=True)
        self.status, self.page = 0, Page("")


@contextmanager
def serving(name: str, **changes: Any) -> Iterator[Served]:
    with listen("127.0.0.1", 0) as listening:
        root = f"http://127.0.0.1:{listening.getsockname()[1]}"
        sandbox = Sandbox(site=Site(base_url=f"{root}/compte"))
        app = _MAKERS[name](sandbox.flows, settings(**changes))
        server = uvicorn.Server(server_config(app, Limits()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        served = Served(sandbox, root)
        try:
            yield served
        finally:
            for browser in served.browsers:
                browser.client.close()
            server.should_exit = server.force_exit = True
            thread.join(30)


@pytest.fixture(params=_MAKERS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as served:
        yield served


def code_typed(served: Served, visitor: Visitor, path: str) -> None:
    visitor.open(path)
    visitor.press("Valider", **JOHN)
    if FORGOTTEN in visitor.page.buttons:
        visitor.press(FORGOTTEN)
    visitor.press("Recevoir votre code", channel=visitor.page.field("3361***78")["value"])
    visitor.press("Valider", code=served.received("code", "code"))


def created(served: Served) -> None:
    visitor = served.visitor()
    code_typed(served, visitor, "/compte/creation")
    twice = {"password": PASSWORD, "password_confirmation": PASSWORD}
    visitor.press("Activer", email=EMAIL, email_confirmation=EMAIL, **twice)
    assert visitor.page.heading == "Votre espace est créé"


def sign_in(visitor: Visitor, path: str, email: str = EMAIL, password: str = PASSWORD) -> None:
    visitor.open(path)
    visitor.press("Se connecter", email=email, password=password)


def test_all_five_journeys_lead_back_to_the_page_of_the_host(served: Served) -> None:
    """Creation, sign-in, settings, reset, recovery; then the host greets whom it knows."""
    created(served)
    visitor = served.visitor()
    sign_in(visitor, "/membres")
    assert visitor.path == "/membres"
    assert EMAIL in visitor.response.text
    visitor.open(served.received("link", "confirmation"))
    visitor.press("Confirmer mon adresse e-mail")
    assert visitor.path == "/compte/"

    new = {"password": OTHER, "password_confirmation": OTHER}
    visitor.open("/compte/parametres")
    visitor.press("Enregistrer", current_password=PASSWORD, **new)
    assert EMAIL in visitor.client.get("/membres").text

    other = served.visitor()
    other.open("/compte/mot-de-passe")
    other.press("Valider", email=EMAIL)
    other.open(served.received("link", "reset_link"))
    other.press("Continuer")
    other.press("Enregistrer", password=PASSWORD, password_confirmation=PASSWORD)
    sign_in(visitor, "/membres")  # whose session has ended
    assert EMAIL in visitor.response.text

    third = served.visitor()
    code_typed(served, third, "/compte/recuperation")
    third.press("Activer", email=ANOTHER, email_confirmation=ANOTHER, **new)
    sign_in(third, "/membres", ANOTHER, OTHER)
    assert ANOTHER in third.response.text


def test_its_styles_are_found(served: Served) -> None:
    page = served.visitor().client.get("/compte/creation").text
    style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

    assert style.startswith("/compte/")
    assert served.visitor().client.get(style).status_code == 200
