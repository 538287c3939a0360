"""For programs that watch or describe the service."""

from __future__ import annotations

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .openapi import openapi_document
from .prefix import mount_prefix
from .submissions import Submissions
from .table import Endpoint

__all__ = ["Service"]


@frozen
class Service:
    """Health, readiness and the OpenAPI document."""

    ask: Submissions
    endpoints: list[Endpoint] = field(factory=list)

    async def healthz(self, request: Request) -> Response:
        """The process answers."""
        del request
        return JSONResponse({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """The store, the keys and the registry answer."""
        del request
        checks = dict(await self.ask.ready())
        good = all(checks.values())
        body = {"status": "ready" if good else "unavailable", "checks": checks}
        return JSONResponse(body, 200 if good else 503)

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI document, for where the app is mounted."""
        server = mount_prefix(request.scope)
        return JSONResponse(openapi_document(self.endpoints, server, self.ask.flows.flows))
