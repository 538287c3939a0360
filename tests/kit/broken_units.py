"""Storages each of which breaks a rule of units, journeys or races."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import evolve

from monespace_flows.errors import LostSwap, PortUnavailable, UniqueBroken
from monespace_flows.ports import Unit
from monespace_flows.testing import MemoryStorage
from monespace_flows.testing.contracts import Candidate
from monespace_flows.testing.stores import Line

from .breaking import breaks, good, patched, stored_in, with_store


def put_account(store: Any, account: Any, *_: object) -> None:
    """Keep it, whatever was there and whatever must be unique."""
    store._rows.require_writable()
    store._rows._changes[account.id] = account


@breaks("PORT-STORAGE-01")
def it_keeps_whole_seconds() -> Candidate:
    def add(store: Any, account: Any) -> None:
        store.add(evolve(account, created_at=account.created_at.replace(microsecond=0)))

    return with_store("accounts", add=add)


@breaks("PORT-STORAGE-02")
def each_process_has_its_own() -> Candidate:
    return good(twin=MemoryStorage())


def commits_in_spite_of(*errors: type[BaseException]) -> Candidate:
    @contextmanager
    def writing(inner: MemoryStorage) -> Iterator[Unit]:
        caught: BaseException | None = None
        with inner.writing() as unit:
            try:
                yield unit
            except errors as error:
                caught = error
        if caught is not None:
            raise caught

    return stored_in(patched(MemoryStorage(), writing=writing))


@breaks("PORT-STORAGE-03")
def it_never_rolls_back() -> Candidate:
    return commits_in_spite_of(Exception)


@breaks("PORT-STORAGE-04")
def it_commits_what_is_interrupted() -> Candidate:
    return commits_in_spite_of(KeyboardInterrupt)


def dirty() -> Candidate:
    """Make a storage whose readers see what is being written."""
    open_units: list[Unit] = []

    @contextmanager
    def writing(inner: MemoryStorage) -> Iterator[Unit]:
        with inner.writing() as unit:
            open_units.append(unit)
            try:
                yield unit
            finally:
                open_units.remove(unit)

    @contextmanager
    def reading(inner: MemoryStorage) -> Iterator[Unit]:
        with inner.reading() as unit:
            yield open_units[0] if open_units else unit

    return stored_in(patched(MemoryStorage(), reading=reading, writing=writing))


@breaks("PORT-STORAGE-05")
def others_see_what_is_not_committed() -> Candidate:
    return dirty()


@breaks("PORT-STORAGE-29")
def readers_see_half_a_unit() -> Candidate:
    return dirty()


@breaks("PORT-STORAGE-06")
def readers_write() -> Candidate:
    return stored_in(patched(MemoryStorage(), reading=lambda inner: inner.writing()))


@breaks("PORT-STORAGE-07")
def a_refusal_spoils_nothing() -> Candidate:
    def add(store: Any, account: Any) -> None:
        if store.get(account.id) is not None:
            raise UniqueBroken("accounts")
        store.add(account)

    return with_store("accounts", add=add)


@breaks("PORT-STORAGE-08")
def a_lost_swap_spoils_the_unit() -> Candidate:
    def swap(store: Any, stored: Any, expected: int) -> None:
        try:
            store.swap(stored, expected)
        except LostSwap:
            store._rows.spoiled = True
            raise

    return with_store("journeys", swap=swap)


@breaks("PORT-STORAGE-09")
def a_lock_shuts_its_holder_out() -> Candidate:
    @contextmanager
    def writing(inner: MemoryStorage) -> Iterator[object]:
        held: set[str] = set()

        def lock(_: object, name: str) -> None:
            if name in held:
                raise PortUnavailable("storage", told="this lock is held")
            held.add(name)

        with inner.writing() as unit:
            yield patched(unit, lock=lock)

    return stored_in(patched(MemoryStorage(), writing=writing))


@breaks("PORT-STORAGE-10")
def what_keeps_writers_apart_is_in_one_process() -> Candidate:
    return good(absent={}, reopen=MemoryStorage)


@breaks("PORT-STORAGE-11")
def any_reference_will_do() -> Candidate:
    return with_store("journeys", get=lambda it, _, lock=False: next(it._rows.all(), None))


@breaks("PORT-STORAGE-12")
def nobody_is_an_account() -> Candidate:
    def add(store: Any, stored: Any) -> None:
        store.add(evolve(stored, account_id=stored.account_id or ""))

    return with_store("journeys", add=add)


@breaks("PORT-STORAGE-13")
def two_journeys_have_one_token() -> Candidate:
    def add(store: Any, stored: Any) -> None:
        store._rows.require_writable()
        store._rows._changes[stored.journey.reference] = stored

    return with_store("journeys", add=add)


def put_journey(store: Any, stored: Any, _: int) -> None:
    store._rows.put(stored.journey.reference, stored)


@breaks("PORT-STORAGE-14")
def a_swap_expects_nothing() -> Candidate:
    return with_store("journeys", swap=put_journey)


@breaks("PORT-STORAGE-15")
def an_old_token_opens() -> Candidate:
    tokens: dict[str, str] = {}

    def add(store: Any, stored: Any) -> None:
        store.add(stored)
        tokens[stored.token_digest] = stored.journey.reference

    def by_token(store: Any, digest: str, *, lock: bool = False) -> object:
        known = tokens.get(digest)
        return store.by_token(digest, lock=lock) if known is None else store.get(known, lock=lock)

    return with_store("journeys", add=add, by_token=by_token)


@breaks("PORT-STORAGE-16")
def one_pseudonym_is_forgotten() -> Candidate:
    return with_store("journeys", forget=lambda it, name, known: it.forget(name, known[:1]))


@breaks("PORT-STORAGE-17")
def the_forgotten_still_open() -> Candidate:
    def forget(store: Any, name: str, known: Any) -> list[str]:
        store._rows.require_writable()
        found = [it for it in store._rows.all() if it.account_id == name]
        found += [it for it in store._rows.all() if it.journey.subject in known]
        for each in found:
            store._rows.put(each.journey.reference, evolve(each, account_id=None))
        return sorted(it.journey.reference for it in found)

    return with_store("journeys", forget=forget)


@breaks("PORT-STORAGE-18")
def a_search_has_no_end() -> Candidate:
    return with_store("journeys", search=lambda it, query: it.search(evolve(query, until=None)))


@breaks("PORT-STORAGE-19")
def lines_come_as_they_came() -> Candidate:
    def lines(store: Any, reference: str) -> list[str]:
        return [it.text for it in store._rows.find("reference", reference)]

    return with_store("journal", lines=lines)


@breaks("PORT-STORAGE-20")
def lines_are_written_over() -> Candidate:
    def append(store: Any, reference: str, seq: int, at: Any, line: str) -> None:
        store._rows.put((reference, seq), Line(reference, seq, at, line))

    return with_store("journal", append=append)


@breaks("PORT-STORAGE-21")
def journals_are_named_by_name() -> Candidate:
    return with_store("journal", references=lambda it: sorted(it.references()))


@breaks("PORT-STORAGE-22")
def accounts_need_not_be_unique() -> Candidate:
    return with_store("accounts", add=put_account)


def stale_journeys(**instead: Any) -> Candidate:
    """Make a storage that reads a journey once, and remembers it."""
    known: dict[str, object] = {}

    def get(store: Any, reference: str, *, lock: bool = False) -> object:
        return known.setdefault(reference, store.get(reference, lock=lock))

    return with_store("journeys", get=get, **instead)


@breaks("PORT-STORAGE-23")
def all_swap_what_they_read_first() -> Candidate:
    return stale_journeys(swap=put_journey)


@breaks("PORT-STORAGE-24")
def a_held_row_is_not_read_again() -> Candidate:
    return stale_journeys()


@breaks("PORT-STORAGE-25")
def every_change_wins() -> Candidate:
    return with_store(
        "accounts", update=put_account, delete=lambda it, name, _: it._rows.drop(name)
    )


@breaks("PORT-STORAGE-26")
def everybody_uses_the_link() -> Candidate:
    return with_store("links", consume=lambda *_: True)


@breaks("PORT-STORAGE-27")
def leases_hold_nobody_off() -> Candidate:
    def lease(store: Any, channels: Any, now: Any, until: Any, limit: int, **_: object) -> object:
        return store.lease(channels, now, now, limit)

    return with_store("outbox", lease=lease)


@breaks("PORT-STORAGE-28")
def counts_are_read_once() -> Candidate:
    known: dict[object, object] = {}

    def times(store: Any, budget: object, subjects: Any, since: Any) -> object:
        return known.setdefault(budget, store.times(budget, subjects, since))

    return with_store("budgets", times=times)


@breaks("PORT-STORAGE-30")
def forgetting_looks_before_it_waits() -> Candidate:
    return with_store("journeys", forget=lambda it, name, _: it.forget(name, ()))


@breaks("PORT-STORAGE-47")
def a_call_that_fails_leaves_the_rest() -> Candidate:
    return commits_in_spite_of(Exception)


@breaks("PORT-STORAGE-48")
def answers_are_not_kept() -> Candidate:
    def swap(store: Any, stored: Any, expected: int) -> None:
        store.swap(evolve(stored, answer=None), expected)

    return with_store("journeys", swap=swap)


@breaks("PORT-STORAGE-49")
def whatever_was_tried_was_sent() -> Candidate:
    def settle(store: Any, message: Any) -> None:
        store.settle(evolve(message, status="sent", sealed=None))

    return with_store("outbox", settle=settle)
