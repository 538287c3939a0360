"""The screens that a person saw, drawn again from a journal as far as it tells.

What was typed is in no journal: a field is shown empty, a contact as it was masked, and an address
that the screen named as not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from html import escape

from attrs import define, field, frozen

from ..facts import CodeFacts, CodeVerdict, Contact
from ..journal.deliveries import PATIENCE, Delivery, Fate
from ..journal.entry import Entry
from ..language import FRENCH
from ..notices import CODE_DELAYED, CODE_UNDELIVERED, NOTICES, PROBLEMS, words_of
from ..policy import Policy
from ..retelling.compiled import FlowOutline
from ..screens import Notice
from ..wording import Lang, Text, typeset
from .timeline import Moment, timeline

__all__ = ["SeenField", "SeenNotice", "SeenScreen", "screen_as_html", "screens_seen"]

_NOT_KEPT = Text("non conservé", "not kept")
_COLON = Text(" : ", ": ")
_FIELD = Text("champ", "field")
_UNKNOWN = Text("message inconnu", "unknown message")
_AFTER = Text("Écran après la ligne {seq} :", "Screen after line {seq}:")
_KINDS = {
    "error": Text("erreur", "error"),
    "info": Text("information", "information"),
    "success": Text("succès", "success"),
}
_CHANNELS = {"sms": "SMS", "email": "e-mail"}

Quote = Callable[[str], str]
"""Marks what stood on a screen."""


@frozen(kw_only=True)
class SeenField:
    """A field as it can still be drawn: ``choices`` are masked, a ``checkbox`` is a box to tick."""

    label: str
    kind: str
    hint: str = ""
    choices: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands in the screen for it, in French: the label, what it held, the hint."""
        return self.drawn("fr", str)

    def drawn(self, lang: Lang, quote: Quote) -> tuple[str, ...]:
        """The same for a page in a language; ``quote`` marks what stood on the screen."""
        label = quote(self.label)
        if self.kind == "checkbox":
            return (f"[ ] {label}",)
        if self.kind == "radio":
            return (label, *(f"( ) {quote(it)}" for it in self.choices))
        held = f"{label}{_COLON.said(lang)}[ {_NOT_KEPT.said(lang)} ]"
        return (held, quote(self.hint)) if self.hint else (held,)


@frozen
class SeenNotice:
    """What the person read; ``kind`` says which sort of notice it is."""

    kind: Text
    text: str

    def drawn(self, lang: Lang, quote: Quote) -> str:
        """The notice after its kind; ``quote`` marks what stood on the screen."""
        return f"{self.kind.said(lang)}{_COLON.said(lang)}{quote(self.text)}"


@frozen(kw_only=True)
class SeenScreen:
    """What stood on the screen after a line.

    ``told_later`` was told to who looked at it again, from an hour on: of the message of its code.
    """

    seq: int
    title: str
    intro: str = ""
    told: tuple[SeenNotice, ...] = ()
    fields: tuple[SeenField, ...] = ()
    buttons: tuple[str, ...] = ()
    told_later: tuple[SeenNotice, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """What was told, each after its kind, in French."""
        return tuple(it.drawn("fr", str) for it in self.told)

    @property
    def later(self) -> tuple[str, ...]:
        """What was told later, in the same way."""
        return tuple(it.drawn("fr", str) for it in self.told_later)


def screens_seen(
    flow: FlowOutline,
    entries: Sequence[Entry],
    policy: Policy,
    zone: tzinfo = UTC,
    deliveries: Sequence[Sequence[Delivery]] = (),
) -> tuple[SeenScreen, ...]:
    """Draw the screen after each line of a journal that has been read and checked.

    Args:
        flow: its flow.
        entries: the journal.
        policy: the numbers that its texts name.
        zone: in which hours are told.
        deliveries: what became of the journey's messages, where it is known.
    """
    known, seen = _Known(policy, zone, {told[0].message: told for told in deliveries}), []
    ends = [*(it.at for it in entries[1:]), None]
    for entry, moment, end in zip(entries, timeline(flow, entries), ends, strict=True):
        known.learn(entry)
        seen.append(_seen(flow, entry, moment, known, end))
    return tuple(seen)


@define
class _Known:
    """What the screens of a journey may name: where a code went, and how often it was missed."""

    policy: Policy
    zone: tzinfo
    deliveries: Mapping[str, Sequence[Delivery]]
    contacts: tuple[Contact, ...] = ()
    contact: Contact | None = None
    sent: list[datetime] = field(factory=list)
    message: str = ""
    awaits_code: bool = False
    missed: int = 0

    def learn(self, entry: Entry) -> None:
        facts = entry.facts
        self.contacts = getattr(facts, "contacts", ()) or self.contacts
        self.contact = getattr(facts, "contact", None) or self.contact
        if isinstance(facts, CodeFacts):
            self.missed += facts.code in {CodeVerdict.DIFFERS, CodeVerdict.LAST_TRY_DIFFERS}
        for wish in entry.effects:
            if wish.kind == "CancelCode":
                self.awaits_code = False
            elif wish.kind == "SendCode":
                self.awaits_code, self.missed, self.message = True, 0, wish.key
                self.sent.append(entry.at)

    def words(self, wait: int) -> dict[str, object]:
        words = {**words_of(self.policy, wait), "address": f"[adresse {_NOT_KEPT.fr}e]"}
        if not self.awaits_code or self.contact is None:
            return words
        codes, at = self.policy.codes, self.sent[-1]
        sent_at = FRENCH.hour(at, self.zone)
        left = max(codes.tries - self.missed, 0)
        words["code_sent"] = FRENCH.phrase(
            f"told.code_sent.{self.contact.channel.value}",
            digits=codes.digits,
            contact=self.contact.masked,
            sent_at=sent_at,
            until=FRENCH.hour(at + codes.life, self.zone),
        )
        if len(self.sent) > 1:
            words["newer"] = FRENCH.phrase("told.newer", sent_at=sent_at)
        if left:
            name = "told.tries_left.one" if left == 1 else "told.tries_left.many"
            words["tries_left"] = FRENCH.phrase(name, count=left)
        return words

    def news(self, since: datetime, until: datetime | None) -> Iterator[SeenNotice]:
        """What the screen told between two instants of the message that carried the code."""
        told = self.deliveries.get(self.message, ()) if self.awaits_code else ()
        before = None
        for place, line in enumerate(told):
            ends = [it.at for it in told[place + 1 : place + 2]]
            end = min([*ends, until] if until else ends, default=None)
            at, notice = _told_from(line)
            at = max(at, since)
            # Without an end the present is not known: whether it is late, neither.
            is_told = notice is CODE_UNDELIVERED if end is None else at < end
            if notice is not None and notice is not before and is_told:
                before = notice
                hour = FRENCH.hour(at, self.zone)
                kind = _KINDS[notice.kind]
                when = Text(f"dès {hour}, {kind.fr}", f"from {hour}, {kind.en}")
                yield SeenNotice(when, notice.text)


def _told_from(line: Delivery) -> tuple[datetime, Notice | None]:
    """What the screen of a code says once a line is there, as the driver does, and from when."""
    if line.fate is Fate.QUEUED:
        return line.at + PATIENCE, CODE_DELAYED
    return line.at, CODE_UNDELIVERED if line.fate.is_lost else None


def _seen(
    flow: FlowOutline, entry: Entry, moment: Moment, known: _Known, end: datetime | None
) -> SeenScreen:
    screen, words = flow.screens.get(entry.after), known.words(entry.facts.wait)
    choices = tuple(f"{_CHANNELS[it.channel.value]} {it.masked}" for it in known.contacts)
    told = [
        SeenNotice(_KINDS[NOTICES[it].kind], NOTICES[it].text.format_map(words))
        if it in NOTICES
        else SeenNotice(_UNKNOWN, it)
        for it in entry.notices
    ]
    told += [SeenNotice(_FIELD, PROBLEMS[it].format_map(words)) for it in entry.facts.problems]
    is_for_code = screen is not None and any(it.kind == "code" for it in screen.fields)
    return SeenScreen(
        seq=entry.seq,
        title=moment.title_after,
        intro=(screen.intro or "").format_map(words) if screen is not None else "",
        told=tuple(told),
        fields=tuple(
            SeenField(
                label=it.label,
                kind=it.kind,
                hint=(it.hint or "").format_map(words),
                choices=choices if it.kind == "radio" else (),
            )
            for it in (screen.fields if screen is not None else ())
        ),
        buttons=moment.possible,
        told_later=tuple(known.news(entry.at, end)) if is_for_code else (),
    )


def screen_as_html(screen: SeenScreen, lang: Lang = "fr") -> str:
    """Draw a screen as a piece of HTML, a picture in words: nothing in it can be filled or sent.

    Args:
        screen: what stood there, in French whatever the page around it speaks.
        lang: the language of that page, and of all that was not on the screen.
    """
    notices = (*screen.told, *screen.told_later)
    quote, finish = (str, _html) if lang == "fr" else (_quoted, str)
    told = [
        _paragraph(finish(quote(screen.intro)), ""),
        *(_paragraph(finish(it.drawn(lang, quote)), ' class="notice"') for it in notices),
        *(_paragraph(finish(it), "") for each in screen.fields for it in each.drawn(lang, quote)),
        _paragraph(finish(quote(_side_by_side(screen.buttons))), ' class="buttons"'),
    ]
    after = _html(_AFTER.said(lang).format(seq=screen.seq))
    return (
        f'<figure class="screen"><figcaption>{after} '
        f"<strong>{finish(quote(screen.title))}</strong></figcaption>{''.join(told)}</figure>"
    )


def _side_by_side(buttons: Sequence[str]) -> str:
    return " ".join(f"[ {it} ]" for it in buttons)


def _html(text: str) -> str:
    return escape(typeset(text))


def _quoted(text: str) -> str:
    return f'<span lang="fr">{_html(text)}</span>' if text else ""


def _paragraph(markup: str, kind: str) -> str:
    return f"<p{kind}>{markup}</p>" if markup else ""
