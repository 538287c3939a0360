"""The guide's sentences, letter for letter, where a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import monespace_http
from monespace_flows.flows import FLOWS
from monespace_flows.notices import NOTICES, PROBLEMS

GUIDE = Path(__file__).parents[2] / "docs" / "reference" / "requirements.md"
TEMPLATES = Path(monespace_http.__file__).parent / "pages" / "templates"

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


def texts(value: object) -> Iterator[str]:
    """Every text that a record holds, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif attrs.has(type(value)):
        yield from texts(attrs.astuple(value, recurse=False))  # type: ignore[arg-type]  # has says so


def shown() -> str:
    """All that is shown or sent: screens, letters, notices, field errors, page templates."""
    records = [
        *(screen for flow in FLOWS.values() for screen in flow.screens.values()),
        *(letter for flow in FLOWS.values() for letter in flow.letters.values()),
        *NOTICES.values(),
    ]
    found = [text for record in records for text in texts(record)]
    pages = [path.read_text("utf-8") for path in TEMPLATES.glob("*.html")]
    return "\n".join([*found, *PROBLEMS.values(), *pages])


@pytest.mark.parametrize("sentence", [it for it in sentences() if it not in NOT_SHOWN])
def test_a_sentence_of_the_guide_is_shown_to_the_letter(sentence: str) -> None:
    """Accents, capitals, apostrophes and spaces included."""
    assert sentence in shown()


def test_nothing_is_left_out_in_vain() -> None:
    """The exceptions are sentences of the guide, and few."""
    assert {*NOT_SHOWN} <= {*sentences()}
    assert len(sentences()) > 60
