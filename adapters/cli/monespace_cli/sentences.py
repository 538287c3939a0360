"""The sentences that a person read, with the numbers that they named, as support reads them."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from monespace_flows.journal import Entry
from monespace_flows.notices import NOTICES, PROBLEMS, words_of
from monespace_flows.policy import Policy

__all__ = ["Sentence", "sentences_of", "words_at"]

_KINDS = {"error": "erreur", "info": "information", "success": "succès"}


@frozen
class Sentence:
    """A notice or a field's error; ``kind`` is French, for whoever sees no colour."""

    kind: str
    text: str


def words_at(entry: Entry, policy: Policy) -> dict[str, Any]:
    """The numbers that the sentences of a step named."""
    return words_of(policy, entry.facts.wait)


def sentences_of(entry: Entry, policy: Policy) -> tuple[Sentence, ...]:
    """What the person read after a step: the notices, then what was wrong with the fields."""
    words = words_at(entry, policy)
    notices = [NOTICES[it] for it in entry.notices if it in NOTICES]
    return (
        *(Sentence(_KINDS[it.kind], it.text.format_map(words)) for it in notices),
        *(Sentence("champ", PROBLEMS[it].format_map(words)) for it in entry.facts.problems),
    )
