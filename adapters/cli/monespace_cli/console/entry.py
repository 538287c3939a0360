"""The way in of a console on one's own machine: a link that works once."""

from __future__ import annotations

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monespace_http.transport.headers import Cookies, HttpProblem

from ..access.log import account_of_process

__all__ = ["OneTimeLink"]

_COOKIE = "entry"


class OneTimeLink:
    """Lets in the first browser that opens a link, so that no other account of the machine can.

    ``path`` is the link's; an instance is the ``agent`` of a console, and names the account that
    started the program.
    """

    def __init__(self, cookies: Cookies) -> None:
        self._cookies = cookies
        self._token = secrets.token_urlsafe(24)
        self._inside = secrets.token_urlsafe(24)
        self._is_used = False
        self.path = f"/entree/{self._token}"
        self.route = Route("/entree/{token}", self._enter)

    def __call__(self, request: Request) -> str | None:
        """Name who is in; ``None`` for everybody else."""
        shown = self._cookies.read(request, _COOKIE) or ""
        is_in = self._is_used and hmac.compare_digest(shown, self._inside)
        return account_of_process() if is_in else None

    async def _enter(self, request: Request) -> Response:
        told = request.path_params["token"]
        if self._is_used or not hmac.compare_digest(told.encode(), self._token.encode()):
            raise HttpProblem(403, "entry.used", "The link works once.")
        self._is_used = True
        answer = RedirectResponse("/", 303)
        self._cookies.write(answer, _COOKIE, self._inside)
        return answer
