"""The sentences that a person read, with the numbers that they named, as support reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from attrs import frozen

from monespace_flows.journal.entry import Entry
from monespace_flows.notices import NOTICES, PROBLEMS, words_of
from monespace_flows.policy import Policy
from monespace_flows.retelling.compiled import FlowOutline
from monespace_flows.support.words import EFFECTS, command_words, flow_words, screen_words

if TYPE_CHECKING:
    from monespace_flows.spoken import Cause

__all__ = ["Sentence", "cause_in_brief", "in_brief", "say_ids", "sentences_of", "words_at"]

_COUNTS = re.compile(r" \(\{times\}\)| \{times\}| : \{problems\}| de \{wait\}")
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


def say_ids(
    what: str, ids: str, *, flow: FlowOutline, before: str, words: dict[str, Any], width: int
) -> str:
    """What differs between two lines, in words.

    Args:
        what: of which kind it is.
        ids: the ids of one side, as differences have them.
        flow: theirs.
        before: the state in which the line was written.
        words: the numbers that its messages name.
        width: how many columns a message may take.
    """
    each = ids.split(", ") if ids else []
    match what:
        case "flow":
            return flow_words(ids).fr
        case "command" if ids != "not offered":
            return command_words(flow, before, ids).fr
        case "state":
            return screen_words(flow, ids)
        case "notices":
            return ", ".join(in_brief(each, words, width))
        case "effects":
            return ", ".join(EFFECTS[it].fr if it in EFFECTS else it for it in each)
        case _:
            return "pas proposé ici" if ids == "not offered" else ids


def cause_in_brief(cause: Cause) -> str:
    """A cause without what it counts: « Code refusé : il est périmé. »."""
    return _COUNTS.sub("", cause.text.fr)


def _said(notice: str, words: dict[str, Any]) -> Sentence:
    if notice not in NOTICES:  # another version's
        return Sentence("message inconnu", notice)
    found = NOTICES[notice]
    return Sentence(_KINDS[found.kind], found.text.format_map(words))
