"""Error pages in French, problem documents, and nothing that leaks (WB-10, WB-11, PR-02)."""

import logging

import pytest

from monespace_flows.errors import JourneyUnknown, PortUnavailable
from tests.http.html import Page
from tests.http.visiting import JOHN, Caller, Served
from tests.journeys import acting

MARKER = "zz-marker-zz"


@pytest.mark.parametrize(
    ("status", "heading", "method", "path"),
    [
        (403, "Cette page a expiré", "POST", "/securite"),
        (404, "Page introuvable", "GET", f"/{MARKER}"),
        (404, "Page introuvable", "GET", "/creation/"),
        (405, "Action impossible", "PUT", "/creation"),
        (405, "Action impossible", "GET", "/deconnexion"),
        (405, "Action impossible", "TRACE", "/creation"),
        (405, "Action impossible", "BREW", "/lien/abc"),
    ],
)
def test_wb_05_wb_10_wb_11_an_error_is_a_page_in_french(
    served: Served, status: int, heading: str, method: str, path: str
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = served.client.request(method, path, headers=headers)

    assert status == answer.status_code
    page = Page(answer.text)
    assert heading == page.heading
    assert page.title.startswith(f"Erreur – {heading}")
    assert MARKER not in answer.text
    assert page.links["Retour à l'accueil"] == "/"


def test_a_wrong_method_is_told_the_right_ones(served: Served) -> None:
    answer = served.client.put("/api/session")

    assert answer.status_code == 405
    assert {"GET", "DELETE"} <= set(answer.headers["allow"].split(", "))
    assert answer.json()["code"] == "method.unsupported"


@pytest.mark.parametrize("path", ["/api/nowhere", "/api/journeys", "/openapi.json", "/healthz"])
def test_programs_get_problem_documents(served: Served, path: str) -> None:
    answer = served.client.put(path)

    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


def test_wb_05_a_method_override_is_no_method(served: Served) -> None:
    """WB-05."""
    answer = served.client.get("/deconnexion", headers={"X-HTTP-Method-Override": "POST"})

    assert answer.status_code == 405


def test_wb_10_a_store_that_is_down_is_a_calm_503(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise PortUnavailable("storage")

    visitor = served.visitor()
    visitor.open("/creation")
    visitor.press("Valider", **JOHN)
    for name in ("view", "start", "session"):
        monkeypatch.setattr(served.sandbox.flows, name, down)
    page = visitor.open("/creation")
    assert (visitor.status, page.heading) == (503, "Service momentanément indisponible")
    assert visitor.response.headers["retry-after"] == "10"

    answer = visitor.client.post("/api/journeys", json={"flow": "reset"})
    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")


def test_a_journey_purged_meanwhile_is_unknown(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RC-12: between looking and acting."""

    def purged(*_: object, **__: object) -> None:
        raise JourneyUnknown

    visitor = served.visitor()
    visitor.open("/creation")
    visitor.press("Valider", **JOHN)
    caller = Caller(served, "creation")
    monkeypatch.setattr(served.sandbox.flows, "submit", purged)

    assert caller.identify().status_code == 404
    assert visitor.press("Retour").title
    assert visitor.path == "/creation"


def test_help_can_be_read_when_the_store_is_down(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise PortUnavailable("storage")

    served.create_account()
    visitor = served.sign_in()
    monkeypatch.setattr(served.sandbox.flows, "session", down)

    assert visitor.open("/assistance").heading == "Assistance"


def test_wb_10_pr_02_an_unforeseen_error_tells_nobody_anything(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """PR-02: neither the page nor the log repeats the message, a path or a value."""

    def explode(_: object, value: str = MARKER) -> None:
        raise RuntimeError(f"{value} went wrong")

    monkeypatch.setattr(served.sandbox.flows, "link_purpose", explode)
    with caplog.at_level(logging.DEBUG):
        answer = served.client.get(f"/lien/{MARKER}")

    assert (answer.status_code, Page(answer.text).heading) == (500, "Une erreur est survenue")
    assert MARKER not in answer.text
    logged = "\n".join(each.getMessage() for each in caplog.records if "httpx" not in each.name)
    assert MARKER not in logged
    assert "RuntimeError at GET /lien/{token}" in logged


def test_readiness_names_a_channel_by_which_nothing_leaves(served: Served) -> None:
    """The pages go on: whoever is signed in can work, so no server is taken away."""
    sandbox = served.sandbox
    sandbox.flows.wake = lambda: None  # no relay runs
    acting.awaiting_code(sandbox)
    assert "overdue" not in served.client.get("/readyz").json()
    sandbox.clock.advance(minutes=2)

    answer = served.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["overdue"] == ["sms"]
    sandbox.relay.run_once()
    assert served.client.get("/readyz").json()["status"] == "ready"


def test_readiness_says_what_is_missing(served: Served) -> None:
    assert served.client.get("/healthz").json() == {"status": "ok"}
    assert served.client.get("/readyz").json()["status"] == "ready"

    served.sandbox.registry.fail_next()
    answer = served.client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["registry"]) == (503, False)
    assert answer.json()["reasons"] == {"registry": "silent"}


def test_what_does_not_answer_is_logged_once_a_minute_for_each_kind(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks meanwhile: with the reason, and nothing of what was typed."""
    broken = {"kind": "full", "told": "the disk is full; make room"}

    def refuse(*_: object, **__: object) -> None:
        raise PortUnavailable("storage", **broken)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(served.sandbox.flows, "start", refuse)
        patch.setattr(served.sandbox.storage, "check", refuse)
        for kind in ("full", "full", "read-only"):
            broken["kind"] = kind
            answer = served.client.post("/api/journeys", json={"flow": "creation"})
            assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
            assert served.client.get("/readyz").json()["reasons"] == {"storage": kind}

    told = [it.getMessage() for it in caplog.records if it.levelno >= logging.ERROR]
    assert told == [
        "the storage port is unavailable: the disk is full; make room (full)",
        "the storage port is unavailable: the disk is full; make room (read-only)",
    ]
