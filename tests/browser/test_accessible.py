"""Every screen, with and without errors: axe finds nothing, and 320 px are wide enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acting import (
    at_password,
    choose_credentials,
    enter_code,
    fill,
    hand_over,
    heading,
    identify,
    press,
    receive_code,
    sign_in,
    with_account,
)
from tests.browser.judging import faults
from tests.browser.serving import Server
from tests.http.visiting import CLAIRE, PASSWORD, Served

pytestmark = pytest.mark.browser


def _creation(page: Page, served: Served) -> Iterator[str]:
    page.goto("/creation")
    yield "creation"
    press(page, "Valider")
    yield "creation, nothing typed"
    identify(page, "18/06/1975")
    yield "creation, unknown"
    identify(page)
    heading(page, "Sécuriser la création de votre espace")
    yield "channel"
    press(page, "Recevoir votre code")
    yield "channel, none chosen"
    receive_code(page, served)
    yield "code"
    served.sandbox.clock.advance(minutes=1)
    page.reload()
    press(page, "Renvoyer le code")
    yield "code, sent again"
    fill(page, Saisir_le_code="12")
    press(page, "Valider")
    yield "code, malformed"
    fill(page, Saisir_le_code="000000" if served.code != "000000" else "111111")
    press(page, "Valider")
    yield "code, wrong"
    enter_code(page, served)
    heading(page, "Finaliser la création de votre espace")
    yield "credentials"
    fill(page, Mot_de_passe="court")
    expect(page.locator("[data-strength-why]")).not_to_be_empty()
    yield "credentials, a weak password while it is typed"
    press(page, "Activer")
    yield "credentials, nothing typed"
    choose_credentials(page)
    heading(page, "Votre espace est créé")
    yield "created"
    page.context.clear_cookies()
    page.goto("/creation")
    identify(page)
    yield "creation, account exists"
    page.context.clear_cookies()
    hand_over(page, at_password(served, CLAIRE, "c***@medecin.example"))
    page.goto("/creation")
    heading(page, "Créer mon compte")
    yield "password only"
    served.sandbox.clock.advance(minutes=31)
    page.reload()
    yield "creation, expired"


def _recovery(page: Page, served: Served) -> Iterator[str]:
    with_account(page, served)
    page.goto("/recuperation")
    yield "recovery"
    identify(page)
    yield "recovery, account found"
    press(page, "Je ne connais plus l'adresse mail de mon compte")
    receive_code(page, served)
    enter_code(page, served)
    heading(page, "Finaliser la récupération de votre espace")
    yield "recovery, credentials"
    choose_credentials(page)
    yield "recovery, address taken"
    choose_credentials(page, "autre@medecin.example")
    heading(page, "Votre espace est récupéré")
    yield "recovered"


def _reset_and_settings(page: Page, served: Served) -> Iterator[str]:
    with_account(page, served)
    sign_in(page, "wrong")
    yield "sign-in, refused"
    sign_in(page)
    heading(page, "MonEspace")
    yield "home, address to confirm"
    page.goto("/lien/" + served.sandbox.messages[-1].link_token)
    yield "link, confirmation"
    press(page, "Confirmer mon adresse e-mail")
    heading(page, "MonEspace")
    yield "home"
    page.goto("/parametres")
    yield "settings"
    fill(page, Mot_de_passe_actuel="wrong")
    press(page, "Enregistrer")
    yield "settings, refused"
    fill(page, Mot_de_passe_actuel=PASSWORD)
    press(page, "Enregistrer")
    yield "settings, saved"
    page.goto("/mot-de-passe")
    yield "reset"
    press(page, "Valider")
    yield "reset, nothing typed"
    fill(page, **{"E-mail": "john@medecin.example"})
    press(page, "Valider")
    heading(page, "Consultez votre messagerie")
    yield "reset, sent"
    page.goto("/lien/" + served.sandbox.messages[-1].link_token)
    yield "link, reset"
    press(page, "Continuer")
    heading(page, "Paramètres")
    yield "new password"
    press(page, "Enregistrer")
    yield "new password, nothing typed"
    fill(page, Nouveau_mot_de_passe=PASSWORD, Confirmer_votre_nouveau_mot_de_passe=PASSWORD)
    press(page, "Enregistrer")
    heading(page, "Votre mot de passe est modifié")
    yield "password changed"
    press(page, "Se déconnecter")
    yield "sign-in"


def _around(page: Page, served: Served) -> Iterator[str]:
    with_account(page, served)
    for path in (
        "/identifiants-oublies",
        "/ou-trouver-mon-rpps",
        "/assistance",
        "/conditions",
        "/confidentialite",
        "/cookies",
        "/mentions-legales",
        "/accessibilite",
        "/lien/none",
        "/nowhere",
        "/demo/boite",
        "/demo/theme",
    ):
        page.goto(path)
        yield path


WALKS = {
    "creation": _creation,
    "recovery": _recovery,
    "reset and settings": _reset_and_settings,
    "around": _around,
}


def _in_english(page: Page, served: Served) -> Iterator[str]:
    for path in ("/connexion", "/assistance", "/confidentialite", "/cookies", "/accessibilite"):
        page.goto(path)
        yield path
    page.goto("/creation")
    press(page, "Continue")
    heading(page, "Create your space")
    yield "creation, nothing typed"
    hand_over(page, served.at_credentials())
    page.goto("/creation")
    heading(page, "Finish creating your space")
    yield "credentials"


@pytest.mark.slow
@pytest.mark.parametrize("walk", WALKS)
def test_axe_finds_nothing_and_nothing_is_cut_off_at_320_pixels(
    chromium: Browser, served: Served, walk: str
) -> None:
    """RGAA and WCAG 2.2 AA, as far as a program can tell; reflow (1.4.10)."""
    assert _found(chromium, served, WALKS[walk], "fr-FR") == {}


@pytest.mark.slow
def test_axe_finds_nothing_on_english_pages(chromium: Browser, server: Server) -> None:
    """The language that a page names is the one that it speaks, and nothing is cut off."""
    assert _found(chromium, server.serve(language="auto"), _in_english, "en-GB") == {}


def _found(
    chromium: Browser,
    served: Served,
    walk: Callable[[Page, Served], Iterator[str]],
    locale: str,
) -> dict[str, list[str]]:
    context = chromium.new_context(base_url=served.base_url, locale=locale)
    page = context.new_page()
    found: dict[str, list[str]] = {}
    for screen in walk(page, served):
        page.wait_for_load_state()
        wrong = list(faults(page))
        if wrong:
            found[screen] = wrong
    context.close()
    return found
