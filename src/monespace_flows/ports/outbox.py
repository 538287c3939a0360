"""What leaves as a contract: messages on their way out, and who listens to events.

Every method may raise :class:`~monespace_flows.errors.PortUnavailable`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from attrs import field, frozen

__all__ = ()


@frozen(kw_only=True)
class OutboxMessage:
    """A message waiting to leave.

    ``sealed`` holds the whole message and is blanked once it left.  ``channel`` ``"none"`` is a
    message that goes nowhere (``P2``), ``"event"`` one for the host, of the kind that ``purpose``
    names; ``listener`` is the address of the only one that gets it.  After ``expires_at`` it is
    dropped instead of sent late.  One that the way out refused has ``"failed"``, and keeps its text
    until then: an operator may put it back.
    ``history`` is what became of it, line by line (:mod:`~monespace_flows.journal.deliveries`);
    ``None`` in what an earlier release queued, and in events.
    """

    id: str
    journey: str | None
    channel: Literal["sms", "email", "none", "event"]
    purpose: str
    sealed: str | None = field(repr=False)
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None = None
    attempts: int = 0
    status: Literal["waiting", "sent", "expired", "failed"] = "waiting"
    finished_at: datetime | None = None
    error: str | None = None
    listener: str | None = None
    history: str | None = field(default=None, repr=False)


@frozen
class Backlog:
    """How many messages of a channel wait or failed, and when the oldest was written."""

    channel: str
    status: str
    count: int
    oldest: datetime


@frozen(kw_only=True)
class Listener:
    """Who listens to a kind of event, by a name that means the same in every process."""

    kind: str
    name: str
    since: datetime

    @property
    def address(self) -> str:
        """What events for it are marked with: the same name may listen to several kinds."""
        return address_of(self.kind, self.name)


def address_of(kind: str, name: str) -> str:
    """Mark what is for one listener to one kind of event."""
    return f"{kind}:{name}"


class Outbox(Protocol):
    """Messages waiting to leave, written in the same transaction as what they tell."""

    def add(self, message: OutboxMessage) -> None:
        """Queue a message; ``UniqueBroken`` when its id exists."""

    def lease(
        self,
        channels: Iterable[str],
        now: datetime,
        until: datetime,
        limit: int,
        *,
        listeners: Iterable[str] | None = None,
    ) -> Sequence[OutboxMessage]:
        """Take waiting messages due at ``now``; nobody else gets them before ``until``.

        Each lease counts as an attempt.  With ``listeners``, only what is for one of these
        addresses; what has no listener, as releases before wrote events, counts as for its
        ``purpose``.
        """

    def renew(self, message: OutboxMessage, until: datetime) -> bool:
        """Hold a leased message longer; False when it is not under this lease any more."""

    def settle(self, message: OutboxMessage) -> None:
        """Write back what became of a leased message."""

    def note(self, message: OutboxMessage, known: str | None) -> bool:
        """Write a message's history alone; False when it was not ``known`` to be as it is."""

    def cancel(self, journey: str, purpose: str, at: datetime) -> None:
        """Drop a journey's messages of a purpose: those that wait are expired and blanked.

        One that failed and still has its text is blanked too: it must not be put back.
        """

    def waiting(self) -> Sequence[OutboxMessage]:
        """Read every message that waits, leased or not, oldest first."""

    def unsent(self) -> Sequence[OutboxMessage]:
        """Read every message that waits or failed, whether it has its text or not, oldest first."""

    def drop(self, ids: Sequence[str], at: datetime) -> int:
        """Drop those of some messages that could still leave, as :meth:`cancel` does; how many."""

    def put_back(self, ids: Sequence[str], now: datetime) -> int:
        """Have those of some messages that failed wait again, due at once; how many.

        One without its text stays as it is, and so does one that expires by ``now``.
        """

    def blank(self, now: datetime) -> int:
        """Blank those that failed and expire by ``now``; how many."""

    def overdue(self, before: datetime) -> Sequence[str]:
        """Name the channels by which nothing has left since a message was queued that waits.

        Only what was queued by ``before`` counts, and only SMS and e-mail.
        """

    def backlog(self) -> Sequence[Backlog]:
        """Count what waits, and what failed and could be put back; but what goes to nobody."""

    def newest(self, journey: str, purpose: str) -> OutboxMessage | None:
        """Read the last that a journey sent for a purpose, if it sent one."""

    def of_journey(self, journey: str) -> Sequence[OutboxMessage]:
        """Read what a journey sent, oldest first, for support."""


class ListenerStore(Protocol):
    """Who ever listened to which kind of event, in whichever process."""

    def add(self, listener: Listener) -> None:
        """Remember one; nothing changes if it is remembered already."""

    def of(self, kind: str) -> Sequence[Listener]:
        """Read those of a kind, by name."""

    def everyone(self) -> Sequence[Listener]:
        """Read all of them, by name and kind."""

    def forget(self, name: str, kind: str | None = None) -> Sequence[Listener]:
        """Forget a name, for one kind or for all; those that are forgotten."""
