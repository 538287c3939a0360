"""« Fermer mon compte », a host's own flow, is as good as ours: core, JSON, pages, replay."""

from __future__ import annotations

from typing import Any

import pytest
from close_account.closing import AskClosing

from monespace_flows import Back, Extend, Restart, SendCode, SubmitCode, View
from monespace_flows.errors import CommandNotOffered, JourneyOver, SessionRequired
from monespace_flows.journal.entry import read_journal
from monespace_flows.maps import markdown_table, mermaid
from monespace_flows.retelling.table import replay
from monespace_flows.testing import Sandbox
from monespace_flows.verify import check, explore
from tests.http.visiting import PASSWORD, Served, Visitor
from tests.journeys import acting

from .conftest import Archive

NAME = "close_account"
WHY = "Je pars à la retraite."


def begun(sandbox: Sandbox) -> View:
    return sandbox.flows.start(NAME, acting.member(sandbox))


def asked(sandbox: Sandbox, view: View, reason: str = WHY, password: str = acting.PASSWORD) -> View:
    return sandbox.flows.submit(view.token, AskClosing(reason=reason, current_password=password))


def code_asked(sandbox: Sandbox) -> View:
    chosen = asked(sandbox, begun(sandbox))
    return sandbox.flows.submit(chosen.token, SendCode("sms"))


def closed(sandbox: Sandbox) -> View:
    view = code_asked(sandbox)
    code = sandbox.messages[-1].code
    assert code is not None
    return sandbox.flows.submit(view.token, SubmitCode(code))


# --- in the core ---------------------------------------------------------------------------------


def test_only_who_is_signed_in_may_begin(sandbox: Sandbox) -> None:
    with pytest.raises(SessionRequired):
        sandbox.flows.start(NAME)


def test_a_code_of_the_order_closes_the_account(sandbox: Sandbox, archive: Archive) -> None:
    """It cannot be signed in to any more, its sessions are over, and its holder is told."""
    view = closed(sandbox)

    assert (view.state, view.status) == ("closed", "done")
    assert sandbox.messages[-1].subject == "Votre compte est fermé"
    with pytest.raises(SessionRequired):
        sandbox.flows.start(NAME, view.session)
    assert acting.sign_in(sandbox).notices[0].id == "credentials.refused"
    assert archive.reasons == [WHY]


def test_a_wrong_password_counts_and_goes_no_further(sandbox: Sandbox) -> None:
    view = begun(sandbox)
    for _ in range(5):
        view = asked(sandbox, view, password=acting.WRONG_PASSWORD)

    assert (view.state, view.notices[0].id) == ("say_why", "password.wrong")
    assert asked(sandbox, view).retry_after is not None


def test_what_is_missing_is_named_beside_its_field(sandbox: Sandbox, archive: Archive) -> None:
    view = begun(sandbox)

    missing = asked(sandbox, view, reason="  ").notices[0]
    assert (missing.id, missing.fields) == ("closing.reason_missing", ("reason",))
    fields = {it.name: it.error for it in asked(sandbox, view, password="").screen.fields}
    assert fields["current_password"] is not None
    assert archive.reasons == []


def test_a_doctor_whom_the_order_reaches_no_more_is_told(sandbox: Sandbox) -> None:
    view = begun(sandbox)
    sandbox.registry.change(acting.JOHN.rpps, mobile=None, email=None)

    assert asked(sandbox, view).notices[0].id == "identity.unknown"


def test_every_open_screen_has_a_way_out(sandbox: Sandbox) -> None:
    view = code_asked(sandbox)
    view = sandbox.flows.submit(view.token, Back())
    assert view.state == "choose_channel"
    view = sandbox.flows.submit(view.token, Extend())
    over = sandbox.flows.submit(view.token, Restart())

    assert (over.state, over.status) == ("expired", "expired")
    with pytest.raises(JourneyOver):
        sandbox.flows.submit(view.token, Back())


def test_an_entry_left_alone_is_erased_then_ends(sandbox: Sandbox) -> None:
    session = acting.member(sandbox)
    view = sandbox.flows.start(NAME, session)
    sandbox.clock.advance(minutes=11)
    assert asked(sandbox, view).notices[0].id == "entry.erased"
    assert sandbox.flows.session(session) is not None  # who looks at a page is not idle
    sandbox.clock.advance(minutes=20)
    with pytest.raises(JourneyOver):
        asked(sandbox, view)


def test_its_command_is_of_no_other_flow(sandbox: Sandbox) -> None:
    view = sandbox.flows.start("creation")

    with pytest.raises(CommandNotOffered):
        asked(sandbox, view)


# --- told again, drawn, explored -----------------------------------------------------------------


def test_its_journal_is_its_replay_and_names_nobody(sandbox: Sandbox) -> None:
    view = closed(sandbox)
    with sandbox.storage.reading() as unit:
        lines = list(unit.journal.lines(view.reference))

    told = replay(sandbox.flows.flows[NAME], read_journal(lines))
    assert told.divergence is None
    assert told.end.state == "closed"
    assert not any(WHY in line or acting.PASSWORD in line for line in lines)


def test_it_is_explored_and_nothing_is_wrong(sandbox: Sandbox) -> None:
    flow = sandbox.flows.flows[NAME]

    assert explore(flow).states == set(flow.screens)
    assert check(flow) == []


def test_it_is_drawn(sandbox: Sandbox) -> None:
    flow = sandbox.flows.flows[NAME]

    assert "ask_closing" in markdown_table(flow)
    assert "say_why" in mermaid(flow)


# --- in JSON -------------------------------------------------------------------------------------


def test_json_serves_it_and_describes_its_command(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    body = document["paths"]["/api/journeys/{reference}/ask_closing"]["post"]["requestBody"]

    assert body["content"]["application/json"]["schema"]["$ref"].endswith("/AskClosing")
    assert NAME in document["components"]["schemas"]["Start"]["properties"]["flow"]["enum"]


def test_json_goes_through_it(served: Served, sandbox: Sandbox) -> None:
    session = {"Authorization": f"Bearer {acting.member(sandbox)}"}
    client = served.client
    assert client.post("/api/journeys", json={"flow": NAME}).status_code == 401
    view = client.post("/api/journeys", json={"flow": NAME}, headers=session).json()
    headers = {"Authorization": f"Bearer {view['token']}"}

    def press(command: str, **fields: str) -> Any:
        path = f"/api/journeys/{view['reference']}/{command}"
        return client.post(path, json=fields, headers=headers)

    refused = press("ask_closing", reason="", current_password=acting.PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    assert press("ask_closing", reason=WHY).json()["errors"][0]["field"] == "current_password"
    assert press("save").json()["code"] == "command.unknown"
    assert press("ask_closing", reason=WHY, current_password=acting.PASSWORD).status_code == 200
    assert press("send_code", channel="sms").json()["state"] == "enter_code"
    assert press("submit_code", code=str(sandbox.messages[-1].code)).json()["status"] == "done"


# --- in pages ------------------------------------------------------------------------------------


def signed_in(served: Served) -> Visitor:
    served.create_account()
    return served.sign_in()


def test_pages_lead_to_it_and_through_it(served: Served, archive: Archive) -> None:
    visitor = signed_in(served)
    home = visitor.open("/")
    assert "Fermeture de compte" in home.text
    page = visitor.open("/fermer-mon-compte")
    assert page.heading == "Fermer mon compte"
    page = visitor.press("Continuer", reason=WHY, current_password=PASSWORD)
    assert page.heading == "Confirmer la fermeture de votre compte"
    page = visitor.press("Recevoir votre code", channel="sms")
    code = served.sandbox.messages[-1].code
    page = visitor.press("Fermer mon compte", code=str(code))

    assert page.heading == "Votre compte est fermé"
    assert visitor.open("/").heading == "Connectez-vous à votre espace"
    assert archive.reasons == [WHY]


def test_who_is_not_signed_in_comes_back_to_it_after_sign_in(served: Served) -> None:
    visitor = served.create_account()
    visitor.open("/fermer-mon-compte")
    assert visitor.page.heading == "Connectez-vous à votre espace"
    visitor.press("Se connecter", email="john@medecin.example", password=PASSWORD)

    assert visitor.page.heading == "Fermer mon compte"


def test_the_cookies_page_names_its_cookie(served: Served) -> None:
    page = served.visitor().open("/cookies")

    assert "Retrouver où vous en êtes de la fermeture de votre compte" in page.text
