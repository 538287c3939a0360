"""The guide's sentences, letter for letter, where a person reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monespace_flows.flows import FLOWS
from monespace_flows.texts import every_text

GUIDE = Path(__file__).parents[2] / "docs" / "reference" / "requirements.md"

NOT_SHOWN = {
    "médecin, interne ou Dr Junior": "W1 says who the public is; the registry says it of a person",
    "Date de naissance •": "R1 has a dot where C1 has a star: one label for both",
    "3378***22": "an example of a mask",
    "Mon Espace": "the name of the site, which settings give",
}
"""What stands between « » in the guide and is no sentence of ours, with the reason."""


def sentences() -> list[str]:
    """All that the guide puts between « »."""
    text = GUIDE.read_text("utf-8")
    quoted = (" ".join(it.split()) for it in re.findall(r"«(.*?)»", text, re.DOTALL))
    return list(dict.fromkeys(quoted))


def shown() -> str:
    """All that is shown or sent."""
    return "\n".join(every_text(FLOWS.values()).values())


@pytest.mark.parametrize("sentence", [it for it in sentences() if it not in NOT_SHOWN])
def test_a_sentence_of_the_guide_is_shown_to_the_letter(sentence: str) -> None:
    """Accents, capitals, apostrophes and spaces included."""
    assert sentence in shown()


def test_nothing_is_left_out_in_vain() -> None:
    """The exceptions are sentences of the guide, and few."""
    assert {*NOT_SHOWN} <= {*sentences()}
    assert len(sentences()) > 60
