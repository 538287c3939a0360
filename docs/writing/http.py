"""What is served over HTTP: every operation of the JSON, and every code of a problem."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from monespace_flows.flows import FLOWS
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, create_app
from monespace_http.transport.headers import PROBLEMS

from .common import GENERATED, REFERENCE, ROOT, Pages, code, markdown, table

__all__ = ["pages", "statuses"]

Json = dict[str, Any]

_INTRO = """# HTTP

All that is for programs, from the document that `GET /openapi.json` serves (OpenAPI 3.1), relative
to where the app is mounted.  [The client in Python](api/client.md) calls it for you.  Bodies are
JSON objects in UTF-8.

- **Who asks** is told by `Authorization: Bearer …`: the token of a journey, or of a session.  A
  browser app may send the session's cookie instead, with the header `Monespace-Session: cookie`.
- **`Idempotency-Key`**, a UUID for each press, may go with every POST: sent again, it is answered
  as before.
- **A press that was judged** is answered with the [view](#view) whatever came of it: 200, the
  person moved on; 422, a rule or a field refused it; 429, it came too soon (`Retry-After`).
- **A press that was not judged** is answered with the view too: 404, no screen of the flow has that
  command; 409, this one has not; 410, the journey is over.
- **Everything else** is a [problem](#problem) (RFC 9457) with a stable
  [`code`](errors.md#problems-over-http).
"""
_PAGES = """For people and their browsers, in French or English; forms are sent with a token of the
page.  What a page holds may change from one version to the next; its address does not.
"""
_WATCHED = {"/healthz", "/readyz"}


def pages() -> Pages:
    """Write the page of what is for programs."""
    app = create_app(Sandbox().flows, HttpSettings(keys=(bytes(32),)))
    document = TestClient(app, "https://monespace.example").get("/openapi.json").json()
    yield REFERENCE / "http.md", _page(document, app)


def statuses() -> Mapping[str, list[int]]:
    """Find with which statuses each code of a problem is answered, where the code says so."""
    found: dict[str, set[int]] = defaultdict(set)
    for path in sorted((ROOT / "adapters/http/monespace_http").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "HttpProblem":
                status, name = (
                    ast.literal_eval(it) if isinstance(it, ast.Constant) else None
                    for it in call.args[:2]
                )
                if isinstance(status, int) and isinstance(name, str):
                    found[name].add(status)
    return {name: sorted(found[name]) for name in PROBLEMS}


def _page(document: Json, app: Starlette) -> str:
    lines = [GENERATED + _INTRO]
    operations = list(_operations(document))
    for tag in document["tags"]:
        lines.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}")
        mine = [each for each in operations if tag["name"] in each[1]["tags"]]
        for (_, answers), alike in groupby(mine, key=_alike):
            lines += _section(list(alike), answers)
    lines += ["## Pages", _PAGES, table(("address", "methods", "what it is"), _pages(app))]
    lines += ["## What is sent and answered", *_schemas(document)]
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _pages(app: Starlette) -> Iterator[tuple[str, ...]]:
    """Everything else that is served: the pages of flows, and those that stand around them."""
    by_path = {flow.path: name for name, flow in FLOWS.items()}
    for route in app.routes:
        if not isinstance(route, Route) or route.path.startswith("/api/"):
            continue
        methods = ", ".join(sorted(route.methods or ()))
        if name := by_path.get(route.path):
            said = f"The journey [{name}](journeys/{name}.md)."
        elif route.path in _WATCHED:
            continue
        else:
            said = markdown((route.endpoint.__doc__ or "—").partition("\n")[0])
        yield code(route.path), methods, said


Operation = tuple[str, Json]
"""A method and a path, and what OpenAPI says of it."""


def _operations(document: Json) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _alike(each: Operation) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What operations share that stand in one section: the commands of a journey do."""
    place, operation = each
    answers = (_answer(int(status), it) for status, it in operation["responses"].items())
    is_command = place.startswith("POST /api/journeys/{reference}/")
    return "a command" if is_command else place, tuple(answers)


def _section(alike: list[Operation], answers: tuple[tuple[str, str], ...]) -> Iterator[str]:
    place, operation = alike[0]
    if len(alike) == 1:
        yield f"### `{place}`"
        yield _said(operation)
    else:
        yield "### `POST /api/journeys/{reference}/{command}`"
        rows = [(code(each["operationId"]), _said(each), _body(each) or "—") for _, each in alike]
        yield table(("command", "what is pressed", "body"), rows)
    told = [f"- Bearer: {bearer}." for bearer in _bearers(operation)]
    if len(alike) == 1 and (body := _body(operation)):
        told.append(f"- Body: {body}.")
    if told:
        yield "\n".join(told)
    yield table(("status", "answers"), answers)


def _said(operation: Json) -> str:
    said = " ".join((operation["summary"], operation.get("description", "")))
    return markdown(said.strip()).rstrip(".") + "."


_BEARERS = {"journey": "the journey's token", "session": "a session's token"}


def _bearers(operation: Json) -> Iterator[str]:
    ways = operation["security"]
    for way in ways:
        for name in way.keys() & _BEARERS.keys():
            yield _BEARERS[name] + (", which may be left out" if {} in ways else "")


def _body(operation: Json) -> str:
    body = operation.get("requestBody")
    return _schema(body["content"]["application/json"]["schema"]) if body else ""


def _answer(status: int, response: Json) -> tuple[str, str]:
    kinds = [_schema(each["schema"]) for each in response.get("content", {}).values()]
    headers = "".join(f", `{name}`" for name in response.get("headers", {}))
    # The number alone: Python's phrases change from one version to the next.
    return str(status), (" or ".join(kinds) or "nothing") + headers


# --- bodies --------------------------------------------------------------------------------------


def _schemas(document: Json) -> Iterator[str]:
    for name, schema in sorted(document["components"]["schemas"].items()):
        if name.startswith("Start") and name != "Start":
            continue  # one for each button of a first screen: what they hold stands in two others
        yield f"### {name}"
        if told := schema.get("description"):
            yield markdown(told)
        if name == "Start":
            yield (
                "With `command`, a button of the flow's first screen is pressed too, with the "
                "`fields` of that command's body."
            )
        needed = schema.get("required", [])
        rows = [
            (code(key), _schema(each), "yes" if key in needed else "no")
            for key, each in schema.get("properties", {}).items()
        ]
        yield table(("name", "what", "always"), rows) if rows else "An empty object."


def _schema(schema: Json) -> str:
    """Say what a value is."""
    match schema:
        case {"$ref": str(ref)}:
            name = ref.rpartition("/")[2]
            told = f"[{name}](#{name.lower()})"
        case {"anyOf": [*ways]}:
            told = " or ".join(_schema(each) for each in ways)
        case {"const": value}:
            told = code(f'"{value}"')
        case {"enum": [*values]}:
            told = ", ".join("`null`" if it is None else code(f'"{it}"') for it in values)
        case {"type": "array", "items": dict(items)}:
            told = f"list: each a {_schema(items)}"
        case {"type": "object", "additionalProperties": dict(items)}:
            told = f"object: each a {_schema(items)}"
        case {"type": str(kind)}:
            told = f"{kind} ({schema['format']})" if "format" in schema else kind
        case _:
            raise ValueError(f"the page cannot say what this is: {schema}")
    return told
