"""A journey, or one line of it, on a page of 80 columns, the same without colour or eyes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from attrs import frozen

from monespace_flows.journal.deliveries import Delivery, Fate
from monespace_flows.journal.entry import Entry
from monespace_flows.policy import Policy
from monespace_flows.retelling.fold import Divergence
from monespace_flows.support.diagnosis import Diagnosis
from monespace_flows.support.messages import FATES
from monespace_flows.support.seen import SeenScreen
from monespace_flows.support.timeline import Moment, is_key, timeline
from monespace_flows.support.words import flow_words

from ..output import bold, wrapped
from .french import Scale, say_clock, say_day, say_gap, say_ids, say_period, sentences_of
from .screen_box import boxed
from .story import Story

if TYPE_CHECKING:
    from monespace_backends.reading import SentMessage

__all__ = ()

CHANNELS = {"sms": "SMS", "email": "e-mail", "none": "aucun"}
MESSAGES = {
    "code": "code",
    "confirmation": "confirmation",
    "reset_link": "lien de réinitialisation",
    "notice": "avertissement",
}
_AS_USUAL = {Fate.QUEUED, Fate.HANDED_OVER}
_BESIDE = 38  # the columns beside the scale of time
_INDENT = "      "
_BRIEF = 60  # columns of a message of which only the beginning is told
_DIFFERING = {
    "command": "geste",
    "state": "écran ensuite",
    "notices": "messages affichés",
    "effects": "effectué",
}


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
        return [*self._header(), "", *self._timeline(), "", *self.messages(), *self._replay()]

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

    def messages(self) -> list[str]:
        """What was sent, and what became of it."""
        if self.story.messages is None:
            fates = [line for it in self.story.tale.deliveries for line in self._fates(it)]
            if fates:
                return [bold("Messages"), *fates]
            return ["Messages  inconnus : un fichier ne contient que les journaux"]
        if not self.story.messages:
            return ["Messages  aucun"]
        lines = [bold("Messages"), *(self._message(it) for it in self.story.messages)]
        for told in self.story.tale.deliveries:
            if any(it.fate not in _AS_USUAL for it in told):
                lines += self._fates(told)
        return lines

    def _fates(self, told: Sequence[Delivery]) -> list[str]:
        """What became of a message, from its first line on."""
        if told[0].channel == "none":
            return []
        purpose = MESSAGES.get(told[0].purpose, told[0].purpose)
        said = ", ".join(
            f"{FATES[it.fate].fr} {self._instant(it.at)}{f' par {it.by}' if it.by else ''}"
            for it in told
        )
        head = f"  {CHANNELS[told[0].channel]}, {purpose} : "
        return wrapped(said, self.width, head, _INDENT)

    def _message(self, message: SentMessage) -> str:
        channel = CHANNELS[message.channel]
        purpose = MESSAGES.get(message.purpose, message.purpose)
        return f"  {channel:<8}{purpose:<26}{self.fate(message)}"

    def fate(self, message: SentMessage) -> str:
        """Say what became of a message."""
        tries = f", {message.attempts} essais" if message.attempts > 1 else ""
        at = "" if message.finished_at is None else self._instant(message.finished_at)
        match message.status:
            case "waiting":
                return f"en attente{tries}"
            case "sent":
                return f"remis {at}{tries}" if message.channel != "none" else "rien n'est parti"
            case "expired":
                return f"périmé {at}, pas envoyé"
            case _:
                return f"abandonné {at}{tries}"

    def _instant(self, at: datetime) -> str:
        day = at.astimezone(self.zone).date()
        told = f"à {say_clock(at, self.zone)}"
        begun = self.story.started_at.astimezone(self.zone).date()
        return told if day == begun else f"le {say_day(day)} {told}"

    def _replay(self) -> list[str]:
        return wrapped(self.verdict(), self.width, "Rejeu     ")

    def verdict(self) -> str:
        """Say whether telling the journey again agrees."""
        verdict, steps = self.story.verdict, len(self.story.entries)
        table = " (journal écrit par une autre version des tables)" if verdict.other_table else ""
        if verdict.divergence is not None:
            return self._differs(verdict.divergence) + table
        if verdict.stored_differs:
            return "le journal ne mène pas au parcours enregistré : prévenez l'exploitation"
        gone = " ; le parcours lui-même est effacé, passé sa durée de vie"
        same = f"identique, {steps} ligne{'s' if steps > 1 else ''}{table}"
        return same + gone if verdict.is_purged else same

    def _differs(self, found: Divergence) -> str:
        entry = self.story.entries[found.seq]
        recorded, replayed = (
            say_ids(
                found.what,
                ids,
                flow=self.story.flow,
                entry=entry,
                policy=self.policy,
                width=_BRIEF,
            )
            or "rien"
            for ids in (found.recorded, found.replayed)
        )
        return (
            f"différent à la ligne {found.seq}, {_DIFFERING[found.what]} : enregistré {recorded}, "
            f"rejoué {replayed}"
        )


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
    """A journey gone through line by line: what each says, and where a key leads from it."""

    reference: str
    moments: Sequence[Moment]
    screens: Sequence[SeenScreen]
    zone: tzinfo

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
            ("Possible", ", ".join(f"« {it} »" for it in moment.possible) or "rien : c'est la fin"),
            ("Affiché", "l'écran ci-dessous ; ce qui a été saisi n'est pas conservé"),
        ]


def _from_where(entry: Entry) -> str:
    """The network, and enough of the pseudonym to see that two lines came from one address."""
    if entry.client is None:
        return ""
    return f"{entry.network} (adresse {entry.client.rpartition(':')[2][:8]})"
