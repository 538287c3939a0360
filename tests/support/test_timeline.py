"""A journey told line by line: seen, known, possible."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import Wish
from monespace_flows.support.explanation import explain
from monespace_flows.support.timeline import is_key, timeline
from monespace_flows.support.words import screen_words
from monespace_flows.testing import Sandbox
from tests.support.explore import start_of
from tests.support.people import Person

CREATION = FLOWS["creation"]


def test_a_line_says_what_was_pressed_known_seen_done_and_possible() -> None:
    person = Person(Sandbox(), "creation").waits(seconds=30)
    person.identifies(("16/07/1975", "99000000002"))
    start, refused = timeline(CREATION, person.entries())

    assert (start.pressed.fr, start.known, start.gap) == ("début", (), timedelta(0))
    assert refused.gap == timedelta(seconds=30)
    assert refused.pressed.fr == "« Valider »"
    assert [text.fr for text in refused.known] == [
        "conditions acceptées",
        "RPPS connu, date de naissance différente",
    ]
    assert refused.seen[0].startswith("Les informations que vous avez saisies ne correspondent pas")
    assert [text.fr for text in refused.effects] == ["essai compté"]
    assert refused.possible == ("Valider", "Abandonner", "Prolonger")
    assert refused.refused == "identity.birth_date_differs"


def test_a_masked_contact_and_a_wrong_field_are_told() -> None:
    person = Person(Sandbox(), "creation").identifies(("1/2/75", "")).identifies().asks_code()
    _, wrong, _, sent = timeline(CREATION, person.entries())

    assert [text.fr for text in wrong.known][:2] == [
        "année de naissance à deux chiffres",
        "numéro RPPS vide",
    ]
    assert "Saisissez votre numéro RPPS, 11 chiffres." in wrong.seen
    assert [text.fr for text in sent.known] == ["envoi possible", "SMS 3361***78"]


def test_what_was_said_or_sent_is_key() -> None:
    person = Person(Sandbox(), "creation").extends().identifies().asks_code()

    assert [is_key(moment) for moment in timeline(CREATION, person.entries())] == [
        False,
        False,
        False,
        True,
    ]


def test_what_today_s_charts_do_not_know_is_told_by_its_name() -> None:
    """A journal of a newer chart is still told: states and effects by their ids."""
    odd = evolve(
        start_of(CREATION),
        before="dream",
        after="wake",
        command="sleep",
        effects=(Wish(kind="Snore", key="k"),),
        notices=("dream.lost",),
    )
    moment = timeline(CREATION, [odd])[0]

    assert (moment.title, moment.title_after, moment.pressed.fr) == ("dream", "wake", "« sleep »")
    assert ([text.fr for text in moment.effects], moment.seen) == (["Snore"], ())
    assert moment.possible == ()
    assert screen_words(CREATION, "wake") == "« wake »"


def test_a_notice_is_explained_by_its_places_and_causes() -> None:
    found = explain("identity.unknown")

    assert found.guide == ("C3", "R2", "D3")
    assert ("creation", "enter_identity") in found.places
    assert ("recovery", "choose_credentials") in found.places
    assert "identity.birth_date_differs" in {cause.id for cause in found.causes}
    assert explain("service.unavailable").places == ()
