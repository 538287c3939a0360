"""The support console: no name no page, no record no output, and never a typed value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from socket import socket

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from monespace_cli.access.place import Place
from monespace_cli.console import create_console, find_place
from monespace_cli.console.app import console_cookies
from monespace_cli.console.entry import OneTimeLink
from monespace_flows.testing import MemoryClock
from tests.replaying import leave_alone

from .conftest import Call, set_up
from .desk import AGENT, Desk
from .service import Service
from .stories import EMAIL, RPPS, Told
from .test_show import change


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Set one service up for all who need its keys."""
    with set_up("sqlite", request) as service:
        yield service


@pytest.fixture
def desk(told: Told) -> Desk:
    """Open a console on a demo's journeys, with its keys."""
    leave_alone(told.storage)
    return Desk(told.path)


PAGES = ("/", "/motif", "/parcours", "/chiffres")


class TestWhoIsLetIn:
    @pytest.mark.parametrize("path", [*PAGES, "/parcours/7K3Q-F9M2"])
    def test_nobody_whom_the_host_does_not_name(self, desk: Desk, path: str) -> None:
        desk.agent = None
        response = desk.client.get(path)

        assert response.status_code == 403
        assert "Accès refusé" in response.text

    def test_a_visit_is_of_one_agent(self, desk: Desk) -> None:
        """Whoever signs in after another says why anew."""
        desk.give_grounds()
        desk.agent = "une.autre"

        assert "Pourquoi lisez-vous ?" in desk.look("/")

    def test_a_form_must_be_of_a_page_shown_here(self, desk: Desk) -> None:
        response = desk.client.post("/motif", data={"purpose": "caller", "ticket": "SD-1"})

        assert response.status_code == 403

    def test_pages_are_not_kept_and_run_no_script(self, desk: Desk) -> None:
        response = desk.client.get("/motif")

        assert response.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "<script" not in response.text


class TestWhy:
    def test_is_asked_before_anything_is_shown(self, desk: Desk, told: Told) -> None:
        page = desk.look(f"/parcours/{told.creation}")

        assert "Pourquoi lisez-vous ?" in page
        assert desk.records() == ()

    def test_is_asked_once_and_leads_where_one_wanted_to(self, desk: Desk, told: Told) -> None:
        desk.look(f"/parcours/{told.creation}")

        assert f"<h1>Parcours {told.creation}</h1>" in desk.give_grounds()
        assert "Pas à pas" in desk.look(f"/parcours/{told.creation}")

    def test_is_forgotten_after_half_an_hour(self, desk: Desk, told: Told) -> None:
        desk.give_grounds()
        desk.seconds = 30 * 60 - 1
        assert "Pas à pas" in desk.look(f"/parcours/{told.creation}")

        desk.seconds = 30 * 60
        assert "Pourquoi lisez-vous ?" in desk.look(f"/parcours/{told.creation}")

    def test_a_ticket_holds_no_number_of_a_person(self, desk: Desk) -> None:
        desk.look("/motif")
        page = desk.send("/motif", purpose="caller", ticket=RPPS)

        assert "ce ticket est refusé" in page
        assert RPPS not in page

    def test_each_reading_is_recorded_under_the_name_of_the_agent(
        self, desk: Desk, told: Told
    ) -> None:
        desk.give_grounds()
        for path in (f"/parcours/{told.creation}", "/parcours", "/chiffres"):
            desk.look(path)

        found = [(it.actor, it.command, it.reference, it.ticket) for it in desk.records()]
        assert found == [
            (AGENT, "show", told.creation, "SD-1423"),
            (AGENT, "list", "*", "SD-1423"),
            (AGENT, "stats", "*", "SD-1423"),
        ]

    @pytest.mark.parametrize("path", ["/parcours/{}", "/parcours", "/chiffres"])
    def test_without_a_record_nothing_is_shown(self, desk: Desk, told: Told, path: str) -> None:
        desk.give_grounds()
        (told.path / "access.jsonl").write_text("half a line")
        response = desk.client.get(path.format(told.creation))

        assert response.status_code == 503
        assert "rien n'est montré" in desk.read(response)
        assert "Pas à pas" not in response.text
        assert "Créer votre espace" not in response.text


class TestSearching:
    def test_by_a_reference_in_any_spelling(self, desk: Desk, told: Told) -> None:
        desk.give_grounds()
        desk.look("/")
        page = desk.send("/recherche", reference=told.creation.lower().replace("-", " "))

        assert f"<h1>Parcours {told.creation}</h1>" in page

    def test_by_a_person_who_is_neither_shown_nor_written(self, service: Service) -> None:
        desk = Desk(service.config.parent, service.config)
        desk.give_grounds()
        desk.look("/")
        page = desk.send("/personne", person=RPPS)

        assert service.references["JOHN-CREE"] in page
        assert RPPS not in page
        assert RPPS not in (desk.path / "access.jsonl").read_text()
        assert desk.records()[-1].command == "find"

    def test_what_is_typed_of_a_person_is_hidden_and_never_in_an_address(self, desk: Desk) -> None:
        desk.give_grounds()
        page = desk.look("/")

        assert '<input type="password" id="person" name="person"' in page
        assert 'method="get"' not in page

    def test_a_number_typed_as_a_reference_is_not_repeated(self, desk: Desk) -> None:
        desk.give_grounds()
        desk.look("/")
        page = desk.send("/recherche", reference=RPPS)

        assert "aucun parcours ne porte cette référence" in page
        assert RPPS not in page

    def test_a_journey_that_is_not_there(self, desk: Desk) -> None:
        desk.give_grounds()
        response = desk.client.get("/parcours/7K3Q-F9M2")

        assert response.status_code == 404
        assert "aucun parcours ne porte cette référence" in desk.read(response)


class TestAJourney:
    @pytest.fixture
    def page(self, desk: Desk, told: Told) -> str:
        """Open the one that made an account."""
        desk.give_grounds()
        return desk.look(f"/parcours/{told.creation}")

    def test_begins_with_what_to_say_and_to_do(self, page: str) -> None:
        assert page.index("À lire à la personne") < page.index("Que faire")
        assert page.index("Que faire") < page.index("Pas à pas")
        assert "L'espace a été créé." in page

    def test_draws_the_screens_without_what_was_typed(self, page: str) -> None:
        assert "Affiché à la personne" in page
        assert "Sécuriser la création de votre espace" in page
        assert "Date de naissance" in page
        assert '<span class="drawn-value">non conservé</span>' in page

    def test_tells_what_became_of_each_message(self, page: str) -> None:
        messages = page[page.index("<h2>Messages</h2>") :]

        assert "SMS, code : remis à " in messages
        assert "@" not in messages

    def test_says_what_would_have_led_on(self, page: str) -> None:
        assert "Et si…" in page

    @pytest.mark.parametrize("path", ["/parcours/{}", "/parcours", "/chiffres", "/"])
    def test_no_typed_value_is_anywhere(self, desk: Desk, told: Told, path: str) -> None:
        desk.give_grounds()
        page = desk.look(path.format(told.creation))

        assert [it for it in told.secrets if it in page] == []

    def test_says_that_messages_cannot_leave(self, desk: Desk, told: Told) -> None:
        change(
            told,
            "UPDATE outbox SET status = 'failed', created_at = ? WHERE channel = 'sms'",
            4_000_000_000_000_000,
        )
        desk.give_grounds()

        assert "des messages ne partent pas (SMS)" in desk.look(f"/parcours/{told.creation}")


class TestManyJourneys:
    def test_are_listed_by_filters(
        self, desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Place, "now", lambda _: MemoryClock().now() + timedelta(days=2))
        desk.give_grounds()

        assert told.reset in desk.look("/parcours")
        assert told.creation not in desk.look("/parcours?days=1")
        page = desk.look("/parcours?flow=creation")
        assert told.creation in page
        assert told.reset not in page

    def test_are_counted_with_small_numbers_hidden(self, desk: Desk) -> None:
        desk.give_grounds()
        page = desk.look("/chiffres")

        assert "<svg" in page
        assert "<td><5</td>" in page
        assert "<td>1</td>" not in page


class TestActs:
    def test_are_absent_unless_asked_for(self, desk: Desk) -> None:
        desk.give_grounds()

        assert "Gestes" not in desk.look("/")
        assert desk.client.get("/gestes").status_code == 404

    def test_want_to_be_confirmed(self, told: Told) -> None:
        desk = Desk(told.path, acts=True)
        desk.give_grounds()
        desk.look("/gestes")

        assert "Rien n'est fait" in desk.send("/gestes", act="disable", person=EMAIL)
        assert desk.records() == ()

    @pytest.mark.parametrize("act", ["disable", "enable", "unlock"])
    def test_are_recorded_then_done(self, service: Service, act: str) -> None:
        desk = Desk(service.config.parent, service.config, acts=True)
        desk.give_grounds()
        desk.look("/gestes")
        page = desk.send("/gestes", act=act, person=RPPS, sure="on")

        assert ("Rien à faire" if act == "unlock" else "C'est fait") in page
        assert RPPS not in page
        last = desk.records()[-1]
        assert (last.actor, last.command, last.reference) == (AGENT, act, "account")

    def test_put_the_messages_of_a_journey_back(self, told: Told) -> None:
        leave_alone(told.storage)
        desk = Desk(told.path, acts=True)
        desk.give_grounds()
        desk.look("/gestes")
        page = desk.send("/renvoi", reference=told.creation, sure="on")

        assert "Aucun message de ce parcours ne peut être renvoyé" in page
        assert desk.records()[-1].command == "outbox-retry"


class TestTheOneTimeLink:
    @pytest.fixture
    def link(self) -> OneTimeLink:
        """Make one."""
        return OneTimeLink(console_cookies(secure=False))

    @pytest.fixture
    def app(self, told: Told, link: OneTimeLink) -> Starlette:
        """Make the console that `monespace console` serves."""
        leave_alone(told.storage)
        place = find_place(None, told.path)
        return create_console(place, link, secure=False, extra_routes=(link.route,))

    def test_lets_in_the_first_browser_alone(self, app: Starlette, link: OneTimeLink) -> None:
        first, second = (TestClient(app, base_url="http://127.0.0.1") for _ in range(2))

        assert second.get("/").status_code == 403
        assert "Pourquoi lisez-vous" in first.get(link.path).text
        assert second.get(link.path).status_code == 403
        assert second.get("/").status_code == 403
        assert first.get("/").status_code == 200

    def test_cannot_be_guessed(self, app: Starlette, link: OneTimeLink) -> None:
        client = TestClient(app, base_url="http://127.0.0.1")

        assert client.get("/entree/autre").status_code == 403
        assert "Pourquoi lisez-vous" in client.get(link.path).text


def test_the_program_listens_on_this_machine_and_prints_the_link(
    told: Told, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def stopped_at_once(app: ASGIApp, listening: socket, ready: Callable[[], None]) -> None:
        taken.append(listening.getsockname()[0])
        stranger = TestClient(app, base_url="http://attaque.example")
        assert stranger.get("/").status_code == 400
        ready()

    monkeypatch.setattr("monespace_cli.console.command.serve_until_stopped", stopped_at_once)
    ended = call("console", "--dir", told.path)

    assert ended.exit_code == 0
    assert taken == ["127.0.0.1"]
    assert re.fullmatch(r"Ready: http://127\.0\.0\.1:\d+/entree/[\w-]{32}\n", ended.stdout)


def test_a_host_mounts_it_below_a_path_of_its_own(told: Told) -> None:
    leave_alone(told.storage)
    place = find_place(None, told.path)
    host = Starlette(routes=[Mount("/assistance", create_console(place, lambda _: AGENT))])
    client = TestClient(host, base_url="https://ordre.example")
    page = client.get("/assistance/").text

    assert 'action="/assistance/motif"' in page
    sheet = re.search(r'href="(/assistance/fichiers/[^"]+console\.css)"', page)
    assert sheet is not None
    assert client.get(sheet[1]).status_code == 200
