"""Browser apps on another origin of the same people: they may use the JSON, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from .addresses import API, route_path

__all__ = ["SESSION_MODE", "Apps"]

SESSION_MODE = "monespace-session"
"""The header by which an app asks that its session be kept in a cookie, which scripts cannot read.

A page of a stranger cannot send it: browsers ask first, and only our own apps are admitted.
"""

_SENT = ("authorization", "content-type", "idempotency-key", SESSION_MODE)
_READ = ("retry-after",)
_ASKED_AGAIN = 600  # seconds


class Apps:
    """Answers browsers that ask what an origin may do, for the addresses of the JSON alone."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.shared = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=_SENT,
            allow_credentials=True,
            expose_headers=_READ,
            max_age=_ASKED_AGAIN,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on: pages are as on a site without such apps."""
        is_json = scope["type"] == "http" and route_path(scope).startswith(API)
        await (self.shared if is_json else self.app)(scope, receive, send)
