"""One journey as an agent sees it: what to say, what to do, each step and the screen it led to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from attrs import frozen
from markupsafe import Markup

from monespace_flows.journal.entry import ACCOUNT_JOURNAL
from monespace_flows.support.diagnosis import Diagnosis
from monespace_flows.support.nearest import Whose
from monespace_flows.support.seen import screen_as_html, screens_seen
from monespace_flows.support.timeline import timeline
from monespace_flows.support.words import command_words, flow_words, screen_words
from monespace_flows.wording import Text

from ..access.log import AccessRecord
from ..access.place import Place
from ..support.fates import MessageTold, tell_messages
from ..support.french import say_clock, say_day, say_gap, say_period
from ..support.source import Journals, Tale
from ..support.story import Story, tell_story
from ..support.trials import (
    can_be_given,
    find_nearest,
    other_answers,
    plain,
    tell_nearest,
)
from ..support.verdict import say_verdict
from .language import speaking

__all__ = ["Answers", "JourneyTold", "answers_of", "nearest_of", "say_instant", "tell_journey"]


@frozen(kw_only=True)
class Step:
    """A line of the journal, in words; ``screen`` is empty where nothing new was to be seen."""

    seq: int
    day: str
    at: str
    gap: str
    pressed: Text
    known: tuple[Text, ...]
    done: tuple[Text, ...]
    screen: Markup


@frozen(kw_only=True)
class Answers:
    """The other answers that a line could have had: what was pressed there, and each in words.

    Each answer is as a form sends it, what it says, and the screen that it would have led to, if
    that is another.
    """

    seq: int
    pressed: Text
    choices: tuple[tuple[str, Text, str], ...]


@frozen(kw_only=True)
class JourneyTold:
    """All that the page of a journey says.

    ``nearest`` and ``answers`` are empty where there is nothing to try; ``refused`` says whether a
    message could be put back.
    """

    reference: str
    flow: Text
    found: Diagnosis
    period: str
    steps: tuple[Step, ...]
    messages: tuple[MessageTold, ...]
    refused: bool
    nearest: tuple[Text, ...]
    answers: tuple[Answers, ...]
    replay: Text
    read_at: str


def tell_journey(journals: Journals, access: AccessRecord) -> JourneyTold:
    """Read a journey whose reading is on record, and tell it.

    Raises:
        Stop: there is none, or its journal is damaged or of an unknown version.
    """
    place, reference = journals.place, access.reference
    story = tell_story(journals.find(reference), journals.messages(reference))
    found = journals.diagnose(story.tale)
    return JourneyTold(
        reference=story.reference,
        flow=flow_words(story.flow.name),
        found=found,
        period=say_period(story.started_at, story.ended_at, place.zone, speaking()),
        steps=tuple(_steps(story, place)),
        messages=tell_messages(story, place.zone) or (),
        refused=any(it.status == "failed" for it in story.messages or ()),
        nearest=nearest_of(story.tale, found.cause_id),
        answers=answers_of(story.tale),
        replay=say_verdict(story, place.policy),
        read_at=say_instant(datetime.fromisoformat(access.at), place),
    )


def say_instant(at: datetime, place: Place) -> str:
    """Say a day and an hour."""
    return f"{say_day(at.astimezone(place.zone), speaking())} {say_clock(at, place.zone)}"


def _steps(story: Story, place: Place) -> Iterator[Step]:
    lang, day = speaking(), None
    told = zip(
        timeline(story.flow, story.entries),
        screens_seen(story.flow, story.entries, place.policy, place.zone, story.tale.deliveries),
        strict=True,
    )
    for moment, seen in told:
        today = moment.at.astimezone(place.zone).date()
        shows = moment.seq == 0 or moment.state != moment.state_after or moment.seen
        drawn = screen_as_html(seen, lang) if shows else ""
        yield Step(
            seq=moment.seq,
            day="" if today == day else say_day(today, lang),
            at=say_clock(moment.at, place.zone),
            gap=say_gap(moment.gap, lang) if moment.seq else "",
            pressed=moment.pressed,
            known=moment.known,
            done=moment.effects,
            screen=Markup(drawn),  # noqa: S704 - escaped where it is drawn
        )
        day = today


def nearest_of(tale: Tale, cause_id: str) -> tuple[Text, ...]:
    """The smallest change that would have led on.

    Empty where nothing was refused, and where the caller could not have made it: what to do has
    been said already.
    """
    found = None if tale.flow.name == ACCOUNT_JOURNAL else find_nearest(tale, cause_id)
    return tell_nearest(tale, found) if found and found.whose is Whose.PERSON else ()


def answers_of(tale: Tale) -> tuple[Answers, ...]:
    """Every other answer that somebody could have given, by the line that asked for it."""
    if tale.flow.name == ACCOUNT_JOURNAL:
        return ()
    given = filter(can_be_given, other_answers(tale))
    return tuple(
        Answers(
            seq=seq,
            pressed=command_words(tale.flow, tale.entries[seq].before, tale.entries[seq].command),
            choices=tuple(
                (
                    f"{seq}:{it.change.name}={plain(it.change.value)}",
                    it.change.words,
                    screen_words(tale.flow, it.after) if it.moves else "",
                )
                for it in found
            ),
        )
        for seq, found in groupby(given, key=lambda it: it.change.seq)
    )
