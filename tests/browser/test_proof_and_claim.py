"""Whoever has proved who they are gets in with their own address (decisions 0010 and 0011)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import (
    EMAIL,
    at_password,
    choose_credentials,
    enter_code,
    fill,
    hand_over,
    heading,
    identify,
    press,
    receive_code,
    with_account,
)
from tests.http.visiting import PASSWORD, Served

pytestmark = pytest.mark.browser

NEW = "huit loutres comptent les nuages"
TAKEN = "Un compte est déjà associé à cette adresse mail"
PAUL = {"birth_date": "21/04/1996", "rpps": "99000000036", "accept_terms": "on"}
SHARED = "paul.interne@chu.example"


def test_an_address_never_confirmed_and_forgotten_gets_its_holder_back_in(
    window: Page, served: Served
) -> None:
    """R7 to the letter, and a link beside it."""
    with_account(window, served)
    window.goto("/recuperation")
    identify(window)
    press(window, "Je ne connais plus l'adresse mail de mon compte")
    receive_code(window, served)
    enter_code(window, served)
    choose_credentials(window)
    expect(window.get_by_text(TAKEN).first).to_be_visible()
    expect(window.get_by_label("Email", exact=True)).to_have_value(EMAIL)

    press(window, "Recevoir un lien à cette adresse")
    expect(
        window.get_by_text("vient d'y être envoyé")
        .or_(window.get_by_text("vient d’y être envoyé"))
        .first
    ).to_be_visible()
    window.goto("/lien/" + served.sandbox.messages[-1].link_token)
    press(window, "Continuer")
    fill(window, Nouveau_mot_de_passe=NEW, Confirmer_votre_nouveau_mot_de_passe=NEW)
    press(window, "Enregistrer")

    heading(window, "Votre mot de passe est modifié")
    expect(window.get_by_text(EMAIL)).to_be_visible()


def test_the_second_of_a_shared_address_gets_on(window: Page, served: Served) -> None:
    """Proved by one already: the other is told, and types an address of their own."""
    paul = at_password(served, PAUL, "p***@chu.example")
    paul.press("Créer", password=PASSWORD, password_confirmation=PASSWORD)
    assert paul.page.heading == "Votre espace est créé"
    hand_over(window, paul)
    served.sandbox.registry.change("99000000002", email=SHARED)

    window.goto("/creation")
    identify(window)
    receive_code(window, served, "p***@chu.example")
    enter_code(window, served)
    fill(window, Mot_de_passe=PASSWORD, Confirmation_mot_de_passe=PASSWORD)
    press(window, "Créer")
    expect(window.get_by_text(TAKEN).first).to_be_visible()
    press(window, "Choisir une autre adresse e-mail")
    choose_credentials(window)

    heading(window, "Votre espace est créé")


def test_a_claim_gives_way_to_who_proves_the_address(window: Page, served: Served) -> None:
    """The doctor whose address it is has a space, whoever typed it before."""
    with_account(window, served, SHARED)
    window.goto("/creation")
    identify(window, PAUL["birth_date"], PAUL["rpps"])
    receive_code(window, served, "p***@chu.example")
    enter_code(window, served)
    fill(window, Mot_de_passe=PASSWORD, Confirmation_mot_de_passe=PASSWORD)
    press(window, "Créer")

    heading(window, "Votre espace est créé")
