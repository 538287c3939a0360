"""Rules of a storage: what holds when many threads, or several processes, write at one moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from threading import Barrier, Event
from typing import Any, TypeVar

from attrs import evolve

from ...effects import Budget
from ...errors import LostSwap, UniqueBroken
from ...ports import Account, Storage
from .examples import DAY, MINUTE, NOW, account, link, message, stored
from .rules import holds, rule, same

__all__ = ()

MANY = 64
"""So many act at once."""

PROCESSES = 2
_PATIENCE = 60.0
_EACH_STEP = set(range(1, MANY + 1))

Answer = TypeVar("Answer")
Reopen = Callable[[], Storage]
Each = Callable[[int], Storage]


def together(count: int, run: Callable[[int], Answer]) -> list[Answer]:
    """Run the same in many threads, started at the same moment."""
    start = Barrier(count)

    def wait_and_run(number: int) -> Answer:
        start.wait(timeout=_PATIENCE)
        return run(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(wait_and_run, range(count)))


# --- what one of them does: functions of this module, so that processes can be told to ------------


def create(storage: Storage, name_it: Callable[[int], Account], number: int) -> bool:
    """Create an account that may be there already; whether it was this one."""
    try:
        with storage.writing() as unit:
            unit.accounts.add(name_it(number))
    except UniqueBroken:
        return False
    return True


def by_id(number: int) -> Account:
    """Name an account like all others, and unlike them in the rest."""
    return account("a1", rpps_digest=f"rpps {number}", email_digest=f"email {number}")


def by_rpps(number: int) -> Account:
    """The same by its RPPS number."""
    return account(f"r{number}", rpps_digest="the same")


def by_email(number: int) -> Account:
    """The same by its e-mail."""
    return account(f"e{number}", email_digest="the same")


def consume(storage: Storage, number: int) -> bool:
    """Use a link; ``number`` does not matter."""
    del number
    with storage.writing() as unit:
        return unit.links.consume("l1", NOW)


def swap(storage: Storage, number: int) -> int | None:
    """Step a journey, again while others are first; the step that was taken."""
    for _ in range(MANY):  # each that is lost was taken by another
        with storage.reading() as unit:
            found = unit.journeys.get("7K3Q-F9M2")
        if found is None:
            break
        seq = found.journey.seq + 1
        with suppress(LostSwap), storage.writing() as unit:
            unit.journeys.swap(stored(seq=seq), seq - 1)
            unit.journal.append("7K3Q-F9M2", seq, NOW, f"{number}")
            return seq
    return None


# --- threads --------------------------------------------------------------------------------------


@rule(
    "PORT-STORAGE-22",
    danger="One doctor who presses twice has two accounts (S2).",
    hint="Unique constraints of the database itself: a look before the insert is not enough.",
    capability="threads",
)
def one_account_is_created(each: Each) -> None:
    """Of 64 accounts created at once that must be unique, exactly one is kept."""

    def create_by(name_it: Callable[[int], Account], number: int) -> bool:
        return create(each(number), name_it, number)

    for name_it in (by_id, by_rpps, by_email):
        kept = together(MANY, partial(create_by, name_it))
        same(1, kept.count(True), "how many were kept")


@rule(
    "PORT-STORAGE-23",
    danger="Fifty codes guessed at once count as one try (S3).",
    hint="Compare and replace in one statement, in the transaction that writes the journal.",
    capability="threads",
)
def every_swap_counts(each: Each) -> None:
    """Of 64 swaps at once each counts, when those who lost try again."""
    with each(0).writing() as unit:
        unit.journeys.add(stored(seq=0))

    taken = together(MANY, lambda number: swap(each(number), number))
    same(_EACH_STEP, set(taken), "the steps that were taken")
    with each(1).reading() as unit:
        same(MANY, len(unit.journal.lines("7K3Q-F9M2")), "the lines of the journal")


@rule(
    "PORT-STORAGE-24",
    danger="Whoever holds a journey loses it all the same, and the press is answered twice.",
    hint="SELECT … FOR UPDATE, or a lock of the whole file, until the unit ends.",
    capability="threads",
)
def who_holds_the_row_wins(each: Each) -> None:
    """Nobody loses a swap who holds the row."""
    with each(0).writing() as unit:
        unit.journeys.add(stored(seq=0))

    def step(number: int) -> None:
        with each(number).writing() as unit:
            found = unit.journeys.get("7K3Q-F9M2", lock=True)
            seq = -1 if found is None else found.journey.seq
            unit.journeys.swap(stored(seq=seq + 1), seq)

    together(MANY, step)
    with each(1).reading() as unit:
        found = unit.journeys.get("7K3Q-F9M2")
    same(MANY, None if found is None else found.journey.seq, "the number of steps")


@rule(
    "PORT-STORAGE-25",
    danger="A new password is written over by a change that did not know of it.",
    hint="Compare the version in the statement that changes or deletes.",
    capability="threads",
)
def one_change_wins(each: Each) -> None:
    """Of 64 who change or delete one account at once, one wins, wholly."""
    with each(0).writing() as unit:
        unit.accounts.add(account(version=0))
        unit.links.add(link())

    def change_or_delete(number: int) -> str:
        try:
            with each(number // 2).writing() as unit:
                if number % 2:
                    unit.accounts.delete("a1", 0)
                    unit.links.forget("a1")
                    return "deleted"
                unit.accounts.update(account(version=1, password_hash=f"{number}"), 0)
        except LostSwap:
            return "lost"
        return "changed"

    won = [it for it in together(MANY, change_or_delete) if it != "lost"]
    with each(1).reading() as unit:
        gone = unit.accounts.get("a1") is None, unit.links.get("l1") is None
    same(1, len(won), "how many won")
    same(2 * (won[0] == "deleted",), gone, "whether account and link are gone")


@rule(
    "PORT-STORAGE-26",
    danger="A link opens to two (S3).",
    hint="UPDATE … WHERE used_at IS NULL: the row that was changed is the answer.",
    capability="threads",
)
def one_uses_a_link(each: Each) -> None:
    """Of 64 uses of one link at once, exactly one succeeds."""
    with each(0).writing() as unit:
        unit.links.add(link())

    same(
        1,
        together(MANY, lambda number: consume(each(number), number)).count(True),
        "how many used it",
    )


@rule(
    "PORT-STORAGE-27",
    danger="A doctor gets each code twice, and pays attention to the wrong one.",
    hint="FOR UPDATE SKIP LOCKED, or a lock of the whole file.",
    capability="threads",
)
def one_leases_a_message(each: Each) -> None:
    """Each message is leased to one, and all are leased."""
    names = [f"m{number:02}" for number in range(30)]
    with each(0).writing() as unit:
        for name in names:
            unit.outbox.add(message(name))

    def take(number: int) -> list[str]:
        taken: list[str] = []
        for _ in names:
            with each(number).writing() as unit:
                taken += [it.id for it in unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 3)]
        return taken

    same(names, sorted(it for one in together(4, take) for it in one), "what was leased")


@rule(
    "PORT-STORAGE-28",
    danger="Who asks 64 times at once is allowed 64 SMS.",
    hint="A lock by name that lasts until the unit ends, for all units that write.",
    capability="threads",
)
def names_are_locked(each: Each) -> None:
    """Units that lock one name take turns: of 64 who ask for one of five, five hear yes."""

    def count_one(number: int) -> bool:
        with each(number).writing() as unit:
            unit.lock("send:k1.sujet")
            if len(unit.budgets.times(Budget.SEND, ["k1.sujet"], NOW - DAY)) >= 5:
                return False
            unit.budgets.add(Budget.SEND, "k1.sujet", NOW)
            return True

    same(5, together(MANY, count_one).count(True), "how many heard yes")


@rule(
    "PORT-STORAGE-29",
    danger="All pages stand while one step is being written; or they show half of it.",
    hint="Readers see what was committed last, and take no lock.",
    capability="threads",
)
def readers_do_not_wait(each: Each) -> None:
    """Readers neither wait for a writer, nor see half of what it wrote."""
    with each(0).writing() as unit:
        unit.journeys.add(stored())
    read = Event()

    def seen() -> tuple[int, int]:
        with each(1).reading() as reading:
            found = reading.journeys.get("7K3Q-F9M2")
            lines = reading.journal.lines("7K3Q-F9M2")
        read.set()
        return (-1 if found is None else found.journey.seq), len(lines)

    with ThreadPoolExecutor(1) as threads:
        with each(0).writing() as unit:
            unit.journal.append("7K3Q-F9M2", 0, NOW, "une ligne")
            during = threads.submit(seen)
            in_time = read.wait(_PATIENCE / 4)
            unit.journeys.swap(stored(seq=1), 0)
        holds(in_time, "a reader waited for the writer")
        same((0, 0), during.result(), "the step and lines that a reader saw meanwhile")
    same((1, 1), seen(), "the step and lines afterwards")


@rule(
    "PORT-STORAGE-30",
    danger="What a step binds to an account while the account is erased stays for ever.",
    hint="forget() waits for rows that are held, and looks at them as they are then.",
    capability="threads",
)
def who_forgets_waits(each: Each) -> None:
    """A step that holds a journey comes before whoever forgets it, and is forgotten too."""
    with each(0).writing() as unit:
        unit.journeys.add(evolve(stored(seq=0, subject=None), account_id="a1"))
    held, done = Event(), Event()

    def step() -> bool:
        with each(0).writing() as unit:
            unit.journeys.get("7K3Q-F9M2", lock=True)
            held.set()
            early = done.wait(0.05)
            unit.journeys.swap(evolve(stored(seq=1, subject="k1.sujet"), account_id=None), 0)
        return early

    def forget() -> list[str]:
        held.wait(_PATIENCE)
        with each(1).writing() as unit:
            forgotten = list(unit.journeys.forget("a1", ["k1.sujet"]))
            done.set()
        return forgotten

    with ThreadPoolExecutor(2) as threads:
        stepping, forgetting = threads.submit(step), threads.submit(forget)
        holds(not stepping.result(), "it was forgotten while it was held")
        same(["7K3Q-F9M2"], forgetting.result(), "what was forgotten")


@rule(
    "PORT-STORAGE-90",
    danger="A step brings back what was just purged.",
    hint="A swap of a journey that is gone is a LostSwap; a purge waits for nobody long.",
    capability="threads",
)
def purges_and_steps_meet(each: Each) -> None:
    """Purges and steps at once end cleanly, and nothing comes back."""
    count = 20
    with each(0).writing() as unit:
        for number in range(count):
            unit.journeys.add(stored(f"{number:04}-0000", seq=0))

    def step_or_purge(number: int) -> None:
        if number % 4 == 0:
            each(number // 4).purge(NOW + DAY, NOW)
            return
        with suppress(LostSwap), each(number).writing() as unit:
            unit.journeys.swap(stored(f"{number:04}-0000", seq=1), 0)

    together(count, step_or_purge)
    each(0).purge(NOW + DAY, NOW)
    with each(1).reading() as unit:
        left = [it for it in range(count) if unit.journeys.get(f"{it:04}-0000")]
    same([], left, "the journeys that are left")


# --- processes ------------------------------------------------------------------------------------

_start: Any = None


def join(barrier: Any) -> None:
    """Remember, in a process of the kit's, what all of them start by."""
    global _start  # noqa: PLW0603 - a process is handed its barrier before its work, not with it
    _start = barrier


def share(reopen: Reopen, act: Callable[[Storage, int], Answer], first: int) -> list[Answer]:
    """Open the store in this process, and act in several threads when all processes have."""
    storage = reopen()
    _start.wait(_PATIENCE)
    return together(MANY // PROCESSES, lambda number: act(storage, first + number))


def create_one(storage: Storage, number: int) -> bool:
    """Create an account of one RPPS number; whether it was this one."""
    return create(storage, by_rpps, number)


@rule(
    "PORT-STORAGE-10",
    danger="Two workers of one service each let one doctor do what one may do once (S2, S3).",
    hint="Nothing that keeps writers apart may live in one process: no lock of Python's, no cache.",
    capability="processes",
)
def processes_take_turns(storage: Storage, reopen: Reopen) -> None:
    """Of 64 at once in two processes, one creates, one uses a link, and every swap counts."""
    with storage.writing() as unit:
        unit.links.add(link())
        unit.journeys.add(stored(seq=0))

    context = get_context("spawn")  # a fork would take along locks that other threads hold
    barrier = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, context, join, (barrier,)) as pool:

        def all_of(act: Callable[[Storage, int], Answer]) -> list[Answer]:
            firsts = range(0, MANY, MANY // PROCESSES)
            shares = [pool.submit(share, reopen, act, first) for first in firsts]
            return [answer for each in shares for answer in each.result()]

        created, used, taken = all_of(create_one), all_of(consume), all_of(swap)
    counts = created.count(True), used.count(True), set(taken)
    same((1, 1, _EACH_STEP), counts, "how many created and used, and the steps that were taken")
