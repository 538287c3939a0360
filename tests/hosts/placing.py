"""The hosts of the manual, served where hosts are: at a root, below paths, behind proxies."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import sleep
from typing import Any

import httpx2
import uvicorn
from a2wsgi import WSGIMiddleware
from attrs import frozen
from hosts import django_host, fastapi_host, flask_host, starlette_host
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from monespace_cli.serving.server import Limits, server_config
from monespace_flows import Site
from monespace_flows.testing import Sandbox
from tests.http.visiting import settings

PORTAL = "/portail"
"""Below which a proxy hands on to a host."""


def _by_wsgi(make: Callable[..., Any]) -> Callable[..., ASGIApp]:
    def made(*given: Any) -> ASGIApp:
        app: Any = WSGIMiddleware(make(*given))
        return app  # type: ignore[no-any-return]

    return made


HOSTS: dict[str, Callable[..., ASGIApp]] = {
    "starlette": starlette_host.make_host,
    "fastapi": fastapi_host.make_host,
    "django": django_host.make_host,
    "django by wsgi": _by_wsgi(django_host.make_wsgi_host),
    "flask": _by_wsgi(flask_host.make_host),
}
_WSGI = {"django by wsgi", "flask"}


@frozen
class Place:
    """Where a host is served, and where in it the journeys are.

    Attributes:
        at: the path of the journeys below the host.
        above: the path of the host.
        proxy: what a proxy before it does with its path, if there is one.
    """

    at: str = "/compte"
    above: str = ""
    proxy: str | None = None


PLACES = {
    "at the root": Place(at=""),
    "below a path": Place(),
    "two deep": Place("/b", "/a"),
    "behind a proxy that strips": Place(above=PORTAL, proxy="strips"),
    "behind a proxy that keeps": Place(above=PORTAL, proxy="keeps"),
}


@frozen
class Placed:
    """A host on a port of this machine."""

    sandbox: Sandbox
    root: str
    """The address of the host's own pages."""

    @property
    def base_url(self) -> str:
        return self.sandbox.flows.site.base_url

    @property
    def members(self) -> str:
        """The page of the host that wants somebody to be signed in."""
        return f"{self.root}/membres"

    @property
    def code(self) -> str:
        """The newest code that anyone received."""
        return self.received("code", "code")

    def received(self, what: str, purpose: str) -> str:
        newest = reversed(list(self.sandbox.messages))
        return next(str(getattr(it, what)) for it in newest if it.purpose == purpose)


class Served:
    """Serves one app after the other at one address: a server takes long to stop."""

    app: ASGIApp

    def __init__(self, root: str) -> None:
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextmanager
def served(**changes: Any) -> Iterator[Served]:
    """Listen as the program does, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Served(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = server_config(made, Limits())
        for name, value in changes.items():
            setattr(config, name, value)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            sleep(0.005)
        try:
            yield made
        finally:
            server.should_exit = server.force_exit = True
            thread.join(30)


class Servers:
    """One for hosts, one that is told of a path that is stripped before it, and one of a proxy."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._made: dict[str, Served] = {}

    def close(self) -> None:
        self._open.close()

    def place(self, host: str, place: Place, **changes: Any) -> Placed:
        """Serve a host with a new sandbox from now on; ``changes`` are of its settings."""
        strips = place.proxy == "strips"
        behind = self._server("stripped", root_path=PORTAL) if strips else self._server("host")
        front = behind
        if place.proxy:
            front = self._server("proxy")
            front.app = Proxy(behind.root, strips=strips)
        root = front.root + place.above
        sandbox = Sandbox(site=Site(base_url=root + place.at))
        chosen = settings(trusted_proxies=("127.0.0.1",), **changes)
        app = HOSTS[host](sandbox.flows, chosen, place.at)
        within = place.above and not strips
        behind.app = Starlette(routes=[Mount(place.above, app)]) if within else app
        aside = "/site" if host in _WSGI and not place.at else ""
        return Placed(sandbox, root + aside)

    def _server(self, name: str, **changes: Any) -> Served:
        if name not in self._made:
            self._made[name] = self._open.enter_context(served(**changes))
        return self._made[name]


_OF_A_CONNECTION = {b"connection", b"keep-alive", b"transfer-encoding"}


class Proxy:
    """Hands on what is below its path, as nginx does: with the host that was asked for.

    Args:
        behind: where to.
        strips: whether without its path.
    """

    def __init__(self, behind: str, *, strips: bool) -> None:
        self.behind = behind
        self.strips = strips

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["raw_path"].decode()
        asked = httpx2.URL(self.behind).copy_with(
            raw_path=(path.removeprefix(PORTAL) if self.strips else path).encode()
            + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        )
        async with httpx2.AsyncClient(verify=False) as client:
            request = client.build_request(
                scope["method"], asked, headers=_told(scope), content=await _body(receive)
            )
            answer = await client.send(request, stream=True)
            given = [it for it in answer.headers.raw if it[0].lower() not in _OF_A_CONNECTION]
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        start = {"type": "http.response.start", "status": answer.status_code, "headers": given}
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _told(scope: Scope) -> list[tuple[bytes, bytes]]:
    kept = [it for it in scope["headers"] if it[0].lower() not in _OF_A_CONNECTION]
    address = scope["client"][0].encode()
    return [*kept, (b"X-Forwarded-For", address), (b"X-Forwarded-Prefix", PORTAL.encode())]


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
