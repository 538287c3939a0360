"""A journey, or one line of it, on a page of 80 columns, the same without colour or eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from attrs import field, frozen

from monespace_flows.journal.entry import Entry
from monespace_flows.policy import Policy
from monespace_flows.support.diagnosis import Diagnosis
from monespace_flows.support.seen import SeenScreen
from monespace_flows.support.timeline import Moment, is_key, timeline
from monespace_flows.support.words import flow_words
from monespace_flows.wording import Text

from ..output import bold, wrapped
from .fates import MessageTold, tell_messages
from .french import Scale, say_clock, say_day, say_gap, say_period, sentences_of
from .screen_box import boxed
from .story import Story
from .verdict import say_verdict

__all__ = ()

_BESIDE = 38  # the columns beside the scale of time
_INDENT = "      "


@frozen(kw_only=True)
class StoryPage:
    """Lays a story out in lines of ``width`` columns, hours in ``zone``."""

    story: Story
    diagnosis: Diagnosis
    access: tuple[str, ...]
    policy: Policy
    zone: tzinfo
    width: int

    def lines(self) -> list[str]:
        """The whole page."""
        return [*self._header(), "", *self._timeline(), "", *self._messages(), *self._replay()]

    def _header(self) -> list[str]:
        story, diagnosis = self.story, self.diagnosis
        parts = [
            f"Parcours {story.reference}",
            flow_words(story.flow.name).fr,
            diagnosis.status.words.fr,
            say_period(story.started_at, story.ended_at, self.zone),
        ]
        first, *rest = _joined(parts, self.width)
        return [
            bold(first),
            *rest,
            *wrapped(diagnosis.cause.fr, self.width, "Cause      "),
            *wrapped(diagnosis.way_out.fr, self.width, "Que faire  "),
            *_joined(list(self.access), self.width),
        ]

    def _timeline(self) -> list[str]:
        story = self.story
        columns = max(12, self.width - _BESIDE - 22)
        scale = Scale(story.ended_at - story.started_at, columns)
        head = f" #  heure     écart      {scale.axis():<{columns + 5}}geste"
        lines = [bold(head.rstrip())]
        day = story.started_at.astimezone(self.zone).date()
        for entry, moment in zip(story.entries, timeline(story.flow, story.entries), strict=True):
            today = entry.at.astimezone(self.zone).date()
            if today != day:
                lines.append(f"{_INDENT}{say_day(today)}")
                day = today
            mark = " " * scale.column(entry.at - story.started_at) + "▪"
            lines += self._moment(entry, moment, f"{mark:<{columns + 5}}")
        return lines

    def _moment(self, entry: Entry, moment: Moment, mark: str) -> list[str]:
        gap = say_gap(moment.gap) if moment.gap or moment.seq else ""
        start = f"{moment.seq:>2}  {say_clock(entry.at, self.zone)}  {gap:<9}  {mark}"
        lines = wrapped(moment.pressed.fr, self.width, start, " " * len(start))
        lines += self._labelled("constaté", ", ".join(text.fr for text in moment.known))
        lines += self._labelled("effectué", ", ".join(text.fr for text in moment.effects))
        lines += self._labelled("depuis", _from_where(entry))
        moved = moment.state_after != moment.state or moment.seq == 0
        lines += self._labelled("affiché", f"« {moment.title_after} »" if moved else "même écran")
        for read in sentences_of(entry, self.policy):
            lines += wrapped(f"{read.kind} : {read.text}", self.width, f"{_INDENT}          ")
        return lines

    def _labelled(self, label: str, text: str) -> list[str]:
        return wrapped(text, self.width, f"{_INDENT}{label:<10}") if text else []

    def _messages(self) -> list[str]:
        """What was sent, and what became of it."""
        told = tell_messages(self.story, self.zone)
        if told is None:
            return ["Messages  inconnus : un fichier ne contient que les journaux"]
        if not told:
            return ["Messages  aucun"]
        return [
            bold("Messages"),
            *(_message(it, it.fate) for it in told if it.fate is not None),
            *(line for it in told if it.is_story for line in self._fates(it)),
        ]

    def _fates(self, told: MessageTold) -> list[str]:
        """What became of a message, from its first line on."""
        head = f"  {told.channel.fr}, {told.purpose.fr} : "
        return wrapped(", ".join(it.fr for it in told.lines), self.width, head, _INDENT)

    def _replay(self) -> list[str]:
        return wrapped(say_verdict(self.story, self.policy).fr, self.width, "Rejeu     ")


def _message(told: MessageTold, fate: Text) -> str:
    return f"  {told.channel.fr:<8}{told.purpose.fr:<26}{fate.fr}"


def _joined(parts: list[str], width: int, gap: str = "   ", rest: str = "           ") -> list[str]:
    """Put parts side by side, and on further lines where they do not fit."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]}{gap}{part}"
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(f"{rest}{part}")
    return lines


@frozen(kw_only=True)
class Walk:
    """A journey gone through line by line: what each says, and where a key leads from it.

    ``fates`` says, by the number of a line, what became of the messages that it had sent.
    """

    reference: str
    moments: Sequence[Moment]
    screens: Sequence[SeenScreen]
    zone: tzinfo
    fates: Mapping[int, Sequence[str]] = field(factory=dict)

    def move(self, at: int, key: str) -> int | None:
        """Where a key leads from a line; ``None`` ends."""
        last = len(self.moments) - 1
        name, _, rest = key.strip().partition(" ")
        match name:
            case "n" | "":
                return min(at + 1, last)
            case "p":
                return max(at - 1, 0)
            case "g" if rest.strip().isdecimal():
                return min(int(rest), last)
            case "j":
                return next((it.seq for it in self.moments[at + 1 :] if is_key(it)), last)
            case "q":
                return None
            case _:
                return at

    def page(self, at: int, width: int) -> list[str]:
        """One line of the journey in lines of text."""
        moment = self.moments[at]
        gap = f"   {say_gap(moment.gap)}" if at else ""
        last = len(self.moments) - 1
        lines = [f"Ligne {at} sur {last}   {say_clock(moment.at, self.zone)}{gap}"]
        for label, text in self._parts(moment):
            lines += wrapped(text, width, f"  {label:<9} ")
        return [*lines, *boxed(self.screens[at], width)]

    def _parts(self, moment: Moment) -> list[tuple[str, str]]:
        return [
            ("Écran", f"« {moment.title} »"),
            ("Geste", moment.pressed.fr),
            ("Constaté", ", ".join(text.fr for text in moment.known) or "rien de plus"),
            ("Effectué", ", ".join(text.fr for text in moment.effects) or "rien"),
            *(("Message", it) for it in self.fates.get(moment.seq, ())),
            ("Possible", ", ".join(f"« {it} »" for it in moment.possible) or "rien : c'est la fin"),
            ("Affiché", "l'écran ci-dessous ; ce qui a été saisi n'est pas conservé"),
        ]


def _from_where(entry: Entry) -> str:
    """The network, and enough of the pseudonym to see that two lines came from one address."""
    if entry.client is None:
        return ""
    return f"{entry.network} (adresse {entry.client.rpartition(':')[2][:8]})"
