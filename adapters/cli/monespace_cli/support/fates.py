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
    return _Teller(story, zone).all()


@frozen
class _Teller:
    story: Story
    zone: tzinfo

    def all(self) -> tuple[MessageTold, ...] | None:
        journals: list[Sequence[Delivery]]
        journals = [it for it in self.story.tale.deliveries if it[0].channel != "none"]
        sent = self.story.messages
        if sent is None:
            return tuple(self._of_journal(it) for it in journals) or None
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
        if day == self.story.started_at.astimezone(self.zone).date():
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
