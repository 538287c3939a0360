"""Whether a journal leads to the journey that is stored beside it, both read as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..facts import Contact
from ..journal.entry import Entry
from ..journal.text import instant
from .compiled import standing_of

__all__ = ["leads_to"]


def leads_to(
    entries: Sequence[Entry], standing: Mapping[str, Any], journey: Mapping[str, Any]
) -> bool:
    """Compare what a journal says of a journey's end with the journey that is stored.

    Args:
        entries: the journal, read, checked and told again without a divergence.
        standing: where that led (:class:`~.compiled.Retold`).
        journey: the stored journey as plain data, fields at their default left out.
    """
    last = entries[-1]
    moved = next(it.at for it in reversed(entries) if it.before != it.after or it.seq == 0)
    said = {
        "reference": last.reference,
        "flow": last.flow,
        "seq": last.seq,
        "notices": list(last.notices),
        "wait": last.facts.wait,
    }
    told = {name: journey.get(name, type(value)()) for name, value in said.items()}
    recorded = _recorded(entries)
    at = {"started_at": entries[0].at, "entered_at": moved, "shown_at": last.at}
    return (
        told == said
        and all(instant(journey[name]) == when for name, when in at.items())
        and standing_of(journey) == standing
        and all(value in recorded for value in _personal(journey))
    )


def _personal(journey: Mapping[str, Any]) -> Iterator[Any]:
    """What a standing leaves out, and only a line of the journal can have brought."""
    for name in ("subject", "role", "terms_version", "contact"):
        if journey.get(name) is not None:
            yield journey[name]
    yield from journey.get("contacts", ())
    yield from (instant(sent_at) for _, sent_at in journey.get("sent", ()))
    if journey.get("code") is not None:
        yield instant(journey["code"]["sent_at"])
    if journey.get("extended_at") is not None:
        yield instant(journey["extended_at"])


def _recorded(entries: Sequence[Entry]) -> list[Any]:
    values: list[Any] = []
    for entry in entries:
        facts = entry.facts
        values += [entry.at, facts.subject, getattr(facts, "terms_version", None)]
        role = getattr(facts, "role", None)
        values.append(None if role is None else role.value)
        contacts = (*getattr(facts, "contacts", ()), getattr(facts, "contact", None))
        values += [_plain(contact) for contact in contacts if contact is not None]
    return values


def _plain(contact: Contact) -> dict[str, str]:
    return {"id": contact.id, "channel": contact.channel.value, "masked": contact.masked}
