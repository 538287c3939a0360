"""All five journeys with a keyboard only (WCAG 2.1.1, 2.4.3, 2.4.7, 3.3.1)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import EMAIL, heading
from tests.browser.keyboard import Keyboard
from tests.http.visiting import PASSWORD, Served

pytestmark = pytest.mark.browser

NEW = "huit loutres comptent les nuages"


@pytest.fixture
def keys(page: Page) -> Keyboard:
    """Nothing here ever clicks."""
    return Keyboard(page)


def _identify(keys: Keyboard, birth_date: str, rpps: str) -> None:
    keys.write("Date de naissance *", birth_date)
    keys.write("Numéro RPPS", rpps)
    keys.tab_to(keys.page.get_by_label("J'ai lu et j'accepte"))
    keys.page.keyboard.press("Space")
    keys.press("Valider")


def _choose_credentials(keys: Keyboard, email: str) -> None:
    keys.write("Email", email)
    keys.write("Confirmation Email", email)
    keys.write("Mot de passe", PASSWORD)
    keys.write("Confirmation du mot de passe", PASSWORD)
    keys.press("Activer", "Space")


def _confirmed_account(served: Served) -> None:
    served.create_account()
    holder = served.sign_in()
    holder.open("/lien/" + served.sandbox.messages[-1].link_token)
    holder.press("Confirmer mon adresse e-mail")


def test_creation_by_sms(page: Page, keys: Keyboard, served: Served) -> None:
    page.goto("/connexion")
    keys.follow("Créer votre espace")
    heading(page, "Créer votre espace")
    keys.press("Valider")
    keys.stands_at_what_is_told("3 erreurs à corriger")
    keys.follow("Saisissez votre numéro RPPS, 11 chiffres.")
    expect(keys.field("Numéro RPPS")).to_be_focused()
    keys.page.keyboard.type("99000000002")
    keys.write("Date de naissance *", "18061975", backwards=True)
    keys.tab_to(page.get_by_label("J'ai lu et j'accepte"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    keys.stands_at_what_is_told("ne correspondent pas à celles connues de l'Ordre")

    keys.write("Date de naissance *", "17061975")
    page.keyboard.press("Enter")
    heading(page, "Sécuriser la création de votre espace")
    keys.press("Recevoir votre code")
    keys.stands_at_what_is_told("Choisissez où recevoir votre code.")
    keys.tab_to(keys.field("3361***78"))
    page.keyboard.press("Space")
    keys.press("Recevoir votre code")
    heading(page, "Veuillez saisir le code reçu")
    keys.write("Saisir le code", "000000" if served.code != "000000" else "111111")
    page.keyboard.press("Enter")
    keys.stands_at_what_is_told("Ce code n’est pas le bon")
    keys.write("Saisir le code", served.code)
    page.keyboard.press("Enter")
    heading(page, "Finaliser la création de votre espace")
    _choose_credentials(keys, EMAIL)
    heading(page, "Votre espace est créé")


def test_creation_by_email_chosen_with_the_arrows(
    page: Page, keys: Keyboard, served: Served
) -> None:
    page.goto("/creation")
    _identify(keys, "17061975", "99000000002")
    heading(page, "Sécuriser la création de votre espace")
    keys.tab_to(keys.field("3361***78"))
    page.keyboard.press("ArrowDown")
    expect(keys.field("j***@cn.medecin.example")).to_be_checked()
    keys.press("Recevoir votre code")
    heading(page, "Veuillez saisir le code reçu")
    keys.write("Saisir le code", served.code)
    keys.press("Valider")

    heading(page, "Créer mon compte")
    keys.tab_to(keys.field("E-mail"))
    page.keyboard.type("autre@medecin.example")
    expect(keys.field("E-mail")).to_have_value("john.medecin@cn.medecin.example")
    keys.write("Mot de passe", "court")
    keys.write("Confirmation mot de passe", "court")
    keys.press("Créer")
    keys.stands_at_what_is_told("Ce mot de passe est trop faible")
    keys.write("Mot de passe", PASSWORD)
    keys.write("Confirmation mot de passe", PASSWORD)
    keys.press("Créer")
    heading(page, "Votre espace est créé")
    keys.follow("Retour à la connexion")
    heading(page, "Connectez-vous à votre espace")


def test_recovery(page: Page, keys: Keyboard, served: Served) -> None:
    served.create_account()
    page.goto("/identifiants-oublies")
    keys.press("Adresse mail de compte oubliée")
    heading(page, "Récupérer votre espace")
    _identify(keys, "17061975", "99000000002")
    keys.press("Je ne connais plus l'adresse mail de mon compte")
    heading(page, "Sécuriser la récupération de votre espace")
    keys.press("Retour")
    heading(page, "Récupérer votre espace")
    _identify(keys, "17061975", "99000000002")
    keys.press("Je ne connais plus l'adresse mail de mon compte")
    keys.tab_to(keys.field("3361***78"))
    page.keyboard.press("Space")
    keys.press("Recevoir votre code")
    heading(page, "Veuillez saisir le code reçu")
    keys.write("Saisir le code", served.code)
    keys.press("Valider")

    heading(page, "Finaliser la récupération de votre espace")
    _choose_credentials(keys, EMAIL)
    keys.stands_at_what_is_told("Un compte est déjà associé à cette adresse mail")
    _choose_credentials(keys, "retrouve@medecin.example")
    heading(page, "Votre espace est récupéré")


def test_reset_with_its_link(page: Page, keys: Keyboard, served: Served) -> None:
    _confirmed_account(served)
    page.goto("/identifiants-oublies")
    keys.follow("Mot de passe oublié")
    heading(page, "Réinitialiser votre mot de passe")
    keys.press("Valider")
    keys.stands_at_what_is_told("Saisissez une adresse e-mail.")
    keys.write("E-mail", EMAIL)
    keys.press("Valider")
    heading(page, "Consultez votre messagerie")
    link = "/lien/" + served.sandbox.messages[-1].link_token
    page.goto(link)
    keys.press("Continuer")
    heading(page, "Paramètres")
    keys.write("Nouveau mot de passe", "court")
    keys.write("Confirmer votre nouveau mot de passe", "court")
    keys.press("Enregistrer")
    keys.stands_at_what_is_told("Ce mot de passe est trop faible")
    keys.write("Nouveau mot de passe", NEW)
    keys.write("Confirmer votre nouveau mot de passe", NEW)
    keys.press("Enregistrer")
    heading(page, "Votre mot de passe est modifié")
    keys.follow("MonEspace")
    heading(page, "MonEspace")

    page.goto(link)
    keys.stands_at_what_is_told("Ce lien n’est plus valable")


def test_sign_in_and_sign_out(page: Page, keys: Keyboard, served: Served) -> None:
    served.create_account()
    page.goto("/")
    keys.write("E-mail", EMAIL)
    keys.write("Mot de passe", "not the password")
    keys.press("Se connecter")
    keys.stands_at_what_is_told("Adresse e-mail ou mot de passe incorrect.")
    keys.write("Mot de passe", PASSWORD)
    keys.press("Afficher la saisie", "Space")
    expect(keys.field("Mot de passe")).to_have_attribute("type", "text")
    keys.press("Se connecter")
    heading(page, "MonEspace")

    keys.press("Se déconnecter")
    heading(page, "Connectez-vous à votre espace")


def test_settings(page: Page, keys: Keyboard, served: Served) -> None:
    served.create_account()
    page.goto("/connexion")
    keys.write("E-mail", EMAIL)
    keys.write("Mot de passe", PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "MonEspace")
    keys.follow("Paramètres")
    heading(page, "Paramètres")
    keys.write("Mot de passe actuel", "not the password")
    page.keyboard.press("Enter")
    keys.stands_at_what_is_told("Le mot de passe actuel n’est pas le bon.")
    keys.write("Mot de passe actuel", PASSWORD)
    keys.write("Nouveau mot de passe", NEW)
    keys.write("Confirmer votre nouveau mot de passe", NEW)
    keys.write("Adresse de courriel *", "autre@medecin.example")
    keys.press("Enregistrer")

    expect(page.get_by_text("Vos paramètres sont enregistrés.")).to_be_visible()
    expect(keys.field("Adresse de courriel *")).to_have_value("autre@medecin.example")


@pytest.mark.own_window
def test_more_time_is_asked_for_with_the_keyboard(
    page: Page, keys: Keyboard, served: Served
) -> None:
    """WCAG 2.2.1: « Prolonger » stands in the order of the page, and the focus goes back."""
    page.clock.install()
    page.goto("/creation")
    keys.write("Numéro RPPS", "99000000002")
    served.sandbox.clock.advance(minutes=8)
    page.clock.run_for(8 * 60_000 + 1000)
    keys.press("Prolonger", "Space")

    expect(page.get_by_role("status")).to_contain_text(
        "Vous disposez de 10 minutes supplémentaires."
    )
    expect(page.get_by_label("J'ai lu et j'accepte")).to_be_focused()
    expect(keys.field("Numéro RPPS")).to_have_value("99000000002")


def test_the_skip_link_leads_to_the_content(page: Page, keys: Keyboard) -> None:
    page.goto("/creation")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(keys.field("Date de naissance *")).to_be_focused()
