"""A start that presses with it (contract, section 8): one request, as the two would answer."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from monespace_flows.driver import Flows
from monespace_http import Brakes, create_app
from tests.http.visiting import JOHN, PASSWORD, Caller, Served, client_of, settings
from tests.http.walking import EMAIL, Walker, session

KEY = {"Idempotency-Key": "1b671a64-40d5-491e-99b0-da01ff1f3341"}
RIGHT = {"email": EMAIL, "password": PASSWORD}
WRONG = {"email": EMAIL, "password": "not the password"}
IDENTITY = {**JOHN, "accept_terms": True}


def _begin(served: Served, flow: str, command: str, fields: Any = None, **headers: str) -> Any:
    body = {"flow": flow, "command": command} | ({} if fields is None else {"fields": fields})
    return served.client.post("/api/journeys", json=body, headers=headers)


def _go_on(served: Served, begun: Any, command: str, fields: dict[str, Any]) -> Any:
    """Press again by what the answer to the start told."""
    told = begun.json()
    return served.client.post(
        f"/api/journeys/{told['reference']}/{command}",
        json=fields,
        headers={"Authorization": f"Bearer {told['token']}"},
    )


def test_signing_in_is_one_request(served: Served) -> None:
    """201, with the session and the journey's token."""
    served.create_account()
    answer = _begin(served, "signin", "sign_in", RIGHT)
    view = answer.json()

    assert (answer.status_code, view["state"], view["status"]) == (201, "signed_in", "done")
    bearer = {"Authorization": f"Bearer {view['session']}"}
    assert served.client.get("/api/session", headers=bearer).json()["email"] == EMAIL
    looked = served.client.get(
        f"/api/journeys/{view['reference']}", headers={"Authorization": f"Bearer {view['token']}"}
    )
    assert looked.json()["state"] == "signed_in"


def test_a_creation_goes_on_from_there(served: Served) -> None:
    answer = _begin(served, "creation", "submit_identity", IDENTITY)
    channel = answer.json()["screen"]["fields"][0]["options"][0]["value"]

    assert (answer.status_code, answer.json()["state"]) == (201, "choose_channel")
    assert _go_on(served, answer, "send_code", {"channel": channel}).status_code == 200


def test_a_button_without_fields_needs_none(served: Served) -> None:
    """« Recommencer » ends it at once, as it does alone."""
    extended = _begin(served, "creation", "extend")
    ended = _begin(served, "creation", "restart", {})

    assert (extended.status_code, extended.json()["state"]) == (201, "enter_identity")
    assert (ended.status_code, ended.json()["code"]) == (410, "journey.expired")


def test_a_refusal_is_422_and_the_next_try_is_a_press(served: Served) -> None:
    served.create_account()
    refused = _begin(served, "signin", "sign_in", WRONG)

    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    assert [it["id"] for it in refused.json()["notices"]] == ["credentials.refused"]
    assert _go_on(served, refused, "sign_in", RIGHT).status_code == 200


def test_a_button_of_a_later_screen_is_409(served: Served) -> None:
    answer = _begin(served, "creation", "submit_code", {"code": "123456"})

    assert (answer.status_code, answer.json()["code"]) == (409, "command.not_offered")
    assert answer.json()["offered"] == ["submit_identity", "restart", "extend"]
    assert _go_on(served, answer, "submit_identity", IDENTITY).status_code == 200


@pytest.mark.parametrize("command", ["tick", "use_link", "sign_in", "", "__init__"])
@pytest.mark.parametrize("fields", [None, {"anything": 1}])
def test_a_button_that_the_flow_has_not_is_404(served: Served, command: str, fields: Any) -> None:
    answer = _begin(served, "creation", command, fields)

    assert (answer.status_code, answer.json()["code"]) == (404, "command.unknown")
    assert answer.json()["offered"] == ["submit_identity", "restart", "extend"]
    assert _go_on(served, answer, "submit_identity", IDENTITY).status_code == 200


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"email": 1, "password": "x"}, ["fields.email"]),
        ({"email": "x"}, ["fields.password"]),
        ({}, ["fields.email", "fields.password"]),
        (None, ["fields.email", "fields.password"]),
        ({**RIGHT, "more": "x"}, ["fields.(unknown)"]),
        ({**RIGHT, "email": {"email": "x"}}, ["fields.email"]),
        ([], ["fields"]),
        ("x", ["fields"]),
    ],
)
def test_a_field_that_cannot_be_read_is_named(
    served: Served, fields: Any, named: list[str]
) -> None:
    answer = _begin(served, "signin", "sign_in", fields)

    assert (answer.status_code, answer.json()["code"]) == (400, "fields.invalid")
    assert [it["field"] for it in answer.json()["errors"]] == named
    assert answer.json().keys().isdisjoint({"token", "reference"})


@pytest.mark.parametrize(
    ("typed", "code"),
    [('"\\ud800"', "json.malformed"), ('"\\u0000"', "json.malformed"), ("null", "fields.invalid")],
)
def test_a_field_is_read_as_strictly_as_alone(served: Served, typed: str, code: str) -> None:
    body = f'{{"flow": "signin", "command": "sign_in", "fields": {{"email": {typed}}}}}'
    answer = served.client.post(
        "/api/journeys", content=body, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["field"] == "fields.email"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"flow": "signin", "fields": {}}, "command"),
        ({"flow": "signin", "command": None}, "command"),
        ({"flow": "signin", "command": "sign_in", "fields": None}, "fields"),
        ({"command": "sign_in", "fields": RIGHT}, "flow"),
        ({"flow": "payment", "command": "sign_in"}, "flow"),
    ],
)
def test_a_body_of_another_shape_is_named(served: Served, body: dict[str, Any], named: str) -> None:
    answer = served.client.post("/api/journeys", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, named)


def test_a_port_that_is_down_leaves_a_journey_to_go_on_with(served: Served) -> None:
    """503, as the press alone; and nothing has moved."""
    served.sandbox.registry.fail_next()
    answer = _begin(served, "creation", "submit_identity", IDENTITY)

    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert _go_on(served, answer, "submit_identity", IDENTITY).status_code == 200


@pytest.mark.parametrize(
    ("brakes", "flow", "command", "fields"),
    [
        (Brakes(sign_in="1/hour"), "signin", "sign_in", WRONG),
        (
            Brakes(identity="1/hour"),
            "creation",
            "submit_identity",
            {**IDENTITY, "rpps": "99000000093"},
        ),
    ],
)
def test_who_is_braked_has_a_journey_to_go_on_with(
    brakes: Brakes, flow: str, command: str, fields: dict[str, Any]
) -> None:
    """429, as the press alone: the same place is taken, before anything is compared."""
    served = Served(brakes=brakes)
    answers = [_begin(served, flow, command, fields) for _ in range(2)]

    assert [it.status_code for it in answers] == [422, 429]
    assert answers[1].json()["code"] == "throttled"
    assert int(answers[1].headers["retry-after"]) > 60
    assert _go_on(served, answers[1], "extend", {}).status_code == 200


def test_right_ones_meet_no_brake_and_others_that_of_starts() -> None:
    """A start that presses rightly is given back, as it is by a press of its own."""
    served = Served(brakes=Brakes(start="2/hour"))
    served.create_account()
    right = [_begin(served, "signin", "sign_in", RIGHT).status_code for _ in range(5)]
    wrong = [_begin(served, "signin", "sign_in", WRONG) for _ in range(3)]

    assert right == [201] * 5
    assert [it.status_code for it in wrong] == [422, 422, 429]
    assert wrong[2].json().keys().isdisjoint({"token", "reference"})  # none was started


def test_tm_02_its_answer_has_the_floor_of_the_press() -> None:
    """TM-02: from the beginning of the request, its start included."""
    served = Served(answer_floor=timedelta(milliseconds=150))
    begin = time.monotonic()
    _begin(served, "signin", "sign_in", RIGHT)

    assert time.monotonic() - begin >= 0.15


def test_settings_need_the_bearer_of_a_session(served: Served) -> None:
    served.create_account()
    bearer = {"Authorization": f"Bearer {session(served)}"}
    alone = _begin(served, "settings", "close_sessions")

    assert (alone.status_code, alone.json()["code"]) == (401, "bearer.required")
    assert alone.json().keys().isdisjoint({"token", "reference"})
    assert _begin(served, "settings", "close_sessions", **bearer).status_code in {201, 422}


# --- sent again, because its answer was lost ------------------------------------------------------


@pytest.mark.parametrize("fields", [RIGHT, WRONG])
def test_ft_06_sent_again_it_is_answered_as_before(served: Served, fields: Any) -> None:
    """FT-06: the very same token and session, by any process; one journey, judged once."""
    served.create_account()
    other = create_app(Flows(served.sandbox.ports, site=served.sandbox.flows.site), settings())
    body = {"flow": "signin", "command": "sign_in", "fields": fields}
    first = _begin(served, "signin", "sign_in", fields, **KEY)
    verified = served.sandbox.passwords.verifications
    again = [
        client_of(app, served.base_url).post("/api/journeys", json=body, headers=KEY)
        for app in (served.app, other)
    ]

    assert [it.status_code for it in again] == [first.status_code] * 2
    assert [it.json() for it in again] == [first.json()] * 2
    assert served.sandbox.passwords.verifications == verified


def test_ft_06_after_a_failure_the_same_request_goes_through(served: Served) -> None:
    """FT-06: its key finds the journey that the failed one had started."""
    served.sandbox.registry.fail_next()
    failed = _begin(served, "creation", "submit_identity", IDENTITY, **KEY)
    again = _begin(served, "creation", "submit_identity", IDENTITY, **KEY)

    assert [failed.status_code, again.status_code] == [503, 201]
    assert failed.json()["reference"] == again.json()["reference"]
    assert len(served.sandbox.messages) == 0


def test_without_a_key_each_is_another(served: Served) -> None:
    served.create_account()
    references = {_begin(served, "signin", "sign_in", RIGHT).json()["reference"] for _ in range(2)}

    assert len(references) == 2


def test_a_start_alone_is_as_before(served: Served) -> None:
    """Its press comes in a request of its own."""
    caller = Caller(served, "creation")

    assert caller.identify().status_code == 200
    assert Walker(served, "creation").view["state"] == "enter_identity"
