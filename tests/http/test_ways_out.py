"""No page holds anyone: every one can be left, and an end is shown once (K1 of the findings)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from monespace_flows.ports import JourneyQuery
from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Served, Visitor
from tests.http.walking import EMAIL, NEW, Walker, session, walk
from tests.replaying import leave_alone

FIRST = {
    "/creation": "Créer votre espace",
    "/recuperation": "Récupérer votre espace",
    "/mot-de-passe": "Réinitialiser votre mot de passe",
    "/connexion": "Connectez-vous à votre espace",
}
LOOK = {"Accept": "application/json"}


def _at_channel(served: Served, path: str = "/creation") -> Visitor:
    visitor = served.visitor()
    visitor.open(path)
    visitor.press("Valider", **JOHN)
    return visitor


@pytest.mark.parametrize("path", ["/creation", "/recuperation", "/mot-de-passe"])
def test_a_first_screen_is_left_by_giving_up_and_nothing_is_begun(
    served: Served, path: str
) -> None:
    visitor = served.visitor()
    visitor.open(path)
    page = visitor.press("Abandonner")

    assert (visitor.path, page.heading) == ("/connexion", FIRST["/connexion"])
    assert not [name for name in visitor.client.cookies if "journey" in name]


def test_settings_are_left_for_the_home_page(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/parametres")
    assert visitor.press("Abandonner").heading == "MonEspace"

    visitor.open("/parametres")
    visitor.press("Enregistrer", current_password="wrong", email=EMAIL)
    assert visitor.press("Abandonner").heading == "MonEspace"
    page = visitor.open("/parametres")
    assert page.heading == "Paramètres"
    assert "Référence" not in page.text


def test_beginning_again_ends_the_journey_and_shows_a_fresh_first_screen(served: Served) -> None:
    """One journal line; the browser holds the old journey no longer."""
    visitor = _at_channel(served)
    token = visitor.client.cookies["__Host-monespace_journey_creation"]
    page = visitor.press("Recommencer")

    assert (visitor.path, page.heading) == ("/creation", FIRST["/creation"])
    assert "Référence" not in page.text
    assert page.field("Numéro RPPS")["value"] == ""
    ended = served.sandbox.flows.view(token)
    assert (ended.state, [n.id for n in ended.notices]) == ("expired", ["journey.abandoned"])
    visitor.press("Valider", **CLAIRE)
    assert visitor.page.heading == "Sécuriser la création de votre espace"


def test_beginning_again_in_a_journey_that_is_over_leads_there_as_well(served: Served) -> None:
    visitor = _at_channel(served)
    served.sandbox.clock.advance(minutes=31)

    assert visitor.press("Recommencer").heading == FIRST["/creation"]


def test_sign_in_is_begun_again_where_it_is(served: Served) -> None:
    visitor = served.sign_in("nobody@medecin.example")
    page = visitor.press("Recommencer")

    assert (visitor.path, page.heading) == ("/connexion", FIRST["/connexion"])
    assert page.field("E-mail")["value"] == ""


def test_a_mistyped_address_is_typed_again_at_once(served: Served) -> None:
    """The blocker: a reset held its page for a day."""
    served.create_account()
    holder = served.sign_in()
    holder.open("/lien/" + served.sandbox.messages[-1].link_token)
    holder.press("Confirmer mon adresse e-mail")
    visitor = served.visitor()
    visitor.open("/mot-de-passe")
    visitor.press("Valider", email="typo@medecin.example")
    sent = len(served.sandbox.messages)

    page = visitor.open("/mot-de-passe")
    assert "Consultez votre messagerie" in page.text
    assert "Une erreur dans l'adresse ?" in page.text
    page = visitor.press("Valider", email=EMAIL)
    assert page.heading == "Consultez votre messagerie"
    assert EMAIL in page.text
    assert sent + 1 == len(served.sandbox.messages)


def test_the_link_of_the_first_request_stays_good(served: Served) -> None:
    """Typing another address begins another journey, and takes nothing from the first."""
    walk(served, "reset")
    visitor = served.visitor()
    visitor.open("/mot-de-passe")
    visitor.press("Valider", email=EMAIL)
    link = "/lien/" + served.sandbox.messages[-1].link_token
    visitor.press("Valider", email="no address")
    assert visitor.page.heading == FIRST["/mot-de-passe"]

    visitor.open(link)
    visitor.press("Continuer")
    visitor.press("Enregistrer", password=NEW, password_confirmation=NEW)
    assert visitor.page.heading == "Votre mot de passe est modifié"


@pytest.mark.parametrize(
    ("flow", "path"), [("creation", "/creation"), ("recovery", "/recuperation")]
)
def test_a_good_end_is_shown_once_and_the_next_person_begins(
    served: Served, flow: str, path: str
) -> None:
    visitor = _finished(served, path)
    reference = visitor.page.text.partition("assistance : ")[2][:9]

    assert "Recommencer" not in [*visitor.page.buttons, *visitor.page.links]
    assert visitor.open(path).heading == FIRST[path]
    assert reference not in visitor.page.text
    assert f"__Host-monespace_journey_{flow}" not in visitor.client.cookies


def _finished(served: Served, path: str) -> Visitor:
    if path == "/creation":
        return served.create_account()
    visitor = served.visitor()
    visitor.open(path)
    visitor.press("Valider", **JOHN)
    visitor.press("Recevoir votre code", channel=visitor.page.field("3361***78")["value"])
    visitor.press("Valider", code=served.code)
    chosen = {"email": EMAIL, "email_confirmation": EMAIL}
    visitor.press("Activer", **chosen, password=PASSWORD, password_confirmation=PASSWORD)
    assert visitor.page.heading == "Votre espace est récupéré"
    return visitor


def test_an_end_that_a_press_meets_is_told_by_its_answer(served: Served) -> None:
    visitor = _at_channel(served)
    served.sandbox.clock.advance(minutes=31)
    page = visitor.press("Retour")

    assert (visitor.status, page.heading) == (410, "Votre demande a expiré")
    assert "Recommencer" not in page.buttons
    assert page.links["Recommencer"] == "/creation"
    assert visitor.open("/creation").heading == FIRST["/creation"]


def test_the_script_s_look_does_not_take_the_end_from_the_page(served: Served) -> None:
    visitor = _at_channel(served)
    served.sandbox.clock.advance(minutes=31)

    assert visitor.client.get("/creation", headers=LOOK).status_code == 410
    assert visitor.open("/creation").heading == "Votre demande a expiré"
    assert visitor.open("/creation").heading == FIRST["/creation"]


@pytest.mark.parametrize("change", [{"state": "of_long_ago"}, {"flow": "of_long_ago"}])
def test_a_journey_that_this_release_cannot_read_blocks_nothing(
    served: Served, change: dict[str, str]
) -> None:
    """The page says so and offers to begin again; the record stays, for support and a way back."""
    visitor = _at_channel(served)
    reference = _damage(served, change)
    for _ in range(2):  # the browser keeps it: another server may go on with it
        page = visitor.open("/creation")

        assert (visitor.status, page.heading) == (409, FIRST["/creation"])
        assert "Votre demande précédente ne peut pas être reprise" in page.text
    visitor.press("Valider", **JOHN)
    assert visitor.page.heading == "Sécuriser la création de votre espace"
    assert "ne peut pas être reprise" not in visitor.open("/creation").text
    assert visitor.status == 200
    with served.sandbox.storage.reading() as unit:
        assert unit.journeys.get(reference) is not None


def test_pressing_in_a_journey_that_cannot_be_read_shows_the_first_screen(served: Served) -> None:
    visitor = _at_channel(served)
    _damage(served, {"state": "of_long_ago"})
    page = visitor.press("Retour")

    assert (visitor.status, page.heading) == (409, FIRST["/creation"])
    visitor.press("Valider", **JOHN)
    assert visitor.page.heading == "Sécuriser la création de votre espace"


def test_a_journey_that_cannot_be_read_is_a_problem_in_json(served: Served) -> None:
    walker = Walker(served, "creation")
    walker.identify()
    _damage(served, {"state": "of_long_ago"})
    answers = [walker.client.get(walker.path, headers=walker.headers), walker.identify()]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (409, "journey.unreadable")


def test_the_link_of_a_journey_that_cannot_be_read_is_not_valid(served: Served) -> None:
    walk(served, "reset", "link_sent")
    link = served.sandbox.messages[-1].link_token
    _damage(served, {"state": "of_long_ago"}, "reset")
    visitor = served.visitor()
    visitor.open("/lien/" + link)
    if "Continuer" in visitor.page.buttons:
        visitor.press("Continuer")

    assert (visitor.status, visitor.page.heading) == (410, "Lien non valable")
    answer = served.client.post("/api/links", json={"token": link})
    assert (answer.status_code, answer.json()["code"]) == (410, "link.invalid")


def test_restart_is_a_command_like_any_other_in_json(served: Served) -> None:
    walker = walk(served, "creation", "enter_code")
    answer = walker.send("restart")

    assert (answer.status_code, answer.json()["code"]) == (410, "journey.expired")
    assert walker.told == {"journey.abandoned": "info"}
    assert walker.enter().status_code == 410


def test_restart_ends_the_settings_and_not_the_session(served: Served) -> None:
    served.create_account()
    bearer = session(served)
    walker = Walker(served, "settings", bearer)

    assert walker.send("restart").status_code == 410
    assert (
        served.client.get("/api/session", headers={"Authorization": f"Bearer {bearer}"}).status_code
        == 200
    )


def _damage(served: Served, change: dict[str, Any], flow: str = "creation") -> str:
    """Store the one journey of a flow as an earlier or later release might have."""
    leave_alone(served.sandbox.storage)
    with served.sandbox.storage.writing() as unit:
        stored = unit.journeys.search(JourneyQuery(flow=flow))[0]
        damaged = evolve(stored, journey=evolve(stored.journey, **change))
        unit.journeys.swap(damaged, stored.journey.seq)
    return stored.journey.reference
