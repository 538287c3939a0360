"""What `monespace verify` asks of messages: that their lines are whole, theirs, and all there.

Of a database each row is asked, and what its journal says that it sent; of a file, whose lines
alone are there, only what they say of each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
    from monespace_flows.journal.entry import Digests, Entry

    from .source import Found

__all__ = ()

MessageFault = tuple[str, str, "JournalDamaged | JournalVersionUnknown"]


@define(kw_only=True)
class MessageCheck:
    """Checks the messages of one journey after the other.

    ``floor`` is up to when some may be gone, ``since`` from when on all have lines.  A line whose
    key is not given waits until it is known whether that key was ever this service's.
    """

    digests: Digests | None
    floor: datetime | None
    since: datetime | None
    count: int = 0
    vouched_until: dict[str, datetime] = field(factory=dict)
    _waiting: list[tuple[str, datetime, MessageFault]] = field(factory=list)

    def check(self, found: Found, entries: Sequence[Entry]) -> Iterator[MessageFault]:
        """Find what is wrong with the messages of a journey, whose journal is read, or damaged."""
        from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

        reference = found.recorded.reference
        for name, status, made, lines in self._told(found):
            self.count += 1
            try:
                self._check(reference, name, status, made, lines)
            except (JournalDamaged, JournalVersionUnknown) as error:
                yield reference, name, error
        if self.floor is not None and found.recorded.lines:
            yield from self._missing(found, entries)

    def _told(
        self, found: Found
    ) -> Iterator[tuple[str, str | None, datetime | None, Sequence[str]]]:
        if self.floor is not None:
            yield from ((it.id, it.status, it.created_at, it.lines) for it in found.messages)
            return
        from monespace_flows.journal.deliveries import by_message

        for name, lines in by_message(found.recorded.deliveries).items():
            yield name, None, None, lines

    def _check(
        self,
        reference: str,
        name: str,
        status: str | None,
        made: datetime | None,
        lines: Sequence[str],
    ) -> None:
        from monespace_flows.errors import JournalDamaged, JournalFault
        from monespace_flows.journal.deliveries import read_delivered

        if not lines:
            if made is not None and self.since is not None and made >= self.since:
                raise JournalDamaged(JournalFault.LINES_GONE)
            return
        told = read_delivered(lines, message=name, reference=reference, status=status or "")
        if made is not None and told[0].at != made:
            raise JournalDamaged(JournalFault.MOVED, line=0)
        for delivery, line in zip(told, lines, strict=True):
            self._check_seal(reference, name, (delivery.seq, delivery.at), line)

    def _check_seal(
        self, reference: str, name: str, place: tuple[int, datetime], line: str
    ) -> None:
        from monespace_flows.errors import JournalDamaged, JournalFault
        from monespace_flows.journal.entry import SealFault, judge_line, key_of

        if self.digests is None:
            return
        fault, (seq, at) = judge_line(line, self.digests), place
        if fault is SealFault.OTHER_KEY:
            error = JournalDamaged(JournalFault.OTHER_KEY, line=seq)
            self._waiting.append((key_of(line), at, (reference, name, error)))
        elif fault is not None:
            is_none = fault is SealFault.NONE
            raise JournalDamaged(
                JournalFault.UNSEALED if is_none else JournalFault.FORGED, line=seq
            )

    def _missing(self, found: Found, entries: Sequence[Entry]) -> Iterator[MessageFault]:
        """Those that a step cannot have been taken without."""
        from monespace_flows.errors import JournalDamaged, JournalFault
        from monespace_flows.support.messages import ALWAYS_SENT

        there = {it.id for it in found.messages}
        for entry in entries:
            is_past = self.floor is not None and entry.at < self.floor
            for wish in () if is_past else entry.effects:
                if wish.kind in ALWAYS_SENT and wish.key not in there:
                    error = JournalDamaged(JournalFault.MESSAGE_GONE, line=entry.seq)
                    yield found.recorded.reference, wish.key, error

    def vouch(self, line: str, until: datetime) -> None:
        """Note that a head vouches for a line under a key that is not given any more."""
        from monespace_flows.journal.entry import key_of

        key = key_of(line)
        self.vouched_until[key] = max(until, self.vouched_until.get(key, until))

    def of_other_keys(self) -> Iterator[MessageFault]:
        """Those whose key no line of a journal bears for which a head of later vouches."""
        for key, at, fault in self._waiting:
            until = self.vouched_until.get(key)
            if until is None or at > until:
                yield fault
