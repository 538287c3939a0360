"""A birth date as people type it: by keys, pasted, filled in by the browser, composed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import CDPSession, Locator, Page, expect

from monespace_flows.policy import IdentityPolicy
from monespace_flows.rules.identity import read_birth_date
from tests.browser.acting import CONSENT, fill, heading, press

pytestmark = pytest.mark.browser

CLAIRE = "99000000028"  # born on the third of November 1990: a day that could be a month
BORN = date(1990, 11, 3)
TODAY = date(2026, 11, 22)
SPELLINGS = [
    "03/11/1990",
    "3/11/1990",
    "03-11-1990",
    "3.11.1990",
    "3 11 1990",
    "03111990",
    "1990-11-03",
    "19901103",
    "3 novembre 1990",
    "3 nov. 1990",
]


def _field(page: Page) -> Locator:
    return page.get_by_label("Date de naissance *", exact=True)


def _send(page: Page) -> None:
    fill(page, Numéro_RPPS=CLAIRE)
    page.get_by_label(CONSENT).check()
    press(page, "Valider")
    heading(page, "Sécuriser la création de votre espace")


def _read(field: Locator) -> object:
    return read_birth_date(field.input_value(), TODAY, IdentityPolicy())


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_c1_a_date_typed_key_by_key_ends_on_the_next_screen(page: Page, spelling: str) -> None:
    """K5: in any spelling, with the script watching."""
    page.goto("/creation")
    _field(page).press_sequentially(spelling)

    assert _field(page).input_value().replace("/", "") == spelling.replace("/", "")
    _send(page)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_c1_so_does_it_without_scripts(page_without_scripts: Page, spelling: str) -> None:
    """A numeric keypad without a slash is enough."""
    page = page_without_scripts
    page.goto("/creation")
    _field(page).press_sequentially(spelling)

    assert _field(page).input_value() == spelling
    _send(page)


TYPED = {
    "4/3/1980": "4/3/1980",
    "3/11/1990": "3/11/1990",
    "04031980": "04/03/1980",
    "04/03/1980": "04/03/1980",
    "0403/1980": "04/03/1980",
    "04/031980": "04/031980",
    "4 3 1980": "4 3 1980",
    "17": "17",
    "170": "17/0",
    "1706": "17/06",
    "170619": "17/06/19",
    "20010412": "20010412",
    "2001-04-12": "2001-04-12",
    "2001/12/04": "2001/12/04",
    "31121980": "31/12/1980",
    "32121980": "32121980",
    "1706197500": "1706197500",
}


def test_slashes_come_by_themselves_and_never_in_the_way(page: Page) -> None:
    """Nothing that was typed is moved or lost; the field is emptied before each."""
    page.goto("/creation")
    field = _field(page)
    shown = {}
    for keys in TYPED:
        field.fill("")
        field.press_sequentially(keys)
        shown[keys] = field.input_value()

    assert shown == TYPED


def test_deleting_is_one_press_a_character(page: Page) -> None:
    """Also over a slash that came by itself; and typing goes on from there."""
    page.goto("/creation")
    field = _field(page)
    field.press_sequentially("17061975")

    seen = []
    for _ in range(10):
        field.press("Backspace")
        seen.append(field.input_value())
    assert seen == ["17/06/1975"[:length] for length in range(9, -1, -1)]

    field.press_sequentially("1706")
    field.press("Backspace")
    field.press("Backspace")
    expect(field).to_have_value("17/")
    field.press_sequentially("/111990")
    expect(field).to_have_value("17/111990")


def test_correcting_in_the_middle_moves_nothing(page: Page) -> None:
    page.goto("/creation")
    field = _field(page)
    field.press_sequentially("13111990")
    field.press("Home")
    field.press("Delete")
    expect(field).to_have_value("3/11/1990")
    field.press_sequentially("0")

    expect(field).to_have_value("03/11/1990")
    _send(page)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("03/11/1990", "03/11/1990"),
        ("03111990", "03/11/1990"),
        ("3 novembre 1990", "3 novembre 1990"),
    ],
)
def test_what_is_pasted_stays_and_is_read(page: Page, text: str, value: str) -> None:
    """Eight digits get their slashes when the field is left."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/creation")
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    _field(page).focus()
    page.keyboard.press("Control+V")
    expect(_field(page)).to_have_value(text)
    page.keyboard.press("Tab")

    expect(_field(page)).to_have_value(value)
    _send(page)


def test_what_the_browser_fills_in_stays_and_is_read(page: Page) -> None:
    """The value of ``bday`` is an ISO date."""
    page.goto("/creation")
    expect(_field(page)).to_have_attribute("autocomplete", "bday")
    _field(page).evaluate(
        """input => {
            input.value = "1990-11-03";
            input.dispatchEvent(new Event("input", { bubbles: true }));
            input.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )

    expect(_field(page)).to_have_value("1990-11-03")
    _send(page)


def _compose(keyboard: CDPSession, text: str) -> None:
    keyboard.send(
        "Input.imeSetComposition",
        {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
    )


def test_a_keyboard_that_composes_is_not_disturbed(page: Page) -> None:
    """The field changes when the keyboard has finished, not before."""
    page.goto("/creation")
    field = _field(page)
    field.focus()
    keyboard = page.context.new_cdp_session(page)
    for length in range(1, 9):
        _compose(keyboard, "03111990"[:length])
        expect(field).to_have_value("03111990"[:length])
    keyboard.send("Input.insertText", {"text": "03111990"})

    expect(field).to_have_value("03/11/1990")
    _send(page)


def test_a_keyboard_that_composes_each_digit_is_not_disturbed_either(page: Page) -> None:
    page.goto("/creation")
    field = _field(page)
    field.focus()
    keyboard = page.context.new_cdp_session(page)
    for digit in "03111990":
        _compose(keyboard, digit)
        keyboard.send("Input.insertText", {"text": digit})

    expect(field).to_have_value("03/11/1990")
    _send(page)


def test_what_was_composed_with_separators_is_left_alone(page: Page) -> None:
    page.goto("/creation")
    field = _field(page)
    keyboard = page.context.new_cdp_session(page)
    for spelling in ("3/11/1990", "3 11 1990", "1990-11-03"):
        field.fill("")
        field.focus()
        _compose(keyboard, spelling)
        keyboard.send("Input.insertText", {"text": spelling})

        expect(field).to_have_value(spelling)
        assert _read(field) == BORN


TYPE = """([spellings]) => {
    const input = document.querySelector("input.input-date");
    return spellings.map((spelling) => {
        input.value = "";
        input.dispatchEvent(new InputEvent("input", { inputType: "deleteContentBackward" }));
        for (const key of spelling) {
            input.value += key;
            input.dispatchEvent(new InputEvent("input", { inputType: "insertText" }));
        }
        input.dispatchEvent(new Event("change"));
        return input.value;
    });
}"""


def _spelt(born: date) -> list[str]:
    year, month, day = f"{born.year}", f"{born.month:02}", f"{born.day:02}"
    short = (day.lstrip("0"), month.lstrip("0"))
    return [
        *(sign.join((day, month, year)) for sign in "/-. "),
        *(sign.join((*short, year)) for sign in "/-. "),
        *(sign.join((year, month, day)) for sign in "/-."),
        *(sign.join((year, *reversed(short))) for sign in "/-."),
        *(day + month + year, year + month + day, f"{day}{month}/{year}", f"{day}/{month}{year}"),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.dates(date(1900, 1, 1), date(2008, 11, 22)), min_size=20, max_size=60))
def test_every_date_is_read_as_the_day_that_was_typed(page: Page, days: list[date]) -> None:
    """Whatever the script made of its spelling; not a character is lost."""
    if page.url == "about:blank":
        page.goto("/creation")
    typed = {spelling: born for born in days for spelling in _spelt(born)}

    left = page.evaluate(TYPE, [list(typed)])

    for (spelling, born), value in zip(typed.items(), left, strict=True):
        assert value.replace("/", "") == spelling.replace("/", "")
        assert len(value) >= len(spelling)
        assert read_birth_date(value, TODAY, IdentityPolicy()) == born
