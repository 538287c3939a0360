"""The console in English: chosen by a link, remembered, and without a French word of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import monespace_cli.console
from tests.replaying import leave_alone

from .desk import AGENT, Desk
from .stories import Told

TEMPLATES = sorted(Path(monespace_cli.console.__file__).with_name("templates").glob("*.html"))
SAME = {"Causes", "Cause", "Messages", ":", " :"}
"""What is French and English at once."""

QUOTED = re.compile("«[^»]*»|“[^”]*”")
FRENCH = re.compile("[À-ÖØ-öø-ÿœŒ«»]")
TOLD = {"aria-label", "data-words", "label", "title", "placeholder", "alt"}
"""The attributes whose values are read to somebody."""


class Words(HTMLParser):
    """What a page says in the language that it names; not what it quotes in French."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Follow where French begins."""
        of = dict(attrs)
        foreign = of.get("lang") == "fr" or bool(self.open and self.open[-1])
        if not foreign:
            self.said += [value for name, value in attrs if name in TOLD and value]
        if tag not in self.VOID:
            self.open.append(foreign)

    def handle_endtag(self, tag: str) -> None:
        """Follow where it ends."""
        if tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Take words."""
        if data.strip() and not (self.open and self.open[-1]):
            self.said.append(QUOTED.sub("", data.strip()))


def said(page: str) -> list[str]:
    """What a page says."""
    words = Words()
    words.feed(page)
    assert words.open == []
    return words.said


def pairs() -> Iterator[tuple[str, str]]:
    """Every label that the templates hold, in both languages."""
    parsed = Environment(autoescape=True)
    for template in TEMPLATES:
        for call in parsed.parse(template.read_text("utf-8")).find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name) or call.node.name not in {"say", "plain"}:
                continue
            if isinstance(call.args[0], nodes.Const):
                fr, en = (one.as_const() for one in call.args[:2])
                yield fr, en


@pytest.fixture
def desk(told: Told) -> Desk:
    """Open a console that speaks English."""
    leave_alone(told.storage)
    desk = Desk(told.path, acts=True)
    assert '<html lang="en">' in desk.look("/motif?lang=en")
    desk.send("/motif", purpose="caller", ticket="SD-1423")
    return desk


def pages(desk: Desk, told: Told) -> Iterator[str]:
    """Every page that there is, those that refuse included."""
    journey = f"/parcours/{told.creation}"
    for path in (
        "/motif",
        "/",
        "/parcours",
        "/parcours?days=183",
        journey,
        f"{journey}/essai?reponse=1:identity=match",
        f"{journey}/essai?reponse=rien",
        "/chiffres",
        "/gestes",
        "/personne",
        "/parcours/7K3Q-F9M2",
        "/nulle-part",
    ):
        yield desk.client.get(path).text
    for path, fields in (
        ("/recherche", {"reference": "rien"}),
        ("/motif", {"purpose": "caller", "ticket": "99000000002"}),
        ("/gestes", {"act": "disable"}),
        ("/gestes", {"act": "disable", "person": "rien", "sure": "on"}),
        ("/renvoi", {"reference": told.creation, "sure": "on"}),
        ("/effacement", {"person": "99000000002"}),
        ("/effacement/confirme", {"word": "no"}),
    ):
        desk.look("/")
        yield desk.client.post(path, data={"form_token": desk.token, **fields}).text


def test_no_page_says_a_french_word_of_its_own(desk: Desk, told: Told) -> None:
    french = {fr for fr, _ in pairs()} - SAME
    for page in pages(desk, told):
        words = [it for it in said(page) if it != "Français"]

        assert '<html lang="en">' in page
        assert [it for it in words if it in french or FRENCH.search(it)] == []


def test_every_label_stands_in_the_templates_in_both_languages() -> None:
    for fr, en in pairs():
        assert fr.strip()
        assert en.strip()
        assert fr != en or fr in SAME


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda it: it.name)
def test_no_template_says_a_word_in_one_language_only(template: Path) -> None:
    markup = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
    text = markup.sub("", template.read_text("utf-8"))
    labels = re.findall(rf'(?:{"|".join(TOLD)})="([^"]*)"', text)
    left = re.sub("<[^>]*>", " ", text).split()

    assert [it for it in labels if re.search("[A-Za-z]", it)] == []
    assert [it for it in left if re.search("[A-Za-z]", it)] == (
        ["English", "Français"] if template.name == "console-base.html" else []
    )


def test_is_remembered_until_french_is_chosen(desk: Desk) -> None:
    assert "Search for a journey" in desk.look("/")
    assert "Rechercher un parcours" in desk.look("/?lang=fr")
    assert "Rechercher un parcours" in desk.look("/")


def test_the_link_leads_to_the_same_page(desk: Desk) -> None:
    page = desk.look("/parcours?flow=creation&lang=en")

    assert '<a href="/parcours?flow=creation&lang=fr" lang="fr" hreflang="fr">' in page
    refused = desk.send("/recherche", reference="rien")
    assert '<a href="/?lang=fr" lang="fr" hreflang="fr">' in refused


def test_a_browser_that_asks_for_english_reads_french_until_the_link_is_followed(
    told: Told,
) -> None:
    leave_alone(told.storage)
    desk = Desk(told.path)
    answer = desk.client.get("/motif", headers={"Accept-Language": "en"})

    assert "Pourquoi lisez-vous" in answer.text
    assert answer.headers["content-language"] == "fr"


def test_what_stands_on_a_screen_is_quoted_in_french(desk: Desk, told: Told) -> None:
    page = desk.client.get(f"/parcours/{told.creation}").text

    assert '<span lang="fr">“Valider”</span>' in page
    assert "&lt;" not in page
    assert 'Screen after line 0: <strong><span lang="fr">Créer votre espace</span></strong>' in page
    assert "[ not kept ]" in page
    assert AGENT in page


def test_the_link_never_leads_to_another_host(desk: Desk) -> None:
    page = desk.client.get("http://127.0.0.1//attaque.example/").text

    assert 'href="/attaque.example/?lang=fr"' in page
