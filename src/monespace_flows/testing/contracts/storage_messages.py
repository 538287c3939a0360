"""Rules of a storage: what operators and support do with messages, and read of them."""

from __future__ import annotations

from attrs import evolve

from ...ports import Storage
from .examples import DAY, MICROSECOND, MINUTE, NOW, message
from .rules import holds, rule, same

__all__ = ()

_JOURNEY = "7K3Q-F9M2"


@rule(
    "PORT-STORAGE-84",
    danger="A code is put back that is over, or one without its text.",
    hint="Only what failed, has its text, and expires after now or never; due at once.",
)
def what_failed_is_put_back(storage: Storage) -> None:
    """What failed is put back while it makes sense."""
    failed = message("m1", status="failed", finished_at=NOW, attempts=3, error="sms")
    late = evolve(failed, id="late", expires_at=NOW + MINUTE)
    blanked = evolve(failed, id="blanked", sealed=None)
    undated = evolve(failed, id="undated", expires_at=None)
    with storage.writing() as unit:
        for each in (failed, late, blanked, undated, message("waits")):
            unit.outbox.add(each)
    ids = ["m1", "late", "blanked", "undated", "waits", "unknown"]
    with storage.writing() as unit:
        same(2, unit.outbox.put_back(ids, NOW + MINUTE), "how many")
        same(0, unit.outbox.put_back([], NOW), "how many of none")

    again = evolve(failed, status="waiting", finished_at=None, due_at=NOW + MINUTE)
    with storage.reading() as unit:
        found = {it.id: it for it in unit.outbox.unsent()}
    same(again, found["m1"], "what was put back")
    same("waiting", found["undated"].status, "what never expires")
    same((late, blanked), (found["late"], found["blanked"]), "what stays failed")


@rule(
    "PORT-STORAGE-85",
    danger="A code stays readable, for whoever has the keys, long after it was good.",
    hint="UPDATE … SET sealed = NULL WHERE it failed AND expires_at <= now; count those.",
)
def what_failed_is_blanked(storage: Storage) -> None:
    """What failed is blanked when it is too late for it."""
    failed = message("m1", status="failed", finished_at=NOW, expires_at=NOW + MINUTE)
    with storage.writing() as unit:
        for each in (failed, evolve(failed, id="later", expires_at=NOW + DAY)):
            unit.outbox.add(each)
        unit.outbox.add(message("waits", expires_at=NOW))
        unit.outbox.add(evolve(failed, id="undated", expires_at=None))
    with storage.writing() as unit:
        same(0, unit.outbox.blank(NOW + MINUTE - MICROSECOND), "how many, before")
        same(1, unit.outbox.blank(NOW + MINUTE), "how many")
        same(0, unit.outbox.blank(NOW + MINUTE), "how many, again")

    with storage.reading() as unit:
        blank = {it.id for it in unit.outbox.unsent() if it.sealed is None}
    same({"m1"}, blank, "what is blank")


@rule(
    "PORT-STORAGE-86",
    danger="Nobody is told that no SMS has left since noon.",
    hint="For sms and email: something waits, and nothing was sent after it was queued.",
)
def silent_channels_are_named(storage: Storage) -> None:
    """A channel by which nothing leaves is named, not one with a single message that fails."""
    with storage.writing() as unit:
        for channel in ("sms", "email", "none", "event"):
            unit.outbox.add(message(channel, channel=channel, created_at=NOW - MINUTE))
    with storage.writing() as unit:
        same([], list(unit.outbox.overdue(NOW - MINUTE - MICROSECOND)))
        same(["email", "sms"], list(unit.outbox.overdue(NOW - MINUTE)))
        left = message("left", channel="email", status="sent", sealed=None, finished_at=NOW)
        unit.outbox.add(left)
        unit.outbox.add(evolve(left, id="failed", channel="sms", status="failed"))
        unit.outbox.add(evolve(left, id="before", channel="sms", finished_at=NOW - DAY))
    with storage.writing() as unit:
        same(["sms"], list(unit.outbox.overdue(NOW)))
        unit.outbox.add(message("newer", channel="email", created_at=NOW + MICROSECOND))

    with storage.reading() as unit:
        same(["sms"], list(unit.outbox.overdue(NOW)))
        same(["email", "sms"], list(unit.outbox.overdue(NOW + MINUTE)))


@rule(
    "PORT-STORAGE-87",
    danger="The count of what waits alarms for nothing, or does not alarm.",
    hint="By channel and status: waiting, and failed with its text; never the channel none.",
)
def backlogs_are_counted(storage: Storage) -> None:
    """What waits or failed is counted with its age, by channel."""
    with storage.writing() as unit:
        for each in (
            message("a", created_at=NOW - MINUTE),
            message("b", created_at=NOW),
            message("c", channel="email"),
            message("d", channel="none"),
            message("e", status="sent", finished_at=NOW, sealed=None),
            message("f", status="failed", finished_at=NOW, created_at=NOW - DAY),
            message("g", status="failed", finished_at=NOW, sealed=None),
        ):
            unit.outbox.add(each)

    with storage.reading() as unit:
        found = [(it.channel, it.status, it.count, it.oldest) for it in unit.outbox.backlog()]
    expected = [
        ("email", "waiting", 1, NOW),
        ("sms", "failed", 1, NOW - DAY),
        ("sms", "waiting", 2, NOW - MINUTE),
    ]
    same(expected, found, "the backlog")


@rule(
    "PORT-STORAGE-88",
    danger="Support tells a caller of somebody else's messages, or in the wrong order.",
    hint="By journey, ordered by created_at and id; newest() is the last of a purpose.",
)
def messages_of_a_journey_are_read(storage: Storage) -> None:
    """A journey's messages are read, the oldest first, and the newest of a purpose."""
    with storage.writing() as unit:
        unit.outbox.add(message("b"))
        unit.outbox.add(message("a"))
        unit.outbox.add(message("z", created_at=NOW - MICROSECOND))
        unit.outbox.add(message("nobody's", journey=None))
        unit.outbox.add(message("c", purpose="notice", created_at=NOW + MINUTE))
        unit.outbox.add(message("d", journey="BBBB-BBBB"))

    with storage.reading() as unit:
        sent = [it.id for it in unit.outbox.of_journey(_JOURNEY)]
        newest = unit.outbox.newest(_JOURNEY, "code")
        same([], list(unit.outbox.of_journey("AAAA-AAAA")), "the messages of another")
        same(None, unit.outbox.newest(_JOURNEY, "confirmation"), "the newest of another purpose")
    same(["z", "a", "b", "c"], sent, "the messages")
    holds(newest is not None and newest.id == "b", "the newest of its purpose is another")
