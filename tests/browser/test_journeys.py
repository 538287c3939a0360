"""All journeys in Chromium: with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import (
    EMAIL,
    choose_credentials,
    enter_code,
    fill,
    heading,
    identify,
    press,
    receive_code,
    sign_in,
    with_account,
)
from tests.http.visiting import PASSWORD, Served

pytestmark = pytest.mark.browser

NEW = "huit loutres comptent les nuages"


def test_creation_by_sms_then_sign_in(window: Page, served: Served) -> None:
    """C1-C8, C10, S1-S4."""
    window.goto("/")
    window.get_by_role("link", name="Créer votre espace").click()
    identify(window)
    heading(window, "Sécuriser la création de votre espace")
    receive_code(window, served)
    enter_code(window, served)
    heading(window, "Finaliser la création de votre espace")
    choose_credentials(window)
    heading(window, "Votre espace est créé")
    window.get_by_role("link", name="Retour à la connexion").click()
    fill(window, **{"E-mail": EMAIL}, Mot_de_passe=PASSWORD)
    press(window, "Se connecter")
    heading(window, "MonEspace")


def test_creation_by_email(window: Page, served: Served) -> None:
    """C9: doctor 99000000028 has an address only, which becomes the login."""
    window.goto("/creation")
    identify(window, "03/11/1990", "99000000028")
    receive_code(window, served, "c***@medecin.example")
    enter_code(window, served)
    heading(window, "Créer mon compte")
    login = window.get_by_label("E-mail", exact=True)
    expect(login).to_have_value("claire.martin@medecin.example")
    expect(login).not_to_be_editable()
    fill(window, Mot_de_passe=PASSWORD, Confirmation_mot_de_passe=PASSWORD)
    press(window, "Créer")
    heading(window, "Votre espace est créé")


def test_refusals_speak_the_guide_s_words(window: Page, served: Served) -> None:
    window.goto("/creation")
    identify(window, "18/06/1975")
    expect(window.locator("[data-focus]")).to_contain_text(
        "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre"
    )
    with_account(window, served)
    window.goto("/creation")
    identify(window)
    window.get_by_role("link", name="récupération de mot de passe").click()
    heading(window, "Réinitialiser votre mot de passe")


def test_recovery(window: Page, served: Served) -> None:
    """R1-R6, D1."""
    with_account(window, served)
    window.goto("/identifiants-oublies")
    press(window, "Adresse mail de compte oubliée")
    identify(window)
    press(window, "Je ne connais plus l'adresse mail de mon compte")
    receive_code(window, served)
    enter_code(window, served)
    heading(window, "Finaliser la récupération de votre espace")
    choose_credentials(window, "retrouve@medecin.example")
    heading(window, "Votre espace est récupéré")


def test_confirmation_reset_and_settings(window: Page, served: Served) -> None:
    """D7, P1-P4, T1."""
    with_account(window, served)
    sign_in(window)
    heading(window, "MonEspace")
    window.goto("/lien/" + served.sandbox.messages[-1].link_token)
    press(window, "Confirmer mon adresse e-mail")
    heading(window, "MonEspace")
    press(window, "Se déconnecter")

    window.get_by_role("link", name="Identifiants oubliés ?").click()
    window.get_by_role("link", name="Mot de passe oublié").click()
    fill(window, **{"E-mail": EMAIL})
    press(window, "Valider")
    heading(window, "Consultez votre messagerie")
    window.goto("/lien/" + served.sandbox.messages[-1].link_token)
    press(window, "Continuer")
    heading(window, "Paramètres")
    fill(window, Nouveau_mot_de_passe=NEW, Confirmer_votre_nouveau_mot_de_passe=NEW)
    press(window, "Enregistrer")
    window.get_by_role("link", name="MonEspace").click()
    heading(window, "MonEspace")

    window.get_by_role("link", name="Paramètres").click()
    fill(window, Mot_de_passe_actuel=NEW)
    window.get_by_label("Adresse de courriel *", exact=True).fill("autre@medecin.example")
    press(window, "Enregistrer")
    expect(window.get_by_text("Vos paramètres sont enregistrés.")).to_be_visible()


def test_prolonging_without_scripts_keeps_what_was_typed(page_without_scripts: Page) -> None:
    page = page_without_scripts
    page.goto("/creation")
    fill(page, Numéro_RPPS="99000000002")
    press(page, "Prolonger")

    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("99000000002")
