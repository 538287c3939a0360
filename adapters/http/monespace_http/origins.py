"""Which host is addressed, and which origin a post comes from.

Both are compared with the configured public address, never with each other: behind a proxy the
``Host`` header is what anyone wrote.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from attrs import frozen
from starlette.datastructures import Headers
from starlette.types import Scope

from .problems import HttpProblem
from .settings import is_loopback

__all__ = ["Origins"]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.ASCII)


def _split(netloc: str, scheme: str) -> tuple[str, int] | None:
    match = _HOST.fullmatch(netloc.lower())
    if match is None:
        return None
    host = match[1].removeprefix("[").removesuffix("]")
    return host, int(match[2] or _DEFAULT_PORTS[scheme])


@frozen
class Origins:
    """The origin of the site, and whether the names of this very machine are admitted too."""

    public_url: str
    loopback: bool

    def check_host(self, scope: Scope) -> None:
        """Refuse a request for a host that is not ours.

        Raises:
            HttpProblem: 400.
        """
        given = Headers(scope=scope).getlist("host")
        if len(given) != 1 or not self._is_ours(urlsplit(self.public_url).scheme, given[0]):
            raise HttpProblem(400, "host.unknown", "This host is not served here.")

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
        public = urlsplit(self.public_url)
        given = _split(netloc, public.scheme)
        if given is None or scheme != public.scheme:
            return False
        ours = _split(public.netloc.rpartition("@")[2], public.scheme)
        if self.loopback and ours is not None and is_loopback(given[0]):
            return given[1] == ours[1]
        return given == ours
