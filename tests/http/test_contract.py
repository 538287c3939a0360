"""The names of the contract, one by one: flows, states, commands, fields, notices (section 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monespace_flows.effects import Budget
from monespace_flows.notices import NOTICES as CATALOGUE
from tests.http.visiting import CLAIRE, JOHN, Served
from tests.http.walking import EMAIL, NEW, WALKS, Walker, session, walk

DONE = {
    ("creation", "created"),
    ("recovery", "recovered"),
    ("reset", "password_changed"),
    ("signin", "signed_in"),
}
IDENTITY = {"birth_date", "rpps", "accept_terms"}
CREDENTIALS = {"email", "email_confirmation", "password", "password_confirmation"}
COMMANDS: list[tuple[str, str, str, set[str]]] = [
    *(
        row
        for flow in ("creation", "recovery")
        for row in (
            (flow, "enter_identity", "submit_identity", IDENTITY),
            (flow, "enter_identity", "extend", set[str]()),
            (flow, "choose_channel", "send_code", {"channel"}),
            (flow, "choose_channel", "back", set[str]()),
            (flow, "enter_code", "submit_code", {"code"}),
            (flow, "enter_code", "resend_code", set[str]()),
            (flow, "enter_code", "back", set[str]()),
            (flow, "choose_credentials", "activate", CREDENTIALS),
        )
    ),
    ("creation", "choose_password", "create", {"password", "password_confirmation"}),
    ("recovery", "account_found", "continue_recovery", set()),
    ("reset", "enter_email", "request_link", {"email"}),
    ("reset", "choose_new_password", "save_password", {"password", "password_confirmation"}),
    ("signin", "enter_credentials", "sign_in", {"email", "password"}),
    (
        "settings",
        "edit_settings",
        "save",
        {"current_password", "email", "password", "password_confirmation"},
    ),
    ("settings", "edit_settings", "close_sessions", set()),
]


@pytest.mark.parametrize(("flow", "state"), WALKS)
def test_every_state_is_reached_over_json(served: Served, flow: str, state: str) -> None:
    view = walk(served, flow, state).view
    status = "done" if (flow, state) in DONE else "expired" if state == "expired" else "open"

    assert (flow, state, status) == (view["flow"], view["state"], view["status"])


@pytest.mark.parametrize(("flow", "state", "command", "fields"), COMMANDS)
def test_every_command_is_offered_with_its_fields(
    served: Served, flow: str, state: str, command: str, fields: set[str]
) -> None:
    """What the screen asks for is what the command takes; a field too many is 400."""
    walker = walk(served, flow, state)
    assert fields <= walker.offered[command]

    assert walker.send(command, **dict.fromkeys(fields, ""), more="").status_code == 400
    empty = {name: False if name == "accept_terms" else "" for name in fields}
    assert walker.send(command, **empty).status_code in {200, 422, 429}


# --- notices -------------------------------------------------------------------------------------


def _unknown(served: Served) -> Walker:
    walker = walk(served, "creation")
    walker.send("submit_identity", **{**JOHN, "rpps": "99000000093", "accept_terms": True})
    return walker


def _throttled(served: Served) -> Walker:
    for _ in range(5):
        _unknown(served)
    return _unknown(served)


def _exists(served: Served) -> Walker:
    return walk(served, "recovery", "account_found")


def _taken(served: Served) -> Walker:
    walker = walk(served, "recovery", "choose_credentials")
    walker.activate(EMAIL)
    return walker


def _no_terms(served: Served) -> Walker:
    walker = walk(served, "creation")
    walker.send("submit_identity", **{**JOHN, "accept_terms": False})
    return walker


def _wrong_code(served: Served) -> Walker:
    walker = walk(served, "creation", "enter_code")
    walker.enter_wrong()
    return walker


def _old_code(served: Served) -> Walker:
    walker = walk(served, "creation", "enter_code")
    walker.wait(minutes=9)
    walker.send("extend")
    walker.wait(minutes=1)
    walker.enter()
    return walker


def _fifth_wrong_code(served: Served) -> Walker:
    walker = walk(served, "creation", "enter_code")
    for _ in range(5):
        walker.enter_wrong()
    return walker


def _resent(served: Served, times: int = 1) -> Walker:
    walker = walk(served, "creation", "enter_code")
    for _ in range(times):
        walker.send("extend")
        walker.wait(minutes=5)
        walker.send("resend_code")
    return walker


def _too_soon(served: Served) -> Walker:
    walker = walk(served, "creation", "enter_code")
    walker.send("resend_code")
    return walker


def _mismatch(served: Served) -> Walker:
    walker = walk(served, "creation", "choose_credentials")
    walker.activate(email_confirmation="other@medecin.example")
    return walker


def _weak(served: Served) -> Walker:
    walker = walk(served, "creation", "choose_credentials")
    walker.activate(password="court")
    return walker


def _wrong_password(served: Served) -> Walker:
    walker = walk(served, "settings")
    walker.save("not the password")
    return walker


def _refused(served: Served) -> Walker:
    walker = walk(served, "signin")
    walker.sign_in(password="not the password")
    return walker


def _changed_meanwhile(served: Served) -> Walker:
    """Two browsers: the link is used in one, then the settings are saved in the other."""
    walker = walk(served, "reset", "choose_new_password")
    Walker(served, "settings", session(served)).save(password=NEW)
    walker.save_password()
    return walker


def _erased(served: Served) -> Walker:
    walker = walk(served, "creation")
    walker.wait(minutes=10)
    walker.identify()
    return walker


def _saved(served: Served) -> Walker:
    walker = walk(served, "settings")
    walker.save(email="other@medecin.example")
    return walker


def _abandoned(served: Served) -> Walker:
    walker = walk(served, "creation")
    walker.send("restart")
    return walker


def _others_closed(served: Served) -> Walker:
    walker = walk(served, "settings")
    session(served)
    walker.send("close_sessions")
    return walker


def _alone(served: Served) -> Walker:
    walker = walk(served, "settings")
    for _ in range(2):  # the walk may have signed in more than once
        walker.send("close_sessions")
    return walker


def _nothing_changed(served: Served) -> Walker:
    walker = walk(served, "settings")
    walker.save()
    return walker


def _sms_closed(served: Served) -> Walker:
    sandbox = served.sandbox
    with sandbox.storage.writing() as unit:
        unit.budgets.add(Budget.ALARM, "sms_budget", sandbox.clock.now())
    walker = walk(served, "creation", "choose_channel")
    walker.send("send_code", channel="sms")
    return walker


def _changed_often(served: Served) -> Walker:
    walker = walk(served, "settings")
    for number in range(4):
        walker.save(email=f"other{number}@medecin.example")
    return walker


def _undelivered(served: Served) -> Walker:
    served.sandbox.messages.fail_next(1)
    walker = walk(served, "creation", "enter_code")
    walker.look()
    return walker


def _delayed(served: Served) -> Walker:
    served.sandbox.flows.wake = lambda: None
    walker = walk(served, "creation", "enter_code")
    walker.wait(minutes=1)
    walker.look()
    return walker


NOTICES: dict[str, tuple[str, Callable[[Served], Walker]]] = {
    "identity.unknown": ("error", _unknown),
    "identity.throttled": ("error", _throttled),
    "account.exists": ("info", _exists),
    "email.taken": ("error", _taken),
    "terms.required": ("error", _no_terms),
    "code.wrong": ("error", _wrong_code),
    "code.undelivered": ("error", _undelivered),
    "code.delayed": ("info", _delayed),
    "code.expired": ("error", _old_code),
    "code.exhausted": ("error", _fifth_wrong_code),
    "code.resent": ("success", _resent),
    "code.too_soon": ("info", _too_soon),
    "send.exhausted": ("error", lambda served: _resent(served, 4)),
    "send.sms_closed": ("error", _sms_closed),
    "confirmation.mismatch": ("error", _mismatch),
    "password.weak": ("error", _weak),
    "password.wrong": ("error", _wrong_password),
    "credentials.refused": ("error", _refused),
    "link.sent": ("success", lambda served: walk(served, "reset", "link_sent")),
    "link.used": ("info", lambda served: walk(served, "reset", "choose_new_password")),
    "link.invalid": ("error", _changed_meanwhile),
    "entry.erased": ("info", _erased),
    "journey.expired": ("info", lambda served: walk(served, "creation", "expired")),
    "settings.saved": ("success", _saved),
    "settings.unchanged": ("info", _nothing_changed),
    "sessions.closed": ("success", _others_closed),
    "sessions.none": ("info", _alone),
    "email.confirmation_sent": ("info", _saved),
    "email.changed_often": ("error", _changed_often),
    "email.to_confirm": ("info", lambda served: walk(served, "creation", "created")),
    "journey.abandoned": ("info", _abandoned),
}


@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_is_told_by_some_request(served: Served, notice: str) -> None:
    kind, happen = NOTICES[notice]

    assert (notice, kind) in happen(served).told.items()


def test_the_contract_and_the_catalogue_name_the_same_notices() -> None:
    """All but that of what is broken outside."""
    assert {*CATALOGUE} - {"service.unavailable"} == {*NOTICES}


def test_service_unavailable_is_a_code_in_json_and_a_notice_in_pages(served: Served) -> None:
    served.sandbox.registry.fail_next(2)
    assert walk(served, "creation").identify().json()["code"] == "service.unavailable"

    visitor = served.visitor()
    visitor.open("/creation")
    page = visitor.press("Valider", **CLAIRE)
    (told,) = [each for each in page.root.every("div") if "autofocus" in each]
    assert visitor.status == 503
    assert "Le service est momentanément indisponible" in told.text
