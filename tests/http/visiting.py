"""A sandbox served over HTTP, and people who visit it: with a browser, or with JSON."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette

from monespace_flows import Site
from monespace_flows.chart import Flow
from monespace_flows.flows import STANDARD
from monespace_flows.policy import Policy
from monespace_flows.testing import MemoryStorage, Sandbox
from monespace_flows.testing.tables import Table
from monespace_http import HttpSettings, create_app
from tests.counting import position
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


class _Creation:
    """What creating an account left in a new sandbox and in a browser, to be left in others.

    A sandbox draws the same each time, so in another one that is new it would leave the same.
    """

    def __init__(self, sandbox: Sandbox, visitor: Visitor) -> None:
        self._rows = {name: dict(it._rows) for name, it in _tables(sandbox).items()}
        self._counts = _counts(sandbox)
        self._hashed = sandbox.passwords.hashes, sandbox.passwords.verifications
        self._messages = list(sandbox.messages)
        self._cookies = httpx2.Cookies(visitor.client.cookies)
        self._response, self._page = visitor.response, visitor.page

    def leave(self, sandbox: Sandbox, visitor: Visitor) -> None:
        """Make a new sandbox and a new browser as they were."""
        for name, table in _tables(sandbox).items():
            table.apply(self._rows[name])
        for (owner, name), reached in zip(_COUNTED, self._counts, strict=True):
            setattr(owner(sandbox), name, count(reached))
        sandbox.passwords.hashes, sandbox.passwords.verifications = self._hashed
        sandbox.messages._delivered.extend(self._messages)
        visitor.client.cookies.update(self._cookies)
        visitor.response, visitor.page = self._response, self._page
        visitor.status, visitor.path = self._response.status_code, self._response.url.path


_created: dict[str, _Creation] = {}

_COUNTED: tuple[tuple[Callable[[Any], Any], str], ...] = (
    (lambda it: it.secrets, "_draws"),
    (lambda it: it.secrets, "_generations"),
    (lambda it: it.passwords, "_salts"),
    (lambda it: it.storage._tables, "ids"),
)


def _counts(sandbox: Sandbox) -> list[int]:
    """What each count would give next."""
    return [position(getattr(owner(sandbox), name)) for owner, name in _COUNTED]


def _tables(sandbox: Sandbox) -> dict[str, Table[Any, Any]]:
    assert isinstance(sandbox.storage, MemoryStorage)
    return {name: it for name, it in vars(sandbox.storage._tables).items() if isinstance(it, Table)}


_PARTS = ("clock", "flows", "messages", "passwords", "registry", "relay", "secrets", "storage")


@cache
def _new() -> Sandbox:
    return Sandbox()


def _is_new(sandbox: Sandbox) -> bool:
    """Whether nothing was done in a sandbox, nor to it."""
    parts = [(getattr(sandbox, name), getattr(_new(), name)) for name in _PARTS]
    return (
        all(type(it) is type(new) and vars(it).keys() == vars(new).keys() for it, new in parts)
        and not any(it._faults._owed for it, _ in parts if hasattr(it, "_faults"))
        and not any(table._rows for table in _tables(sandbox).values())
        and _counts(sandbox) == _counts(_new())
        and not sandbox.messages
        and sandbox.clock.now() == _new().clock.now()
        and sandbox.registry._entries == _new().registry._entries
    )


class Served:
    """A sandbox behind HTTP."""

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        site: Site | None = None,
        flows: tuple[Flow, ...] = STANDARD,
        **changes: Any,
    ) -> None:
        self.sandbox = Sandbox(policy, site=site, flows=flows)
        self.app = create_app(self.sandbox.flows, settings(**changes))
        self.base_url = self.sandbox.flows.site.base_url
        is_plain = not (policy or site or changes) and flows is STANDARD
        self._plain = (self.app, self.sandbox.flows) if is_plain else None

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
        if self._plain != (self.app, self.sandbox.flows) or not _is_new(self.sandbox):
            return self._create_account(email)
        if email in _created:
            visitor = self.visitor()
            _created[email].leave(self.sandbox, visitor)
        else:
            visitor = self._create_account(email)
            _created[email] = _Creation(self.sandbox, visitor)
        return visitor

    def _create_account(self, email: str) -> Visitor:
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
