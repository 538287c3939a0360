"""Rules of a storage: what one unit is, and that it is all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from ...effects import Budget
from ...errors import LostSwap, UniqueBroken
from ...ports import JourneyQuery, LinkPurpose, Storage, Unit
from .examples import DAY, MINUTE, NOW, account, link, listener, message, session, stored
from .rules import holds, refuses, rule, same

__all__ = ()

Write = Callable[[Unit], object]
Fresh = Callable[[], Storage]
Both = Callable[[], tuple[Storage, Storage]]


WRITES: Mapping[str, Write] = {
    "journeys.add": lambda unit: unit.journeys.add(stored("NEW0-0000")),
    "journeys.swap": lambda unit: unit.journeys.swap(stored(seq=1, state="created"), 0),
    "journeys.forget": lambda unit: unit.journeys.forget("a1", ()),
    "journal.append": lambda unit: unit.journal.append("7K3Q-F9M2", 1, NOW, "une ligne"),
    "accounts.add": lambda unit: unit.accounts.add(account("a2")),
    "accounts.update": lambda unit: unit.accounts.update(account(version=8, credential_epoch=4), 7),
    "accounts.delete": lambda unit: delete_account(unit, "a1"),
    "sessions.add": lambda unit: unit.sessions.add(session("s2")),
    "sessions.touch": lambda unit: unit.sessions.touch("s1", NOW + MINUTE),
    "sessions.end": lambda unit: unit.sessions.end("s1"),
    "sessions.end_all": lambda unit: unit.sessions.end_all("a1"),
    "links.add": lambda unit: unit.links.add(link("l2")),
    "links.consume": lambda unit: unit.links.consume("l1", NOW),
    "links.void": lambda unit: unit.links.void("a1", LinkPurpose.RESET),
    "links.drop": lambda unit: unit.links.drop("l1"),
    "links.forget": lambda unit: unit.links.forget("a1"),
    "budgets.add": lambda unit: unit.budgets.add(Budget.SEND, "k1.sujet", NOW),
    "budgets.clear": lambda unit: unit.budgets.clear(Budget.CODE, ["k1.sujet"]),
    "budgets.redate": lambda unit: unit.budgets.redate(Budget.CODE, ["k1.sujet"], NOW - MINUTE),
    "outbox.add": lambda unit: unit.outbox.add(message("m2")),
    "outbox.lease": lambda unit: unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 5),
    "outbox.settle": lambda unit: unit.outbox.settle(
        message(status="sent", sealed=None, finished_at=NOW)
    ),
    "outbox.note": lambda unit: unit.outbox.note(message("m1", history="{}"), None),
    "outbox.cancel": lambda unit: unit.outbox.cancel("7K3Q-F9M2", "code", NOW),
    "outbox.drop": lambda unit: unit.outbox.drop(["m1"], NOW),
    "listeners.add": lambda unit: unit.listeners.add(listener("other")),
    "listeners.forget": lambda unit: unit.listeners.forget("crm"),
    "outbox.renew": lambda unit: unit.outbox.renew(message(), NOW + MINUTE),
}
"""Each way to change what :func:`fill` keeps, so that :func:`everything` sees it."""


def delete_account(unit: Unit, account_id: str) -> None:
    """Delete an account, whatever its version."""
    unit.accounts.delete(account_id, getattr(unit.accounts.get(account_id), "version", 0))


def fill(storage: Storage) -> None:
    """Keep one of everything."""
    with storage.writing() as unit:
        unit.journeys.add(stored())
        unit.journal.append("7K3Q-F9M2", 0, NOW, "la première ligne")
        unit.accounts.add(account())
        unit.sessions.add(session())
        unit.links.add(link())
        unit.budgets.add(Budget.CODE, "k1.sujet", NOW)
        unit.outbox.add(message())
        unit.listeners.add(listener())


def everything(storage: Storage) -> list[object]:
    """Read whatever the writes above could change."""
    with storage.reading() as unit:
        return [
            list(unit.journeys.search(JourneyQuery())),
            list(unit.journal.lines("7K3Q-F9M2")),
            [unit.accounts.get(name) for name in ("a1", "a2")],
            [unit.sessions.get(name) for name in ("s1", "s2")],
            [unit.links.get(name) for name in ("l1", "l2")],
            [list(unit.budgets.times(budget, ["k1.sujet"], NOW - DAY)) for budget in Budget],
            list(unit.outbox.of_journey("7K3Q-F9M2")),
            list(unit.listeners.everyone()),
        ]


def write_then_raise(unit: Unit, writes: Iterable[Write], error: type[BaseException]) -> None:
    """Write, then fail as a step does that something outside stopped."""
    for write in writes:
        write(unit)
    raise error


def write_and_ignore(unit: Unit, error: type[Exception], refused: Callable[[], None]) -> None:
    """Write, and pass over what was refused."""
    unit.sessions.add(session("s2"))
    with suppress(error):
        refused()


@rule(
    "PORT-STORAGE-01",
    danger="What a step promised is gone at the next page.",
    hint="Commit when the block of writing() ends; keep every field, accents and microseconds.",
)
def is_kept(storage: Storage) -> None:
    """What a unit wrote is there for the next one, whole."""
    fill(storage)
    kept = [
        [stored()],
        ["la première ligne"],
        [account(), None],
        [session(), None],
        [link(), None],
        [[NOW] if it is Budget.CODE else [] for it in Budget],
        [message()],
        [listener()],
    ]

    same(kept, everything(storage), "what is kept")


@rule(
    "PORT-STORAGE-02",
    danger="Two workers see two worlds: a code works on every other page.",
    hint="Keep nothing in the process that the store does not have.",
    capability="twin",
)
def is_kept_for_others(storage: Storage, twin: Storage) -> None:
    """And it is there for another process."""
    fill(storage)

    same(everything(storage), everything(twin), "what another process reads")


@rule(
    "PORT-STORAGE-03",
    danger="Half a step stays: an account without its journal, a code that nobody may use.",
    hint="Roll back when the block of writing() raises, after whatever number of writes.",
)
def leaves_nothing_of_a_failure(fresh: Fresh) -> None:
    """A unit that raises leaves nothing behind, wherever it raises."""
    for count in range(len(WRITES) + 1):
        storage = fresh()
        fill(storage)
        before = everything(storage)
        with refuses(ZeroDivisionError, "a unit whose block raises it"), storage.writing() as unit:
            write_then_raise(unit, list(WRITES.values())[:count], ZeroDivisionError)

        same(before, everything(storage), "what is kept")


@rule(
    "PORT-STORAGE-04",
    danger="A worker that is stopped in the middle commits what it had begun.",
    hint="Roll back for every BaseException; then let go of the connection and its locks.",
)
def leaves_nothing_of_an_interruption(storage: Storage) -> None:
    """Nor does one that is interrupted, and the next one may write."""
    with refuses(KeyboardInterrupt, "an interrupted unit"), storage.writing() as unit:
        write_then_raise(unit, [WRITES["journeys.add"]], KeyboardInterrupt)

    with storage.writing() as unit:
        same(None, unit.journeys.get("NEW0-0000"), "the journey of the interrupted unit")


@rule(
    "PORT-STORAGE-05",
    danger="A guard judges by what the step has just changed, or by what was never committed.",
    hint="Read inside the transaction that writes; isolate it from all others until it commits.",
    capability="twin",
)
def is_seen_by_itself_alone(both: Both) -> None:
    """A unit sees its own writes, and nobody else does before it commits."""
    for name, write in WRITES.items():
        storage, twin = both()
        fill(storage)
        before = everything(storage)
        with storage.writing() as unit:
            write(unit)
            same(before, everything(storage), f"what others see during {name}")
            same(before, everything(twin), f"what other processes see during {name}")

        holds(before != everything(storage), f"{name} changed nothing")
        same(everything(storage), everything(twin), "what other processes see afterwards")


@rule(
    "PORT-STORAGE-06",
    danger="Support changes what it looks at.",
    hint="Raise RuntimeError at each write, at lock() and at lock=True in a unit of reading().",
)
def reads_only(fresh: Fresh) -> None:
    """A unit that reads writes nothing and locks nothing: it raises RuntimeError."""
    storage = fresh()
    fill(storage)
    before = everything(storage)
    for name, write in WRITES.items():
        with storage.reading() as unit, refuses(RuntimeError, f"{name} in a unit that reads"):
            write(unit)
    with storage.reading() as unit:
        with refuses(RuntimeError, "lock() in a unit that reads"):
            unit.lock("a name")
        with refuses(RuntimeError, "get(lock=True) in a unit that reads"):
            unit.journeys.get("7K3Q-F9M2", lock=True)

    same(before, everything(storage), "what is kept")


@rule(
    "PORT-STORAGE-07",
    danger="A server takes such a COMMIT for a ROLLBACK without a word: the step seems done.",
    hint="Remember that a row was refused, and raise RuntimeError where the unit would commit.",
)
def commits_nothing_after_a_refusal(storage: Storage) -> None:
    """A unit in which a row was refused as not unique cannot commit: it raises RuntimeError."""
    fill(storage)
    before = everything(storage)
    with refuses(RuntimeError, "the end of the unit"), storage.writing() as unit:
        write_and_ignore(unit, UniqueBroken, lambda: unit.accounts.add(account()))

    same(before, everything(storage), "what is kept")


@rule(
    "PORT-STORAGE-08",
    danger="The driver cannot write that somebody else was first.",
    hint="LostSwap is an answer, not a failure of the transaction.",
)
def commits_after_a_lost_swap(storage: Storage) -> None:
    """A unit that lost a swap can commit the rest."""
    fill(storage)
    with storage.writing() as unit:
        write_and_ignore(unit, LostSwap, lambda: unit.journeys.swap(stored(seq=9), 8))

    with storage.reading() as unit:
        same(session("s2"), unit.sessions.get("s2"), "the session")


@rule(
    "PORT-STORAGE-09",
    danger="A step that counts two budgets of one person waits for itself for ever.",
    hint="Make the named lock one that its holder may take again.",
)
def locks_twice(storage: Storage) -> None:
    """A unit may lock a name that it holds, and others besides."""
    with storage.writing() as unit:
        unit.lock("identity:k1.sujet")
        unit.lock("identity:k1.sujet")
        unit.lock("un autre nom")
