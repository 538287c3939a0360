"""What people see and hear: errors once, waits that count down, passwords while they are typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import (
    at_code,
    at_credentials,
    fill,
    hand_over,
    heading,
    press,
    with_account,
)
from tests.http.visiting import PASSWORD, Served

pytestmark = pytest.mark.browser

# What a screen reader would be told of by itself: live regions that hold words.
_SPOKEN = """() => [...document.querySelectorAll("[role=alert], [role=status], output")]
    .map((each) => each.textContent.trim()).filter(Boolean)"""


# --- told once -----------------------------------------------------------------------------------


def test_an_error_is_told_by_the_focus_and_by_nothing_else(page: Page) -> None:
    page.goto("/creation")
    press(page, "Valider")
    summary = page.get_by_role("group", name="3 erreurs à corriger")

    expect(summary).to_be_focused()
    assert page.evaluate(_SPOKEN) == []
    assert page.title().startswith("Erreur – ")


def test_a_link_of_the_summary_leads_to_its_field(page: Page, served: Served) -> None:
    at_code(page, served)
    fill(page, Saisir_le_code="000000" if served.code != "000000" else "111111")
    press(page, "Valider")
    page.get_by_role("group", name="1 erreur à corriger").get_by_role("link").click()

    field = page.get_by_label("Saisir le code", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        "6 chiffres, valables 10 minutes Ce code n’est pas le bon. Vérifiez-le puis saisissez-le "
        "de nouveau. Il vous reste 4 essais."
    )


def test_a_success_is_told_by_the_focus(page: Page, served: Served) -> None:
    at_code(page, served)
    served.sandbox.clock.advance(minutes=1)
    page.reload()
    press(page, "Renvoyer le code")

    expect(
        page.get_by_role("group", name="Un nouveau code vient de vous être envoyé.")
    ).to_be_focused()
    assert page.evaluate(_SPOKEN) == []


# --- the wait before another code ----------------------------------------------------------------


@pytest.mark.own_window
def test_d4_the_wait_before_another_code_counts_down(page: Page, served: Served) -> None:
    """The seconds change in silence; only the end of the wait is said."""
    page.clock.install()
    at_code(page, served)
    button = page.get_by_role("button", name="Renvoyer le code")
    expect(button).to_be_disabled()
    page.clock.run_for(18_000)
    expect(page.get_by_text("Vous pourrez demander un autre code dans 4")).to_be_visible()
    expect(button).to_have_accessible_description("Vous pourrez demander un autre code dans 42 s.")
    assert page.evaluate(_SPOKEN) == []

    served.sandbox.clock.advance(minutes=1)
    page.clock.run_for(43_000)
    expect(button).to_be_enabled()
    assert page.evaluate(_SPOKEN) == ["Vous pouvez maintenant demander un autre code."]
    press(page, "Renvoyer le code")
    expect(page.get_by_text("Un nouveau code vient de vous être envoyé.")).to_be_visible()


def test_d4_a_press_during_the_wait_sends_nothing(page: Page, served: Served) -> None:
    at_code(page, served)
    sent = len(served.sandbox.messages)
    button = page.get_by_role("button", name="Renvoyer le code")
    button.focus()
    page.keyboard.press("Enter")

    expect(button).to_be_focused()
    assert sent == len(served.sandbox.messages)
    assert page.title().startswith("Veuillez saisir le code reçu")


# --- passwords -----------------------------------------------------------------------------------


def test_rules_are_ticked_and_the_bar_grows_while_a_password_is_typed(
    page: Page, served: Served
) -> None:
    at_credentials(page, served)
    fill(page, Email="john.m@medecin.example")
    password = page.get_by_label("Mot de passe", exact=True)
    bar = page.locator("[data-level]")
    kept = page.locator(".rule-kept")

    password.fill("court")
    expect(page.get_by_text("Choisissez un mot de passe d’au moins 15 caractères.")).to_be_visible()
    expect(bar).to_have_attribute("data-level", "1")
    expect(kept).to_have_text(
        ["sans information personnelle : ni adresse, ni nom, ni numéro RPPS : respecté"]
    )

    password.fill(PASSWORD)
    expect(kept).to_have_count(3)
    expect(bar).to_have_attribute("data-level", "3")
    expect(page.locator("[data-strength-why]")).to_be_empty()

    password.fill("john.m " + PASSWORD)
    expect(page.locator('[data-rule="personal"]')).to_contain_text("pas encore respecté")


def test_what_is_shown_or_hidden_is_said_by_the_button_s_name_alone(page: Page) -> None:
    page.goto("/connexion")
    button = page.locator(".secret-show")

    expect(button).to_have_accessible_name("Afficher la saisie")
    button.click()
    expect(button).to_have_accessible_name("Masquer la saisie")
    assert button.get_attribute("aria-pressed") is None


def test_the_button_stands_inside_its_field_on_a_phone(page: Page) -> None:
    page.goto("/connexion")
    for width in (320, 375):
        page.set_viewport_size({"width": width, "height": 640})
        field = page.get_by_label("Mot de passe", exact=True).bounding_box()
        button = page.locator(".secret-show").bounding_box()

        assert field, width
        assert button, width
        assert field["x"] < button["x"], width
        assert field["y"] <= button["y"], width
        assert button["y"] + button["height"] <= field["y"] + field["height"], width
        assert button["height"] >= 44, width


# --- ways through --------------------------------------------------------------------------------


def test_enter_presses_the_main_button_wherever_one_types(page: Page, served: Served) -> None:
    at_code(page, served)
    fill(page, Saisir_le_code=served.code)
    page.keyboard.press("Enter")

    heading(page, "Finaliser la création de votre espace")


def test_a_mistyped_address_is_corrected_on_the_screen_that_waits(
    page: Page, served: Served
) -> None:
    page.goto("/mot-de-passe")
    fill(page, **{"E-mail": "typo@medecin.example"})
    press(page, "Valider")
    heading(page, "Consultez votre messagerie")
    fill(page, **{"E-mail": "john@medecin.example"})
    press(page, "Valider")

    expect(page.get_by_text("Adresse saisie : john@medecin.example.")).to_be_visible()


def test_the_banner_leads_home(page: Page) -> None:
    page.goto("/assistance")
    page.get_by_role("link", name="ORDRE DES MÉDECINS").click()

    heading(page, "Connectez-vous à votre espace")


_TOO_LOW = """() => [...document.querySelectorAll("button, .button, nav a, .links a, footer a")]
    .filter((each) => each.offsetParent)
    .map((each) => [each.textContent.trim(), each.getBoundingClientRect().height])
    .filter(([, height]) => height < 43.9)"""


def test_what_is_touched_is_large_enough(page: Page) -> None:
    """WCAG 2.5.8 asks for 24 px, 44 is what a thumb needs; words within a sentence are apart."""
    page.goto("/connexion")
    too_low = {}
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        too_low[width] = page.evaluate(_TOO_LOW)

    assert too_low == {320: [], 768: [], 1280: []}


def test_a_long_address_is_cut_into_lines_on_a_phone(page: Page, served: Served) -> None:
    """Wherever it is told: when the space is made, at home, where a link was sent."""
    address = f"{'prenomcompose.' * 3}nom@hopitaluniversitaire.example"
    page.set_viewport_size({"width": 320, "height": 640})
    with_account(page, served, address)
    wide = {}
    for path in ("/creation", "/", "/parametres", "/mot-de-passe"):
        if path == "/":
            hand_over(page, served.sign_in(address))
        page.goto(path)
        if path == "/mot-de-passe":
            fill(page, **{"E-mail": address})
            press(page, "Valider")
            heading(page, "Consultez votre messagerie")
        wide[path] = page.evaluate("document.documentElement.scrollWidth")

    page.set_viewport_size({"width": 1280, "height": 720})
    assert wide == dict.fromkeys(wide, 320)


def test_nothing_needs_a_style_or_a_script_of_the_page_itself(page: Page) -> None:
    """The content security policy allows neither; the console would complain of them."""
    for path in ("/creation", "/cookies", "/mentions-legales", "/demo/boite"):
        page.goto(path)

        assert page.locator("[style], style, script:not([src])").count() == 0
