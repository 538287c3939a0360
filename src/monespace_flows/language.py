"""What is said in one language: a text by its id, and instants and spans in that language's words.

French is where it is declared: in the screens, the letters, the notices, and here for what no
record holds.  Another language, and a host's own words, stand in its place by the texts' ids
(decision 0023).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

from attrs import field, frozen

from .wording import Lang

__all__ = ["FRENCH", "PHRASES", "Language"]

PHRASES: Mapping[str, str] = {
    "date.month.1": "janvier",
    "date.month.2": "février",
    "date.month.3": "mars",
    "date.month.4": "avril",
    "date.month.5": "mai",
    "date.month.6": "juin",
    "date.month.7": "juillet",
    "date.month.8": "août",
    "date.month.9": "septembre",
    "date.month.10": "octobre",
    "date.month.11": "novembre",
    "date.month.12": "décembre",
    "date.first": "1er",
    "date.hour": "{hour} h {minute}",
    "date.instant": "{day} {month} {year} à {hour} ({zone})",
    "span.second": "une seconde",
    "span.seconds": "{count} secondes",
    "span.minutes": "{count} minutes",
    "span.hours": "{count} heures",
    "span.days": "{count} jours",
    "told.your_address": "votre adresse",
    "told.code_sent.sms": (
        "Nous avons envoyé un code à {digits} chiffres par SMS au {contact}, à {sent_at}, "
        "valable jusqu'à {until}."
    ),
    "told.code_sent.email": (
        "Nous avons envoyé un code à {digits} chiffres par e-mail à l'adresse {contact}, à "
        "{sent_at}, valable jusqu'à {until}."
    ),
    "told.newer": (
        " Un nouveau code vous a été envoyé à {sent_at} : seul le plus récent fonctionne."
    ),
    "told.tries_left.one": " Il vous reste un seul essai.",
    "told.tries_left.many": " Il vous reste {count} essais.",
}
"""What is said by no screen, letter or notice alone, by its id."""

_HOUR = timedelta(hours=1)


@frozen
class Language:
    """One language of an application.

    Args:
        code: ``"fr"`` or ``"en"``.
        texts: what stands in the place of the declared French, by the texts' ids.
    """

    code: Lang = "fr"
    texts: Mapping[str, str] = field(factory=dict, repr=False)

    def say(self, text_id: str, declared: str) -> str:
        """A text of this language, or else the declared one."""
        return self.texts.get(text_id, declared)

    @property
    def say_over(self) -> Callable[[str, str], str] | None:
        """:meth:`say`, or nothing where all is said as it is declared."""
        return self.say if self.texts else None

    def phrase(self, text_id: str, **values: object) -> str:
        """One of :data:`PHRASES`, filled in."""
        return self.say(text_id, PHRASES[text_id]).format_map(values)

    def hour(self, at: datetime, zone: tzinfo) -> str:
        """Say the hour of an instant in a zone: « 14 h 05 »."""
        local = at.astimezone(zone)
        return self.phrase("date.hour", hour=local.hour, minute=f"{local.minute:02}")

    def instant(self, at: datetime, zone: tzinfo) -> str:
        """Say an instant with its day and zone: « 1er novembre 2026 à 14 h 05 (UTC+1) »."""
        local = at.astimezone(zone)
        hours = (local.utcoffset() or timedelta(0)) / _HOUR
        return self.phrase(
            "date.instant",
            day=self.phrase("date.first") if local.day == 1 else local.day,
            month=self.phrase(f"date.month.{local.month}"),
            year=local.year,
            hour=self.hour(at, zone),
            zone=f"UTC{hours:+g}" if hours else "UTC",
        )

    def span(self, span: timedelta) -> str:
        """Say how long something lasts, rounded up, in the unit that people would use.

        Seconds below two minutes, minutes below two hours, hours below two days, then days.
        """
        seconds = -(-span // timedelta(seconds=1))
        if seconds == 1:
            return self.phrase("span.second")
        if seconds < 120:
            return self.phrase("span.seconds", count=seconds)
        minutes = -(-seconds // 60)
        if minutes < 120:
            return self.phrase("span.minutes", count=minutes)
        hours = -(-minutes // 60)
        if hours < 48:
            return self.phrase("span.hours", count=hours)
        return self.phrase("span.days", count=-(-hours // 24))


FRENCH = Language()
"""French as it is declared."""
