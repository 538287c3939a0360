"""What the pages of a host beside ours ask: who is signed in, where to sign in, and to sign in.

Whoever wants to know asks for the session of a request; nobody else pays for it.  Which app is
meant is said by the request, where it is inside one or a middleware stands around the host; else it
is the only one of this process.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast
from urllib.parse import quote, urlsplit
from weakref import ref

import anyio.to_thread
from attrs import define, field, frozen
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from monespace_flows.driver import Flows, SessionView

from .places import Places
from .settings import HttpSettings
from .transport.headers import Cookies, read_bearer

__all__ = [
    "Asking",
    "Bridge",
    "SessionMiddleware",
    "WsgiSessionMiddleware",
    "aware_session",
    "current_session",
    "keep_session",
    "session_of_environ",
    "sign_in_url",
]

_KEY = "monespace.session"


@define
class Asking:
    """Who sent a request; looked up once, when somebody wants to know.

    ``await`` it where a loop must not wait for the store; call it in threads.
    """

    bridge: Bridge = field(repr=False)
    _read: Callable[[], str | None] = field(repr=False)
    _is_known: bool = field(default=False, init=False)
    _found: SessionView | None = field(default=None, init=False, repr=False)

    def __call__(self) -> SessionView | None:
        """Look who it is.

        Raises:
            PortUnavailable: the store did not answer.
        """
        if not self._is_known:
            token = self._read()
            self._found = self.bridge.flows.session(token) if token else None
            self._is_known = True
        return self._found

    def __await__(self) -> Generator[Any, None, SessionView | None]:
        """Look who it is, in a thread of its own."""
        return self._look().__await__()

    async def _look(self) -> SessionView | None:
        if self._is_known or not self._read():
            return self()
        return await anyio.to_thread.run_sync(self)


@frozen
class Bridge:
    """One app of ours, as its host sees it."""

    flows: Flows
    cookies: Cookies
    sign_in: str
    """Where people sign in: the address below the host's root."""

    mark: ClassVar[str] = "monespace.app"
    """Under what a request says whose app it is in, whoever asks who sent it."""

    @classmethod
    def of(cls, flows: Flows, settings: HttpSettings) -> Bridge:
        """Make what goes with ``create_app(flows, settings)``."""
        public_url = settings.public_url or flows.site.base_url
        return cls(
            flows,
            Cookies.at(public_url, settings.cookie_prefix),
            urlsplit(public_url).path.rstrip("/") + Places(flows.flows).sign_in,
        )

    def token(self, cookies: str, authorization: Sequence[str]) -> str | None:
        """Read what tells who somebody is: a cookie of ours, or else a bearer token."""
        return self.cookies.pick(cookie_parser(cookies), "session") or read_bearer(authorization)


_made: list[ref[Bridge]] = []


def remember(bridge: Bridge) -> None:
    """Note an app that this process made, for as long as it is there."""
    _made[:] = [*(it for it in _made if it() is not None), ref(bridge)]


class SessionMiddleware:
    """Puts who is signed in into ``scope["monespace.session"]``, for all pages of a host.

    Args:
        app: the host, ours mounted in it or not.
        flows: the journeys.
        settings: those of :func:`create_app`.
    """

    def __init__(self, app: ASGIApp, flows: Flows, settings: HttpSettings) -> None:
        self.app = app
        self.bridge = Bridge.of(flows, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on; nothing is looked up until somebody asks."""
        if scope["type"] in ("http", "websocket"):
            scope[_KEY] = _asked(self.bridge, scope)
        await self.app(scope, receive, send)


_WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiSessionMiddleware:
    """Puts who is signed in into ``environ["monespace.session"]``; see the ASGI one."""

    def __init__(self, app: _WsgiApp, flows: Flows, settings: HttpSettings) -> None:
        self.app = app
        self.bridge = Bridge.of(flows, settings)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Hand on; nothing is looked up until somebody asks."""
        environ[_KEY] = _asked_by_environ(self.bridge, environ)
        return self.app(environ, start_response)


def current_session(request: HTTPConnection) -> SessionView | None:
    """Say who sent a request to any page of this process, and keep their session from idling out.

    It reads the store: where a loop runs, ``await aware_session(request)`` instead.

    Args:
        request: Starlette's or FastAPI's, or Django's with its ``scope``; of a web socket, too.

    Raises:
        LookupError: no middleware told which app of ours is meant, and this process has none, or
            several.
        PortUnavailable: the store did not answer.
    """
    return _asking(request.scope)()


async def aware_session(request: HTTPConnection) -> SessionView | None:
    """Say who sent a request, without making the loop wait; see :func:`current_session`."""
    return await _asking(request.scope)


def session_of_environ(environ: Mapping[str, Any]) -> SessionView | None:
    """Say who sent a request to a WSGI host, such as Flask or Django; see :func:`current_session`.

    Args:
        environ: the request's: Flask's ``request.environ``, Django's ``request.META``.
    """
    asking = environ.get(_KEY) or _asked_by_environ(_only(), environ)
    found: SessionView | None = asking()
    return found


Asked = HTTPConnection | Mapping[str, Any]
"""A request: itself, its ASGI scope, or the environ of a WSGI host."""


def sign_in_url(return_to: str, request: Asked | None = None) -> str:
    """Where a host sends whom it does not know; once signed in, they come back to ``return_to``.

    Args:
        return_to: an address of this site, from its root; or one of a host of
            ``HttpSettings.return_hosts``, whole.
        request: what is answered, or its environ; it says which app is meant, where the process
            has several.

    Raises:
        LookupError: nothing told which app of ours is meant, and this process has none, or several.
    """
    return f"{_bridge_of(request).sign_in}?return_to={quote(return_to, safe='/')}"


def keep_session(response: Response, token: str, request: Asked | None = None) -> None:
    """Have a browser keep the session that :meth:`.Flows.open_session` opened.

    Args:
        response: what this very person is answered with.
        token: the session's.
        request: what is answered; see :func:`sign_in_url`.

    Raises:
        LookupError: nothing told which app of ours is meant, and this process has none, or several.
    """
    _bridge_of(request).cookies.write(response, "session", token)


def _bridge_of(request: Asked | None) -> Bridge:
    told: Mapping[str, Any] = getattr(request, "scope", request) or {}
    inside: Bridge | None = told.get(Bridge.mark)
    asking: Asking | None = told.get(_KEY)
    return inside or (asking.bridge if asking else _only())


def _asking(scope: Scope) -> Asking:
    bridge, found = _bridge_of(scope), scope.get(_KEY)
    if found is None or found.bridge != bridge:  # a middleware around told of another app
        found = scope[_KEY] = _asked(bridge, scope)
    return cast(Asking, found)


def _asked(bridge: Bridge, scope: Scope) -> Asking:
    def read() -> str | None:
        headers = Headers(scope=scope)
        cookies = "; ".join(headers.getlist("cookie"))
        return bridge.token(cookies, headers.getlist("authorization"))

    return Asking(bridge, read)


def _asked_by_environ(bridge: Bridge, environ: Mapping[str, Any]) -> Asking:
    def read() -> str | None:
        given = environ.get("HTTP_AUTHORIZATION")
        return bridge.token(environ.get("HTTP_COOKIE", ""), [] if given is None else [given])

    return Asking(bridge, read)


def _only() -> Bridge:
    found = _living()
    if len(found) > 1:
        gc.collect()  # what nobody holds any more may still be there: apps refer to themselves
        found = _living()
    if len(found) != 1:
        raise LookupError(
            f"{'several apps' if found else 'no app'} of create_app in this process: put "
            "SessionMiddleware(host, flows, settings), or WsgiSessionMiddleware, around each host, "
            "and give sign_in_url and keep_session its request"
        )
    return found.pop()


def _living() -> set[Bridge]:
    return {bridge for it in _made if (bridge := it()) is not None}
