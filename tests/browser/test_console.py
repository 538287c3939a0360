"""The support console in a browser: axe finds nothing, 320 px will do, and no mouse is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from monespace_cli.access.place import Place
from monespace_cli.console import create_console, find_place
from monespace_flows.testing import MemoryClock
from tests.browser.judging import SIZES, faults
from tests.browser.keyboard import Keyboard
from tests.browser.serving import Server
from tests.cli.stories import RPPS, Told, folder_of_journeys
from tests.cli.test_show import change

pytestmark = pytest.mark.browser

A4 = (595, 842)
"""The paper of a file, in points."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Make journeys to read, and one message that could not leave."""
    told = folder_of_journeys(tmp_path_factory.mktemp("console"))
    refused = "UPDATE outbox SET status = 'failed', created_at = ? WHERE channel = 'sms'"
    change(told, refused, 4_000_000_000_000_000)
    return told


@pytest.fixture
def desk(
    chromium: Browser, server: Server, told: Told, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    """Open the console in a window of its own, two days after the journeys."""
    monkeypatch.setattr(Place, "now", lambda _: MemoryClock().now() + timedelta(days=2))
    place = find_place(None, Path(told.path))
    server.app = create_console(place, lambda _: "agent.huit", acts_too=True, secure=False)
    context = chromium.new_context(base_url=server.base_url, locale="fr-FR")
    yield context.new_page()
    context.close()


def give_grounds(desk: Page) -> None:
    """Say why."""
    desk.goto("/motif")
    desk.locator("[name=ticket]").fill("SD-1423")
    desk.get_by_role("button").click()


def test_with_a_keyboard_from_the_purpose_to_another_answer(desk: Page, told: Told) -> None:
    keys = Keyboard(desk)
    desk.goto("/")
    keys.write("Ticket, par exemple SD-1423", "SD-1423")
    keys.press("Continuer")
    keys.write("Référence lue à l’écran de la personne", told.creation)
    keys.press("Ouvrir")
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"Parcours {told.creation}")

    keys.tab_to(desk.get_by_label("Et si la réponse avait été…"))
    desk.keyboard.press("ArrowDown")
    keys.press("Essayer")
    expect(desk.get_by_text("SIMULATION")).to_be_visible()
    keys.follow("English")
    expect(desk.get_by_text("SIMULATION: nothing is sent, nothing is written.")).to_be_visible()


def test_what_is_typed_of_a_person_shows_only_when_a_button_is_pressed(desk: Page) -> None:
    keys = Keyboard(desk)
    give_grounds(desk)
    keys.write("Numéro RPPS ou adresse e-mail", RPPS)
    typed = desk.get_by_label("Numéro RPPS ou adresse e-mail", exact=True)
    expect(typed).to_have_attribute("type", "password")

    keys.tab_to(desk.get_by_role("button", name="Afficher"))
    desk.keyboard.press("Enter")
    expect(typed).to_have_attribute("type", "text")
    desk.get_by_role("button", name="Masquer").click()
    expect(typed).to_have_attribute("type", "password")


def pages(told: Told) -> tuple[str, ...]:
    """Every page that an agent may open."""
    journey = f"/parcours/{told.creation}"
    trial = f"{journey}/essai?reponse=1:identity=match"
    return "/motif", "/", "/parcours", journey, trial, "/chiffres", "/gestes", "/nulle-part"


def test_axe_finds_nothing_and_nothing_is_cut_off_at_320_pixels(desk: Page, told: Told) -> None:
    found = {}
    give_grounds(desk)
    for path in pages(told):
        desk.goto(path)
        found[path] = list(faults(desk))
    desk.goto("/gestes")
    desk.locator("#erased").fill(RPPS)
    desk.get_by_role("button", name="Continuer vers l’effacement").click()
    found["/effacement"] = list(faults(desk))

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_in_english_either(desk: Page, told: Told) -> None:
    """Colours and wide layouts are those of the French pages: only the words are others."""
    found = {}
    desk.goto("/motif?lang=en")
    give_grounds(desk)
    for path in pages(told):
        desk.goto(path)
        found[path] = list(faults(desk, sizes=SIZES[:1], schemes=("light",)))

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_journey_prints_on_two_sheets_for_a_file(desk: Page, told: Told) -> None:
    give_grounds(desk)
    desk.goto(f"/parcours/{told.creation}")
    desk.emulate_media(media="print")
    expect(desk.get_by_text("Pas à pas")).to_be_visible()
    expect(desk.get_by_role("navigation")).to_be_hidden()
    expect(desk.get_by_text("Et si…")).to_be_hidden()

    sheets = re.findall(
        rb"/MediaBox\s*\[\s*0 0 (\d+)\S* (\d+)", desk.pdf(prefer_css_page_size=True)
    )
    assert 1 <= len(sheets) <= 2
    assert {(int(wide), int(high)) for wide, high in sheets} <= {A4, (594, 841), (595, 841)}
