"""What must hold when many threads, or two processes, write at the same moment."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TypeVar

import pytest
from attrs import evolve

from monespace_flows.effects import Budget
from monespace_flows.errors import LostSwap, UniqueBroken
from monespace_flows.ports import Account, Storage
from tests.servers.storages import ENGINES, POOLED

from .examples import DAY, MINUTE, NOW, account, link, message, stored

pytestmark = pytest.mark.parametrize("database", [*ENGINES, POOLED], indirect=True)

Answer = TypeVar("Answer")


def together(count: int, run: Callable[[int], Answer]) -> list[Answer]:
    """Run the same in many threads, started at the same moment."""
    start = Barrier(count)

    def wait_and_run(number: int) -> Answer:
        start.wait(timeout=10)
        return run(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(wait_and_run, range(count)))


@pytest.fixture
def both(storage: Storage, twin: Storage) -> Callable[[int], Storage]:
    """Give even threads one storage, and odd ones the other."""
    return lambda number: (storage, twin)[number % 2]


@pytest.mark.parametrize(
    "name_it",
    [
        lambda number: account(),
        lambda number: account(f"a{number}", rpps_digest="the same"),
        lambda number: account(f"a{number}", email_digest="the same"),
    ],
    ids=["id", "rpps", "email"],
)
def test_of_accounts_that_must_be_unique_exactly_one_is_kept(
    both: Callable[[int], Storage], name_it: Callable[[int], Account]
) -> None:
    def create(number: int) -> bool:
        try:
            with both(number).writing() as unit:
                unit.accounts.add(name_it(number))
        except UniqueBroken:
            return False
        return True

    assert together(20, create).count(True) == 1


def test_every_swap_counts_when_those_who_lost_try_again(both: Callable[[int], Storage]) -> None:
    """This is what makes fifty parallel codes fifty tries."""
    with both(0).writing() as unit:
        unit.journeys.add(stored(seq=0))

    def step(number: int) -> int:
        while True:
            with both(number).reading() as unit:
                found = unit.journeys.get("7K3Q-F9M2")
            assert found is not None
            seq = found.journey.seq
            try:
                with both(number).writing() as unit:
                    unit.journeys.swap(stored(seq=seq + 1), seq)
                    unit.journal.append("7K3Q-F9M2", seq + 1, NOW, f"{number}")
            except LostSwap:
                continue
            return seq + 1

    assert sorted(together(50, step)) == list(range(1, 51))
    with both(1).reading() as unit:
        assert len(unit.journal.lines("7K3Q-F9M2")) == 50


def test_nobody_loses_a_swap_who_holds_the_row(both: Callable[[int], Storage]) -> None:
    with both(0).writing() as unit:
        unit.journeys.add(stored(seq=0))

    def step(number: int) -> None:
        with both(number).writing() as unit:
            found = unit.journeys.get("7K3Q-F9M2", lock=True)
            assert found is not None
            seq = found.journey.seq
            unit.journeys.swap(stored(seq=seq + 1), seq)

    together(20, step)
    with both(0).reading() as unit:
        found = unit.journeys.get("7K3Q-F9M2")
        assert found is not None
        assert found.journey.seq == 20


def test_an_account_is_updated_by_one_of_those_who_read_the_same(
    both: Callable[[int], Storage],
) -> None:
    with both(0).writing() as unit:
        unit.accounts.add(account(version=0))

    def change(number: int) -> bool:
        try:
            with both(number).writing() as unit:
                unit.accounts.update(account(version=1, password_hash=f"{number}"), 0)
        except LostSwap:
            return False
        return True

    assert together(20, change).count(True) == 1


def test_of_those_who_change_or_delete_the_same_account_one_wins(
    both: Callable[[int], Storage],
) -> None:
    """It is gone, or it is changed: never both, and never half."""
    with both(0).writing() as unit:
        unit.accounts.add(account(version=0))
        for number in range(3):
            unit.links.add(link(f"l{number}"))

    def change_or_delete(number: int) -> str:
        try:
            with both(number // 2).writing() as unit:
                if number % 2:
                    unit.accounts.delete("a1", 0)
                    unit.links.forget("a1")
                    return "deleted"
                unit.accounts.update(account(version=1, password_hash=f"{number}"), 0)
        except LostSwap:
            return "lost"
        return "changed"

    (won,) = [it for it in together(20, change_or_delete) if it != "lost"]
    with both(1).reading() as unit:
        found = unit.accounts.get("a1")
        links = [unit.links.get(f"l{number}") is None for number in range(3)]

    assert won == ("deleted" if found is None else "changed")
    assert links == 3 * [won == "deleted"]


def test_a_step_that_holds_a_journey_comes_before_whoever_forgets_it(
    storage: Storage, twin: Storage
) -> None:
    """What the step bound to the account while it was waited for is forgotten too."""
    with storage.writing() as unit:
        unit.journeys.add(evolve(stored(seq=0, subject=None), account_id="a1"))
    held, done = Event(), Event()

    def step() -> None:
        with storage.writing() as unit:
            assert unit.journeys.get("7K3Q-F9M2", lock=True) is not None
            held.set()
            assert not done.wait(0.05)
            unit.journeys.swap(evolve(stored(seq=1, subject="k1.sujet"), account_id=None), 0)

    def forget() -> list[str]:
        held.wait(10)
        with twin.writing() as unit:
            forgotten = list(unit.journeys.forget("a1", ["k1.sujet"]))
            done.set()
        return forgotten

    with ThreadPoolExecutor(2) as threads:
        stepping, forgetting = threads.submit(step), threads.submit(forget)
        stepping.result()

        assert forgetting.result() == ["7K3Q-F9M2"]


def test_a_link_is_used_by_one(both: Callable[[int], Storage]) -> None:
    with both(0).writing() as unit:
        unit.links.add(link())

    def consume(number: int) -> bool:
        with both(number).writing() as unit:
            return unit.links.consume("l1", NOW)

    assert together(20, consume).count(True) == 1


def test_a_message_is_leased_to_one(both: Callable[[int], Storage]) -> None:
    with both(0).writing() as unit:
        for number in range(60):
            unit.outbox.add(message(f"m{number:02}"))

    def take(number: int) -> list[str]:
        taken: list[str] = []
        while True:
            with both(number).writing() as unit:
                leased = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 3)
            if not leased:
                return taken
            taken += [it.id for it in leased]

    taken = _flat(together(8, take))
    assert sorted(taken) == [f"m{number:02}" for number in range(60)]


def test_units_that_lock_the_same_name_take_turns(both: Callable[[int], Storage]) -> None:
    """Of twenty who ask whether one more is allowed, five hear yes."""

    def count_one(number: int) -> bool:
        with both(number).writing() as unit:
            unit.lock("send:k1.sujet")
            if len(unit.budgets.times(Budget.SEND, ["k1.sujet"], NOW - DAY)) >= 5:
                return False
            time.sleep(0.002)
            unit.budgets.add(Budget.SEND, "k1.sujet", NOW)
            return True

    assert together(20, count_one).count(True) == 5


def test_readers_do_not_wait_for_a_writer(storage: Storage, twin: Storage) -> None:
    with storage.writing() as unit:
        unit.journeys.add(stored())

    def read(number: int) -> int:
        with (storage, twin)[number % 2].reading() as reading:
            found = reading.journeys.get("7K3Q-F9M2")
        assert found is not None
        return found.journey.seq

    with storage.writing() as unit:
        unit.journeys.swap(stored(seq=1), 0)

        assert together(4, read) == 4 * [0]
    assert together(4, read) == 4 * [1]


def test_readers_never_see_half_a_unit(storage: Storage) -> None:
    """Each unit moves the journey and adds the line; a reader reads the journey first."""
    with storage.writing() as unit:
        unit.journeys.add(stored(seq=0))
    done = Event()

    def write() -> None:
        for seq in range(1, 100):
            with storage.writing() as unit:
                unit.journal.append("7K3Q-F9M2", seq, NOW, f"{seq}")
                unit.journeys.swap(evolve(stored(seq=seq), token_digest=f"{seq}"), seq - 1)
        done.set()

    def read() -> None:
        while not done.is_set():
            with storage.reading() as unit:
                found = unit.journeys.get("7K3Q-F9M2")
                lines = unit.journal.lines("7K3Q-F9M2")
            assert found is not None
            assert found.journey.seq <= len(lines)

    with ThreadPoolExecutor(2) as threads:
        reader = threads.submit(read)
        try:
            threads.submit(write).result()
        finally:
            done.set()
        reader.result()


def test_purges_and_steps_at_once_end_cleanly(both: Callable[[int], Storage]) -> None:
    """A step on a journey that was just purged loses its swap; it brings nothing back."""
    with both(0).writing() as unit:
        for number in range(20):
            unit.journeys.add(stored(f"{number:04}-0000", seq=0))

    def step_or_purge(number: int) -> str:
        if number % 4 == 0:
            both(number).purge(NOW + DAY, NOW)
            return "purged"
        reference = f"{number:04}-0000"
        try:
            with both(number).writing() as unit:
                unit.journeys.swap(stored(reference, seq=1), 0)
        except LostSwap:
            return "lost"
        return "moved"

    together(20, step_or_purge)
    both(0).purge(NOW + DAY, NOW)
    with both(1).reading() as unit:
        assert not [n for n in range(20) if unit.journeys.get(f"{n:04}-0000")]


def _flat(lists: Iterable[Iterable[Answer]]) -> list[Answer]:
    return [each for one in lists for each in one]
