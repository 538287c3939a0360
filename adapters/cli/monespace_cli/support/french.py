"""Instants, spans and the sentences that a person read, as support staff read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from textwrap import shorten
from typing import Any

from attrs import frozen

from monespace_flows.journal.entry import Entry
from monespace_flows.notices import NOTICES, PROBLEMS, words_of
from monespace_flows.policy import Policy
from monespace_flows.retelling.compiled import FlowOutline
from monespace_flows.support.words import EFFECTS, command_words, flow_words, screen_words
from monespace_flows.wording import Cause, Lang, Text

__all__ = ()

_MONTHS: dict[Lang, tuple[str, ...]] = {
    "fr": (
        "janv.", "févr.", "mars", "avr.", "mai", "juin",
        "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ),
    "en": (
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ),
}  # fmt: skip
_STEPS = (
    (1, "s", (1, 2, 5, 10, 15, 30)),
    (60, "min", (1, 2, 5, 10, 15, 30)),
    (3600, "h", (1, 2, 4, 6, 12)),
    (86400, "j", (1, 2, 5, 10, 30, 90, 180)),
)
_LABELLED = 5  # columns that a tick and its number need


def say_day(day: date, lang: Lang = "fr") -> str:
    """Say a day: « 22 nov. 2026 », “22 Nov 2026”."""
    return f"{day.day} {_MONTHS[lang][day.month - 1]} {day.year}"


def say_clock(at: datetime, zone: tzinfo) -> str:
    """Say the time of day: « 19:03:01 »."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def say_period(start: datetime, end: datetime, zone: tzinfo, lang: Lang = "fr") -> str:
    """Say from when to when: « 22 nov. 2026 19:03 → 19:09 »."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    told = f"{say_day(first, lang)} {first:%H:%M}"
    if last.date() != first.date():
        return f"{told} → {say_day(last, lang)} {last:%H:%M}"
    return told if f"{last:%H:%M}" == f"{first:%H:%M}" else f"{told} → {last:%H:%M}"


def say_gap(gap: timedelta, lang: Lang = "fr") -> str:
    """Say how much later: « +2:39 », « +1:05:00 », « +3 j »."""
    seconds = int(gap.total_seconds())
    if seconds >= 86400:
        return f"+{seconds // 86400} {'j' if lang == 'fr' else 'd'}"
    hours, minutes = divmod(seconds // 60, 60)
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"+{clock}:{seconds % 60:02}"


@frozen
class Scale:
    """A scale of time: a span laid out over ``width`` columns."""

    span: timedelta
    width: int

    def axis(self) -> str:
        """Draw it: « 0 ─── 2 ─── 4 min », ``width`` columns and the unit."""
        seconds = self.span.total_seconds()
        if seconds < 1:
            return ""
        unit, name, step = _step(seconds, self.width)
        cells = [" "] * self.width
        end = 0
        for tick in range(0, int(seconds // unit) + 1, step):
            start, label = self.column(timedelta(seconds=tick * unit)), str(tick)
            if start + len(label) > self.width:
                break
            for column in range(end + 1, start - 1):
                cells[column] = "─"
            end = start + len(label)
            cells[start:end] = label
        return f"{''.join(cells).rstrip()} {name}"

    def column(self, at: timedelta) -> int:
        """The column of what happened so long after the start."""
        return round(at / self.span * (self.width - 1)) if self.span else 0


def _step(seconds: float, width: int) -> tuple[int, str, int]:
    for unit, name, steps in _STEPS:
        for step in steps:
            if seconds / (unit * step) * _LABELLED <= width:
                return unit, name, step
    return 86400, "j", 365


_COUNTS = re.compile(r" \(\{times\}\)| \{times\}| ?: \{problems\}| (?:de|of) \{wait\}|\{until\}")
_KINDS = {
    "error": Text("erreur", "error"),
    "info": Text("information", "information"),
    "success": Text("succès", "success"),
}
_FIELD = Text("champ", "field")


@frozen
class Sentence:
    """A notice or a field's error, as it was read; ``sort`` says which, to who sees no colour."""

    sort: Text
    text: str

    @property
    def kind(self) -> str:
        """The sort in French."""
        return self.sort.fr


def sentences_of(entry: Entry, policy: Policy) -> tuple[Sentence, ...]:
    """What the person read after a step: the notices, then what was wrong with the fields."""
    words = words_of(policy, entry.facts.wait)
    problems = (Sentence(_FIELD, PROBLEMS[it].format_map(words)) for it in entry.facts.problems)
    return (*(say_notice(notice, words) for notice in entry.notices), *problems)


def in_brief(notices: Iterable[str], words: dict[str, Any], width: int) -> list[str]:
    """The beginnings of notices, by which a reader knows them, each after its kind."""
    return [shortened(say_notice(notice, words), width) for notice in notices]


def shortened(it: Sentence, width: int) -> str:
    """The beginning of what was read, by which a reader knows it, after its kind."""
    return f"{it.kind} « {shorten(it.text, width - len(it.kind) - 5, placeholder='…')} »"


def say_ids(
    what: str,
    ids: str,
    *,
    flow: FlowOutline,
    entry: Entry,
    policy: Policy,
    width: int,
    lang: Lang = "fr",
) -> str:
    """What differs between two lines, in words.

    Args:
        what: of which kind it is.
        ids: the ids of one side, as differences have them.
        flow: theirs.
        entry: the line.
        policy: the numbers that its messages name.
        width: how many columns a message may take.
        lang: in which language; what stands on a screen is quoted as it is there.
    """
    each = ids.split(", ") if ids else []
    match what:
        case "flow":
            return flow_words(ids).said(lang)
        case "command" if ids != "not offered":
            return command_words(flow, entry.before, ids).said(lang)
        case "state":
            return screen_words(flow, ids)
        case "notices":
            return ", ".join(in_brief(each, words_of(policy, entry.facts.wait), width))
        case "effects":
            return ", ".join(_effect(it, lang) for it in each)
        case _:
            return _NOT_OFFERED.said(lang) if ids == "not offered" else ids


_NOT_OFFERED = Text("pas proposé ici", "not offered here")


def _effect(told: str, lang: Lang) -> str:
    kind, bracket, content = told.partition("(")
    words = EFFECTS[kind].said(lang) if kind in EFFECTS else kind
    return f"{words} ({content}" if bracket else words


def cause_in_brief(cause: Cause, lang: Lang = "fr") -> str:
    """A cause without what it counts: « Code refusé : il est périmé. »."""
    return _COUNTS.sub("", cause.text.said(lang))


def way_out_in_brief(cause: Cause) -> str:
    """A way out of nobody in particular: « Recommencer après l'attente. »."""
    words = {"times": "", "problems": "", "until": "", "wait": "le temps demandé"}
    return cause.way_out.fr.format_map({**words, "after": "après l'attente"})


def say_notice(notice: str, words: dict[str, Any]) -> Sentence:
    """A notice as it is read; by its id where it is another version's."""
    if notice not in NOTICES:
        return Sentence(Text("message inconnu", "unknown message"), notice)
    found = NOTICES[notice]
    return Sentence(_KINDS[found.kind], found.text.format_map(words))
