"""Where a request is sent to, and where it comes from: mount, client, host and origin."""

from __future__ import annotations

import logging
import re
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from attrs import field, frozen
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from .headers import HttpProblem

__all__ = [
    "Origins",
    "PrefixMiddleware",
    "Prefixed",
    "Returns",
    "client_key",
    "is_host",
    "is_loopback",
    "is_origin",
    "mount_prefix",
    "route_path",
]


_log = logging.getLogger("monespace_http")

API = "/api/"
"""What the address of all JSON begins with, below the mount."""


def mount_prefix(scope: Scope) -> str:
    """The part of the address above us, without a slash at its end; links start with it."""
    prefix: str = scope.get("root_path", "")
    return prefix.rstrip("/")


def route_path(scope: Scope) -> str:
    """The path below the mount.

    Decided on ``scope["path"]`` alone: ``request.url`` is made with the ``Host`` header, which
    anyone may write.
    """
    path: str = scope["path"]
    prefix = mount_prefix(scope)
    if prefix and _is_below(path, prefix):
        return path[len(prefix) :] or "/"
    return path


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


class PrefixMiddleware:
    """Accepts both forms of path behind a proxy: with the proxy's prefix, and stripped of it.

    Under a mount, Starlette routes the first form only.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the proxy's prefix back where it is missing."""
        if scope["type"] == "http":
            outer = scope.get("app_root_path", "")
            prefix, path = mount_prefix(scope), scope["path"]
            if outer and not path.startswith(prefix + "/"):
                inner = prefix.removeprefix(outer)
                if inner and path.startswith(inner + "/"):
                    scope = {**scope, "path": outer + path}
        await self.app(scope, receive, send)


class Prefixed:
    """Puts an app below the path of an address, as a server that has no mounts must.

    A proxy before it may hand the whole path on or strip the prefix: both lead to the same page.

    Args:
        app: what :func:`create_app` made.
        public_url: the address people type, such as ``https://ordre.example/compte``.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.prefix = urlsplit(public_url).path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say below which path the app is, unless a server has said so by itself."""
        if self.prefix and scope["type"] in ("http", "websocket") and not mount_prefix(scope):
            scope = {**scope, "root_path": self.prefix, "path": self._whole(scope["path"])}
        await self.app(scope, receive, send)

    def _whole(self, path: str) -> str:
        return path if _is_below(path, self.prefix) else self.prefix + path


# --- Who is at the other end: the IP address, as far as it can be believed -----------------------

_Address = IPv4Address | IPv6Address


# As proxies write one: bare, or with its port, and then IPv6 in brackets.
_HOP = re.compile(r"\[(?P<six>[^\]]+)\](?::\d{1,5})?|(?P<four>[\d.]+):\d{1,5}", re.ASCII)


def _address(text: str) -> _Address | None:
    text = text.strip()
    hop = _HOP.fullmatch(text)
    try:
        address = ip_address((hop["six"] or hop["four"]) if hop else text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


_FORWARDED = frozenset({b"x-forwarded-for", b"forwarded"})


def _is_trusted(address: _Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


@cache
def _tell_untrusted() -> None:
    """Once a process: anyone may send such a header, and nobody may fill the log with it."""
    _log.warning(
        "a peer that http.trusted_proxies does not name forwards requests (X-Forwarded-For): if it "
        "is your proxy, name its network there, else all who come through it share one brake"
    )


@cache
def _tell_host(public_url: str) -> None:
    """Once a process, as above: who asks for another host is a scanner, or we are not set up."""
    _log.warning(
        "a request was refused (400 host.unknown), since it is for another host than that of "
        "%s: the address people type is base_url, or public_url of the HTTP settings; a proxy "
        "must hand the Host header on",
        public_url,
    )


_Networks = tuple[IPv4Network | IPv6Network, ...]


@cache
def _networks(trusted_proxies: tuple[str, ...]) -> _Networks:
    return tuple(ip_network(network) for network in trusted_proxies)


def _believed(address: _Address, request: Request, networks: _Networks) -> _Address:
    """Go back hop by hop from a peer that forwards, as far as it can be believed."""
    if not _is_trusted(address, networks):
        _tell_untrusted()
    for hop in reversed(",".join(request.headers.getlist("x-forwarded-for")).split(",")):
        further = _address(hop)
        if further is None or not _is_trusted(address, networks):
            break
        address = further
    return address


def client_key(request: Request, trusted_proxies: tuple[str, ...]) -> str:
    """Name the client for the outer brake: its IPv4 address, or its IPv6 /64.

    ``X-Forwarded-For`` is read from its end, and only as far as each hop is a trusted proxy:
    what stands further left was written by the client itself.
    """
    host = request.client.host if request.client else ""
    address = _address(host)
    if address is None:
        return host or "unknown"
    if any(name in _FORWARDED for name, _ in request.scope["headers"]):
        address = _believed(address, request, _networks(trusted_proxies))
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


# --- Which host is addressed, and which origin a post comes from ---------------------------------
# Both are compared with the configured public address, never with each other: behind a proxy the
# ``Host`` header is what anyone wrote.

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether a host name means this very machine."""
    return host in _LOOPBACK_NAMES


def _split(netloc: str, scheme: str) -> tuple[str, int] | None:
    match = _HOST.fullmatch(netloc.lower())
    if match is None:
        return None
    host = match[1].removeprefix("[").removesuffix("]")
    return host, int(match[2] or _DEFAULT_PORTS[scheme])


def is_host(text: str) -> bool:
    """Whether a text is the name of a host, with a port or without."""
    return _HOST.fullmatch(text) is not None


def is_origin(text: str) -> bool:
    """Whether a text is an origin as browsers write it."""
    scheme, _, host = text.partition("://")
    return scheme in _DEFAULT_PORTS and is_host(host)


# Nothing that a browser might read as the start of another host, or leave out.
_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]{1,1500}", re.ASCII)
_HIDDEN = re.compile(r"%(?:[01][0-9a-f]|5c|7f)", re.IGNORECASE)  # controls, and the backslash


@frozen
class Returns:
    """Where somebody may be sent back to once they have signed in: this site, and what it names."""

    public_url: str
    hosts: tuple[str, ...]

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the hosts named."""
        scheme = urlsplit(self.public_url).scheme
        return tuple(f"{scheme}://{host}" for host in self.hosts)

    def admitted(self, address: str) -> str | None:
        """Give an address back if it may be returned to: a path of this site, or whole."""
        if _ADDRESS.fullmatch(address) is None or _HIDDEN.search(address) is not None:
            return None
        if address.startswith("/"):
            return None if address.startswith("//") else address
        public = urlsplit(self.public_url)
        ours = (f"{public.scheme}://{public.netloc}", *self.origins)
        is_ours = any(address == it or address.startswith(f"{it}/") for it in ours)
        return address if is_ours else None


@frozen
class Origins:
    """The origin of the site, and whether the names of this very machine are admitted too.

    ``apps`` are the origins whose browser apps may use the JSON.
    """

    public_url: str
    loopback: bool
    apps: tuple[str, ...] = ()
    _scheme: str = field(init=False)
    _ours: tuple[str, int] | None = field(init=False)

    @_scheme.default
    def _of_the_site(self) -> str:
        return urlsplit(self.public_url).scheme

    @_ours.default
    def _host_of_the_site(self) -> tuple[str, int] | None:
        return _split(urlsplit(self.public_url).netloc.rpartition("@")[2], self._scheme)

    def check_host(self, scope: Scope) -> None:
        """Refuse a request for a host that is not ours.

        Raises:
            HttpProblem: 400.
        """
        given = Headers(scope=scope).getlist("host")
        if len(given) != 1 or not self._is_ours(self._scheme, given[0]):
            _tell_host(self.public_url)
            # On this very machine only its developer asks.
            told = f" Ask for {self.public_url}." if self.loopback else ""
            raise HttpProblem(400, "host.unknown", f"This host is not served here.{told}")

    def check_origin(self, scope: Scope) -> None:
        """Refuse an unsafe request that a page of another site made.

        ``Sec-Fetch-Site`` speaks first, then ``Origin``.  ``Origin: null`` says nothing: our own
        forms send it, because of ``Referrer-Policy: no-referrer``.  Where neither speaks, the
        form token decides.

        Raises:
            HttpProblem: 403.
        """
        if scope["method"] in _SAFE_METHODS:
            return
        headers = Headers(scope=scope)
        if headers.get("origin") in self.apps and route_path(scope).startswith(API):
            return
        site = headers.get("sec-fetch-site")
        if site is not None:
            allowed = site in ("same-origin", "none")
        else:
            origin = headers.get("origin", "null")
            allowed = origin == "null" or self._is_our_origin(origin)
        if not allowed:
            raise HttpProblem(403, "origin.foreign", "Send this from a page of this site.")

    def _is_our_origin(self, origin: str) -> bool:
        scheme, separator, netloc = origin.partition("://")
        return bool(separator) and self._is_ours(scheme, netloc)

    def _is_ours(self, scheme: str, netloc: str) -> bool:
        given = _split(netloc, self._scheme)
        if given is None or scheme != self._scheme:
            return False
        if self.loopback and self._ours is not None and is_loopback(given[0]):
            return given[1] == self._ours[1]
        return given == self._ours
