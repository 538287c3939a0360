"""The screens that a person saw, drawn again: what they held, and nothing that was typed."""

from __future__ import annotations

import pytest
from attrs import evolve

from monespace_cli.support.screen_box import boxed
from monespace_flows import Policy
from monespace_flows.flows import FLOWS
from monespace_flows.journal.deliveries import read_deliveries
from monespace_flows.journal.entry import Wish
from monespace_flows.retelling.compiled import compiled_flow
from monespace_flows.support.diff import compare
from monespace_flows.support.seen import SeenScreen, screen_as_html, screens_seen
from monespace_flows.testing import Sandbox
from tests.support.make_corpus import people
from tests.support.people import JOHN, Person

WRONG = ("16/07/1975", JOHN[1])


def seen_by(person: Person) -> tuple[SeenScreen, ...]:
    return screens_seen(FLOWS[person.flow], person.entries(), Policy())


def told_later(person: Person) -> list[tuple[str, ...]]:
    """What each screen told of the code's message to who looked again."""
    deliveries = read_deliveries(person.recorded().deliveries)
    screens = screens_seen(FLOWS[person.flow], person.entries(), Policy(), deliveries=deliveries)
    return [it.later for it in screens]


@pytest.fixture
def created() -> Person:
    """Somebody who met most of what a screen can hold."""
    person = Person(Sandbox(), "creation").identifies(WRONG).identifies(("1/2/75", JOHN[1]))
    person.identifies().asks_code().types_wrong_code().waits(minutes=2).asks_again()
    return person.types_wrong_code(5).waits(minutes=10).asks_again().types_code().activates()


def test_a_form_is_drawn_without_what_was_typed(created: Person) -> None:
    start, refused, malformed, *_ = seen_by(created)

    assert start.buttons == ("Valider", "Abandonner", "Prolonger")
    assert [it.lines[0] for it in start.fields] == [
        "Date de naissance * : [ non conservé ]",
        "Numéro RPPS : [ non conservé ]",
        (
            "[ ] J'ai lu et j'accepte les Conditions générales d'utilisation et la Politique de "
            "confidentialité."
        ),
    ]
    assert refused.notices[0].startswith("erreur : Les informations que vous avez saisies")
    assert malformed.notices[0].startswith("champ : Saisissez l'année en entier")


def test_contacts_are_drawn_as_they_were_masked(created: Person) -> None:
    choosing = seen_by(created)[3]

    assert [line[:10] for line in choosing.fields[0].lines[1:]] == ["( ) SMS 33", "( ) e-mail"]
    assert all("***" in line for line in choosing.fields[0].lines[1:])


def test_where_the_code_went_and_what_was_left_is_told(created: Person) -> None:
    texts = ["\n".join((it.intro, *it.notices)) for it in seen_by(created)]

    assert "Nous avons envoyé un code à 6 chiffres par SMS au 33" in texts[4]
    assert "Il vous reste 4 essais." in texts[5]
    assert any("Il vous reste un seul essai." in it for it in texts)
    assert any("seul le plus récent fonctionne" in it for it in texts)
    assert "[adresse non conservée]" in texts[-1]


LOST = "erreur : Le code n'a pas pu vous être envoyé."


def test_a_code_that_did_not_leave_is_drawn_as_who_looked_again_read_it() -> None:
    """From the hour when it was put off, on each screen until it left, or another was asked for."""
    sandbox = Sandbox()
    sandbox.messages.fail_next(9)
    person = Person(sandbox, "creation").identifies().asks_code().waits(seconds=9)
    person.types_code("123456").waits(minutes=2)
    sandbox.deliver()
    sandbox.messages.fail_next(0)
    person.asks_again().types_wrong_code()

    *before, first, second, third, fourth = told_later(person)
    assert before == [(), ()]
    assert [it[0][:57] for it in (first, second)] == [f"dès 9 h 00, {LOST}"] * 2
    assert (len(first), len(second), third, fourth) == (1, 1, (), ())


def test_a_code_that_nobody_came_for_is_drawn_as_late_then_lost() -> None:
    sandbox = Sandbox()
    sandbox.flows.wake = lambda: None
    person = Person(sandbox, "creation").identifies().asks_code().waits(minutes=11)
    sandbox.deliver()

    (*_, last) = told_later(person)
    assert [it[:26] for it in last] == ["dès 9 h 01, information : ", "dès 9 h 11, erreur : Le co"]


def test_a_code_that_is_on_its_way_is_no_news() -> None:
    sandbox = Sandbox()
    sandbox.flows.wake = lambda: None
    person = Person(sandbox, "creation").identifies().asks_code()

    assert set(told_later(person)) == {()}
    assert set(told_later(person.waits(seconds=30).types_code("123456"))) == {()}


def test_what_is_compiled_draws_the_same_as_the_chart() -> None:
    for person in people():
        compiled, entries = compiled_flow(person.flow), person.entries()
        assert compiled is not None

        assert screens_seen(compiled, entries, Policy()) == seen_by(person)


def test_what_another_version_showed_is_named(created: Person) -> None:
    entry = evolve(created.entries()[0], after="gone", notices=("code.gone",))
    (screen,) = screens_seen(FLOWS["creation"], (entry,), Policy())

    assert screen.notices == ("message inconnu : code.gone",)
    assert (screen.title, screen.intro, screen.fields) == ("gone", "", ())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_screen_is_a_box_of_text_that_fits(width: int, created: Person) -> None:
    for screen in seen_by(created):
        lines = boxed(screen, width)

        assert {len(line) for line in lines} == {min(width, 80)}
        assert lines[0].startswith("┌")
        assert lines[-1].endswith("┘")
        assert all(line[0] == line[-1] == "│" for line in lines[1:-1])


def test_a_screen_in_html_can_neither_be_filled_nor_sent(created: Person) -> None:
    drawn = "".join(map(screen_as_html, seen_by(created)))

    assert "<strong>Créer votre espace</strong>" in drawn
    assert 'class="notice">erreur' in drawn
    assert "[ Valider ]" in drawn
    assert "lang=" not in drawn
    assert not [tag for tag in ("<input", "<form", "<button", "<a ") if tag in drawn]


def test_a_screen_on_an_english_page_is_quoted_in_french(created: Person) -> None:
    start, refused, _, choosing, *_ = (screen_as_html(it, "en") for it in seen_by(created))

    assert 'Screen after line 0: <strong><span lang="fr">Créer votre espace</span>' in start
    assert '<p><span lang="fr">Date de naissance *</span>: [ not kept ]</p>' in start
    assert 'class="notice">error: <span lang="fr">Les informations' in refused
    assert '<p>( ) <span lang="fr">SMS ' in choosing
    assert "<p></p>" not in start


def test_two_journeys_that_differ_in_what_an_effect_says_part_there(created: Person) -> None:
    entries = created.entries()
    refused = entries[1]
    told = tuple(Wish(kind=it.kind, key=it.key, told=f"{it.kind}(code)") for it in refused.effects)
    other = (entries[0], evolve(refused, effects=told))

    (found,) = compare(entries[:2], other).differences
    assert (found.what, found.left, found.right) == (
        "effects", "CountFailure(identity)", "CountFailure(code)",
    )  # fmt: skip
