"""The typed client of the JSON has the face of ``Flows``: commands in, views and errors out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from importlib import import_module

import httpx2
import pytest
from attrs import fields

from monespace_flows import Restart
from monespace_flows.client import Client, Confirmed, Objected, RequestRefused
from monespace_flows.commands import Back, Extend, RequestLink, SendCode, SignIn, SubmitCode
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    LinkInvalid,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.facts import Role
from monespace_flows.screens import Outcome, View
from tests.http.visiting import PASSWORD, Served
from tests.journeys import acting

EMAIL = "john@medecin.example"
SIGN_IN = SignIn(email=EMAIL, password=PASSWORD)
JOHN = SignIn(email=acting.JOHN.email, password=acting.PASSWORD)


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.base_url, http=served.client) as client:
        yield client


def answering(answer: Callable[[httpx2.Request], httpx2.Response]) -> Client:
    """A client of a service that answers in a way of its own."""
    transport = httpx2.MockTransport(answer)
    return Client("http://service.example/", http=httpx2.Client(transport=transport))


def created(served: Served, client: Client) -> View:
    view = client.start("creation", acting.identity())
    options = view.screen.fields[0].options
    by_mail = next(it.value for it in options if it.kind == "email")
    view = client.submit(view, SendCode(channel=by_mail))
    view = client.submit(view, SubmitCode(code=served.code))
    return client.submit(view, acting.creation())


# --- what it does --------------------------------------------------------------------------------


def test_a_person_goes_from_creation_to_their_session(served: Served, client: Client) -> None:
    view = created(served, client)
    assert (view.state, view.status) == ("created", "done")
    session = client.start("signin", JOHN).session or ""

    who = client.session(session)
    assert who is not None
    assert (who.email, who.role) == (acting.JOHN.email, Role.DOCTOR)
    assert served.sandbox.flows.account(who.account_id) is not None
    assert [it.current for it in client.sessions(session)] == [True]
    assert client.start("settings", session=session).state == "edit_settings"
    client.sign_out(session)
    assert client.session(session) is None


def test_its_views_are_those_of_the_journeys(served: Served, client: Client) -> None:
    """But for what only pages need: links beside fields, and what a script does."""
    view = client.start("creation")
    core = served.sandbox.flows.view(view.token)

    for name in (each.name for each in fields(View) if each.name != "screen"):
        assert getattr(view, name) == getattr(core, name), name
    assert view.screen.title == core.screen.title
    assert view.screen.buttons == core.screen.buttons
    assert [it.name for it in view.screen.fields] == [it.name for it in core.screen.fields]
    assert {it.place for it in core.screen.links} <= {it.place for it in view.screen.links}


def test_what_a_person_does_wrong_is_in_the_view(client: Client) -> None:
    view = client.start("creation")
    refused = client.submit(view, acting.wrong_birth_date())

    assert (refused.outcome, refused.token) == (Outcome.REFUSED, view.token)
    assert acting.notices(refused) == ["identity.unknown"]
    assert client.view(view.reference, view.token).state == "enter_identity"


def test_whoever_must_wait_is_told_how_long(client: Client) -> None:
    view = client.start("creation", acting.wrong_birth_date())
    while view.outcome is not Outcome.THROTTLED:
        view = client.start("creation", acting.wrong_birth_date())

    assert view.outcome is Outcome.THROTTLED
    assert view.retry_after is not None
    assert view.retry_after > timedelta(0)


def test_links_are_used_up(served: Served, client: Client) -> None:
    """Of a reset, of a new address, and of whoever says that it was not them."""
    served.create_account()
    sandbox, session = served.sandbox, client.start("signin", SIGN_IN).session
    confirmed = client.use_link(acting.confirmation_received(sandbox), session=session)
    assert confirmed == Confirmed(email=EMAIL)
    client.start("reset", RequestLink(email=EMAIL))
    link = acting.link_received(sandbox)
    view = client.use_link(link)
    assert isinstance(view, View)
    assert view.state == "choose_new_password"
    with pytest.raises(LinkInvalid):
        client.use_link(link)


def test_whoever_objects_is_told_what_that_did() -> None:
    client = answering(lambda _: httpx2.Response(200, json={"objection": "undone"}))

    assert client.use_link("a link") == Objected(objection="undone")


# --- what it cannot do ---------------------------------------------------------------------------


def test_errors_are_those_of_the_journeys(served: Served, client: Client) -> None:
    view = client.start("creation")
    other = client.start("creation", Extend())
    over = created(served, client)

    with pytest.raises(CommandNotOffered) as refused:
        client.submit(view, Back())
    assert refused.value.view.state == "enter_identity"
    with pytest.raises(CommandNotOffered):
        client.submit(view, SIGN_IN)  # which no screen of the flow has
    with pytest.raises(JourneyOver) as ended:
        client.submit(over, acting.creation())
    assert ended.value.view.state == "created"
    with pytest.raises(JourneyUnknown):
        client.view(other.reference, view.token)
    with pytest.raises(SessionRequired):
        client.start("settings")
    with pytest.raises(SessionRequired):
        client.sign_out("no session at all")


def test_a_restart_ends_the_journey(client: Client) -> None:
    assert client.submit(client.start("creation", Extend()), Restart()).status == "expired"


def test_a_request_that_is_not_taken_says_which_field(client: Client) -> None:
    with pytest.raises(RequestRefused) as refused:
        client.start("payment")

    assert (refused.value.status, refused.value.code) == (400, "flow.unknown")
    assert refused.value.faults.keys() == {"flow"}
    assert refused.value.retry_after is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(
            503,
            headers={"Retry-After": "10", "Content-Type": "application/problem+json"},
            json={"code": "service.unavailable"},
        ),
        httpx2.Response(502, text="a proxy's own page"),
    ],
    ids=["ours", "a proxy's"],
)
def test_a_service_that_cannot_answer_is_a_port_that_is_away(answer: httpx2.Response) -> None:
    client = answering(lambda _: answer)

    for ask in (partial(client.session, "a session"), partial(client.start, "creation")):
        with pytest.raises(PortUnavailable):
            ask()


def test_a_brake_of_the_address_is_a_refusal_with_its_wait() -> None:
    problem = {"code": "throttled", "detail": "Too many requests from this address."}
    headers = {"Retry-After": "7", "Content-Type": "application/problem+json"}
    client = answering(lambda _: httpx2.Response(429, headers=headers, json=problem))

    with pytest.raises(RequestRefused) as refused:
        client.start("creation")
    assert refused.value.retry_after == timedelta(seconds=7)


# --- answers that are lost -----------------------------------------------------------------------


class _Losing(httpx2.BaseTransport):
    """Loses the first answers, after the service has done what was asked."""

    def __init__(self, served: Served, lost: int) -> None:
        self.client, self.lost = served.client, lost

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.client.send(request)
        if self.lost:
            self.lost -= 1
            raise httpx2.ReadError("the connection was lost")
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def losing(served: Served, lost: int) -> Client:
    http = httpx2.Client(transport=_Losing(served, lost))
    return Client(served.base_url, http=http)


def test_ft_06_a_press_whose_answer_is_lost_is_not_done_twice(served: Served) -> None:
    """One wrong date was typed, and one is counted."""
    view = losing(served, 0).start("creation")
    refused = losing(served, 2).submit(view, acting.wrong_birth_date())

    assert acting.notices(refused) == ["identity.unknown"]
    commands = [it.command for it in acting.journal_of(served.sandbox, view)]
    assert commands == ["start", "submit_identity"]


def test_a_service_that_is_not_there_is_asked_three_times(served: Served) -> None:
    view = losing(served, 0).start("creation")

    with pytest.raises(PortUnavailable) as away:
        losing(served, 3).submit(view, Extend())
    assert away.value.kind == "unreachable"


def test_it_makes_its_own_connections() -> None:
    """To nobody here: the port is closed."""
    with Client("http://127.0.0.1:9", timeout=timedelta(seconds=5)) as client:
        ask = partial(client.view, "K7QF-3XWB", "a token")
        with pytest.raises(PortUnavailable):
            ask()


def test_what_is_typed_is_in_no_error_and_no_repr(client: Client) -> None:
    view = client.start("signin")
    with pytest.raises(CommandNotOffered) as refused:
        client.submit(view, acting.creation())

    for text in (repr(refused.value), repr(view), repr(client)):
        assert acting.PASSWORD not in text
        assert view.token not in text


def test_without_its_extra_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.delitem(sys.modules, "monespace_flows.client")

    with pytest.raises(ModuleNotFoundError, match=r"monespace-flows\[client\]"):
        import_module("monespace_flows.client")
