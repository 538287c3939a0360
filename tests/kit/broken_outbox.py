"""Storages each of which breaks a rule of the outbox."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from monespace_flows.testing.contracts import Candidate
from monespace_flows.testing.contracts.examples import DAY

from .breaking import breaks, with_store


@breaks("PORT-STORAGE-71")
def a_message_is_written_over() -> Candidate:
    return with_store("outbox", add=lambda it, message: it._rows.put(message.id, message))


@breaks("PORT-STORAGE-72")
def messages_leave_early() -> Candidate:
    def lease(store: Any, channels: Any, now: Any, *rest: Any, **named: Any) -> object:
        return store.lease(channels, now + DAY, *rest, **named)

    return with_store("outbox", lease=lease)


@breaks("PORT-STORAGE-73")
def any_listener_will_do() -> Candidate:
    def lease(store: Any, *how: Any, **_: object) -> object:
        return store.lease(*how)

    return with_store("outbox", lease=lease)


@breaks("PORT-STORAGE-74")
def attempts_are_not_counted() -> Candidate:
    def lease(store: Any, *how: Any, **named: Any) -> object:
        leased = [evolve(it, attempts=0) for it in store.lease(*how, **named)]
        for message in leased:
            store._rows.put(message.id, message)
        return leased

    return with_store("outbox", lease=lease)


@breaks("PORT-STORAGE-75")
def everything_is_leased() -> Candidate:
    def lease(store: Any, channels: Any, now: Any, until: Any, _: int, **named: Any) -> object:
        return store.lease(channels, now, until, 1_000, **named)

    return with_store("outbox", lease=lease)


@breaks("PORT-STORAGE-76")
def what_is_late_is_passed_over() -> Candidate:
    def lease(store: Any, channels: Any, now: Any, *rest: Any, **named: Any) -> list[Any]:
        found = store.lease(channels, now, *rest, **named)
        return [it for it in found if it.expires_at is None or now < it.expires_at]

    return with_store("outbox", lease=lease)


@breaks("PORT-STORAGE-77")
def nothing_is_written_back() -> Candidate:
    return with_store("outbox", settle=lambda *_: None)


@breaks("PORT-STORAGE-78")
def a_history_is_written_over() -> Candidate:
    def note(store: Any, message: Any, _: str | None) -> bool:
        present = store._rows.get(message.id)
        return present is not None and bool(store.note(message, present.history))

    return with_store("outbox", note=note)


@breaks("PORT-STORAGE-79")
def what_failed_is_not_cancelled() -> Candidate:
    def cancel(store: Any, journey: str, purpose: str, at: Any) -> None:
        failed = [it for it in store.of_journey(journey) if it.status == "failed"]
        store.cancel(journey, purpose, at)
        for message in failed:
            store._rows.put(message.id, message)

    return with_store("outbox", cancel=cancel)


@breaks("PORT-STORAGE-80")
def what_was_cancelled_comes_back() -> Candidate:
    return with_store("outbox", settle=lambda it, message: it._rows.put(message.id, message))


@breaks("PORT-STORAGE-81")
def what_is_leased_does_not_wait() -> Candidate:
    return with_store("outbox", waiting=lambda it: [m for m in it.waiting() if not m.attempts])


@breaks("PORT-STORAGE-82")
def whatever_is_named_counts_as_dropped() -> Candidate:
    def drop(store: Any, ids: list[str], at: Any) -> int:
        store.drop(ids, at)
        return len(ids)

    return with_store("outbox", drop=drop)


@breaks("PORT-STORAGE-83")
def a_lost_lease_is_renewed() -> Candidate:
    return with_store("outbox", renew=lambda it, message, until: it.renew(message, until) or True)


@breaks("PORT-STORAGE-84")
def what_is_late_is_put_back() -> Candidate:
    return with_store("outbox", put_back=lambda it, ids, now: it.put_back(ids, now - DAY))


@breaks("PORT-STORAGE-85")
def what_failed_is_blanked_early() -> Candidate:
    return with_store("outbox", blank=lambda it, now: it.blank(now + DAY))


@breaks("PORT-STORAGE-86")
def whatever_waits_is_overdue() -> Candidate:
    def overdue(store: Any, before: Any) -> list[str]:
        return sorted({it.channel for it in store.waiting() if it.created_at <= before})

    return with_store("outbox", overdue=overdue)


@breaks("PORT-STORAGE-87")
def what_goes_to_nobody_is_counted() -> Candidate:
    def backlog(store: Any) -> list[Any]:
        found = list(store.backlog())
        return [evolve(it, count=it.count + 1) for it in found]

    return with_store("outbox", backlog=backlog)


@breaks("PORT-STORAGE-88")
def the_newest_is_of_any_purpose() -> Candidate:
    def newest(store: Any, journey: str, _: str) -> object:
        return next(reversed(store.of_journey(journey)), None)

    return with_store("outbox", newest=newest)
