"""The OpenAPI document is valid, complete, and says what the server does."""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from starlette.applications import Starlette
from starlette.routing import Mount

from monespace_http.transport import headers
from monespace_http.transport.headers import PROBLEM_CODES
from tests.http.visiting import Caller, Served

ROOT = Path(__file__).parents[2]
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


# --- what generators make of it ------------------------------------------------------------------


def _document(served: Served) -> Any:
    return served.client.get("/openapi.json").json()


def test_e18_each_operation_has_a_name_of_its_own_and_a_tag(served: Served) -> None:
    """Those of the commands are the commands; the version is the package's."""
    document = _document(served)
    operations = [it for path in document["paths"].values() for it in path.values()]
    names = [it["operationId"] for it in operations]

    assert len(names) == len(set(names))
    assert {"start_journey", "submit_identity", "use_link", "show_session", "readiness"} <= {*names}
    assert {tag for it in operations for tag in it["tags"]} == {
        it["name"] for it in document["tags"]
    }
    assert document["info"]["version"] == version("monespace-flows")


def test_e18_closed_sets_are_told(served: Served) -> None:
    schemas = _document(served)["components"]["schemas"]
    told = {
        name: schemas[schema]["properties"][field]["enum"]
        for name, schema, field in (
            ("state", "View", "state"), ("flow", "View", "flow"),
            ("notice", "Notice", "id"), ("problem", "Problem", "code"),
        )
    }  # fmt: skip

    assert "choose_channel" in told["state"]
    assert "signin" in told["flow"]
    assert "identity.unknown" in told["notice"]
    assert "bearer.required" in told["problem"]
    assert schemas["View"]["properties"]["expires_at"]["format"] == "date-time"
    assert not [name for name in schemas if name.endswith("Body")]


def test_e18_who_must_wait_is_told_how_long_and_who_may_not_what_may_be(served: Served) -> None:
    answers = _document(served)["paths"]["/api/journeys"]["post"]["responses"]

    assert "Retry-After" in answers["429"]["headers"]
    assert "Retry-After" in answers["503"]["headers"]
    assert "Allow" in answers["405"]["headers"]
    assert "Allow" in served.client.put("/api/journeys").headers


_JSON = [ROOT / "adapters/http/monespace_http" / it for it in ("json", "transport")]


def test_e18_every_problem_has_a_code_that_the_document_tells() -> None:
    """The last but one argument of each ``HttpProblem`` of the JSON and what it stands on."""
    files = [it for folder in _JSON for it in folder.glob("*.py")]
    calls = [
        call.args[1].value
        for file in files
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "HttpProblem"
        and isinstance(call.args[1], ast.Constant)
    ]
    pages = {"form.malformed", "metrics.token"}  # of forms, and of what collects measures

    assert {*calls} <= PROBLEM_CODES | pages
    assert {*headers._CODES.values()} <= PROBLEM_CODES


def test_e18_a_generated_client_goes_through_a_journey(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left out by the generator, and its code works."""
    document = tmp_path / "openapi.json"
    document.write_bytes(served.client.get("/openapi.json").content)
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", document, "--output-path", tmp_path / "made_client"),
            *("--config", _config(tmp_path)),
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "may be missing" not in made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    client_of_it, models, journeys = (
        import_module(f"made_client{name}") for name in ("", ".models", ".api.journeys")
    )
    start = import_module("made_client.api.journeys.start_journey").sync
    send = import_module("made_client.api.journeys.send_code").sync
    client = client_of_it.Client(served.base_url).set_httpx_client(_asking(served))
    identity = models.SubmitIdentity(birth_date="17/06/1975", rpps="99000000002", accept_terms=True)
    body = models.StartCreationSubmitIdentity("creation", "submit_identity", identity)

    view = start(client=client, body=body)
    channel = view.screen.fields[0].options[0].value
    bearer = client_of_it.AuthenticatedClient(served.base_url, view.token)
    bearer.set_httpx_client(_asking(served, view.token))
    sent = send(view.reference, client=bearer, body=models.SendCode(channel))
    assert (view.state, sent.state) == ("choose_channel", "enter_code")
    assert journeys is not None


def _config(folder: Path) -> Path:
    """Nothing is run over the generated code: what formats it need not be installed."""
    config = folder / "generator.json"
    config.write_text('{"post_hooks": []}')
    return config


def _asking(served: Served, token: str = "") -> httpx.Client:
    """A client of the generated code's own kind, that asks the app at hand."""

    def ask(request: httpx.Request) -> httpx.Response:
        answer = served.client.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.read()
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.MockTransport(ask)
    return httpx.Client(base_url=served.base_url, headers=headers, transport=transport)


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
