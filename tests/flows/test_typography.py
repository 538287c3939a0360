"""French typography at the edge, and the guide's sentences that it leaves alone."""

import re
from pathlib import Path

import pytest

from monespace_flows.notices import NOTICES, PROBLEMS
from monespace_flows.wording import GUIDE, typeset

REQUIREMENTS = Path(__file__).parents[2] / "docs" / "reference" / "requirements.md"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        (
            "Un blocage ? Patientez ; sinon, appelez.",
            "Un blocage\u202f? Patientez\u202f; sinon, appelez.",
        ),
        ("Appuyez sur « Continuer ».", "Appuyez sur «\u00a0Continuer\u00a0»."),
        ("Voici votre code :", "Voici votre code\u00a0:"),
        ("S'il n'arrive pas, c'est qu'", "S’il n’arrive pas, c’est qu’"),
        ("à 9 h 05, dans 42 s", "à 9\u00a0h\u00a005, dans 42\u00a0s"),
        ("12 caractères au moins", "12 caractères au moins"),
    ],
)
def test_spaces_do_not_break_and_apostrophes_are_those_of_print(typed: str, printed: str) -> None:
    assert printed == typeset(typed)


@pytest.mark.parametrize(
    "kept",
    [
        "o'neil@medecin.example",
        "https://monespace.example/lien/abc?x=1",
        "3361***78",
    ],
)
def test_an_address_is_never_touched_wherever_it_stands(kept: str) -> None:
    assert kept in typeset(f"L'adresse est : {kept} ; n'en changez pas.")


def test_every_text_of_the_guide_stays_letter_for_letter() -> None:
    quoted = re.findall("« ([^»]+) »", REQUIREMENTS.read_text("utf-8"))

    assert [text for text in quoted if typeset(text) != text] == []
    assert len(quoted) > 50


def test_a_part_of_a_guide_s_sentence_stays_as_it_is_too() -> None:
    """A live word cuts a sentence in two."""
    for sentence in GUIDE:
        for cut in range(12, len(sentence) - 12):
            assert sentence == typeset(sentence[:cut]) + typeset(sentence[cut:])


def test_a_guide_s_sentence_stays_within_a_longer_text() -> None:
    assert f"C’est dit\u00a0: {GUIDE[7]}\u202f; n’oubliez pas" == typeset(
        f"C'est dit : {GUIDE[7]} ; n'oubliez pas"
    )


def test_all_our_other_sentences_are_printed_as_french_is() -> None:
    texts = [notice.text for notice in NOTICES.values()] + list(PROBLEMS.values())
    ours = [text for text in texts if text not in GUIDE]

    assert [text for text in ours if re.search(r"\w'\w| [:;?!»]|« ", typeset(text))] == []
