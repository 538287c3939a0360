"""The cookies: their names, and the one way in which they are written.

``__Host-`` makes the browser refuse one that is not ``Secure``, not for ``/``, or set by a
neighbouring subdomain.  On plain http of this very machine that prefix cannot be used.
"""

from __future__ import annotations

import re

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

__all__ = ["Cookies"]

# What we issue: url-safe text of some length.  Anything else is a stranger's and is not read.
_OURS = re.compile(r"[A-Za-z0-9_.-]{8,256}", re.ASCII)


@frozen
class Cookies:
    """Reads and writes the cookies of one site."""

    secure: bool

    def name(self, purpose: str) -> str:
        """The full name of a cookie, such as ``session`` or ``journey_creation``."""
        return f"{'__Host-' if self.secure else ''}monespace_{purpose}"

    def read(self, request: Request, purpose: str) -> str | None:
        """Read a cookie, if it can be one of ours."""
        value = request.cookies.get(self.name(purpose))
        return value if value is not None and _OURS.fullmatch(value) else None

    def came(self, request: Request) -> bool:
        """Whether the browser sent any cookie of ours; one that refuses them sends none."""
        return any(name.startswith(self.name("")) for name in request.cookies)

    def write(
        self, response: Response, purpose: str, value: str, *, seconds: int | None = None
    ) -> None:
        """Set a cookie: until the browser closes, or for a number of seconds."""
        response.set_cookie(
            self.name(purpose),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, purpose: str) -> None:
        """Delete a cookie."""
        self.write(response, purpose, "", seconds=0)
