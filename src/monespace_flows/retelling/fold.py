"""The one fold: the lines of a journal put to a table, each where the last one led."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

from ..effects import kind_of
from ..errors import JournalDamaged, JournalFault
from ..facts import Contact
from ..journal.entry import START, Entry
from ..journal.text import read_instant
from .standing import standing_data

__all__ = ["Divergence", "Outcome", "fold", "leads_to"]

Where = TypeVar("Where")
Line = TypeVar("Line")


@frozen
class Outcome(Generic[Where]):
    """What a table answers to a line: where the person then stands, and what a journal would say.

    ``after`` is ``None`` where the table does not take the step; ``state`` then says why.
    ``told`` are the effects with their content.
    """

    after: Where | None
    state: str
    notices: Sequence[str] = ()
    told: Sequence[str] = ()
    screen: str = ""

    @property
    def effects(self) -> list[str]:
        """The kinds of the effects."""
        return list(map(kind_of, self.told))


def fold(
    answer: Callable[[Where, Line], Outcome[Where]], where: Where, lines: Iterable[Line]
) -> Iterator[tuple[Where, Line, Outcome[Where]]]:
    """Go through lines until one is not taken; each with where it came and what it is answered.

    Args:
        answer: a table, of whatever kind.
        where: where the first of the lines comes.
        lines: those after the start.
    """
    for line in lines:
        outcome = answer(where, line)
        yield where, line, outcome
        if outcome.after is None:
            return
        where = outcome.after


# --- what a journal says, beside what a table answers today --------------------------------------


@frozen(kw_only=True)
class Divergence:
    """The first place where today's table decides otherwise than the journal says."""

    seq: int
    what: str
    recorded: str
    replayed: str

    @property
    def is_refusal(self) -> bool:
        """Whether the table does not take the step at all."""
        return self.what == _COMMAND


_COMMAND = "command"


@frozen(kw_only=True)
class Replay(Generic[Where]):
    """A journey told again: where it stood after each line, up to the first divergence."""

    reached: tuple[Where, ...]
    divergence: Divergence | None = None

    @property
    def end(self) -> Where:
        """Where the person stands at the end."""
        return self.reached[-1]


def retell_by(
    answer: Callable[[Where, Entry], Outcome[Where]],
    start: Callable[[Entry], Where],
    entries: Sequence[Entry],
) -> Replay[Where]:
    """Put a journal that has been read and checked to a table.

    Args:
        answer: the table.
        start: where a first line leaves the person.
        entries: the journal.

    Raises:
        JournalDamaged: it does not begin with a start.
    """
    if not entries or entries[0].command != START:
        raise JournalDamaged(JournalFault.NO_START)
    reached = [start(entries[0])]
    for _, entry, outcome in fold(answer, reached[0], entries[1:]):
        if outcome.after is not None:
            reached.append(outcome.after)
        divergence = _compare(entry, outcome)
        if divergence is not None:
            return Replay(reached=tuple(reached), divergence=divergence)
    return Replay(reached=tuple(reached))


def _compare(entry: Entry, outcome: Outcome[Any]) -> Divergence | None:
    if outcome.after is None:
        return Divergence(
            seq=entry.seq, what=_COMMAND, recorded=entry.command, replayed=outcome.state
        )
    told = entry.told
    kept = [wish.kind for wish in entry.effects] if told is None else told
    pairs = (
        ("state", entry.after, outcome.state),
        ("notices", ", ".join(entry.notices), ", ".join(outcome.notices)),
        ("effects", ", ".join(kept), ", ".join(outcome.effects if told is None else outcome.told)),
    )
    for what, recorded, replayed in pairs:
        if recorded != replayed:
            return Divergence(seq=entry.seq, what=what, recorded=recorded, replayed=replayed)
    return None


# --- the journey that is stored ------------------------------------------------------------------


def leads_to(
    entries: Sequence[Entry], standing: Mapping[str, Any], journey: Mapping[str, Any]
) -> bool:
    """Compare what a journal says of a journey's end with the journey that is stored.

    Args:
        entries: the journal, read, checked and told again without a divergence.
        standing: where that led, as :mod:`~monespace_flows.retelling.compiled` has it.
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
        and all(read_instant(journey[name]) == when for name, when in at.items())
        and standing_data(journey) == standing
        and all(value in recorded for value in _personal(journey))
    )


def _personal(journey: Mapping[str, Any]) -> Iterator[Any]:
    """What a standing leaves out, and only a line of the journal can have brought."""
    for name in ("subject", "role", "terms_version", "contact"):
        if journey.get(name) is not None:
            yield journey[name]
    yield from journey.get("contacts", ())
    yield from (read_instant(sent_at) for _, sent_at in journey.get("sent", ()))
    if journey.get("code") is not None:
        yield read_instant(journey["code"]["sent_at"])
    if journey.get("extended_at") is not None:
        yield read_instant(journey["extended_at"])


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
