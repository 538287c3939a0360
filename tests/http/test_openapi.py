"""The OpenAPI document is valid, complete, and says what the server does."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.http.visiting import Caller, Served

_served = Served(public_url="http://127.0.0.1:8000")
_schema = schemathesis.openapi.from_asgi(
    "/openapi.json", _served.app, headers={"Host": "127.0.0.1:8000"}
)


def test_the_document_is_valid(served: Served) -> None:
    validate(served.client.get("/openapi.json").json())


def test_every_route_of_the_contract_is_in_it(served: Served) -> None:
    paths = served.client.get("/openapi.json").json()["paths"]

    assert {
        "/api/journeys",
        "/api/journeys/{reference}",
        "/api/journeys/{reference}/submit_identity",
        "/api/journeys/{reference}/save",
        "/api/links",
        "/api/session",
    } <= paths.keys()
    assert {"get", "delete"} == paths["/api/session"].keys()
    assert not [path for path in paths if path.endswith(("/tick", "/use_link"))]


def test_bodies_take_no_other_fields(served: Served) -> None:
    schemas = served.client.get("/openapi.json").json()["components"]["schemas"]

    assert schemas["SubmitIdentity"]["additionalProperties"] is False
    assert schemas["SubmitIdentity"]["required"] == ["birth_date", "rpps"]


def test_a_start_lists_what_may_be_pressed_with_it(served: Served) -> None:
    """The buttons of each flow's first screen, each with its own fields."""
    schemas = served.client.get("/openapi.json").json()["components"]["schemas"]
    alone, *pressed = (schemas[it["$ref"].rpartition("/")[2]] for it in schemas["Start"]["anyOf"])
    found = {
        (it["properties"]["flow"]["const"], it["properties"]["command"]["const"]): it
        for it in pressed
    }

    assert alone["required"] == ["flow"]
    assert "signin" in schemas["Start"]["properties"]["flow"]["enum"]
    sign_in = found["signin", "sign_in"]
    assert sign_in["properties"]["fields"] == {"$ref": "#/components/schemas/SignIn"}
    assert sign_in["required"] == ["flow", "command", "fields"]
    assert found["creation", "restart"]["required"] == ["flow", "command"]
    assert ("creation", "submit_code") not in found


def test_the_server_is_where_the_app_is_mounted(served: Served) -> None:
    host = Starlette(routes=[Mount("/espace", served.app)])
    from tests.http.visiting import Visitor

    document = Visitor(host, served.base_url).client.get("/espace/openapi.json").json()
    assert document["servers"] == [{"url": "/espace"}]
    assert served.client.get("/openapi.json").json()["servers"] == [{"url": "/"}]


@pytest.fixture(scope="module")
def bearer() -> str:
    _served.base_url = "http://127.0.0.1:8000"
    return str(Caller(_served, "creation").token)


@_schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_server_does_what_the_document_says(case: schemathesis.Case[Any], bearer: str) -> None:
    """Generated requests: documented statuses and bodies, and never a 500."""
    case.headers["Host"] = "127.0.0.1:8000"
    if case.operation.path.startswith("/api/journeys/"):
        case.headers["Authorization"] = f"Bearer {bearer}"

    # A well-formed link or code that is not good is refused, of course.
    case.call_and_validate(excluded_checks=[positive_data_acceptance, unsupported_method])
