"""Until when somebody is made to wait, by the clock on the wall."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from ..journal.entry import Entry
from ..wording import Text
from .words import say_span

__all__ = ()

UNKNOWN = Text("", ""), Text("plus tard", "later")
"""What is said of a wait whose end is unknown, and when to try again after it."""

_MINUTE = timedelta(minutes=1)


def wait_end(entry: Entry) -> datetime | None:
    """When the wait ends that a step imposed or met, if it did."""
    if entry.until is not None:
        return entry.until
    return entry.at + timedelta(seconds=entry.facts.wait) if entry.facts.wait else None


def say_until(
    end: datetime | None, *, since: datetime, now: datetime | None, zone: tzinfo
) -> tuple[Text, Text]:
    """Say until when, as the end of a sentence, and when to try again.

    Args:
        end: when the wait ends, where it is known.
        since: when it was met.
        now: the present, where it is known.
        zone: in which hours are told.
    """
    if end is None:
        return UNKNOWN
    # Up to the next minute: whoever waits until then has waited long enough.
    at = (end + _MINUTE - timedelta(microseconds=1)).astimezone(zone)
    today = at.date() == (now or since).astimezone(zone).date()
    clock, day = f"{at:%H:%M}", f"{at:%d/%m/%Y}"
    until = _either(today, f"jusqu'à {clock}", f"jusqu'au {day} à {clock}")
    on = Text(*(_either(today, clock, f"{day} {word} {clock}") for word in ("à", "at")))
    after = Text(f"après {_either(today, '', 'le ')}{on.fr}", f"after {on.en}")
    must = Text(f", attente imposée {until}", f", with a wait until {on.en}")
    if now is None:
        return must, after
    if now < end:
        left = say_span(-(-(end - now) // timedelta(seconds=1)))
        return Text(f"{must.fr}, dans {left.fr}", f"{must.en}, in {left.en}"), after
    since_when = f"{_either(today, '', 'le ')}{on.fr}"
    over = Text(f", l'attente est passée depuis {since_when}", f", the wait is over since {on.en}")
    return over, Text("dès maintenant", "now")


def _either(today: bool, short: str, full: str) -> str:
    return short if today else full
