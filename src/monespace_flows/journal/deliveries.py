"""What became of a message: a journal of its own, which stands in the message's row.

A line holds what happened, by which port and when, and never to whom nor what was written.  Lines
are chained and sealed as those of journeys are.  They are written where the row is written anyway,
so that neither a step nor the relay asks the database for more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ..errors import JournalDamaged, JournalFault, JournalVersionUnknown
from .text import read_instant, write_instant

if TYPE_CHECKING:  # support reads lines, and waits for what it imports
    from ..ports import OutboxMessage
    from .entry import Digests

__all__ = [
    "PATIENCE",
    "Delivery",
    "Fate",
    "by_message",
    "fate_of",
    "is_delivery",
    "note_end",
    "note_fate",
    "note_queued",
    "read_delivered",
    "read_deliveries",
]

PATIENCE = timedelta(minutes=1)
"""A message that nobody has taken yet is on its way so long, and late afterwards."""

_FORMAT = "delivery/1"
_PREFIX = f'{{"format":"{_FORMAT.partition("/")[0]}/'
_MOST = 40
"""So many lines are kept of a message: a dead link may be opened for ever."""


class Fate(Enum):
    """What happened to a message, or to the link that it carried."""

    QUEUED = "queued"
    HANDED_OVER = "handed_over"
    PUT_OFF = "refused_temporarily"
    REFUSED = "refused_permanently"
    GIVEN_UP = "given_up"
    EXPIRED = "expired"
    LINK_EXPIRED = "link_expired"
    LINK_USED = "link_used"

    @property
    def is_lost(self) -> bool:
        """Whether the message had not left, and was not merely on its way."""
        return self.is_refusal or self is Fate.EXPIRED

    @property
    def is_refusal(self) -> bool:
        """Whether the way out did not take the message, and who that was is known."""
        return self in (Fate.PUT_OFF, Fate.REFUSED, Fate.GIVEN_UP)


@frozen(kw_only=True)
class Delivery:
    """One line: ``message`` is the key under which its step wished it, ``by`` who refused it."""

    seq: int
    at: datetime
    reference: str
    message: str
    channel: str
    purpose: str
    fate: Fate
    by: str | None = None
    attempts: int = 0
    previous: str = ""
    hash: str = ""


def is_delivery(line: str) -> bool:
    """Whether a line of a file tells of a message, whatever is wrong with it."""
    return line.startswith(_PREFIX)


def note_queued(message: OutboxMessage, digests: Digests) -> OutboxMessage:
    """Begin the journal of a message that is queued."""
    return _noted(message, Fate.QUEUED, message.created_at, digests)


def note_end(message: OutboxMessage, now: datetime, digests: Digests) -> OutboxMessage:
    """Note what a try made of a message, unless the one before it made the same of it.

    Args:
        message: the message as it is after the try.
        now: when (UTC).
        digests: makes the seals.
    """
    return note_fate(message, fate_of(message), now, digests)


def note_fate(message: OutboxMessage, fate: Fate, now: datetime, digests: Digests) -> OutboxMessage:
    """Note what happened to a message; it is the same one if that is what its last line says."""
    begun = message if message.history else note_queued(message, digests)
    lines = (begun.history or "").split("\n")
    last = json.loads(lines[-1])
    by = message.error if fate.is_refusal else None
    if (last["fate"], last["by"]) == (fate.value, by) or len(lines) >= _MOST:
        return begun
    return _noted(begun, fate, now, digests)


def fate_of(message: OutboxMessage) -> Fate:
    """Say what became of a message so far, by its row."""
    match message.status:
        case "waiting":
            return Fate.QUEUED if message.error is None else Fate.PUT_OFF
        case "sent":
            return Fate.HANDED_OVER
        case "expired":
            return Fate.EXPIRED
        case _:
            # What was refused for good keeps its text: an operator may put it back.
            return Fate.GIVEN_UP if message.sealed is None else Fate.REFUSED


def _noted(message: OutboxMessage, fate: Fate, at: datetime, digests: Digests) -> OutboxMessage:
    lines = message.history.split("\n") if message.history else []
    data = {
        "format": _FORMAT,
        "reference": message.journey or "",
        "message": message.id,
        "seq": len(lines),
        "at": write_instant(at),
        "channel": message.channel,
        "purpose": message.purpose,
        "fate": fate.value,
        "by": message.error if fate.is_refusal else None,
        "attempts": message.attempts,
        "previous": json.loads(lines[-1])["hash"] if lines else "",
    }
    data["seal"] = digests(_digest(data))[0]
    lines.append(_dump({**data, "hash": _digest(data)}))
    return evolve(message, history="\n".join(lines))


def read_deliveries(lines: Iterable[str]) -> tuple[tuple[Delivery, ...], ...]:
    """Read and check what became of a journey's messages, one after the other.

    Raises:
        JournalDamaged: a line was edited, or is missing.
        JournalVersionUnknown: a newer version of the library wrote it.
    """
    messages: dict[str, list[Delivery]] = {}
    for line in lines:
        read = _read(line)
        messages.setdefault(read.message, []).append(read)
    for told in messages.values():
        _check(told)
    return tuple(map(tuple, messages.values()))


def by_message(lines: Iterable[str]) -> dict[str, list[str]]:
    """Group the lines of a file by the message that each names, unchecked."""
    messages: dict[str, list[str]] = {}
    for line in lines:
        try:
            name = str(json.loads(line)["message"])
        except (ValueError, LookupError, TypeError):
            name = "?"
        messages.setdefault(name, []).append(line)
    return messages


def read_delivered(
    lines: Iterable[str], *, message: str, reference: str, status: str
) -> tuple[Delivery, ...]:
    """Read and check the lines that stand in the row of one message.

    Args:
        lines: the lines.
        message: whose row it is.
        reference: its journey's.
        status: what the row says of it.

    Raises:
        JournalDamaged: a line was edited, is missing, or is another message's; or they do not say
            how it ended.
        JournalVersionUnknown: a newer version of the library wrote it.
    """
    told = tuple(_read(line) for line in lines)
    if any(it.message != message for it in told):
        raise JournalDamaged(JournalFault.OTHER_MESSAGE)
    if any(it.reference != reference for it in told):
        raise JournalDamaged(JournalFault.OTHER_JOURNEY)
    _check(told)
    fates = {it.fate for it in told}
    # A row that an earlier release ended begins its lines when its link is opened in vain.
    is_old = not fates.isdisjoint((Fate.LINK_EXPIRED, Fate.LINK_USED))
    says_so = is_old or len(told) >= _MOST or not fates.isdisjoint(_SAYING.get(status, Fate))
    if not says_so:
        raise JournalDamaged(JournalFault.UNTOLD, line=len(told) - 1)
    return told


# One that was dropped, or replaced before it left, has expired without a line.
_SAYING = {"sent": (Fate.HANDED_OVER,), "failed": (Fate.REFUSED, Fate.GIVEN_UP)}


def _read(line: str) -> Delivery:
    try:
        data: dict[str, Any] = json.loads(line)
        version, written, seq = data["format"], data["hash"], data["seq"]
    except (ValueError, KeyError, TypeError):
        raise JournalDamaged(JournalFault.NOT_A_LINE) from None
    if version != _FORMAT:
        raise JournalVersionUnknown(JournalFault.FORMAT, found=version, known=_FORMAT)
    if _digest({name: value for name, value in data.items() if name != "hash"}) != written:
        raise JournalDamaged(JournalFault.EDITED, line=seq)
    kept = {name: data[name] for name in data.keys() - {"format", "seal", "at", "fate"}}
    return Delivery(at=read_instant(data["at"]), fate=Fate(data["fate"]), **kept)


def _check(lines: Sequence[Delivery]) -> None:
    previous = ""
    for place, line in enumerate(lines):
        if line.seq != place:
            raise JournalDamaged(JournalFault.MISSING, line=place)
        if line.previous != previous:
            raise JournalDamaged(JournalFault.UNCHAINED, line=place, before=place - 1)
        previous = line.hash


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(_dump(data).encode()).hexdigest()
