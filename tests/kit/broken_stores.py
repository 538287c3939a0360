"""Storages each of which breaks a rule of accounts, sessions, links, budgets or the purge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from monespace_flows.errors import LostSwap
from monespace_flows.ports import LinkPurpose
from monespace_flows.testing import MemoryStorage
from monespace_flows.testing.contracts import Candidate
from monespace_flows.testing.contracts.examples import DAY, MICROSECOND, NOW

from .breaking import breaks, patched, stored_in, with_purge, with_store
from .broken_units import put_account

# --- accounts and sessions


@breaks("PORT-STORAGE-31")
def only_the_newest_digest_is_looked_for() -> Candidate:
    return with_store("accounts", by_rpps=lambda it, digests: it.by_rpps(digests[:1]))


@breaks("PORT-STORAGE-32")
def every_address_is_proven() -> Candidate:
    def add(store: Any, account: Any) -> None:
        store.add(evolve(account, email_confirmed_at=account.email_confirmed_at or NOW))

    return with_store("accounts", add=add)


@breaks("PORT-STORAGE-33")
def two_have_one_address() -> Candidate:
    return with_store("accounts", add=put_account)


@breaks("PORT-STORAGE-34")
def an_update_expects_nothing() -> Candidate:
    return with_store("accounts", update=put_account)


@breaks("PORT-STORAGE-35")
def a_version_may_stay() -> Candidate:
    def update(store: Any, account: Any, expected: int) -> None:
        store._rows.require_writable()
        present = store.get(account.id)
        if present is None or present.version != expected:
            raise LostSwap("accounts")
        store._rows.put(account.id, account)

    return with_store("accounts", update=update)


@breaks("PORT-STORAGE-36")
def a_deletion_expects_nothing() -> Candidate:
    return with_store("accounts", delete=lambda it, name, _: it._rows.drop(name))


@breaks("PORT-STORAGE-37")
def a_deletion_only_closes() -> Candidate:
    def delete(store: Any, name: str, expected: int) -> None:
        store.update(evolve(store.get(name), disabled_at=NOW, version=expected + 1), expected)

    return with_store("accounts", delete=delete)


@breaks("PORT-STORAGE-41")
def nobody_signs_out() -> Candidate:
    return with_store("sessions", end=lambda *_: None)


@breaks("PORT-STORAGE-42")
def nobody_is_seen() -> Candidate:
    return with_store("sessions", touch=lambda *_: None)


@breaks("PORT-STORAGE-43")
def one_session_stays() -> Candidate:
    def end_all(store: Any, name: str) -> int:
        found = store.of_account(name)
        for session in found[1:]:
            store.end(session.digest)
        return len(found)

    return with_store("sessions", end_all=end_all)


@breaks("PORT-STORAGE-44")
def the_oldest_session_comes_first() -> Candidate:
    return with_store("sessions", of_account=lambda it, name: it.of_account(name)[::-1])


@breaks("PORT-STORAGE-45")
def a_session_is_taken_over() -> Candidate:
    return with_store("sessions", add=lambda it, session: it._rows.put(session.digest, session))


@breaks("PORT-STORAGE-46")
def instants_lose_their_zone() -> Candidate:
    def add(store: Any, session: Any) -> None:
        store.add(evolve(session, seen_at=session.seen_at.replace(tzinfo=None)))

    return with_store("sessions", add=add)


# --- links, budgets, listeners


@breaks("PORT-STORAGE-51")
def a_link_is_used_again() -> Candidate:
    return with_store("links", consume=lambda it, digest, at: it.consume(digest, at) or True)


@breaks("PORT-STORAGE-52")
def the_oldest_link_comes_first() -> Candidate:
    def of_account(store: Any, name: str, purpose: LinkPurpose) -> object:
        return store.of_account(name, purpose)[::-1]

    return with_store("links", of_account=of_account)


@breaks("PORT-STORAGE-53")
def used_links_cannot_be_dropped() -> Candidate:
    def drop(store: Any, digest: str) -> None:
        found = store.get(digest)
        if found is not None and found.used_at is None:
            store.drop(digest)

    return with_store("links", drop=drop)


@breaks("PORT-STORAGE-54")
def links_are_void_for_every_purpose() -> Candidate:
    def void(store: Any, name: str, _: LinkPurpose) -> None:
        for purpose in LinkPurpose:
            store.void(name, purpose)

    return with_store("links", void=void)


@breaks("PORT-STORAGE-55")
def used_links_are_not_forgotten() -> Candidate:
    def forget(store: Any, name: str) -> int:
        found = [it for kind in LinkPurpose for it in store.of_account(name, kind)]
        for link in found:
            store.drop(link.digest)
        return len(found)

    return with_store("links", forget=forget)


@breaks("PORT-STORAGE-56")
def a_link_is_taken_over() -> Candidate:
    return with_store("links", add=lambda it, link: it._rows.put(link.digest, link))


@breaks("PORT-STORAGE-61")
def an_instant_counts_as_after_itself() -> Candidate:
    def times(store: Any, budget: object, subjects: object, since: Any) -> object:
        return store.times(budget, subjects, since - MICROSECOND)

    return with_store("budgets", times=times)


@breaks("PORT-STORAGE-62")
def old_keys_count_for_nothing() -> Candidate:
    def times(store: Any, budget: object, subjects: Any, since: object) -> object:
        return store.times(budget, subjects[:1], since)

    return with_store("budgets", times=times)


@breaks("PORT-STORAGE-63")
def the_newest_is_number_zero() -> Candidate:
    return with_store("budgets", nth=lambda it, *span: it.nth(*span[:-1], span[-1] + 1))


@breaks("PORT-STORAGE-64")
def the_future_stays() -> Candidate:
    return with_store("budgets", redate=lambda *_: None)


@breaks("PORT-STORAGE-65")
def the_wrong_person_is_cleared() -> Candidate:
    def clear(store: Any, budget: object, subjects: list[str]) -> None:
        store.clear(budget, [*subjects, "c"])

    return with_store("budgets", clear=clear)


@breaks("PORT-STORAGE-66")
def a_listener_comes_anew() -> Candidate:
    return with_store("listeners", add=lambda it, who: it._rows.put(who.address, who))


@breaks("PORT-STORAGE-67")
def a_listener_is_forgotten_for_all() -> Candidate:
    return with_store("listeners", forget=lambda it, name, _=None: it.forget(name))


# --- the purge


@breaks("PORT-STORAGE-90")
def a_purge_leaves_everything() -> Candidate:
    return stored_in(patched(MemoryStorage(), purge=lambda *_: {}))


@breaks("PORT-STORAGE-91")
def a_purge_counts_only_what_went() -> Candidate:
    def purge(inner: MemoryStorage, *times: Any, **report: Any) -> dict[str, int]:
        return {name: it for name, it in inner.purge(*times, **report).items() if it}

    return stored_in(patched(MemoryStorage(), purge=purge))


@breaks("PORT-STORAGE-92")
def journeys_are_purged_early() -> Candidate:
    return with_purge("journeys", lambda it, now, _: it.expires_at <= now + MICROSECOND)


@breaks("PORT-STORAGE-93")
def journals_are_cut() -> Candidate:
    return with_purge("journal", lambda it, _, before: it.at < before)


@breaks("PORT-STORAGE-94")
def what_waits_is_purged() -> Candidate:
    return with_purge("outbox", lambda it, _, before: it.created_at < before)


@breaks("PORT-STORAGE-95")
def budgets_are_purged_early() -> Candidate:
    return with_purge("budgets", lambda it, now, _: it.at < now)


@breaks("PORT-STORAGE-96")
def sessions_are_purged_early() -> Candidate:
    return with_purge("sessions", lambda it, now, _: it.created_at < now - timedelta(hours=1))


@breaks("PORT-STORAGE-97")
def used_links_are_purged() -> Candidate:
    return with_purge("links", lambda it, *_: it.used_at is not None)


@breaks("PORT-STORAGE-98")
def old_accounts_are_purged() -> Candidate:
    return with_purge("accounts", lambda it, now, _: it.created_at < now - 9 * DAY)


@breaks("PORT-STORAGE-99")
def a_purge_is_silent() -> Candidate:
    def purge(inner: MemoryStorage, *times: Any, report: object = None) -> dict[str, int]:
        del report
        return inner.purge(*times)

    return stored_in(patched(MemoryStorage(), purge=purge))
