"""Every status of the contract's section 4, and every page of its section 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.http.visiting import Served
from tests.http.walking import NEW, WALKS, Walker, confirm, session, walk

PROBLEM = {"type", "title", "status", "code", "detail"}
JSON = {"Content-Type": "application/json"}


def _post(served: Served, body: str, **headers: str) -> Any:
    return served.client.post("/api/journeys", content=body, headers={**JSON, **headers})


def _down(served: Served) -> Any:
    served.sandbox.registry.fail_next()
    return walk(served, "creation").identify()


def _expired(served: Served) -> Any:
    walker = walk(served, "creation", "expired")
    return walker.identify()


def _recovered_elsewhere(served: Served) -> Any:
    late = walk(served, "recovery", "choose_credentials")
    served.sandbox.clock.advance(minutes=2)
    first = Walker(served, "recovery")
    for step in WALKS["recovery", "recovered"]:
        step(first)
    return late.activate("autre@medecin.example")


def _changed_elsewhere(served: Served) -> Any:
    late = walk(served, "reset", "choose_new_password")
    Walker(served, "settings", session(served)).save(password=NEW)
    return late.save_password("un autre mot de passe")


def _used_twice(served: Served) -> Any:
    walker = walk(served, "reset", "choose_new_password")
    return walker.open_link()


def _unconfirmed(served: Served) -> Any:
    served.create_account()
    link = {"token": served.sandbox.messages[-1].link_token}
    return served.client.post("/api/links", json=link)


def _confirmed(served: Served) -> Any:
    served.create_account()
    headers = {"Authorization": f"Bearer {session(served)}"}
    link = {"token": served.sandbox.messages[-1].link_token}
    return served.client.post("/api/links", json=link, headers=headers)


def _with_another_token(served: Served) -> Any:
    mine, other = Walker(served, "creation"), Walker(served, "creation")
    return mine.client.get(mine.path, headers=other.headers)


WITH_A_VIEW: dict[str, tuple[int, str | None, Callable[[Served], Any]]] = {
    "moved on": (200, None, lambda served: walk(served, "creation").identify()),
    "link used": (200, None, lambda served: walk(served, "reset", "link_sent").open_link()),
    "refused by a rule": (
        422,
        "refused",
        lambda served: walk(served, "signin").sign_in("a@b.example"),
    ),
    "refused by a field": (
        422,
        "refused",
        lambda served: walk(served, "reset").request("no address"),
    ),
    "not offered": (409, "command.not_offered", lambda served: walk(served, "creation").enter("1")),
    "over": (410, "journey.over", lambda served: walk(served, "signin", "signed_in").sign_in()),
    "expired": (410, "journey.expired", _expired),
    "recovered elsewhere": (410, "journey.expired", _recovered_elsewhere),
    "changed elsewhere": (410, "journey.expired", _changed_elsewhere),
    "throttled": (
        429,
        "throttled",
        lambda served: walk(served, "creation", "enter_code").send("resend_code"),
    ),
}
PROBLEMS: dict[str, tuple[int, str, Callable[[Served], Any]]] = {
    "no JSON": (400, "json.malformed", lambda served: _post(served, "{")),
    "no flow": (400, "fields.invalid", lambda served: _post(served, "{}")),
    "no such flow": (400, "flow.unknown", lambda served: _post(served, '{"flow": "x"}')),
    "too long": (413, "body.too_large", lambda served: _post(served, " " * 100_000)),
    "not JSON": (
        415,
        "media_type.unsupported",
        lambda served: _post(served, "flow=creation", **{"Content-Type": "text/plain"}),
    ),
    "no bearer": (401, "bearer.required", lambda served: served.client.get("/api/session")),
    "settings, signed out": (
        401,
        "bearer.required",
        lambda served: served.client.post("/api/journeys", json={"flow": "settings"}),
    ),
    "confirmation, signed out": (401, "bearer.required", _unconfirmed),
    "another token": (404, "journey.unknown", _with_another_token),
    "link used twice": (410, "link.invalid", _used_twice),
    "registry down": (503, "service.unavailable", _down),
}


@pytest.mark.parametrize("case", WITH_A_VIEW)
def test_a_journey_is_answered_with_its_view(served: Served, case: str) -> None:
    status, code, happen = WITH_A_VIEW[case]
    answer = happen(served)

    assert (status, code) == (answer.status_code, answer.json().get("code"))
    assert {"reference", "flow", "state", "status", "screen", "notices"} <= answer.json().keys()
    assert ("retry-after" in answer.headers) is (status == 429)


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_has_no_view_is_a_problem_document(served: Served, case: str) -> None:
    """RFC 9457, with a stable code."""
    status, code, happen = PROBLEMS[case]
    answer = happen(served)

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= PROBLEM
    assert answer.json()["status"] == status


def test_a_start_is_201_and_a_session_is_read_and_ended(served: Served) -> None:
    started = served.client.post("/api/journeys", json={"flow": "creation"})
    assert (started.status_code, "token" in started.json()) == (201, True)

    served.create_account()
    headers = {"Authorization": f"Bearer {session(served)}"}
    read = served.client.get("/api/session", headers=headers)
    assert (read.status_code, read.json().keys()) == (200, {"account_id", "email", "role", "since"})
    assert served.client.delete("/api/session", headers=headers).status_code == 204


def test_a_confirmation_is_200_and_names_the_address(served: Served) -> None:
    answer = _confirmed(served)

    assert answer.status_code == 200
    assert answer.json() == {"email": "john@medecin.example", "confirmed": True}


# --- section 5 -----------------------------------------------------------------------------------

PAGES = {
    "/": "Connectez-vous à votre espace",
    "/connexion": "Connectez-vous à votre espace",
    "/identifiants-oublies": "Identifiants oubliés",
    "/creation": "Créer votre espace",
    "/recuperation": "Récupérer votre espace",
    "/mot-de-passe": "Réinitialiser votre mot de passe",
    "/ou-trouver-mon-rpps": "Où trouver mon RPPS ?",
    "/assistance": "Assistance",
    "/conditions": "Conditions générales d'utilisation",
    "/confidentialite": "Politique de confidentialité",
}
SIGNED_IN = {"/": "MonEspace", "/connexion": "MonEspace", "/parametres": "Paramètres"}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_bears_its_title_and_the_banner(served: Served, path: str) -> None:
    """W2."""
    visitor = served.visitor()
    page = visitor.open(path)

    assert (200, PAGES[path]) == (visitor.status, page.heading)
    assert page.title.startswith(PAGES[path])
    assert "ORDRE DES MÉDECINS" in page.text


@pytest.mark.parametrize("path", SIGNED_IN)
def test_every_page_of_a_signed_in_person(served: Served, path: str) -> None:
    served.create_account()
    page = served.sign_in().open(path)

    assert SIGNED_IN[path] == page.heading
    assert page.title.startswith(SIGNED_IN[path])


def test_the_page_of_a_link_and_the_way_out(served: Served) -> None:
    served.create_account()
    confirm(served)
    Walker(served, "reset").request()
    visitor = served.sign_in()

    visitor.open("/lien/" + served.sandbox.messages[-1].link_token)
    assert visitor.page.heading == "Choisir un nouveau mot de passe"
    assert visitor.press("Se déconnecter").heading == "Connectez-vous à votre espace"


def test_service_endpoints(served: Served) -> None:
    for path in ("/openapi.json", "/healthz", "/readyz"):
        assert served.client.get(path).status_code == 200
    assert served.client.get("/openapi.json").json()["openapi"].startswith("3.1")
