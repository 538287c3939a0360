"""Events on their way to the host: one row of the outbox for each who listens to their kind.

So each listener's event is taken, tried again and given up for itself, and waits for the process
that has the listener, whichever queued it.  A kind that nobody ever listened to is not queued.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from attrs import evolve

from ..events import Event
from ..ports import OutboxMessage, Secrets, Unit
from ..serialization import to_json

__all__ = ["drop_message", "forget_listener", "queue_event"]

_DIGEST = 12  # hexadecimal digits: enough to tell the listeners of a service apart


def queue_event(
    unit: Unit,
    secrets: Secrets,
    event: Event,
    until: datetime,
    *,
    journey: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Queue an event for everyone who ever listened to its kind, in whichever process.

    Args:
        unit: the transaction of what the event tells.
        secrets: seals it.
        event: what happened.
        until: when it is given up.
        journey: the reference of the journey that it happened in.
        due_at: when it may be handed over, at once by default.

    Returns:
        Whether anybody listens.
    """
    kind = type(event).__name__
    listeners = unit.listeners.of(kind)
    sealed = secrets.seal(to_json(event)) if listeners else None
    for listener in listeners:
        unit.outbox.add(
            OutboxMessage(
                id=f"{event.id}-event-{_digest(listener.address)}",
                journey=journey,
                channel="event",
                purpose=kind,
                sealed=sealed,
                created_at=event.at,
                due_at=due_at or event.at,
                expires_at=until,
                listener=listener.address,
            )
        )
    return bool(listeners)


def _digest(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:_DIGEST]


def forget_listener(unit: Unit, name: str, kind: str | None, now: datetime) -> int | None:
    """Forget a listener that is gone for good, with all that still waits for it.

    Args:
        unit: a transaction that writes.
        name: the listener's.
        kind: the name of a kind of event; ``None`` for all that it listened to.
        now: when (UTC).

    Returns:
        How many events are dropped; ``None`` when nobody has that name.
    """
    forgotten = {it.address for it in unit.listeners.forget(name, kind)}
    if not forgotten:
        return None
    doomed = [it for it in unit.outbox.unsent() if it.listener in forgotten]
    return sum(drop_message(unit, it, now, "forgotten") for it in doomed)


def drop_message(unit: Unit, message: OutboxMessage, now: datetime, why: str) -> bool:
    """Drop what could still leave, and note why; False when there is nothing to be dropped."""
    if not unit.outbox.drop([message.id], now):
        return False
    unit.outbox.settle(evolve(message, status="expired", sealed=None, finished_at=now, error=why))
    return True
