"""The exported page: what it says, and in a browser that axe is content and it prints on a page."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from monespace_flows import Policy
from monespace_flows.notices import NOTICES
from monespace_flows.policy import CodePolicy
from tests.support.desk import Desk
from tests.support.people import AMELIE, JOHN, Person

CHROMIUM = Path("/usr/bin/chromium")
WRONG = ("16/07/1975", JOHN[1])


def rows(desk: Desk, person: Person) -> list[list[str]]:
    """The cells of the page's table, each line of a journey a row."""
    text = desk.ask("export", person.reference, "--to", "html").stdout
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr>")[1:]]
    return [[_read(cell) for cell in row] for row in cells]


def _read(cell: str) -> str:
    return unescape(re.sub("<p>", " | ", cell).replace("</p>", "")).replace("\u00a0", " ")


def test_each_line_says_what_was_pressed_and_read(desk: Desk) -> None:
    person = desk.person("creation").identifies(WRONG).identifies(("1/2/75", JOHN[1]))
    start, refused, wrong = rows(desk, person)

    assert start[3] == "début"
    assert start[5] == "« Créer votre espace »"
    assert refused[3] == "« Valider »"
    assert refused[5] == (
        "même écran | erreur : Les informations que vous avez saisies ne correspondent pas à "
        "celles connues de l'Ordre, veuillez les corriger ou vous rapprocher de votre conseil"
    )
    assert wrong[5] == (
        "même écran | champ : Saisissez l'année en entier, avec ses 4 chiffres, par exemple 1975."
    )


def test_no_id_is_left_on_the_page(desk: Desk) -> None:
    person = desk.person("creation").identifies(WRONG).waits(minutes=11).identifies()
    person.identifies().asks_code().asks_again().types_wrong_code(3).waits(minutes=2).asks_again()
    person.types_code().activates(again="autre@exemple.example").activates()
    text = desk.ask("export", person.reference, "--to", "html").stdout

    assert [notice for notice in NOTICES if notice in text] == []
    ids = re.findall(r"[a-z]+_[a-z]+|[A-Z][a-z]+[A-Z][a-z]+", text)
    assert set(ids) <= {"MonEspace"}  # the guide's own word, on the screens drawn


def test_the_sentences_name_the_numbers_of_the_policy_and_of_the_wait(desk: Desk) -> None:
    policy = Policy(codes=CodePolicy(life=timedelta(minutes=7)))
    other = Desk(desk.path / "other", policy)
    other.folder.policy.write_text('[codes]\nlife = "7 min"\n', "utf-8")
    person = other.person("creation").identifies(AMELIE).asks_code().waits(seconds=20).asks_again()
    person.waits(minutes=8).types_code()
    read = [row[5] for row in rows(other, person)]
    other.close()

    assert read[3].endswith("Vous pourrez en demander un autre dans 40 secondes.")
    assert "il a plus de 7 minutes" in read[4]


def test_the_same_message_again_names_the_line_that_has_it(desk: Desk) -> None:
    person = desk.person("creation").identifies(WRONG).identifies(("", "")).identifies(WRONG)
    read = [row[5] for row in rows(desk, person.identifies(("", "")))]

    assert read[3] == "même écran | même message qu'à la ligne 1"
    assert read[4] == "même écran | mêmes messages qu'à la ligne 2"


def test_a_line_of_another_day_names_it(desk: Desk) -> None:
    person = Person(desk.sandbox, "creation").waits(hours=23.9).identifies(WRONG)
    at = [row[1] for row in rows(desk, person)]

    assert at == ["10:00:00", "23 nov. 2026 09:54:00"]


@pytest.mark.browser
def test_the_exported_page_is_accessible_and_prints_on_one_page(desk: Desk) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (apt-get install chromium libatomic1)")
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    person = desk.person("creation").identifies(("1/2/75", "")).identifies(WRONG)
    person.waits(minutes=11).identifies(terms=False).identifies().asks_code().asks_again()
    person.types_wrong_code(3).waits(minutes=2).asks_again().types_code("12").types_code()
    person.activates(password="a").activates(again="autre@exemple.example").activates()
    path = desk.path / "page.html"
    assert desk.ask("export", person.reference, "--to", "html", "-o", str(path)).exit_code == 0
    asked: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        # The page's own policy forbids every script, so axe runs beside it in a copy without one.
        page.set_content(re.sub(r"<meta http-equiv[^>]*>", "", path.read_text("utf-8")))
        found = Axe().run(page)
        printed = page.pdf(format="A4")
        browser.close()

    assert len(person.entries()) > 15
    assert found.violations_count == 0, found.generate_report()
    assert asked == [path.as_uri()]
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
