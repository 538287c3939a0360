"""Who times the answers and counts what was refused, and where that is read."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .addresses import route_path
from .headers import HttpProblem, bearer
from .workers import Workers

__all__ = ["Meter", "Metering", "metrics_page"]

_WATCHING = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})


class Meter(Protocol):
    """Counts; ``monespace_backends.metrics.Metrics`` does, for Prometheus."""

    def answered(self, route: str, status: str, seconds: float) -> None:
        """Time an answer: the class of its route, and of its status (``2xx``)."""

    def braked(self, brake: str) -> None:
        """Count a request that a brake refused."""

    def watch_lane(self, name: str, look: Callable[[], tuple[int, int, int]]) -> None:
        """Look at a lane when asked: how many run, wait, and were refused so far."""

    def page(self) -> tuple[str, bytes]:
        """Write what is scraped: its content type, and itself."""


class Metering:
    """Times every answer, floors included, by the class of its route: never by its address."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self.app = app
        self.meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and time it until the last byte of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, route, status = time.perf_counter(), _class_of(scope), "none"

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        finally:
            self.meter.answered(route, status, time.perf_counter() - begun)


def _class_of(scope: Scope) -> str:
    path = route_path(scope)
    if path in _WATCHING:
        return "watching"
    if path.startswith("/api/"):
        return "api"
    if path.startswith("/static/"):
        return "static"
    return "press" if scope["method"] == "POST" else "page"


def metrics_page(
    meter: Meter, token: str, workers: Workers
) -> Callable[[Request], Awaitable[Response]]:
    """Make what answers ``GET /metrics`` to whoever has the token."""

    async def metrics(request: Request) -> Response:
        given = (bearer(request) or "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, token.encode()):
            raise HttpProblem(
                401,
                "metrics.token",
                "Send the token of [metrics] as a bearer.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        content_type, page = await workers.call(meter.page)
        return Response(page, headers={"Content-Type": content_type})

    return metrics
