"""What became of a journey's messages, each with the lines of its own journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from attrs import frozen

from monespace_flows.journal.deliveries import Delivery, Fate
from monespace_flows.support.messages import FATES
from monespace_flows.wording import Lang, Text

from .french import say_clock, say_day
from .source import Tale
from .story import Story

if TYPE_CHECKING:
    from monespace_backends.reading import SentMessage

__all__ = ()

CHANNELS = {
    "sms": Text("SMS", "SMS"),
    "email": Text("e-mail", "e-mail"),
    "none": Text("aucun", "none"),
}
_PURPOSES = {
    "code": Text("code", "code"),
    "confirmation": Text("confirmation", "confirmation"),
    "reset_link": Text("lien de réinitialisation", "reset link"),
    "notice": Text("avertissement", "notice"),
}
_AS_USUAL = {Fate.QUEUED, Fate.HANDED_OVER}


@frozen(kw_only=True)
class MessageTold:
    """One message: ``fate`` is where it stands, unknown in a file; ``lines`` are how it came there.

    ``is_usual``: it left without trouble, or is about to.
    """

    channel: Text
    purpose: Text
    fate: Text | None
    lines: tuple[Text, ...]
    is_usual: bool

    @property
    def is_story(self) -> bool:
        """Whether the lines say what the fate alone does not."""
        return bool(self.lines) and not (self.fate and self.is_usual)


def tell_messages(story: Story, zone: tzinfo) -> tuple[MessageTold, ...] | None:
    """Tell what became of the messages of a journey; ``None`` where that is unknown."""
    return _Teller(story.tale, zone).all(story.messages)


def fates_by_line(tale: Tale, zone: tzinfo) -> dict[int, list[str]]:
    """What became of the messages that each line had sent, by the line's number."""
    line_of = {wish.key: entry.seq for entry in tale.entries for wish in entry.effects}
    by_line: dict[int, list[str]] = {}
    for told, lines in _Teller(tale, zone).journals():
        # A letter to several: the second message has the key and a number after it.
        seq = line_of.get(lines[0].message.partition(".")[0])
        if seq is not None:
            by_line.setdefault(seq, []).append(say_in_line(told))
    return by_line


@frozen
class _Teller:
    tale: Tale
    zone: tzinfo

    def journals(self) -> Iterator[tuple[MessageTold, Sequence[Delivery]]]:
        """Each journal of a message that was to leave, with what it tells."""
        for lines in self.tale.deliveries:
            if lines[0].channel != "none":
                yield self._of_journal(lines), lines

    def all(self, sent: Sequence[SentMessage] | None) -> tuple[MessageTold, ...] | None:
        if sent is None:
            return tuple(told for told, _ in self.journals()) or None
        journals = [lines for _, lines in self.journals()]
        return tuple(self._of_rows(sent, journals))

    def _of_rows(
        self, sent: Sequence[SentMessage], journals: list[Sequence[Delivery]]
    ) -> Iterator[MessageTold]:
        """Each message with the journal that began as it was written."""
        for message in sent:
            mine = next((it for it in journals if _is_of(it, message)), ())
            if mine:
                journals.remove(mine)
            yield self._told(message.channel, message.purpose, self._fate(message), mine)
        for left in journals:
            yield self._of_journal(left)

    def _of_journal(self, lines: Sequence[Delivery]) -> MessageTold:
        return self._told(lines[0].channel, lines[0].purpose, None, lines)

    def _told(
        self, channel: str, purpose: str, fate: Text | None, lines: Sequence[Delivery]
    ) -> MessageTold:
        return MessageTold(
            channel=CHANNELS[channel],
            purpose=_PURPOSES.get(purpose, Text(purpose, purpose)),
            fate=fate,
            lines=tuple(map(self._line, lines)),
            is_usual=all(it.fate in _AS_USUAL for it in lines),
        )

    def _line(self, line: Delivery) -> Text:
        said, at = FATES[line.fate], self._instant(line.at)
        by = (f" par {line.by}", f" by {line.by}") if line.by else ("", "")
        return Text(f"{said.fr} {at.fr}{by[0]}", f"{said.en} {at.en}{by[1]}")

    def _fate(self, message: SentMessage) -> Text:
        many = message.attempts > 1
        tries = (f", {message.attempts} essais", f", {message.attempts} tries")
        fr, en = tries if many else ("", "")
        at = Text("", "") if message.finished_at is None else self._instant(message.finished_at)
        match message.status:
            case "waiting":
                return Text(f"en attente{fr}", f"waiting{en}")
            case "sent" if message.channel == "none":
                return Text("rien n'est parti", "nothing left")
            case "sent":
                return Text(f"remis {at.fr}{fr}", f"handed over {at.en}{en}")
            case "expired":
                return Text(f"périmé {at.fr}, pas envoyé", f"expired {at.en}, not sent")
            case _:
                return Text(f"abandonné {at.fr}{fr}", f"given up {at.en}{en}")

    def _instant(self, at: datetime) -> Text:
        """The hour, after the day where it is not the journey's first."""
        day, clock = at.astimezone(self.zone).date(), say_clock(at, self.zone)
        if day == self.tale.entries[0].at.astimezone(self.zone).date():
            return Text(f"à {clock}", f"at {clock}")
        return Text(f"le {say_day(day)} à {clock}", f"on {say_day(day, 'en')} at {clock}")


def _is_of(lines: Sequence[Delivery], message: SentMessage) -> bool:
    first = lines[0]
    return (first.channel, first.purpose, first.at) == (
        message.channel,
        message.purpose,
        message.created_at,
    )


def say_in_line(told: MessageTold, lang: Lang = "fr") -> str:
    """Say a message in one line: its channel, its purpose and what became of it."""
    colon = " : " if lang == "fr" else ": "
    fate = [] if told.fate is None else [told.fate.said(lang)]
    lines = [", ".join(it.said(lang) for it in told.lines)] if told.is_story else []
    about = f"{told.channel.said(lang)}, {told.purpose.said(lang)}"
    return f"{about}{colon}{' ; '.join([*fate, *lines])}"
