"""For programs that watch or describe the service: health, readiness, the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monespace_flows.chart import Flow

from ..async_flows import AsyncFlows
from ..places import Endpoint, Operation
from ..settings import HttpSettings
from ..transport.addresses import mount_prefix
from ..transport.headers import Cookies, ProblemBody
from .api import Api
from .payloads import Start

__all__ = ["json_endpoints"]

_TEMPLATE = "#/components/schemas/{name}"
_SECURITY: Mapping[str | None, list[dict[str, list[str]]]] = {
    None: [],
    "journey": [{"journey": []}],
    "session": [{"session": []}],
    "session or nothing": [{"session": []}, {}],
}


_KEY = (
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A UUID made for this press alone: sent again, it is answered as before.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
    },
)


def _openapi_document(
    endpoints: Iterable[Endpoint], server: str, flows: Mapping[str, Flow]
) -> dict[str, Any]:
    """Describe every endpoint that has an operation.

    ``server`` is where the app is mounted, ``flows`` are what can be started, by name.
    """
    described = [(each, each.operation) for each in endpoints if each.operation is not None]
    schemas, components = _schemas(operation for _, operation in described)
    components[Start.__name__] = _start(flows, schemas)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint, operation in described:
        entry = paths.setdefault(endpoint.path, {})
        entry[endpoint.method.lower()] = _operation(endpoint, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mon Espace: the account journeys",
            "version": "1",
            "description": "Journeys of an account, screen by screen.",
        },
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "journey": _scheme("The token of POST /api/journeys or /api/links."),
                "session": _scheme("The session that a journey opened."),
            },
        },
    }


def _start(flows: Mapping[str, Flow], schemas: Mapping[Any, Any]) -> dict[str, Any]:
    """The body that starts a journey: alone, or with what its first screen lets one press."""
    alone = _exactly({"flow": {"enum": list(flows)}}, "flow")
    pressed = [
        _start_and_press(name, flow.commands_by_event[event], schemas)
        for name, flow in flows.items()
        for event in dict.fromkeys(it.command for it in flow.screens[flow.initial].buttons)
    ]
    return {
        "title": Start.__name__,
        "description": Start.__doc__,
        "type": "object",
        "properties": {"flow": {"enum": list(flows)}},
        "required": ["flow"],
        "anyOf": [alone, *pressed],
    }


def _start_and_press(flow: str, kind: Any, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    said = {"flow": {"const": flow}, "command": {"const": kind.event}, "fields": schemas[kind]}
    is_bare = all(it.default is not attrs.NOTHING for it in attrs.fields(kind))
    return _exactly(said, "flow", "command", *(() if is_bare else ("fields",)))


def _exactly(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _scheme(description: str) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "description": description}


def _kinds(operations: Iterable[Operation]) -> list[Any]:
    kinds: dict[Any, None] = {ProblemBody: None}
    for operation in operations:
        if operation.body is not None:
            kinds[operation.body] = None
        for answer in operation.answers.values():
            kinds |= dict.fromkeys(answer)
    return list(kinds)


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    kinds = _kinds(operations)
    found, components = msgspec.json.schema_components(kinds, ref_template=_TEMPLATE)
    for kind in kinds:
        if attrs.has(kind):
            # What comes in is read strictly; what goes out may grow.
            components[kind.__name__]["additionalProperties"] = False
    return dict(zip(kinds, found, strict=True)), components


def _operation(
    endpoint: Endpoint, operation: Operation, schemas: Mapping[Any, Any]
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": schemas[ProblemBody]}}
    responses: dict[str, Any] = {}
    for status in (*operation.answers, *operation.problems):
        content: dict[str, Any] = {}
        if kinds := operation.answers.get(status):
            content["application/json"] = {"schema": _any_of([schemas[kind] for kind in kinds])}
        if status in operation.problems:
            content |= problem
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if content:
            responses[str(status)]["content"] = content
    described: dict[str, Any] = {
        "operationId": re.sub(r"[^a-z_]+", "_", f"{endpoint.method}{endpoint.path}".lower()),
        "summary": operation.summary,
        "security": _SECURITY[operation.bearer],
        "parameters": [*_parameters(endpoint.path), *(_KEY if endpoint.method == "POST" else ())],
        "responses": dict(sorted(responses.items())),
    }
    if operation.body is not None:
        schema = schemas[operation.body]
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        described["requestBody"] = body
    return described


def _any_of(found: list[Any]) -> Any:
    return found[0] if len(found) == 1 else {"anyOf": found}


def _parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


# --- What is served ------------------------------------------------------------------------------


def json_endpoints(flows: AsyncFlows, settings: HttpSettings, cookies: Cookies) -> list[Endpoint]:
    """List all that is for programs."""
    described = Api(flows, settings, cookies).endpoints()

    async def openapi(request: Request) -> Response:
        server = mount_prefix(request.scope)  # where the app is mounted
        return JSONResponse(_openapi_document(described, server, flows.declared))

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        troubles = await flows.troubles()
        told: dict[str, Any] = {
            "checks": {part: not why for part, why in troubles.items()},
            "reasons": {part: why for part, why in troubles.items() if why},
        }
        if told["reasons"]:
            return JSONResponse({"status": "unavailable", **told}, 503)
        overdue = await flows.overdue()
        if not overdue:
            return JSONResponse({"status": "ready", **told})
        # 200: who is signed in can work, and taking every server away would not make a provider
        # answer.
        return JSONResponse({"status": "degraded", **told, "overdue": overdue})

    return [
        *described,
        Endpoint("GET", "/openapi.json", openapi),
        Endpoint("GET", "/healthz", healthz),
        Endpoint("GET", "/readyz", readyz),
    ]
