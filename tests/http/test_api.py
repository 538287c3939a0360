"""The JSON of the contract, section 4: routes, statuses, shape of a view."""

import pytest

from tests.http.visiting import JOHN, PASSWORD, Caller, Served

VIEW = {
    "reference", "flow", "state", "status", "screen", "notices", "erase_after", "expires_at"
}  # fmt: skip


def test_starting_a_journey_hands_its_token_over_once(served: Served) -> None:
    """201 and the view plus the token; no later view has it."""
    caller = Caller(served, "creation")

    assert VIEW | {"token"} == caller.view.keys()
    assert caller.client.get(caller.path, headers=caller.headers).json().keys() == VIEW


def test_a_screen_has_the_keys_of_the_contract_and_no_empty_optional_ones(served: Served) -> None:
    """``value``, ``options`` and ``error`` are left out where there is none."""
    screen = Caller(served, "creation").view["screen"]

    assert {"id", "title", "intro", "fields", "buttons", "links", "step"} == screen.keys()
    assert [
        {"name", "label", "kind", "required", "hint", "autocomplete"} for _ in screen["fields"]
    ] == [each.keys() for each in screen["fields"]]
    assert {"command": "submit_identity", "label": "Valider", "primary": True} in screen["buttons"]
    assert {"label": "Se connecter", "to": "signin"} in screen["links"]
    assert {"label": "Où trouver mon RPPS ?", "to": "rpps_help"} in screen["links"]


def test_times_are_utc(served: Served) -> None:
    view = Caller(served, "creation").view

    assert (
        view["erase_after"],
        view["expires_at"],
    ) == ("2026-11-22T09:10:00Z", "2026-11-22T09:30:00Z")


def test_moving_on_is_200_and_offers_masked_contacts(served: Served) -> None:
    caller = Caller(served, "creation")

    assert caller.identify().status_code == 200
    (field,) = caller.view["screen"]["fields"]
    assert [(option["label"], option["kind"]) for option in field["options"]] == [
        ("3361***78", "sms"),
        ("j***@cn.medecin.example", "email"),
    ]
    assert caller.view["erase_after"] is None


def test_a_refusal_by_a_rule_is_422_with_its_notice(served: Served) -> None:
    caller = Caller(served, "creation")
    answer = caller.send("submit_identity", **{**JOHN, "accept_terms": True, "rpps": "99000000010"})

    assert answer.status_code == 422
    assert caller.view["code"] == "refused"
    (notice,) = caller.view["notices"]
    assert {"id", "kind", "text", "links"} == notice.keys()
    assert notice["id"] == "identity.unknown"


def test_a_refusal_by_a_field_is_422_and_names_the_field(served: Served) -> None:
    caller = Caller(served, "creation")
    answer = caller.send("submit_identity", birth_date="31/02/1980", rpps="1", accept_terms=True)

    assert answer.status_code == 422
    errors = {f["name"]: f.get("error") for f in caller.view["screen"]["fields"]}
    assert [bool(errors[name]) for name in ("birth_date", "rpps", "accept_terms")] == [
        True,
        True,
        False,
    ]


def test_links_inside_a_notice_name_a_place(served: Served) -> None:
    served.create_account()
    caller = Caller(served, "creation")

    assert caller.identify().status_code == 422
    assert caller.view["notices"][0]["links"] == [
        {"label": "récupération de mot de passe", "to": "reset"}
    ]


def test_a_command_that_is_not_offered_is_409_with_the_view(served: Served) -> None:
    caller = Caller(served, "creation")
    answer = caller.send("submit_code", code="123456")

    assert answer.status_code == 409
    assert (caller.view["state"], caller.view["code"]) == ("enter_identity", "command.not_offered")
    assert caller.view["offered"] == ["submit_identity", "restart", "extend"]


@pytest.mark.parametrize(
    "command", ["tick", "use_link", "enter_code", "__init__", "submit-identity", "sign_in", "save"]
)
def test_a_command_that_no_screen_of_the_flow_has_is_404(served: Served, command: str) -> None:
    """IN-18: a name from outside never reaches the machine; the answer names what may be sent."""
    caller = Caller(served, "creation")

    assert caller.send(command).status_code == 404
    assert caller.view["state"] == "enter_identity"
    assert caller.view["code"] == "command.unknown"
    assert caller.view["offered"] == ["submit_identity", "restart", "extend"]


def test_a_reference_and_a_token_must_belong_together(served: Served) -> None:
    """FL-04: 404, exactly as for a journey that does not exist."""
    mine, other = Caller(served, "creation"), Caller(served, "creation")
    answers = [
        mine.client.get(other.path, headers=mine.headers),
        mine.client.get("/api/journeys/2222-2222", headers=mine.headers),
        mine.client.get(mine.path, headers={"Authorization": "Bearer of-nothing"}),
        mine.client.post(f"{other.path}/back", json={}, headers=mine.headers),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert len({answer.text for answer in answers}) == 1


def test_a_missing_or_ill_bearer_is_401(served: Served) -> None:
    caller = Caller(served, "creation")
    for header in ({}, {"Authorization": "Basic eA=="}, {"Authorization": "Bearer "}):
        answer = caller.client.get(caller.path, headers=header)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "bearer.required"


def test_a_finished_journey_is_410_for_commands_and_can_still_be_looked_at(served: Served) -> None:
    caller = _signed_in(served)
    answer = caller.send("sign_in", email="john@medecin.example", password=PASSWORD)

    assert answer.status_code == 410
    assert (caller.view["status"], caller.view["code"]) == ("done", "journey.over")
    assert caller.client.get(caller.path, headers=caller.headers).status_code == 200


def test_an_expired_journey_is_410_with_its_last_screen(served: Served) -> None:
    caller = Caller(served, "creation")
    served.sandbox.clock.advance(minutes=31)
    answers = [caller.client.get(caller.path, headers=caller.headers), caller.identify()]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert {"expired"} == {answer.json()["status"] for answer in answers}
    assert {"journey.expired"} == {answer.json()["code"] for answer in answers}


def test_an_entry_sent_after_ten_minutes_is_refused_as_erased(served: Served) -> None:
    caller = Caller(served, "creation")
    served.sandbox.clock.advance(minutes=10)

    assert caller.identify().status_code == 422
    assert [notice["id"] for notice in caller.view["notices"]] == ["entry.erased"]


def test_extending_gives_ten_more_minutes(served: Served) -> None:
    caller = Caller(served, "creation")
    served.sandbox.clock.advance(minutes=8)

    assert caller.send("extend").status_code == 200
    assert caller.view["erase_after"] == "2026-11-22T09:18:00Z"


def test_throttled_is_429_with_retry_after_in_whole_seconds(served: Served) -> None:
    caller = Caller(served, "creation")
    caller.identify()
    contact = caller.view["screen"]["fields"][0]["options"][0]["value"]
    caller.send("send_code", channel=contact)
    served.sandbox.clock.advance(seconds=0.5)
    answer = caller.send("resend_code")

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert answer.json()["code"] == "throttled"


def test_a_port_that_is_down_is_503_and_nothing_has_moved(served: Served) -> None:
    caller = Caller(served, "creation")
    served.sandbox.registry.fail_next()
    answer = caller.identify()

    assert answer.status_code == 503
    assert answer.json()["code"] == "service.unavailable"
    assert caller.identify().status_code == 200


def test_an_unknown_flow_is_400_and_names_the_flows(served: Served) -> None:
    answer = served.client.post("/api/journeys", json={"flow": "payment"})

    assert (answer.status_code, answer.json()["code"]) == (400, "flow.unknown")
    assert "creation" in answer.text
    assert "payment" not in answer.text


def test_signing_in_hands_a_session_over_once(served: Served) -> None:
    caller = _signed_in(served)

    assert "session" in caller.view
    again = caller.client.get(caller.path, headers=caller.headers)
    assert "session" not in again.json()


def test_a_session_says_who_and_ends(served: Served) -> None:
    caller = _signed_in(served)
    bearer = {"Authorization": f"Bearer {caller.view['session']}"}

    session = caller.client.get("/api/session", headers=bearer).json()
    known = served.sandbox.flows.account(session.pop("account_id"))
    assert known is not None
    assert known.email == "john@medecin.example"
    assert session == {
        "email": "john@medecin.example",
        "role": "medecin",
        "since": "2026-11-22T09:00:00Z",
    }
    assert caller.client.delete("/api/session", headers=bearer).status_code == 204
    assert caller.client.get("/api/session", headers=bearer).status_code == 401


def test_settings_need_the_bearer_of_a_session(served: Served) -> None:
    session = _signed_in(served).view["session"]

    assert served.client.post("/api/journeys", json={"flow": "settings"}).status_code == 401
    view = Caller(served, "settings", session).view
    assert "john@medecin.example" in [f.get("value") for f in view["screen"]["fields"]]


def test_a_reset_link_is_used_up_over_json(served: Served) -> None:
    served.create_account()
    _confirm(served)
    Caller(served, "reset").send("request_link", email="john@medecin.example")
    link = {"token": served.sandbox.messages[-1].link_token}
    answer = served.client.post("/api/links", json=link)

    assert answer.status_code == 200
    assert (answer.json()["state"], "token" in answer.json()) == ("choose_new_password", True)
    again = served.client.post("/api/links", json=link)
    assert (again.status_code, again.json()["code"]) == (410, "link.invalid")


def test_a_confirmation_link_needs_the_session_and_stays_good_without(served: Served) -> None:
    served.create_account()
    link = {"token": served.sandbox.messages[-1].link_token}
    assert served.client.post("/api/links", json=link).status_code == 401

    answer = _confirm(served)
    assert answer == {"email": "john@medecin.example", "confirmed": True}


def _signed_in(served: Served) -> Caller:
    if not any(each.purpose == "confirmation" for each in served.sandbox.messages):
        served.create_account()
    caller = Caller(served, "signin")
    answer = caller.send("sign_in", email="john@medecin.example", password=PASSWORD)
    assert answer.status_code == 200
    return caller


def _confirm(served: Served) -> object:
    link = {"token": served.sandbox.messages[-1].link_token}
    bearer = {"Authorization": f"Bearer {_signed_in(served).view['session']}"}
    return served.client.post("/api/links", json=link, headers=bearer).json()
