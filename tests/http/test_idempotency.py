"""A press that is sent again, because its answer was lost, is answered as before (FT-06)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import asdict

from monespace_flows import View
from monespace_flows.facts import Channel
from monespace_flows.flows import FLOWS
from tests.http.html import Page
from tests.http.visiting import JOHN, PASSWORD, Caller, Served, Visitor
from tests.journeys import acting

KEY = {"Idempotency-Key": "1b671a64-40d5-491e-99b0-da01ff1f3341"}


EVERY = {
    button.command: (flow, state)
    for flow, state in reversed(acting.PLACES)
    for button in FLOWS[flow].screens[state].buttons
}
"""Every command that has a button, and the first screen where it has one."""

NEW = "girafe-tournevis-mardi"


def standing(served: Served, event: str) -> tuple[View, str | None]:
    """Somebody who may press a button now; where they are signed in, by which session."""
    flow, state = EVERY[event]
    if FLOWS[flow].needs_session:
        session = acting.member(served.sandbox)
        acting.session_of(served.sandbox)  # elsewhere, to be closed
        return served.sandbox.flows.start(flow, session), session
    if flow == "signin":
        acting.created(served.sandbox)
    view = acting.place(flow, state, event)(served.sandbox)
    served.sandbox.clock.advance(minutes=2)  # so that a code may be sent again
    return view, None


class TestJson:
    """With ``Idempotency-Key``."""

    @pytest.mark.parametrize("event", EVERY)
    def test_ft_06_every_command_again_is_answered_as_before(
        self, served: Served, event: str
    ) -> None:
        """And does nothing: no message more, no try, no journey."""
        view, _ = standing(served, event)
        fields = asdict(acting.pressing(served.sandbox, event))
        headers = {"Authorization": f"Bearer {view.token}"} | KEY
        path = f"/api/journeys/{view.reference}/{event}"
        first = served.client.post(path, headers=headers, json=fields)
        kept = acting.kept(served.sandbox)
        again = served.client.post(path, headers=headers, json=fields)

        assert first.status_code == (410 if event == "restart" else 200)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert acting.kept(served.sandbox) == kept

    def twice(self, caller: Caller, command: str, **fields: Any) -> None:
        headers = caller.headers | KEY
        path = f"{caller.path}/{command}"
        first, again = (caller.client.post(path, headers=headers, json=fields) for _ in range(2))

        assert (again.status_code, again.json()) == (first.status_code, first.json())

    def test_a_journey_step_by_step(self, served: Served) -> None:
        """Each command, its refusals included."""
        caller = Caller(served, "creation")
        self.twice(caller, "submit_identity", **(JOHN | {"accept_terms": False}))
        self.twice(caller, "submit_identity", **(JOHN | {"accept_terms": True}))
        self.twice(caller, "send_code", channel=Channel.EMAIL.value)
        self.twice(caller, "submit_code", code="000000")
        self.twice(caller, "submit_code", code=served.code)
        self.twice(caller, "create", password=PASSWORD, password_confirmation=PASSWORD)

        assert len(served.sandbox.messages) == 2

    def test_a_session_is_handed_over_again(self, served: Served) -> None:
        """The very same one."""
        served.create_account()
        caller = Caller(served, "signin")

        self.twice(caller, "sign_in", email="john@medecin.example", password=PASSWORD)

    def test_settings_again_are_no_wrong_password(self, served: Served) -> None:
        """The session that the first press ended is not asked for."""
        served.create_account()
        signing_in = Caller(served, "signin")
        signing_in.send("sign_in", email="john@medecin.example", password=PASSWORD)
        caller = Caller(served, "settings", signing_in.view["session"])

        self.twice(
            caller,
            "save",
            current_password=PASSWORD,
            email="john@medecin.example",
            password=NEW,
            password_confirmation=NEW,
        )

    def test_settings_that_no_answer_came_to_lock_nobody_out(self, served: Served) -> None:
        """However often they are sent again: the new password opens the account."""
        served.create_account()
        signing_in = Caller(served, "signin")
        signing_in.send("sign_in", email="john@medecin.example", password=PASSWORD)
        caller = Caller(served, "settings", signing_in.view["session"])
        fields = {"email": "john@medecin.example", "password": NEW, "password_confirmation": NEW}

        for _ in range(3):
            self.twice(caller, "save", current_password=PASSWORD, **fields)

        again = Caller(served, "signin")
        again.send("sign_in", email="john@medecin.example", password=NEW)
        assert again.view["state"] == "signed_in"

    def test_a_start_is_the_same_journey(self, served: Served) -> None:
        """Its token included; without a key, or with a short one, each is another."""
        client = served.client

        def start(headers: dict[str, str]) -> Any:
            return client.post("/api/journeys", json={"flow": "creation"}, headers=headers).json()

        assert start(KEY) == start(KEY)
        assert start({})["reference"] != start({})["reference"]
        assert start({"Idempotency-Key": "1"}) != start({"Idempotency-Key": "1"})
        assert start(KEY)["token"] != start(KEY | {"User-Agent": "another"})["token"]

    def test_a_reset_link_opens_the_same_journey(self, served: Served) -> None:
        acting.created(served.sandbox)
        Caller(served, "reset").send("request_link", email=acting.JOHN.email)
        link = served.sandbox.messages[-1].link_token
        client = served.client

        first, again = (
            client.post("/api/links", json={"token": link}, headers=KEY).json() for _ in range(2)
        )

        assert again == first
        assert first["state"] == "choose_new_password"

    def test_an_address_is_confirmed_again(self, served: Served) -> None:
        """By the session that confirmed it; without a key the link is used up."""
        served.create_account()
        link = served.sandbox.messages[-1].link_token
        signing_in = Caller(served, "signin")
        signing_in.send("sign_in", email="john@medecin.example", password=PASSWORD)
        headers = {"Authorization": f"Bearer {signing_in.view['session']}"}

        def use(more: dict[str, str]) -> Any:
            return served.client.post("/api/links", json={"token": link}, headers=headers | more)

        assert (
            use(KEY).json()
            == use(KEY).json()
            == {
                "confirmed": True,
                "email": "john@medecin.example",
            }
        )
        assert use({}).status_code == 410

    @pytest.mark.parametrize("key", ["", "deux mots", "x" * 256])
    def test_a_key_in_bad_form_is_named(self, served: Served, key: str) -> None:
        answer = served.client.post(
            "/api/journeys", json={"flow": "creation"}, headers={"Idempotency-Key": key}
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key.malformed")


def press_again(
    visitor: Visitor, label: str, typed: dict[str, str], times: int = 2
) -> list[tuple[Any, ...]]:
    """Send the form of a page again and again, as a browser that never gets the answer does."""
    form, action = visitor.filled(label, **typed), visitor._action(label)
    jar = visitor.client.cookies
    before, seen = list(jar.jar), []
    for _ in range(times):
        jar.clear()
        for cookie in before:
            jar.jar.set_cookie(cookie)
        response = visitor.client.post(action, data=form)
        seen.append((response.status_code, response.url.path, Page(response.text).text))
    return seen


class TestEveryPage:
    """By the token of the form itself."""

    @pytest.mark.parametrize("event", [it for it in EVERY if it != "restart"])
    def test_ft_06_every_button_pressed_again_is_answered_as_before(
        self, served: Served, event: str
    ) -> None:
        flow, state = EVERY[event]
        view, session = standing(served, event)
        visitor = served.visitor()
        for name, token in ((f"journey_{flow}", view.token), ("session", session)):
            if token is not None:
                visitor.client.cookies.set(f"__Host-monespace_{name}", token)
        visitor.open(FLOWS[flow].path)
        buttons = FLOWS[flow].screens[state].buttons
        label = next(it.label for it in buttons if it.command == event)
        command = acting.pressing(served.sandbox, event)
        typed = {name: "on" if it is True else str(it) for name, it in asdict(command).items()}
        first, again = press_again(visitor, label, {**typed, "command": event})

        assert first[0] == 200
        assert again == first

    def test_settings_that_no_answer_came_to_lock_nobody_out(self, served: Served) -> None:
        """However often the button is pressed: the new password opens the account."""
        served.create_account()
        visitor = served.sign_in()
        visitor.open("/parametres")
        fields = {"email": "john@medecin.example", "password": NEW, "password_confirmation": NEW}
        seen = press_again(
            visitor, "Enregistrer", {"current_password": PASSWORD, **fields}, times=6
        )

        assert len(set(seen)) == 1
        assert served.sign_in(password=NEW).path == "/"

    def test_a_journey_that_is_left_twice_is_left_once(self, served: Served) -> None:
        """The second answer leads to the first screen: where it was left from is forgotten."""
        visitor = served.at_code()
        seen = press_again(visitor, "Recommencer", {}, times=3)

        assert [it[:2] for it in seen] == [(200, "/creation")] * 3
        with served.sandbox.storage.reading() as unit:
            (reference,) = unit.journal.references()
            assert len(unit.journal.lines(reference)) == 4


class TestPages:
    """With the token that each form has anyway, with or without JavaScript."""

    @pytest.fixture(autouse=True)
    def _every_answer_is_lost_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The browser keeps the page, its cookies and what is typed, and sends the form again."""
        press = Visitor.press

        def lose_and_press(visitor: Visitor, label: str, **typed: str) -> Page:
            page, path, jar = visitor.page, visitor.path, list(visitor.client.cookies.jar)
            press(visitor, label, **typed)
            visitor.page, visitor.path = page, path
            visitor.client.cookies.clear()
            for cookie in jar:
                visitor.client.cookies.jar.set_cookie(cookie)
            return press(visitor, label, **typed)

        monkeypatch.setattr(Visitor, "press", lose_and_press)

    def test_a_creation(self, served: Served) -> None:
        """One journey, one code, one account, one letter."""
        visitor = served.at_credentials()
        visitor.press(
            "Activer",
            email="john@medecin.example",
            email_confirmation="john@medecin.example",
            password=PASSWORD,
            password_confirmation=PASSWORD,
        )

        assert "Votre espace est créé" in visitor.page.text
        assert [message.purpose for message in served.sandbox.messages] == ["code", "confirmation"]
        with served.sandbox.storage.reading() as unit:
            assert len(unit.journal.references()) == 1

    def test_a_sign_in(self, served: Served) -> None:
        """One session, and the browser has it."""
        served.create_account()
        visitor = served.sign_in()

        assert visitor.path == "/"
        assert "john@medecin.example" in visitor.page.text

    def test_settings(self, served: Served) -> None:
        """Not « mot de passe erroné »: it was right the first time."""
        served.create_account()
        visitor = served.sign_in()
        visitor.open("/parametres")
        visitor.press(
            "Enregistrer",
            current_password=PASSWORD,
            email="john@medecin.example",
            password=NEW,
            password_confirmation=NEW,
        )

        assert (visitor.status, visitor.path) == (200, "/parametres")
        assert "Vos paramètres sont enregistrés" in visitor.page.text

    def test_a_confirmation(self, served: Served) -> None:
        """By who is signed in: the address is confirmed, the second time too."""
        served.create_account()
        link = served.sandbox.messages[-1].link_token
        visitor = served.sign_in()
        visitor.open(f"/lien/{link}")
        visitor.press("Confirmer mon adresse e-mail")

        assert visitor.path == "/"
        with served.sandbox.storage.reading() as unit:
            found = unit.accounts.by_email(
                served.sandbox.secrets.digests("email", "john@medecin.example")
            )
        assert found is not None
        assert found.email_confirmed_at is not None

    def test_a_reset(self, served: Served) -> None:
        """The link opens once, for this browser."""
        acting.created(served.sandbox)
        visitor = served.visitor()
        visitor.open("/mot-de-passe")
        visitor.press("Valider", email=acting.JOHN.email)
        visitor.open(f"/lien/{served.sandbox.messages[-1].link_token}")
        visitor.press("Continuer")
        visitor.press(
            "Enregistrer",
            password=NEW,
            password_confirmation=NEW,
        )

        assert visitor.status == 200
        assert len([it for it in served.sandbox.messages if it.purpose == "reset_link"]) == 1
