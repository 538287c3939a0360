"""The OpenAPI document: made of the table of endpoints, the bodies and the flows themselves.

Generators make code of it, so whatever has a name gets a readable one, and every closed set is
told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import attrs
import msgspec

from monespace_flows.chart import Flow

from ..places import Endpoint, Operation
from ..transport.apps import SESSION_MODE
from ..transport.headers import PROBLEM_CODES, ProblemBody
from .payloads import NoticeBody, Start, ViewBody

__all__ = ["openapi_document"]

_TEMPLATE = "#/components/schemas/{name}"
_SECURITY: Mapping[str | None, list[dict[str, list[str]]]] = {
    None: [],
    "journey": [{"journey": []}],
    "session": [{"session": []}, {"cookie": []}],
    "session or nothing": [{"session": []}, {"cookie": []}, {}],
}
_TAGS = {
    "journeys": "Journeys of an account, screen by screen: start, look, press.",
    "links": "One-time links of e-mails.",
    "sessions": "Who is signed in, and where.",
    "service": "For those who watch over the service.",
}
_KEY = (
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A UUID made for this press alone: sent again, it is answered as before.",
        # Quotes may stand around it, as in a structured header.
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 257,
            "pattern": '^"?[!#-~]{1,255}"?$',
        },
    },
)
_WAIT = {
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_ALLOW = {
    "Allow": {"description": "The methods of this address.", "schema": {"type": "string"}},
}
_EXAMPLES: Mapping[str, Any] = {
    "birth_date": "17/06/1975",
    "rpps": "99000000002",
    "accept_terms": True,
    "code": "123456",
    "email": "john@medecin.example",
    "email_confirmation": "john@medecin.example",
    "password": "sept girafes lisent le journal",
    "password_confirmation": "sept girafes lisent le journal",
    "current_password": "sept girafes lisent le journal",
}
"""What stands in a field of that name: of invented people."""

Json = dict[str, Any]


def openapi_document(endpoints: Iterable[Endpoint], server: str, flows: Mapping[str, Flow]) -> Json:
    """Describe every endpoint that has an operation.

    Args:
        endpoints: all that is served.
        server: where the app is mounted.
        flows: what can be started, by name.
    """
    described = [(each, each.operation) for each in endpoints if each.operation is not None]
    schemas, components = _schemas(operation for _, operation in described)
    components |= _starts(flows, schemas)
    _tell_sets(components, flows)
    paths: dict[str, Json] = {}
    for endpoint, operation in described:
        entry = paths.setdefault(endpoint.path, {})
        entry[endpoint.method.lower()] = _operation(endpoint, operation, schemas)
    named: Json = _named({"paths": paths, "components": {"schemas": components}})
    named["components"]["securitySchemes"] = _schemes()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mon Espace",
            "version": version("monespace-flows"),
            "description": "The account journeys of « Mon Espace », screen by screen.",
        },
        "servers": [{"url": server or "/"}],
        "tags": [{"name": name, "description": told} for name, told in _TAGS.items()],
        **named,
    }


def _schemes() -> Json:
    cookie = f"The session in a cookie, with the header {SESSION_MODE}: cookie (browser apps)."
    return {
        "journey": _bearer("The token of POST /api/journeys or /api/links."),
        "session": _bearer("The session that a journey opened."),
        "cookie": {"type": "apiKey", "in": "header", "name": SESSION_MODE, "description": cookie},
    }


def _bearer(description: str) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "description": description}


# --- the bodies ----------------------------------------------------------------------------------


def _starts(flows: Mapping[str, Flow], schemas: Mapping[Any, Any]) -> Json:
    """The body that starts a journey: alone, or with what its first screen lets one press."""
    flow = {"type": "string", "enum": list(flows), "examples": [*flows][:1]}
    found = {"StartAlone": _exactly({"flow": flow}, "flow")} | {
        f"Start_{name}_{event}": _start_and_press(name, each.commands_by_event[event], schemas)
        for name, each in flows.items()
        for event in dict.fromkeys(it.command for it in each.screens[each.initial].buttons)
    }
    made = {_camel(name): body | {"title": _camel(name)} for name, body in found.items()}
    start = {
        "title": Start.__name__,
        "description": Start.__doc__,
        "type": "object",
        "properties": {"flow": flow},
        "required": ["flow"],
        "anyOf": [{"$ref": _TEMPLATE.format(name=name)} for name in made],
    }
    return {**made, Start.__name__: start}


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _start_and_press(flow: str, kind: Any, schemas: Mapping[Any, Any]) -> Json:
    said = {"flow": {"const": flow}, "command": {"const": kind.event}, "fields": schemas[kind]}
    is_bare = all(it.default is not attrs.NOTHING for it in attrs.fields(kind))
    return _exactly(said, "flow", "command", *(() if is_bare else ("fields",)))


def _exactly(properties: Json, *required: str) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _kinds(operations: Iterable[Operation]) -> list[Any]:
    kinds: dict[Any, None] = {ProblemBody: None}
    for operation in operations:
        if operation.body is not None:
            kinds[operation.body] = None
        for answer in operation.answers.values():
            kinds |= dict.fromkeys(answer)
    return list(kinds)


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Any], Json]:
    kinds = _kinds(operations)
    found, components = msgspec.json.schema_components(kinds, ref_template=_TEMPLATE)
    for kind in kinds:
        if attrs.has(kind):
            # What comes in is read strictly; what goes out may grow.
            components[kind.__name__]["additionalProperties"] = False
            for name, each in components[kind.__name__]["properties"].items():
                if name in _EXAMPLES:
                    each["examples"] = [_EXAMPLES[name]]
    return dict(zip(kinds, found, strict=True)), components


def _tell_sets(components: Json, flows: Mapping[str, Flow]) -> None:
    """Name all that a text can be, where it is one of a closed set."""
    sets = {
        (ViewBody, "flow"): flows,
        (ViewBody, "state"): (state for flow in flows.values() for state in flow.screens),
        (NoticeBody, "id"): (notice for flow in flows.values() for notice in flow.notices),
        (ProblemBody, "code"): PROBLEM_CODES,
    }
    for (kind, name), values in sets.items():
        components[kind.__name__]["properties"][name]["enum"] = sorted(set(values))


_BODY = re.compile(r"\b([A-Z]\w+)Body\b")


def _named(document: Any) -> Any:
    """Call a body by its own name: what is ``ViewBody`` here is a ``View`` to those who read it."""
    match document:
        case dict():
            return {_named(key): _named(value) for key, value in document.items()}
        case list():
            return [_named(value) for value in document]
        case str():
            return _BODY.sub(r"\1", document)
        case _:
            return document


# --- the operations ------------------------------------------------------------------------------


def _operation(endpoint: Endpoint, operation: Operation, schemas: Mapping[Any, Any]) -> Json:
    responses = {
        str(status): _response(status, operation, schemas)
        for status in (*operation.answers, *operation.problems, HTTPStatus.METHOD_NOT_ALLOWED)
    }
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "security": _SECURITY[operation.bearer],
        "parameters": [*_parameters(endpoint.path), *(_KEY if endpoint.method == "POST" else ())],
        "responses": dict(sorted(responses.items())),
    }
    if operation.about:
        described["description"] = operation.about
    if operation.body is not None:
        schema = schemas[operation.body]
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        described["requestBody"] = body
    return described


def _response(status: int, operation: Operation, schemas: Mapping[Any, Any]) -> Json:
    content: Json = {}
    if kinds := operation.answers.get(status):
        content["application/json"] = {"schema": _any_of([schemas[kind] for kind in kinds])}
    if status in operation.problems or status == HTTPStatus.METHOD_NOT_ALLOWED:
        content["application/problem+json"] = {"schema": schemas[ProblemBody]}
    response: Json = {"description": HTTPStatus(status).phrase}
    if content:
        response["content"] = content
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response["headers"] = _WAIT
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["headers"] = _ALLOW
    return response


def _any_of(found: list[Any]) -> Any:
    return found[0] if len(found) == 1 else {"anyOf": found}


def _parameters(path: str) -> list[Json]:
    return [
        {
            "name": name, "in": "path", "required": True, "schema": {"type": "string"},
            "description": "The public reference of the journey.", "example": "K7QF-3XWB",
        }
        for name in re.findall(r"{(\w+)}", path)
    ]  # fmt: skip
