"""The outbox of the store in memory, and who listens to events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve

from ..ports import Backlog, Listener, OutboxMessage
from .stores import Store


class Outbox(Store[str, OutboxMessage]):
    """Messages waiting to leave."""

    def add(self, message: OutboxMessage) -> None:
        """Queue a message."""
        self._rows.add(message.id, message)

    def lease(
        self,
        channels: Iterable[str],
        now: datetime,
        until: datetime,
        limit: int,
        *,
        listeners: Iterable[str] | None = None,
    ) -> Sequence[OutboxMessage]:
        """Take what is due, longest due first."""
        self._rows.require_writable()
        wanted = set(channels)
        named = None if listeners is None else set(listeners)
        waiting = self._rows.find("status", "waiting")
        due = [it for it in waiting if it.channel in wanted and it.due_at <= now]
        if named is not None:
            due = [it for it in due if (it.listener or it.purpose) in named]
        due.sort(key=lambda it: (it.due_at, it.created_at, it.id))
        leased = [evolve(it, due_at=until, attempts=it.attempts + 1) for it in due[:limit]]
        for message in leased:
            self._rows.put(message.id, message)
        return leased

    def settle(self, message: OutboxMessage) -> None:
        """Write back; a message that ended does not wait again."""
        self._rows.require_writable()
        present = self._rows.get(message.id)
        if present is None or (message.status == "waiting" != present.status):
            return
        self._rows.put(message.id, message)

    def renew(self, message: OutboxMessage, until: datetime) -> bool:
        """Hold one longer, if nobody else has it and it still waits."""
        self._rows.require_writable()
        present = self._rows.get(message.id)
        if present is None or present.status != "waiting" or present.attempts != message.attempts:
            return False
        self._rows.put(message.id, evolve(present, due_at=until))
        return True

    def note(self, message: OutboxMessage, known: str | None) -> bool:
        """Write a history, if nobody wrote it meanwhile."""
        self._rows.require_writable()
        present = self._rows.get(message.id)
        if present is None or present.history != known:
            return False
        self._rows.put(message.id, evolve(present, history=message.history))
        return True

    def cancel(self, journey: str, purpose: str, at: datetime) -> None:
        """Expire and blank what could still leave."""
        self._rows.require_writable()
        for message in self._rows.find("journey", journey):
            if message.purpose == purpose and _may_leave(message):
                self._drop(message, at)

    def waiting(self) -> Sequence[OutboxMessage]:
        """Read what waits, oldest first."""
        return sorted(self._rows.find("status", "waiting"), key=lambda it: (it.created_at, it.id))

    def unsent(self) -> Sequence[OutboxMessage]:
        """Read what waits or failed, oldest first."""
        found = [it for status in ("waiting", "failed") for it in self._rows.find("status", status)]
        return sorted(found, key=lambda it: (it.created_at, it.id))

    def drop(self, ids: Sequence[str], at: datetime) -> int:
        """Expire and blank what could still leave of some; how many."""
        self._rows.require_writable()
        doomed = [it for it in self.unsent() if it.id in ids and _may_leave(it)]
        for message in doomed:
            self._drop(message, at)
        return len(doomed)

    def put_back(self, ids: Sequence[str], now: datetime) -> int:
        """Have those wait again that failed, and may still leave; how many."""
        self._rows.require_writable()
        found = [
            it
            for it in self._rows.find("status", "failed")
            if it.id in ids and _may_leave(it) and not _is_late(it, now)
        ]
        for message in found:
            again = evolve(message, status="waiting", due_at=now, finished_at=None)
            self._rows.put(message.id, again)
        return len(found)

    def blank(self, now: datetime) -> int:
        """Blank what failed and is late; how many."""
        self._rows.require_writable()
        failed = self._rows.find("status", "failed")
        late = [it for it in failed if it.sealed is not None and _is_late(it, now)]
        for message in late:
            self._rows.put(message.id, evolve(message, sealed=None))
        return len(late)

    def overdue(self, before: datetime) -> Sequence[str]:
        """Name the channels by which nothing has left since what waits was queued."""
        queued = {
            it.channel: it.created_at
            for it in self.waiting()
            if it.created_at <= before and it.channel in ("email", "sms")
        }
        left = {
            it.channel
            for it in self._rows.find("status", "sent")
            if it.channel in queued and it.finished_at and it.finished_at > queued[it.channel]
        }
        return sorted(set(queued) - left)

    def backlog(self) -> Sequence[Backlog]:
        """Count what waits, and what failed and has its text."""
        found: dict[tuple[str, str], list[datetime]] = {}
        for it in self.unsent():
            if it.channel != "none" and (it.status == "waiting" or it.sealed is not None):
                found.setdefault((it.channel, it.status), []).append(it.created_at)
        return [Backlog(*key, len(ats), min(ats)) for key, ats in sorted(found.items())]

    def newest(self, journey: str, purpose: str) -> OutboxMessage | None:
        """Read the last that a journey sent for a purpose, if it sent one."""
        sent = [it for it in self.of_journey(journey) if it.purpose == purpose]
        return sent[-1] if sent else None

    def of_journey(self, journey: str) -> Sequence[OutboxMessage]:
        """Read what a journey sent, oldest first."""
        return sorted(self._rows.find("journey", journey), key=lambda it: (it.created_at, it.id))

    def _drop(self, message: OutboxMessage, at: datetime) -> None:
        ended = evolve(message, sealed=None)  # what failed has an end already
        if message.status == "waiting":
            ended = evolve(ended, status="expired", finished_at=at)
        self._rows.put(message.id, ended)


def _may_leave(message: OutboxMessage) -> bool:
    """Whether it waits, or an operator could put it back."""
    return message.status == "waiting" or (
        message.status == "failed" and message.sealed is not None
    )


def _is_late(message: OutboxMessage, now: datetime) -> bool:
    return message.expires_at is not None and message.expires_at <= now


class Listeners(Store[str, Listener]):
    """Who ever listened to which kind of event."""

    def add(self, listener: Listener) -> None:
        """Remember one."""
        self._rows.require_writable()
        if self._rows.get(listener.address) is None:
            self._rows.add(listener.address, listener)

    def of(self, kind: str) -> Sequence[Listener]:
        """Read those of a kind, by name."""
        return [it for it in self.everyone() if it.kind == kind]

    def everyone(self) -> Sequence[Listener]:
        """Read all, by name and kind."""
        return sorted(self._rows.all(), key=lambda it: (it.name, it.kind))

    def forget(self, name: str, kind: str | None = None) -> Sequence[Listener]:
        """Forget a name; those that are forgotten."""
        self._rows.require_writable()
        gone = [it for it in self.everyone() if it.name == name and kind in (None, it.kind)]
        for listener in gone:
            self._rows.drop(listener.address)
        return gone
