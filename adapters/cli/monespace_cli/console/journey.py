"""One journey as an agent sees it: what to say, what to do, each step and the screen it led to."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from monespace_flows.journal.entry import ACCOUNT_JOURNAL, Entry
from monespace_flows.screens import Field
from monespace_flows.support.timeline import Moment, timeline
from monespace_flows.support.words import flow_words

from ..access.place import Place
from ..support.french import Sentence, say_clock, say_day, say_gap, say_period, sentences_of
from ..support.source import Journals
from ..support.story import Story, tell_story
from ..support.story_page import CHANNELS, MESSAGES, StoryPage
from ..support.whatif import WHOSE

__all__ = ["JourneyTold", "tell_journey"]

_NOT_KEPT = "non conservé"
_HOW: dict[str, str] = {
    "fixed": "masqué",
    "checkbox": "case à cocher, non conservée",
    "radio": "choix, non conservé",
}


@frozen(kw_only=True)
class DrawnScreen:
    """What the person saw; a field is its label and what is known of its value: never the value."""

    title: str
    notices: tuple[Sentence, ...]
    fields: tuple[tuple[str, str], ...]
    buttons: tuple[str, ...]


@frozen(kw_only=True)
class Step:
    """A line of the journal, in words; ``screen`` is ``None`` where nothing new was to be seen."""

    seq: int
    day: str
    at: str
    gap: str
    pressed: str
    known: str
    done: str
    screen: DrawnScreen | None


@frozen(kw_only=True)
class JourneyTold:
    """All that the page of a journey says.

    ``messages`` are channel, purpose and fate of each.  ``whatif`` is empty where there is nothing
    to try.
    """

    reference: str
    flow: str
    status: str
    period: str
    why: str
    way_out: str
    cause_id: str
    steps: tuple[Step, ...]
    messages: tuple[tuple[str, str, str], ...]
    whatif: tuple[str, ...]
    replay: str
    troubled: tuple[str, ...]


def tell_journey(journals: Journals, reference: str) -> JourneyTold:
    """Read a journey whose reading is on record, and tell it.

    Raises:
        Stop: there is none, or its journal is damaged or of an unknown version.
    """
    place = journals.place
    story = tell_story(journals.find(reference), journals.messages(reference))
    found = journals.diagnose(story.tale)
    page = StoryPage(
        story=story, diagnosis=found, access=(), policy=place.policy, zone=place.zone, width=80
    )
    return JourneyTold(
        reference=story.reference,
        flow=flow_words(story.flow.name).fr,
        status=found.status.words.fr,
        period=say_period(story.started_at, story.ended_at, place.zone),
        why=found.why.said("fr"),
        way_out=found.way_out.fr,
        cause_id=found.cause_id,
        steps=tuple(_steps(story, place)),
        messages=tuple(
            (CHANNELS[it.channel], MESSAGES.get(it.purpose, it.purpose), page.fate(it))
            for it in story.messages or ()
        ),
        whatif=_whatif(story, found.cause_id),
        replay=page.verdict(),
        troubled=tuple(CHANNELS.get(it, it) for it in journals.troubled()),
    )


def _steps(story: Story, place: Place) -> Iterator[Step]:
    day = None
    for entry, moment in zip(story.entries, timeline(story.flow, story.entries), strict=True):
        today = entry.at.astimezone(place.zone).date()
        shows = moment.seq == 0 or moment.state != moment.state_after or moment.seen
        yield Step(
            seq=moment.seq,
            day="" if today == day else say_day(today),
            at=say_clock(entry.at, place.zone),
            gap=say_gap(moment.gap) if moment.seq else "",
            pressed=moment.pressed.fr,
            known=", ".join(text.fr for text in moment.known),
            done=", ".join(text.fr for text in moment.effects),
            screen=_drawn(entry, moment, place) if shows else None,
        )
        day = today


def _drawn(entry: Entry, moment: Moment, place: Place) -> DrawnScreen:
    from monespace_flows.flows import FLOWS

    flow = FLOWS.get(entry.flow)  # none for the journal of an account, which shows no screen
    screen = None if flow is None else flow.screens.get(entry.after)
    fields = () if screen is None else screen.fields
    return DrawnScreen(
        title=moment.title_after,
        notices=sentences_of(entry, place.policy),
        fields=tuple((it.label, _kept(it)) for it in fields),
        buttons=moment.possible,
    )


def _kept(one: Field) -> str:
    return _HOW.get(one.kind, _NOT_KEPT)


def _whatif(story: Story, cause_id: str) -> tuple[str, ...]:
    """The smallest change that would have led on, as ``monespace whatif --nearest`` says it.

    Nothing where the caller could not have made it: what to do has been said already.
    """
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.messages import OURS
    from monespace_flows.support.nearest import Whose, nearest
    from monespace_flows.support.words import screen_words

    if story.flow.name == ACCOUNT_JOURNAL or cause_id in OURS:
        return ()
    near = nearest(FLOWS[story.flow.name], story.entries)
    if near is None or near.whose is not Whose.PERSON:
        return ()
    return (
        f"Ligne {near.seq} : {near.text.fr}",
        f"La personne serait alors à l'écran {screen_words(story.flow, near.after)}.",
        WHOSE[near.whose.value],
    )
