"""A machine that slept, and pages that answer a press: what the script owes then (K7, K10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.acting import (
    at_code,
    at_credentials,
    choose_credentials,
    fill,
    heading,
    identify,
    let_pass,
    press,
    with_account,
)
from tests.http.visiting import Served

pytestmark = pytest.mark.browser

ERASED = "votre saisie a été effacée"
NEXT = "Sécuriser la création de votre espace"


@pytest.fixture
def sleeper(context: BrowserContext, served: Served) -> Iterator[Page]:
    """A page of creation, filled in, whose machine then sleeps; no script of it may fail.

    Its console may speak of the network that is away.
    """
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.clock.install()
    page.goto("/creation")
    fill(page, Numéro_RPPS="99000000028")
    yield page
    assert faults == []


def _sleep(page: Page, served: Served, minutes: int = 11) -> None:
    served.sandbox.clock.advance(minutes=minutes)
    page.clock.fast_forward(minutes * 60_000)


@contextmanager
def _no_network(context: BrowserContext) -> Iterator[None]:
    context.set_offline(True)
    yield
    context.set_offline(False)


def test_what_is_typed_after_waking_is_kept_until_the_network_is_back(
    sleeper: Page, served: Served, context: BrowserContext
) -> None:
    """The old entry is gone, the new one leaves with the press that waited for the network."""
    with _no_network(context):
        _sleep(sleeper, served)
        expect(sleeper.get_by_text(ERASED)).to_be_visible()
        expect(sleeper.get_by_label("Numéro RPPS", exact=True)).to_have_value("")
        sleeper.clock.run_for(20_000)
        identify(sleeper)
        expect(sleeper.get_by_text("votre envoi partira dès son retour")).to_be_visible()
        sleeper.clock.run_for(20_000)
        expect(sleeper.get_by_label("Numéro RPPS", exact=True)).to_have_value("99000000002")

    heading(sleeper, NEXT)


def test_a_server_that_comes_back_late_is_asked_until_it_answers(
    sleeper: Page, served: Served
) -> None:
    """No event tells of it: the script asks again and again, with pauses."""
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.method)
        route.abort()

    sleeper.route("**/creation", refuse)
    _sleep(sleeper, served)
    # The next pause begins when the refusal has come back, which the page's clock knows nothing of.
    for _ in range(20):
        if len(refused) >= 3:
            break
        sleeper.clock.run_for(31_000)
    assert refused[:3] == ["GET"] * 3
    sleeper.unroute("**/creation")
    sleeper.clock.run_for(31_000)
    identify(sleeper)

    heading(sleeper, NEXT)


def test_the_erasure_is_told_once_with_the_focus(sleeper: Page, served: Served) -> None:
    _sleep(sleeper, served)
    notice = sleeper.locator(".notice", has_text=ERASED)

    expect(notice).to_be_focused()
    expect(sleeper.get_by_text(ERASED)).to_have_count(1)
    sleeper.clock.run_for(30_000)
    expect(sleeper.get_by_text(ERASED)).to_have_count(1)


@pytest.mark.own_window
def test_nothing_is_told_where_nothing_was_typed(page: Page, served: Served) -> None:
    page.clock.install()
    page.goto("/creation")
    _sleep(page, served)
    page.clock.run_for(5_000)

    expect(page.get_by_text(ERASED)).to_have_count(0)
    identify(page)
    heading(page, NEXT)


def test_a_key_pressed_at_once_after_waking_starts_a_new_entry(
    sleeper: Page, served: Served
) -> None:
    """The key may come before any timer."""
    field = sleeper.get_by_label("Numéro RPPS", exact=True)
    served.sandbox.clock.advance(minutes=11)
    sleeper.clock.set_system_time(sleeper.evaluate("Date.now()") + 11 * 60_000)
    field.press("7")

    expect(field).to_have_value("7")
    sleeper.clock.run_for(3_000)
    expect(field).to_have_value("7")


@pytest.mark.own_window
def test_the_second_form_of_a_reset_lives_as_long_as_its_page(page: Page, served: Served) -> None:
    """An address that is typed again long after its page was shown is not lost."""
    page.clock.install()
    page.goto("/mot-de-passe")
    fill(page, **{"E-mail": "typo@medecin.example"})
    press(page, "Valider")
    heading(page, "Consultez votre messagerie")
    let_pass(page, served, 10)
    let_pass(page, served, 5)
    fill(page, **{"E-mail": "john@medecin.example"})
    press(page, "Valider")

    heading(page, "Consultez votre messagerie")
    expect(page.get_by_text("john@medecin.example")).to_be_visible()


def test_reloading_after_a_refusal_sends_nothing_again(page: Page) -> None:
    page.goto("/creation")
    press(page, "Valider")
    expect(page.locator(".notice-error")).to_be_visible()
    with page.expect_request("**/creation") as asked:
        page.reload()

    assert asked.value.method == "GET"
    expect(page.locator(".notice-error")).to_have_count(0)
    assert page.title().startswith("Créer votre espace")


def test_a_stale_page_is_fresh_after_a_reload_and_after_a_press(page: Page) -> None:
    """K7: « Rechargez-la » was a trap."""
    page.goto("/creation")
    page.evaluate("document.querySelector('[name=form_token]').value = 'x'")
    identify(page)
    expect(page.get_by_role("group").filter(has_text="Cette page a expiré")).to_be_focused()
    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("99000000002")
    page.reload()
    expect(page.get_by_text("Cette page a expiré")).to_have_count(0)
    identify(page)

    heading(page, NEXT)


def test_a_form_sent_by_a_password_manager_means_the_main_button(
    page: Page, served: Served
) -> None:
    """K9: ``form.submit()`` tells of no button, and calls no script of ours."""
    with_account(page, served)
    page.goto("/connexion")
    fill(page, **{"E-mail": "john@medecin.example"}, Mot_de_passe="sept girafes lisent le journal")
    page.evaluate("document.querySelector('main form').submit()")

    heading(page, "MonEspace")


def test_the_next_doctor_at_this_computer_finds_the_first_screen(
    page: Page, served: Served
) -> None:
    at_credentials(page, served)
    choose_credentials(page)
    heading(page, "Votre espace est créé")
    expect(page.get_by_text("Recommencer")).to_have_count(0)
    page.reload()

    heading(page, "Créer votre espace")


def test_an_old_refusal_greets_nobody_who_comes_back(window: Page) -> None:
    """K12, with and without scripts: told by the answer to the press, and by nothing else."""
    page = window
    page.goto("/connexion")
    fill(page, **{"E-mail": "john@medecin.example"}, Mot_de_passe="not the password")
    press(page, "Se connecter")
    expect(page.locator(".notice-error")).to_be_visible()
    page.goto("/creation")
    page.get_by_role("link", name="Se connecter").click()

    heading(page, "Connectez-vous à votre espace")
    expect(page.locator(".notice-error")).to_have_count(0)
    assert not page.title().startswith("Erreur")


def test_a_page_that_waits_for_a_code_says_that_it_did_not_leave(
    page: Page, served: Served
) -> None:
    """Once another may be asked for, with what was typed left as it is."""
    page.clock.install()
    at_code(page, served)
    fill(page, Saisir_le_code="12")
    with served.sandbox.storage.writing() as unit:
        newest = unit.outbox.newest(_reference(page), "code")
        assert newest is not None
        unit.outbox.settle(evolve(newest, status="failed", error="messaging"))
    page.clock.fast_forward(61_000)

    expect(
        page.get_by_role("status").filter(has_text="n’a pas pu vous être envoyé")
    ).to_be_visible()
    expect(page.get_by_label("Saisir le code", exact=True)).to_have_value("12")


def _reference(page: Page) -> str:
    return page.locator(".reference strong").inner_text()
