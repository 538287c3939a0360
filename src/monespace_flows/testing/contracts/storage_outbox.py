"""Rules of a storage: how messages wait, are leased, and leave the outbox."""

from __future__ import annotations

from attrs import evolve

from ...errors import UniqueBroken
from ...ports import Storage
from .examples import DAY, MICROSECOND, MINUTE, NOW, message
from .rules import refuses, rule, same
from .storage_units import fill

__all__ = ()

_JOURNEY = "7K3Q-F9M2"


@rule(
    "PORT-STORAGE-71",
    danger="One message takes the place of another.",
    hint="Make the id unique; raise UniqueBroken.",
)
def messages_are_unique(storage: Storage) -> None:
    """A message keeps its id to itself."""
    fill(storage)
    with refuses(UniqueBroken, "adding it"), storage.writing() as unit:
        unit.outbox.add(message("m1", channel="email"))


@rule(
    "PORT-STORAGE-72",
    danger="Messages wait behind others without need, or leave before their time.",
    hint="WHERE it waits AND due_at <= now, by due_at, created_at and id; read channels once.",
)
def what_is_due_is_leased(storage: Storage) -> None:
    """What is due is leased, the longest due first, of the channels asked for alone."""
    with storage.writing() as unit:
        unit.outbox.add(message("late", due_at=NOW - MINUTE))
        unit.outbox.add(message("now"))
        unit.outbox.add(message("old", created_at=NOW - DAY))
        unit.outbox.add(message("soon", due_at=NOW + MICROSECOND))
        unit.outbox.add(message("event", channel="event"))
        unit.outbox.add(message("sent", status="sent"))
        unit.outbox.add(message("email", channel="email", due_at=NOW - 2 * MINUTE))
    with storage.writing() as unit:
        leased = unit.outbox.lease(iter(("sms", "email")), NOW, NOW + MINUTE, 10)

    same(["email", "late", "old", "now"], [it.id for it in leased], "what is leased")


@rule(
    "PORT-STORAGE-73",
    danger="A listener is told what was meant for another.",
    hint="Match the listener; where a message has none, its purpose.",
)
def what_is_for_listeners_is_leased(storage: Storage) -> None:
    """What is due for some listeners is leased; what names none is for those of its kind."""
    with storage.writing() as unit:
        for name in ("crm", "mail", None):
            address = None if name is None else f"SignedIn:{name}"
            made = message(f"{name}", channel="event", purpose="SignedIn", listener=address)
            unit.outbox.add(made)
        unit.outbox.add(message("sms", purpose="SignedIn"))
        unit.outbox.add(message("other", channel="event", purpose="AccountErased"))
    with storage.writing() as unit:
        named = iter(("SignedIn:crm", "SignedIn"))
        leased = unit.outbox.lease(["event"], NOW, NOW + MINUTE, 10, listeners=named)
        nothing = unit.outbox.lease(["event"], NOW, NOW + MINUTE, 10, listeners=())

    same(["None", "crm"], [it.id for it in leased], "what is leased")
    same([], list(nothing), "what is leased for nobody")


@rule(
    "PORT-STORAGE-74",
    danger="Two relays send the same code; or a relay that died keeps it for ever.",
    hint="Set due_at to until, and count an attempt, in the same transaction.",
)
def leases_end(storage: Storage) -> None:
    """A lease counts as an attempt, and gives the message to the next when it ends."""
    fill(storage)
    ends = NOW + MINUTE
    with storage.writing() as unit:
        leased = list(unit.outbox.lease(["sms"], NOW, ends, 1))
    expected = [message(due_at=ends, attempts=1)]
    same(expected, leased, "what is leased")
    with storage.writing() as unit:
        same(expected, list(unit.outbox.of_journey(_JOURNEY)), "what is kept")
        early = list(unit.outbox.lease(["sms"], ends - MICROSECOND, ends + MINUTE, 1))
        again = list(unit.outbox.lease(["sms"], ends, ends + MINUTE, 1))

    same([], early, "what is leased before the lease ends")
    same([2], [it.attempts for it in again], "the attempts of what is leased then")


@rule(
    "PORT-STORAGE-75",
    danger="One relay takes everything, and its leases end before it has sent it.",
    hint="LIMIT, after the order.",
)
def no_more_is_leased(storage: Storage) -> None:
    """No more is leased than was asked for."""
    with storage.writing() as unit:
        for number in range(5):
            unit.outbox.add(message(f"m{number}"))

    taken = []
    for _ in range(4):
        with storage.writing() as unit:
            leased = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 2)
            taken.append([it.id for it in leased])
    same([["m0", "m1"], ["m2", "m3"], ["m4"], []], taken, "what is leased")


@rule(
    "PORT-STORAGE-76",
    danger="Nobody ever notes that a message was not sent.",
    hint="Lease what is past expires_at too: the relay drops it.",
)
def what_is_late_is_leased(storage: Storage) -> None:
    """A message past its life is still leased, so that somebody notes that it was not sent."""
    fill(storage)
    with storage.writing() as unit:
        leased = unit.outbox.lease(["sms"], NOW + DAY, NOW + DAY + MINUTE, 1)

    same(["m1"], [it.id for it in leased], "what is leased")


@rule(
    "PORT-STORAGE-77",
    danger="A message that has left leaves again, or one that failed is never tried again.",
    hint="Write back every field of the message; pass over one that is unknown.",
)
def what_became_is_written_back(storage: Storage) -> None:
    """What became of a message is written back: it left, or waits for its next time."""
    fill(storage)
    again = message(due_at=NOW + MINUTE, attempts=1, error="panne")
    sent = message(status="sent", sealed=None, finished_at=NOW + MINUTE, attempts=1, error="panne")
    with storage.writing() as unit:
        unit.outbox.settle(again)
        same([], list(unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)), "what is due")
    with storage.writing() as unit:
        same(1, len(unit.outbox.lease(["sms"], NOW + MINUTE, NOW + 2 * MINUTE, 1)), "what is due")
        unit.outbox.settle(sent)
        unit.outbox.settle(message("unknown", status="sent"))

    with storage.writing() as unit:
        same([sent], list(unit.outbox.of_journey(_JOURNEY)), "what is kept")
        same([], list(unit.outbox.lease(["sms"], NOW + DAY, NOW + 2 * DAY, 1)), "what is due")


@rule(
    "PORT-STORAGE-78",
    danger="Two relays each write what became of a message, and one of them is lost.",
    hint="UPDATE … WHERE history is what was read, NULL included; answer whether a row changed.",
)
def histories_are_compared(storage: Storage) -> None:
    """A message's history is written over the one that was read, and over no other."""
    with storage.writing() as unit:
        unit.outbox.add(message("m1"))
        written = [
            unit.outbox.note(message("m1", history="one"), None),
            unit.outbox.note(message("m1", history="two"), None),
            unit.outbox.note(message("m1", history="three"), "one"),
            unit.outbox.note(message("m2", history="one"), None),
        ]
        (kept,) = unit.outbox.of_journey(_JOURNEY)

    same([True, False, True, False], written, "whether it was written")
    same("three", kept.history, "the history")


@rule(
    "PORT-STORAGE-79",
    danger="A code that was replaced leaves after its successor, and cannot be right.",
    hint="Expire and blank what waits of that journey and purpose; blank what failed.",
)
def what_waits_is_cancelled(storage: Storage) -> None:
    """What waits or failed is cancelled by journey and purpose, and blanked."""
    failed = message("failed", status="failed", finished_at=NOW - MINUTE)
    sent = message("sent", status="sent", finished_at=NOW)
    with storage.writing() as unit:
        unit.outbox.add(message("code"))
        unit.outbox.add(message("letter", purpose="notice"))
        unit.outbox.add(message("other", journey="AAAA-AAAA"))
        unit.outbox.add(sent)
        unit.outbox.add(failed)
    with storage.writing() as unit:
        unit.outbox.cancel(_JOURNEY, "code", NOW + MINUTE)

    cancelled = message("code", status="expired", sealed=None, finished_at=NOW + MINUTE)
    with storage.writing() as unit:
        found = {it.id: it for it in unit.outbox.of_journey(_JOURNEY)}
        leased = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 9)
    same(cancelled, found["code"], "what waited")
    same(sent, found["sent"], "what was sent")
    same(evolve(failed, sealed=None), found["failed"], "what failed")
    same(["letter", "other"], [it.id for it in leased], "what is leased afterwards")


@rule(
    "PORT-STORAGE-80",
    danger="A relay brings back a code that was cancelled while it tried to send it.",
    hint="settle() never makes a message wait that does not; it may note that it was sent.",
)
def what_was_cancelled_does_not_wait(storage: Storage) -> None:
    """A message cancelled or dropped while leased does not wait again, but may have been sent."""
    fill(storage)
    with storage.writing() as unit:
        unit.outbox.add(message("m2", purpose="notice"))
        first, second = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 2)
        unit.outbox.cancel(_JOURNEY, "code", NOW)
        unit.outbox.drop(["m2"], NOW)
    with storage.writing() as unit:
        unit.outbox.settle(evolve(first, due_at=NOW + MINUTE, error="panne"))
        unit.outbox.settle(evolve(second, due_at=NOW + MINUTE, error="panne"))
        same([], list(unit.outbox.waiting()), "what waits")
        unit.outbox.settle(evolve(first, status="sent", sealed=None, finished_at=NOW))

    with storage.reading() as unit:
        statuses = [it.status for it in unit.outbox.of_journey(_JOURNEY)]
    same(["sent", "expired"], statuses, "what became of them")


@rule(
    "PORT-STORAGE-81",
    danger="An operator does not see what waits, or what failed.",
    hint="waiting(): status waiting; unsent(): or failed; both by created_at and id.",
)
def what_has_not_left_is_read(storage: Storage) -> None:
    """What waits is read, and what waits or failed, the oldest first."""
    with storage.writing() as unit:
        unit.outbox.add(message("b"))
        unit.outbox.add(message("a", channel="event", due_at=NOW + DAY))
        unit.outbox.add(message("z", created_at=NOW - MICROSECOND, journey=None))
        unit.outbox.add(message("late", expires_at=NOW - DAY, created_at=NOW + MINUTE))
        for status in ("sent", "expired", "failed"):
            unit.outbox.add(message(status, status=status, sealed=None, finished_at=NOW))
    with storage.writing() as unit:
        unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)

    with storage.reading() as unit:
        same(["z", "a", "b", "late"], [it.id for it in unit.outbox.waiting()], "what waits")
        unsent = [it.id for it in unit.outbox.unsent()]
    same(["z", "a", "b", "failed", "late"], unsent, "what has not left")


@rule(
    "PORT-STORAGE-82",
    danger="What an operator or an erasure takes out leaves all the same.",
    hint="Expire and blank what waits, blank what failed with its text; count those.",
)
def what_waits_is_dropped(storage: Storage) -> None:
    """Messages that could still leave are dropped by id, blanked and counted."""
    sent = message("sent", status="sent", sealed=None, finished_at=NOW)
    failed = message("failed", status="failed", finished_at=NOW)
    gone = message("gone", status="failed", finished_at=NOW, sealed=None)
    with storage.writing() as unit:
        for each in (message("m1"), message("m2", journey=None), message("kept"), sent, failed):
            unit.outbox.add(each)
        unit.outbox.add(gone)
    with storage.writing() as unit:
        ids = ["m1", "m2", "sent", "unknown", "failed", "gone"]
        same(3, unit.outbox.drop(ids, NOW + MINUTE), "how many")
        same(0, unit.outbox.drop(ids, NOW + DAY), "how many more")
        same(0, unit.outbox.drop([], NOW), "how many of none")

    dropped = message("m1", status="expired", sealed=None, finished_at=NOW + MINUTE)
    with storage.reading() as unit:
        found = {it.id: it for it in unit.outbox.of_journey(_JOURNEY)}
        same(["kept"], [it.id for it in unit.outbox.waiting()], "what waits")
    same(dropped, found["m1"], "what was dropped")
    same((sent, message("kept")), (found["sent"], found["kept"]), "the others")
    same(evolve(failed, sealed=None), found["failed"], "what had failed")


@rule(
    "PORT-STORAGE-83",
    danger="A relay sends on what another has by now, or lets go of what it is sending.",
    hint="UPDATE … WHERE it waits AND attempts is that of the lease; answer whether a row changed.",
)
def leases_are_renewed(storage: Storage) -> None:
    """A lease is renewed by who has it, and whoever lost it is told so."""
    fill(storage)
    with storage.writing() as unit:
        (mine,) = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)
        same(True, unit.outbox.renew(mine, NOW + 2 * MINUTE), "my lease renewed")
    with storage.writing() as unit:
        same([], list(unit.outbox.lease(["sms"], NOW + MINUTE, NOW + DAY, 1)), "what is due")
        (theirs,) = unit.outbox.lease(["sms"], NOW + 2 * MINUTE, NOW + 3 * MINUTE, 1)
        same(False, unit.outbox.renew(mine, NOW + DAY), "my lease renewed once it is theirs")
        unit.outbox.cancel(_JOURNEY, "code", NOW)
        same(False, unit.outbox.renew(theirs, NOW + DAY), "the lease of a cancelled message")
        same(False, unit.outbox.renew(message("unknown"), NOW + DAY), "that of an unknown one")
