"""For programs that watch or describe the service: health, readiness, the OpenAPI document."""

from __future__ import annotations

from functools import partial
from typing import Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..async_flows import AsyncFlows
from ..places import Endpoint, Operation
from ..settings import HttpSettings
from ..transport.addresses import mount_prefix
from ..transport.headers import Cookies
from .api import Api, answer_with
from .openapi import openapi_document

__all__ = ["json_endpoints"]


class HealthBody(Struct, frozen=True):
    """This process answers."""

    status: Literal["ok"] = "ok"


class ReadinessBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What this process needs: whether each part answers, and why not.

    ``degraded``: whoever is signed in can work, and messages of the channels named wait.
    """

    status: Literal["ready", "degraded", "unavailable"]
    checks: dict[str, bool]
    reasons: dict[str, str]
    overdue: tuple[str, ...] = ()


_HEALTH = Operation(
    id="health",
    tag="service",
    summary="Say that this process answers",
    answers={200: (HealthBody,)},
)
_READINESS = Operation(
    id="readiness",
    tag="service",
    summary="Say whether the store, the keys and the registry answer",
    answers={200: (ReadinessBody,), 503: (ReadinessBody,)},
)


def json_endpoints(flows: AsyncFlows, settings: HttpSettings, cookies: Cookies) -> list[Endpoint]:
    """List all that is for programs."""
    described = Api(flows, settings, cookies).endpoints()
    watched = [
        Endpoint("GET", "/healthz", _healthz, _HEALTH),
        Endpoint("GET", "/readyz", partial(_readyz, flows), _READINESS),
    ]

    async def openapi(request: Request) -> Response:
        """Describe all that is for programs, as OpenAPI 3.1."""
        server = mount_prefix(request.scope)  # where the app is mounted
        return JSONResponse(openapi_document([*described, *watched], server, flows.declared))

    return [*described, *watched, Endpoint("GET", "/openapi.json", openapi)]


async def _healthz(_: Request) -> Response:
    return answer_with(HealthBody(), 200)


async def _readyz(flows: AsyncFlows, _: Request) -> Response:
    troubles = await flows.troubles()
    checks = {part: not why for part, why in troubles.items()}
    reasons = {part: why for part, why in troubles.items() if why}
    if reasons:
        return answer_with(ReadinessBody(status="unavailable", checks=checks, reasons=reasons), 503)
    overdue = await flows.overdue()
    # 200: who is signed in can work, and taking every server away would not make a provider
    # answer.
    status: Literal["ready", "degraded"] = "degraded" if overdue else "ready"
    return answer_with(
        ReadinessBody(status=status, checks=checks, reasons=reasons, overdue=overdue), 200
    )
