"""A sandbox served over HTTP, and people who visit it: with a browser, or with JSON."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette

from monespace_flows import Site
from monespace_flows.policy import Policy
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, create_app
from tests.http.html import Page

KEY = b"a key of the tests, 32 bytes long"
NO_TIME = timedelta(0)
JOHN = {"birth_date": "17/06/1975", "rpps": "99000000002", "accept_terms": "on"}
CLAIRE = {"birth_date": "03/11/1990", "rpps": "99000000028", "accept_terms": "on"}
FORGOTTEN = "Je ne connais plus l'adresse mail de mon compte"
PASSWORD = "sept girafes lisent le journal"


def settings(**changes: Any) -> HttpSettings:
    """Settings of a test: no brakes, answers at once."""
    defaults: dict[str, Any] = {
        "keys": (KEY,),
        "answer_floor": NO_TIME,
        "answer_jitter": NO_TIME,
        "brakes": None,
    }
    return HttpSettings(**{**defaults, **changes})


@cache
def _portal() -> BlockingPortal:
    """Run one event loop for all visits, as a server does: its threads keep what they made."""
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(start_blocking_portal())


class _Transport(httpx2.BaseTransport):
    """Asks an app within the loop, in one hop; Starlette's own client takes nine."""

    def __init__(self, app: Starlette, root_path: str) -> None:
        self._asgi = httpx2.ASGITransport(app, root_path=root_path)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        return _portal().call(self._answer, request)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._asgi.handle_async_request(request)
        body = httpx2.ByteStream(await answer.aread())
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=body)


def client_of(
    app: Starlette, base_url: str, *, root_path: str = "", follow_redirects: bool = False
) -> httpx2.Client:
    """Make a client without cookies; an error of the app is raised."""
    transport = _Transport(app, root_path)
    return httpx2.Client(transport=transport, base_url=base_url, follow_redirects=follow_redirects)


class Visitor:
    """One browser without scripts."""

    def __init__(self, app: Starlette, base_url: str) -> None:
        self.client = client_of(app, base_url, follow_redirects=True)
        self.status = 0
        self.page = Page("")

    def open(self, path: str) -> Page:
        """Go to an address, following redirects."""
        return self._read(self.client.get(path))

    def press(self, label: str, **typed: str) -> Page:
        """Fill in the form of a button and press it, as a browser would."""
        response = self.client.post(self._action(label), data=self.filled(label, **typed))
        return self._read(response)

    def filled(self, label: str, **typed: str) -> dict[str, str]:
        """What the form of a button would send."""
        button = self.page.button(label)
        fields: dict[str, str] = {}
        for each in self.page.form_of(button).every("input"):
            ticked = each.get("type") not in ("checkbox", "radio") or "checked" in each
            if "name" in each and ticked:
                fields[each["name"]] = each.get("value")
        if "name" in button:
            fields[button["name"]] = button["value"]
        return {**fields, **typed}

    def _action(self, label: str) -> str:
        form = self.page.form_of(self.page.button(label))
        return form.get("action") or self.path

    def _read(self, response: Any) -> Page:
        self.response = response
        self.status = response.status_code
        self.path = response.url.path
        self.page = Page(response.text)
        return self.page


class Served:
    """A sandbox behind HTTP."""

    def __init__(
        self, *, policy: Policy | None = None, site: Site | None = None, **changes: Any
    ) -> None:
        self.sandbox = Sandbox(policy, site=site)
        self.app = create_app(self.sandbox.flows, settings(**changes))
        self.base_url = self.sandbox.flows.site.base_url

    @property
    def client(self) -> httpx2.Client:
        """A new client, without cookies."""
        return client_of(self.app, self.base_url)

    def visitor(self) -> Visitor:
        """A new browser."""
        return Visitor(self.app, self.base_url)

    @property
    def code(self) -> str:
        """The newest code that anyone received."""
        return next(each.code for each in reversed(list(self.sandbox.messages)) if each.code) or ""

    def at_code(self, path: str = "/creation") -> Visitor:
        """Have a code sent to John by SMS, with a new browser."""
        visitor = self.visitor()
        visitor.open(path)
        visitor.press("Valider", **JOHN)
        if FORGOTTEN in visitor.page.buttons:
            visitor.press(FORGOTTEN)
        channel = visitor.page.field("3361***78")["value"]
        visitor.press("Recevoir votre code", channel=channel)
        return visitor

    def at_credentials(self, path: str = "/creation") -> Visitor:
        """Enter the code as well."""
        visitor = self.at_code(path)
        visitor.press("Valider", code=self.code)
        return visitor

    def create_account(self, email: str = "john@medecin.example") -> Visitor:
        """Create John's account by SMS, with an e-mail of his choice."""
        visitor = self.at_credentials()
        visitor.press(
            "Activer",
            email=email,
            email_confirmation=email,
            password=PASSWORD,
            password_confirmation=PASSWORD,
        )
        assert visitor.page.heading == "Votre espace est créé"
        return visitor

    def sign_in(self, email: str = "john@medecin.example", password: str = PASSWORD) -> Visitor:
        """Sign in with a new browser."""
        visitor = self.visitor()
        visitor.open("/connexion")
        visitor.press("Se connecter", email=email, password=password)
        return visitor


class Caller:
    """One journey over JSON."""

    def __init__(self, served: Served, flow: str, session: str | None = None) -> None:
        self.client = served.client
        headers = {"Authorization": f"Bearer {session}"} if session else {}
        answer = self.client.post("/api/journeys", json={"flow": flow}, headers=headers)
        assert answer.status_code == 201, answer.text
        self.view = answer.json()
        self.token = self.view["token"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        return f"/api/journeys/{self.view['reference']}"

    def send(self, command: str, **fields: Any) -> Any:
        """Post a command."""
        answer = self.client.post(f"{self.path}/{command}", json=fields, headers=self.headers)
        if answer.headers["content-type"] == "application/json":
            self.view = answer.json()
        return answer

    def identify(self) -> Any:
        """Say that one is John."""
        return self.send("submit_identity", **{**JOHN, "accept_terms": True})
