"""The support console: no name no page, no record no output, and never a typed value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest

from monespace_cli.access.place import Place
from monespace_cli.console import find_place
from monespace_cli.console.counts import told_flows
from monespace_cli.support.source import open_journals
from monespace_flows.support.funnel import Funnel
from monespace_flows.testing import MemoryClock
from tests.replaying import leave_alone

from .conftest import set_up
from .desk import AGENT, Desk
from .service import Service
from .stories import RPPS, Told
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

    def test_what_was_typed_is_in_no_address(self, service: Service) -> None:
        desk = Desk(service.config.parent, service.config)
        desk.give_grounds()
        desk.look("/")
        fields = {"form_token": desk.token, "person": RPPS}
        answer = desk.client.post("/personne", data=fields, follow_redirects=False)

        assert (answer.status_code, answer.headers["location"]) == (303, "/personne")
        assert answer.text == ""

    def test_what_is_typed_of_a_person_is_hidden_and_never_in_an_address(self, desk: Desk) -> None:
        desk.give_grounds()
        page = desk.look("/")

        assert '<input type="password" id="person" name="person"' in page
        assert 'method="get"' not in page

    def test_what_was_found_is_forgotten_with_the_grounds(self, service: Service) -> None:
        """Whoever reads for another ticket searches anew."""
        desk = Desk(service.config.parent, service.config)
        desk.give_grounds()
        desk.look("/")
        desk.send("/personne", person=RPPS)
        assert service.references["JOHN-CREE"] in desk.look("/personne")

        desk.give_grounds()
        assert "Rechercher un parcours" in desk.look("/personne")

    def test_nobody_found_is_said_with_what_else_to_try(self, service: Service) -> None:
        desk = Desk(service.config.parent, service.config)
        desk.give_grounds()
        desk.look("/")
        page = desk.send("/personne", person="inconnue@nulle.example")

        assert "Aucun parcours trouvé. Si son adresse a changé" in page
        assert "inconnue@nulle.example" not in page

    def test_a_number_typed_as_a_reference_is_not_repeated(self, desk: Desk) -> None:
        desk.give_grounds()
        desk.look("/")
        page = desk.send("/recherche", reference=RPPS)

        assert "aucun parcours ne porte cette référence" in page
        assert RPPS not in page

    def test_a_journey_that_is_not_there(self, desk: Desk) -> None:
        desk.give_grounds()
        response = desk.client.get("/parcours/7K3Q-F9M2")

        page = desk.read(response)
        assert response.status_code == 404
        assert "aucun parcours ne porte cette référence" in page
        assert '<a href="/parcours">Parcours</a>' in page


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
        assert "Écran après la ligne 0 : <strong>Créer votre espace</strong>" in page
        assert "<p>Date de naissance * : [ non conservé ]</p>" in page

    def test_tells_what_became_of_each_message_line_by_line(self, page: str) -> None:
        messages = page[page.index("<h2>Messages</h2>") : page.index("<h2>Et si…</h2>")]

        assert "SMS, code : remis à " in messages
        assert "<li>mis en attente d'envoi à " in messages
        assert "<li>remis pour acheminement à " in messages
        assert "@" not in messages

    def test_says_what_would_have_led_on(self, page: str) -> None:
        assert "Le plus court chemin" in page
        assert "La personne peut le faire." in page

    @pytest.mark.parametrize("path", ["/parcours/{}", "/parcours", "/chiffres", "/"])
    def test_no_typed_value_is_anywhere(self, desk: Desk, told: Told, path: str) -> None:
        desk.give_grounds()
        page = desk.look(path.format(told.creation))
        page = page.replace(f"par exemple {RPPS}", "")  # the hint of every doctor's first screen

        assert [it for it in told.secrets if it in page] == []

    def test_says_that_nothing_was_sent(self, desk: Desk, told: Told) -> None:
        desk.give_grounds()
        change(told, "DELETE FROM outbox")

        assert "Aucun message n'a été envoyé." in desk.look(f"/parcours/{told.creation}")

    @pytest.mark.parametrize("path", ["/parcours/{}", "/parcours", "/chiffres", "/"])
    def test_every_page_says_that_messages_cannot_leave(
        self, desk: Desk, told: Told, path: str
    ) -> None:
        change(
            told,
            "UPDATE outbox SET status = 'failed', created_at = ? WHERE channel = 'sms'",
            4_000_000_000_000_000,
        )
        desk.give_grounds()

        assert "des messages ne partent pas (SMS)" in desk.look(path.format(told.creation))


class TestWhatIf:
    @pytest.fixture
    def page(self, desk: Desk, told: Told) -> str:
        """Open a journey whose first line was refused."""
        desk.give_grounds()
        return desk.look(f"/parcours/{told.creation}")

    def test_offers_the_answers_that_exist_line_by_line(self, page: str) -> None:
        assert '<optgroup label="Ligne 1, « Valider »">' in page
        assert '<option value="1:identity=match">1. l\'identité : identité reconnue → ' in page
        assert "not_asked" not in page

    def test_tells_where_another_answer_leads_and_does_nothing(
        self, page: str, desk: Desk, told: Told
    ) -> None:
        kept = sha256((told.path / "monespace.db").read_bytes()).digest()
        trial = desk.look(f"/parcours/{told.creation}/essai?reponse=1:identity=match")

        assert "SIMULATION : rien n'est envoyé, rien n'est écrit." in trial
        assert "Ligne 1 : l'identité : identité reconnue" in trial
        assert "Autrement qu'enregistré." in trial
        assert "<dd>code envoyé" not in trial
        assert kept == sha256((told.path / "monespace.db").read_bytes()).digest()
        assert desk.records()[-1].command == "whatif"

    @pytest.mark.parametrize("asked", ["", "1", "1:identity=none_such", "99:identity=match"])
    def test_an_answer_that_does_not_exist_is_refused(
        self, desk: Desk, told: Told, asked: str
    ) -> None:
        desk.give_grounds()
        answer = desk.client.get(f"/parcours/{told.creation}/essai?reponse={asked}")

        assert answer.status_code == 422
        assert "SIMULATION" not in answer.text


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

    def test_are_told_in_columns(
        self, desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Place, "now", lambda _: MemoryClock().now() + timedelta(days=2))
        desk.give_grounds()
        page = desk.look("/parcours?flow=creation")

        heads = ["Référence", "Début", "Démarche", "État", "Cause"]
        assert re.findall('<th scope="col">(.*?)</th>', page) == heads
        cells = re.findall("<td>(.*?)</td>", page)
        assert cells[1:] == ["création d'espace", "TERMINÉ", "l'espace a été créé"]

    def test_none_that_fits_is_said(self, desk: Desk) -> None:
        desk.give_grounds()

        assert "Aucun parcours de cette sorte : ôtez un filtre" in desk.look("/parcours?days=1")

    def test_one_that_is_damaged_hides_no_other(
        self, desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Place, "now", lambda _: MemoryClock().now() + timedelta(days=2))
        change(told, "DELETE FROM journal WHERE reference = ? AND seq = 2", told.creation)
        desk.give_grounds()
        page = desk.look("/parcours")

        assert told.reset in page
        assert "Parcours illisibles, non listés : 1." in page

    def test_many_are_drawn_and_the_table_says_the_same(self, told: Told) -> None:
        funnel = Funnel()
        with open_journals(find_place(None, told.path)) as journals:
            leave_alone(told.storage)
            for reference, count in ((told.creation, 20), (told.reset, 8)):
                tale = journals.tale(reference)
                for _ in range(count):
                    funnel.add(tale.entries, journals.diagnose(tale))
        creation, reset = told_flows(funnel)

        first, *_, last = creation.screens
        assert (first.bar, first.went_on, first.counts[0]) == (270, "20", "20")
        assert (last.bar, last.counts[:2]) == (0, ("0", "20"))
        assert [it.went_on for it in reset.screens] == ["8", "0"]

    def test_are_counted_with_small_numbers_hidden(self, desk: Desk) -> None:
        desk.give_grounds()
        page = desk.look("/chiffres")

        assert "<svg" in page
        assert "<td><5</td>" in page
        assert "<td>1</td>" not in page
