"""What the scripts add: strength, showing a password, the ten minutes, the inbox."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.acting import (
    at_code,
    at_contacts,
    at_credentials,
    fill,
    hand_over,
    heading,
    identify,
    let_pass,
    press,
    signed_in,
    with_account,
)
from tests.browser.serving import Server
from tests.http.visiting import PASSWORD, Served

pytestmark = pytest.mark.browser


def test_the_strength_is_said_while_typing(page: Page, served: Served) -> None:
    at_credentials(page, served)
    strength = page.get_by_text("Sécurité du mot de passe :")
    password = page.get_by_label("Mot de passe", exact=True)

    password.press_sequentially("medecin")
    expect(strength).to_have_text("Sécurité du mot de passe : Faible")
    password.fill(PASSWORD)
    expect(strength).to_have_text("Sécurité du mot de passe : Fort")
    password.fill("")
    expect(strength).to_have_text("Sécurité du mot de passe :")


def test_a_password_can_be_shown_and_is_hidden_again(page: Page, served: Served) -> None:
    page.goto("/connexion")
    password = page.get_by_label("Mot de passe", exact=True)
    password.fill("secret")
    button = page.get_by_role("button", name="Afficher la saisie")
    button.click()

    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="Masquer la saisie").click()
    expect(password).to_have_attribute("type", "password")


def test_the_scripts_say_what_they_say_in_the_language_of_the_page(
    chromium: Browser, server: Server
) -> None:
    """Strength, rules that are kept, showing a password: none has words of its own."""
    served = server.serve(language="auto")
    context = chromium.new_context(base_url=served.base_url, locale="en-GB")
    page = context.new_page()
    hand_over(page, served.at_credentials())
    page.goto("/creation")
    password = page.get_by_label("Password", exact=True)
    password.press_sequentially("medecin")

    expect(page.get_by_text("Password strength:")).to_have_text("Password strength: Weak")
    expect(page.locator("[data-strength-why]")).to_have_text(
        "Choose a password of at least 15 characters."
    )
    expect(page.locator("[data-rule=length]")).to_have_text("at least 15 characters: not kept yet")
    password.fill(PASSWORD)
    expect(page.get_by_text("Password strength:")).to_have_text("Password strength: Strong")
    expect(page.locator("[data-rule=length]")).to_have_text("at least 15 characters: kept")
    page.get_by_role("button", name="Show what is entered").first.click()
    expect(page.get_by_role("button", name="Hide what is entered")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Date de naissance *", "17/06/1975"),
        ("Numéro RPPS", "990 0000 0002"),
    ],
)
def test_paste_works_on_the_identity_screen(page: Page, label: str, text: str) -> None:
    """WCAG 3.3.8."""
    page.goto("/creation")
    _paste(page, label, text)

    expect(page.get_by_label(label, exact=True)).to_have_value(text)


def test_paste_works_for_codes_and_passwords(page: Page, served: Served) -> None:
    at_code(page, served)
    _paste(page, "Saisir le code", f"{served.code[:3]} {served.code[3:]}")
    press(page, "Valider")
    heading(page, "Finaliser la création de votre espace")
    fill(page, Email="john@medecin.example")
    _paste(page, "Confirmation Email", "john@medecin.example")
    _paste(page, "Mot de passe", PASSWORD)
    _paste(page, "Confirmation du mot de passe", PASSWORD)
    press(page, "Activer")

    heading(page, "Votre espace est créé")


@pytest.mark.own_window
def test_the_page_warns_at_8_minutes_and_is_prolonged_without_losing_anything(
    page: Page, served: Served
) -> None:
    """D5, WCAG 2.2.1."""
    page.clock.install()
    page.goto("/creation")
    fill(page, Numéro_RPPS="99000000002")
    button = page.get_by_role("button", name="Prolonger")
    expect(button).to_be_hidden()

    let_pass(page, served, 8)
    expect(page.get_by_role("status")).to_contain_text("Votre saisie sera effacée dans 2 minutes.")
    button.click()
    expect(page.get_by_role("status")).to_contain_text(
        "Vous disposez de 10 minutes supplémentaires."
    )
    expect(page.get_by_label("Numéro RPPS", exact=True)).to_be_focused()
    expect(button).to_be_hidden()

    let_pass(page, served, 9)
    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("99000000002")
    identify(page)
    heading(page, "Sécuriser la création de votre espace")


@pytest.mark.own_window
def test_c2_the_page_erases_itself_at_10_minutes_and_can_be_used_again(
    page: Page, served: Served
) -> None:
    page.clock.install()
    page.goto("/creation")
    fill(page, Numéro_RPPS="99000000002")
    page.get_by_label("J'ai lu et j'accepte").check()

    let_pass(page, served, 10)
    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("")
    expect(page.get_by_label("J'ai lu et j'accepte")).not_to_be_checked()
    expect(page.get_by_role("group")).to_contain_text("votre saisie a été effacée")
    expect(page.get_by_role("group")).to_be_focused()
    identify(page)
    heading(page, "Sécuriser la création de votre espace")


@pytest.mark.own_window
def test_ten_prolongations_are_possible(page: Page, served: Served) -> None:
    page.clock.install()
    page.goto("/creation")
    fill(page, Numéro_RPPS="99000000002")
    for _ in range(10):
        let_pass(page, served, 8)
        page.get_by_role("button", name="Prolonger").click()
        expect(page.get_by_role("button", name="Prolonger")).to_be_hidden()

    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("99000000002")


def test_a_page_from_the_browser_s_cache_comes_back_empty(page: Page) -> None:
    page.goto("/creation")
    fill(page, Numéro_RPPS="99000000002")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("")


def test_wb_08_going_back_shows_nothing_that_was_typed(page: Page) -> None:
    """WB-08."""
    page.goto("/connexion")
    fill(page, **{"E-mail": "john@medecin.example"}, Mot_de_passe="secret")
    page.goto("/assistance")
    page.go_back()

    expect(page.get_by_label("Mot de passe", exact=True)).to_have_value("")


def test_wb_08_going_back_after_signing_out_shows_nothing(page: Page, served: Served) -> None:
    """WB-08."""
    served.create_account()
    signed_in(page, served)
    page.goto("/")
    heading(page, "MonEspace")
    press(page, "Se déconnecter")
    heading(page, "Connectez-vous à votre espace")
    page.go_back()

    expect(page.get_by_text("John Médecin")).to_have_count(0)
    heading(page, "Connectez-vous à votre espace")


def test_lk02_a_scanner_that_runs_scripts_does_not_use_a_link_up(
    context: BrowserContext, page: Page, served: Served
) -> None:
    with_account(page, served)
    link = "/lien/" + served.sandbox.messages[-1].link_token
    scanner = context.new_page()
    scanner.goto(link)
    scanner.wait_for_timeout(500)
    scanner.goto(link)
    signed_in(page, served)
    page.goto(link)
    press(page, "Confirmer mon adresse e-mail")

    heading(page, "MonEspace")


@pytest.mark.own_window
def test_a_screen_without_typing_says_when_the_journey_ends(page: Page, served: Served) -> None:
    page.clock.install()
    at_contacts(page, served)
    heading(page, "Sécuriser la création de votre espace")

    let_pass(page, served, 28)
    expect(page.get_by_role("status")).to_contain_text("Cette page expirera dans 2 minutes.")
    let_pass(page, served, 2)
    heading(page, "Votre demande a expiré")


def test_what_is_wrong_has_the_focus_and_is_in_the_title(page: Page) -> None:
    page.goto("/creation")
    press(page, "Valider")

    expect(page.locator("[data-focus]")).to_be_focused()
    assert page.title().startswith("Erreur – Créer votre espace")
    page.get_by_role("link", name="Saisissez votre numéro RPPS, 11 chiffres.").click()
    expect(page.get_by_label("Numéro RPPS", exact=True)).to_be_focused()


def test_wb_01_another_site_cannot_post_here(page: Page, served: Served) -> None:
    """WB-01, in a real browser: neither a form nor a script of another site gets through."""
    form = f"""<form method="post" action="{served.base_url}/creation">
        <input name="command" value="submit_identity"><button>Go</button></form>"""

    def evil(route: Route) -> None:
        route.fulfill(body=form, content_type="text/html")

    page.route("http://evil.example/**", evil)
    page.goto("http://evil.example/")
    page.get_by_role("button", name="Go").click()

    heading(page, "Envoi refusé")
    page.unroute("http://evil.example/**")


def test_new_messages_come_into_the_inbox(page: Page, served: Served) -> None:
    inbox = page
    inbox.goto("/demo/boite")
    expect(inbox.get_by_text("Aucun SMS pour le moment.")).to_be_visible()

    served.at_code()
    expect(inbox.get_by_text(f"votre code est {served.code}")).to_be_visible()
    expect(inbox.get_by_text("Aucun SMS pour le moment.")).to_be_hidden()
    expect(inbox.get_by_text("Un nouveau message est arrivé.")).to_be_visible()


def _paste(page: Page, label: str, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press("Control+V")
