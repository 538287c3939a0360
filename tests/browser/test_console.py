"""The support console in a browser: axe finds nothing, 320 px will do, and no mouse is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from monespace_cli.console import create_console, find_place
from tests.browser.judging import faults
from tests.browser.keyboard import Keyboard
from tests.browser.serving import Server
from tests.cli.stories import Told, folder_of_journeys
from tests.cli.test_show import change

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Make journeys to read, begun when the list looks, and one message that could not leave."""
    told = folder_of_journeys(tmp_path_factory.mktemp("console"))
    change(told, "UPDATE journal SET at = 4000000000000000 WHERE seq = 0")
    refused = "UPDATE outbox SET status = 'failed', created_at = ? WHERE channel = 'sms'"
    change(told, refused, 4_000_000_000_000_000)
    return told


@pytest.fixture
def desk(chromium: Browser, server: Server, told: Told) -> Iterator[Page]:
    """Open the console in a window of its own."""
    place = find_place(None, Path(told.path))
    server.app = create_console(place, lambda _: "agent.huit", acts_too=True, secure=False)
    context = chromium.new_context(base_url=server.base_url, locale="fr-FR")
    yield context.new_page()
    context.close()


def test_with_a_keyboard_from_the_purpose_to_the_journey(desk: Page, told: Told) -> None:
    keys = Keyboard(desk)
    desk.goto("/")
    keys.write("Ticket, par exemple SD-1423", "SD-1423")
    keys.press("Continuer")
    keys.write("Référence lue à l’écran de la personne", told.creation)
    keys.press("Ouvrir")

    expect(desk.get_by_role("heading", level=1)).to_have_text(f"Parcours {told.creation}")


def test_axe_finds_nothing_and_nothing_is_cut_off_at_320_pixels(desk: Page, told: Told) -> None:
    found = {}
    for path in ("/motif", "/", "/parcours", f"/parcours/{told.creation}", "/chiffres", "/gestes"):
        desk.goto(path)
        found[path] = list(faults(desk))
        if path == "/motif":
            desk.get_by_label("Ticket").fill("SD-1423")
            desk.get_by_role("button", name="Continuer").click()

    assert {path: wrong for path, wrong in found.items() if wrong} == {}
