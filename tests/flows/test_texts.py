"""Every text by its id: two whole languages, and a host's own words checked at the start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from monespace_flows import Flows, ResendCode, SubmitIdentity
from monespace_flows.errors import TextsInvalid
from monespace_flows.flows import STANDARD
from monespace_flows.flows.signin import SIGNIN
from monespace_flows.policy import Policy
from monespace_flows.testing import Sandbox
from monespace_flows.texts import Catalogue, Texts, every_text
from monespace_flows.texts.catalogue import places, read_words
from tests.journeys import acting

FRENCH, ENGLISH = every_text(STANDARD), every_text(STANDARD, "en")
SAME = {
    "MonEspace", "Cookies", "SMS", "E-mails", "ORDRE DES MÉDECINS", "{count} minutes",
    "{title} – {site} – Ordre des médecins",
}  # fmt: skip
"""What is said alike in both."""

ALONE = "write a name in braces alone, such as {wait}"


def caught(texts: Texts, language: str = "fr") -> tuple[str, ...]:
    with pytest.raises(TextsInvalid) as caught:
        Catalogue(STANDARD, texts, Policy(), language)  # type: ignore[arg-type]  # some are none
    return caught.value.faults


# --- both languages ------------------------------------------------------------------------------


def test_every_text_has_its_english_and_english_has_no_other() -> None:
    """The labels of flows stand beside their French, in the declaration."""
    labels = {f"flow.{flow.name}.label" for flow in STANDARD}
    nothing = {text_id for text_id, text in FRENCH.items() if not text}

    assert FRENCH.keys() - labels - nothing == read_words("en").keys()
    assert len(FRENCH) > 600


def test_a_file_of_words_is_read_once() -> None:
    read_words.cache_clear()

    assert read_words("en") is read_words("en")


def test_no_english_text_is_the_french_one() -> None:
    alike = {text for text_id, text in FRENCH.items() if text and ENGLISH[text_id] == text}

    assert {text for text in alike if places(text) == frozenset() or len(text) > 20} <= SAME


@pytest.mark.parametrize("text_id", FRENCH)
def test_both_languages_name_the_same_values(text_id: str) -> None:
    """And a host's own text must name them, too."""
    assert places(FRENCH[text_id]) == places(ENGLISH[text_id])


def test_live_words_stand_in_the_english_sentence_that_they_are_of() -> None:
    """So that they become links where they are read."""
    lost = []
    for flow in STANDARD:
        records = [*((f"notice.{n.id}", n.links, n.text) for n in flow.notices.values())]
        for screen in flow.screens.values():
            for each in screen.fields:
                at = f"{screen.id}.field.{each.name}"
                records.append((f"{at}.label", each.links, each.label))
                records.append((f"{at}.hint", each.links, each.hint or ""))
        for text_id, links, french in records:
            at = text_id.removesuffix(".label").removesuffix(".hint")
            for link in links:
                words = ENGLISH[f"{at}.link.{link.place}"]
                if link.label in french and words not in ENGLISH[text_id]:
                    lost.append(text_id)

    assert lost == []


@pytest.mark.parametrize(
    ("language", "instant", "spans"),
    [
        (
            "fr",
            "1er novembre 2026 à 9 h 05 (UTC)",
            ["une seconde", "90 secondes", "10 minutes", "24 heures", "30 jours"],
        ),
        (
            "en",
            "1 November 2026 at 9:05 (UTC)",
            ["one second", "90 seconds", "10 minutes", "24 hours", "30 days"],
        ),
    ],
)
def test_instants_and_spans_are_said_in_the_language(
    language: str, instant: str, spans: list[str]
) -> None:
    said = Catalogue(STANDARD, {}, Policy()).language(language)
    seconds = (1, 90, 600, 86_400, 30 * 86_400)

    assert said.instant(datetime(2026, 11, 1, 9, 5, tzinfo=UTC), UTC) == instant
    assert [said.span(timedelta(seconds=it)) for it in seconds] == spans


# --- a host's own words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        (
            {"identity.unknwon": "…"},
            ["no text is called identity.unknwon: notice.identity.unknown is one"],
        ),
        ({"zzzz": "…"}, ["no text is called zzzz"]),
        ({"code.expired": "Trop tard."}, ["notice.code.expired lacks {code_life}: ours says it"]),
        (
            {"creation.choose_channel.title": "Pour {wait}"},
            ["creation.choose_channel.title names {wait}, which is not known there"],
        ),
        (
            {"page.reference": "Référence : {référence}"},
            [
                "page.reference lacks {reference}: ours says it",
                "page.reference names {référence}, which is not known there",
            ],
        ),
        (
            {"page.skip": "{"},
            ["page.skip cannot be filled in: Single '{' encountered in format string"],
        ),
        (
            {"notice.identity.throttled": "{wait:>9}"},
            [f"notice.identity.throttled cannot be filled in: {ALONE}"],
        ),
        (
            {"identity.throttled": "{wait.__class__}"},
            [
                "notice.identity.throttled lacks {wait}: ours says it",
                "notice.identity.throttled names {wait.__class__}, which is not known there",
            ],
        ),
        ({"de": {"page.skip": "Zum Inhalt"}}, ["language: de is none of fr, en"]),
        (
            {"zzzz": "…", "en": {"yyyy": "…"}},
            ["no text is called zzzz", "no text is called yyyy"],
        ),
    ],
)  # fmt: skip
def test_all_that_could_not_be_shown_is_told_at_once(texts: Texts, faults: list[str]) -> None:
    assert caught(texts) == tuple(faults)


def test_an_application_speaks_no_language_of_which_there_is_none() -> None:
    assert caught({}, "de") == ("language: de is none of fr, en",)


def test_a_call_names_no_language_of_which_there_is_none() -> None:
    with pytest.raises(ValueError, match="'de' is none of fr, en"):
        Sandbox().flows.preview("creation", language="de")


@pytest.mark.parametrize(
    "text_id",
    [
        "creation.enter_code.intro",
        "reset.choose_new_password.field.password.hint",
        "notice.code.wrong",
    ],
)
def test_a_sentence_may_name_what_ours_could(text_id: str) -> None:
    """The policy's numbers, and what the journey knows."""
    needed = " ".join(f"{{{name}}}" for name in places(FRENCH[text_id]))

    said = Catalogue(STANDARD, {text_id: f"{needed} {{digits}}"}, Policy()).language("fr")

    assert said.texts[text_id] == f"{needed} {{digits}}"


def test_each_kind_of_text_of_a_journey_can_be_said_otherwise() -> None:
    """Title, introduction, step, label, hint, live words, button, link, notice, field error."""
    sandbox = Sandbox()
    own = {
        "creation.enter_identity.title": "Ouvrir votre espace",
        "creation.enter_identity.step": "Qui je suis",
        "creation.enter_identity.field.rpps.label": "Votre numéro",
        "creation.enter_identity.field.rpps.hint": "11 chiffres",
        "creation.enter_identity.field.rpps.link.rpps_help": "Où ?",
        "creation.enter_identity.button.submit_identity": "Suite",
        "creation.enter_identity.link.signin": "J'ai un espace",
        "notice.terms.required": "Acceptez les conditions.",
        "problem.rpps.required": "Il manque votre numéro.",
        "told.your_address": "la vôtre",
    }
    flows = Flows(sandbox.ports, texts=own)
    view = flows.submit(
        flows.start("creation").token, SubmitIdentity(birth_date="17/06/1975", rpps="")
    )
    rpps = next(field for field in view.screen.fields if field.name == "rpps")

    assert (view.screen.title, view.screen.step) == ("Ouvrir votre espace", "Qui je suis")
    assert (rpps.label, rpps.hint) == ("Votre numéro", "11 chiffres")
    assert [link.label for link in rpps.links] == ["Où ?"]
    assert view.screen.buttons[0].label == "Suite"
    assert view.screen.links[0].label == "J'ai un espace"
    assert [notice.text for notice in view.notices] == ["Acceptez les conditions."]
    assert rpps.error == "Il manque votre numéro."


def test_a_letter_can_be_said_otherwise_in_each_flow() -> None:
    sandbox = Sandbox()
    own = {
        "creation.letter.code.email.subject": "Le code",
        "creation.letter.code.email.paragraph.3": "C'est {code}.",
    }
    sandbox.flows = Flows(sandbox.ports, texts=own, wake=sandbox.deliver)
    acting.awaiting_code(sandbox, channel="email")

    letter = sandbox.messages[-1]
    assert letter.subject == "Le code"
    assert f"C'est {letter.code}." in letter.text


def test_the_second_button_of_one_command_is_told_apart() -> None:
    own = {"creation.enter_code.button.back.has_other_contact": "Autrement"}
    sandbox = Sandbox()
    sandbox.flows = Flows(sandbox.ports, texts=own, wake=sandbox.deliver)
    view = acting.awaiting_code(sandbox)

    backs = [button.label for button in view.screen.buttons if button.command == "back"]
    assert backs == ["Retour", "Autrement"]


def test_a_host_has_words_of_its_own_in_each_language() -> None:
    texts: Texts = {"signin.signed_in.title": "Oui", "en": {"signin.signed_in.title": "Yes"}}
    flows = Flows(Sandbox().ports, texts=texts)

    said = [flows.catalogue.language(code).texts["signin.signed_in.title"] for code in ("fr", "en")]
    assert said == ["Oui", "Yes"]


def test_a_host_s_own_flow_says_its_own_words_where_nobody_has_others() -> None:
    """A catalogue is not asked of it; one that names its ids is heard."""
    screens = {
        **SIGNIN.screens,
        "enter_credentials": evolve(
            SIGNIN.screens["enter_credentials"], id="mine.enter", title="Entrez"
        ),
    }
    mine = evolve(SIGNIN, name="mine", path="/mine", screens=screens)
    own = {"en": {"mine.enter.field.email.label": "Login"}}
    flows = Flows(Sandbox().ports, flows=(*STANDARD, mine), texts=own)

    screen = flows.preview("mine", language="en").screen
    assert (screen.title, screen.fields[0].label) == ("Entrez", "Login")


# --- the language of an answer -------------------------------------------------------------------


def test_an_application_in_english_answers_and_writes_so_unless_asked_otherwise() -> None:
    sandbox = Sandbox()
    sandbox.flows = Flows(sandbox.ports, wake=sandbox.deliver, language="en")
    view = acting.awaiting_code(sandbox)

    assert view.screen.title == "Please enter the code you received"
    assert sandbox.messages[-1].text.startswith("Ordre des médecins: your code is ")
    french = sandbox.flows.view(view.token, language="fr")
    assert french.screen.title == "Veuillez saisir le code reçu"


def test_a_notice_that_no_step_shows_is_said_in_each_language() -> None:
    """With the policy's numbers, and its live words."""
    flows = Sandbox().flows
    french, english = (flows.notice("link.invalid", language=it) for it in (None, "en"))

    assert "a plus de 24 heures" in french.text
    assert "is more than 24 hours old" in english.text
    assert [link.label for link in english.links] == ["ask for a new link"]


def test_the_strength_of_a_password_is_named_in_each_language() -> None:
    flows = Sandbox().flows

    assert flows.judge_strength("court").label == "Faible"
    assert flows.judge_strength("court", language="en").label == "Weak"


def test_a_letter_has_the_language_of_the_step_that_sends_it() -> None:
    """Whoever presses in English is written to in English, in a journey that was French."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=2)
    view = sandbox.flows.submit(view.token, ResendCode(), language="en")

    assert [it.language for it in sandbox.messages] == ["fr", "en"]
    assert [notice.text for notice in view.notices] == [
        "A new code has just been sent to you. The previous code is no longer valid."
    ]
    assert sandbox.flows.view(view.token).screen.title == "Veuillez saisir le code reçu"


def test_a_journal_knows_nothing_of_languages() -> None:
    """What is told again must not depend on who read what."""
    lines = []
    for language in ("fr", "en"):
        sandbox = Sandbox()
        view = sandbox.flows.start("creation", language=language)
        view = sandbox.flows.submit(view.token, acting.identity(), language=language)
        with sandbox.ports.storage.reading() as unit:
            lines.append(unit.journal.lines(view.reference))

    assert lines[0] == lines[1] != ()
