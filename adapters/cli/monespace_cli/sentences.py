"""The sentences that a person read, with the numbers that they named, as support reads them."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import shorten
from typing import Any

from attrs import frozen

from monespace_flows.journal import Entry
from monespace_flows.notices import NOTICES, PROBLEMS, words_of
from monespace_flows.policy import Policy

__all__ = ["Sentence", "in_brief", "sentences_of", "words_at"]

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
    problems = (Sentence("champ", PROBLEMS[it].format_map(words)) for it in entry.facts.problems)
    return (*(_said(notice, words) for notice in entry.notices), *problems)


def in_brief(notices: Iterable[str], words: dict[str, Any], width: int) -> list[str]:
    """The beginnings of notices, by which a reader knows them, each after its kind."""
    said = (_said(notice, words) for notice in notices)
    return [
        f"{it.kind} « {shorten(it.text, width - len(it.kind) - 5, placeholder='…')} »"
        for it in said
    ]


def _said(notice: str, words: dict[str, Any]) -> Sentence:
    if notice not in NOTICES:  # another version's
        return Sentence("message inconnu", notice)
    found = NOTICES[notice]
    return Sentence(_KINDS[found.kind], found.text.format_map(words))
