"""Where a person stands, as far as a table can tell: what its guards may read, and no more.

Two journeys of one standing are answered alike, so a table need be asked once for all of them.
What may be left out of a journey, and of facts, is said here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from ..facts import Contact, Facts
from ..journal.text import write_facts
from ..journey import Journey, SentCode

__all__ = ["EPOCH", "answer_key", "standing_data", "timeless"]

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The one instant of every journey whose times were left out."""

_TIMELESS: Mapping[str, Any] = {
    "reference": "",
    "started_at": EPOCH,
    "entered_at": EPOCH,
    "shown_at": EPOCH,
    "seq": 0,
    "extended_at": None,
    "notices": (),
    "problems": (),
    "wait": 0,
}
"""Which journey it is, when, and what was shown: any deadline may pass at any moment."""

_UNREAD: Mapping[str, Any] = {
    **_TIMELESS,
    "subject": None,
    "terms_version": None,
    "sent": (),
    "offer_reset_link": False,
    "login_is_taken": False,
}
"""And who it is, what was sent, and which buttons are shown: the screen and the gatherers read
these, never a guard."""

_PROVEN_UNREAD = frozenset({"problems", "role", "terms_version"})
"""A host's guard might read these, so that they count wherever its chart can be asked.  Flows kept
as data leave them out: who compiles one proves that no answer depends on them."""

_PERSONAL = "subject"


def timeless(journey: Journey) -> Journey:
    """A journey without times and names of its own: all that decides what may come next."""
    code = journey.code
    return evolve(
        journey,
        **_TIMELESS,
        code=None if code is None else evolve(code, sent_at=EPOCH),
        sent=tuple(sorted(((by, EPOCH) for by, _ in journey.sent), key=lambda it: it[0].value)),
    )


def standing(journey: Journey) -> Journey:
    """A journey without what no guard reads; of a contact the channel stays, of a code that it is.

    How often a code was missed is left out too: the verdict on the next one tells.
    """
    return evolve(
        journey,
        **_UNREAD,
        contacts=tuple(map(_bare, journey.contacts)),
        contact=_bare(journey.contact) if journey.contact else None,
        code=SentCode(sent_at=EPOCH) if journey.code else None,
    )


def standing_data(journey: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of a journey as plain data, for flows that are kept as data."""
    unread = _UNREAD.keys() | _PROVEN_UNREAD | {"flow"}
    kept = {name: value for name, value in journey.items() if name not in unread}
    if "contacts" in kept:
        kept["contacts"] = [contact["channel"] for contact in kept["contacts"]]
    if kept.get("contact") is not None:
        kept["contact"] = kept["contact"]["channel"]
    if kept.get("code") is not None:
        kept["code"] = True
    return kept


def facts_key(facts: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells recorded facts apart for a table: all but who it was and how long to wait."""
    key: list[Any] = []
    # By class and not by isinstance: this runs for every line of every journey of the gate.
    for name, value in facts.items():
        kind = value.__class__
        if kind is str or kind is bool:
            if name != _PERSONAL:
                key.append((name, value))
        elif kind is list:
            key.append((name, *[it if it.__class__ is str else it["channel"] for it in value]))
        elif kind is dict:
            key.append((name, value["channel"]))
    return tuple(key)


def answer_key(number: int, event: str, facts: Facts) -> str:
    """The line under which a flow kept as data has its answer; of a form it tells the shape."""
    told = ["malformed"] if facts.problems else []
    for name, *values in facts_key(write_facts(facts)):
        if name not in _PROVEN_UNREAD:
            told.append(f"{name}={'+'.join(map(str, values))}")
    return f"{number} {event} {' '.join(told)}"


def _bare(contact: Contact) -> Contact:
    return Contact("", contact.channel, "")
