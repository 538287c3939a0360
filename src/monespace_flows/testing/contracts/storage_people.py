"""Rules of a storage: accounts, the browsers that are signed in to them, and instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from attrs import evolve

from ...errors import LostSwap, UniqueBroken
from ...ports import Storage
from .examples import MICROSECOND, MINUTE, NOW, account, session
from .rules import holds, refuses, rule, same
from .storage_units import Fresh, fill

__all__ = ()


@rule(
    "PORT-STORAGE-31",
    danger="Whoever has an account is told to create one, after a change of keys too.",
    hint="Look for any of the digests; with those of two accounts, take the one created first.",
)
def accounts_are_read(storage: Storage) -> None:
    """Accounts are read by id and by any digest, the oldest of two, and are None when unknown."""
    with storage.writing() as unit:
        unit.accounts.add(account("a1", created_at=NOW + MICROSECOND))
        unit.accounts.add(account("a2"))

    with storage.reading() as unit:
        same(account("a2"), unit.accounts.get("a2"))
        same(account("a2"), unit.accounts.by_rpps(["of a new key", "rpps of a2"]))
        same(account("a2"), unit.accounts.by_email(["email of a2", "of an old key"]))
        same(account("a2"), unit.accounts.by_rpps(["rpps of a1", "rpps of a2"]))
        same(None, unit.accounts.get("a3"))
        same(None, unit.accounts.by_rpps(["email of a1"]))
        same(None, unit.accounts.by_email(["rpps of a1"]))
        same(None, unit.accounts.by_rpps([]))
        same(None, unit.accounts.by_email([]))


@rule(
    "PORT-STORAGE-32",
    danger="An address counts as proven, or an account as closed, that is not.",
    hint="Keep None apart from every instant.",
)
def accounts_keep_the_empty_empty(storage: Storage) -> None:
    """Accounts keep what did not happen empty."""
    bare = account(email_confirmed_at=None, disabled_at=None, frozen_at=None)
    with storage.writing() as unit:
        unit.accounts.add(bare)

    with storage.reading() as unit:
        same(bare, unit.accounts.get("a1"))


@rule(
    "PORT-STORAGE-33",
    danger="One doctor has two accounts, or two doctors one address (S2).",
    hint="Three unique constraints: id, rpps_digest, email_digest; on updates too.",
)
def accounts_are_unique(fresh: Fresh) -> None:
    """Accounts share neither id nor RPPS nor e-mail, whether added or updated: UniqueBroken."""
    for other in (
        account("a1", rpps_digest="another", email_digest="another"),
        account("a2", rpps_digest="rpps of a1"),
        account("a2", email_digest="email of a1"),
    ):
        storage = fresh()
        fill(storage)
        with refuses(UniqueBroken, "adding it"), storage.writing() as unit:
            unit.accounts.add(other)
    for change in ({"rpps_digest": "rpps of a1"}, {"email_digest": "email of a1"}):
        storage = fresh()
        fill(storage)
        with storage.writing() as unit:
            unit.accounts.add(account("a2"))
        with refuses(UniqueBroken, "updating it so"), storage.writing() as unit:
            unit.accounts.update(account("a2", version=8, **change), 7)


@rule(
    "PORT-STORAGE-34",
    danger="Two changes at once: the second undoes the first without a word.",
    hint="UPDATE … WHERE version = the expected one; LostSwap when no row was changed.",
)
def accounts_are_updated(storage: Storage) -> None:
    """An account is updated at the version expected, and else LostSwap changes nothing."""
    fill(storage)
    for name in ("a1", "a2"):
        with refuses(LostSwap, f"an update of {name}"), storage.writing() as unit:
            unit.accounts.update(account(name, version=10), 9)
    changed = account(version=8, email_digest="new email", disabled_at=None)
    with storage.writing() as unit:
        unit.accounts.update(changed, 7)

    with storage.reading() as unit:
        same(changed, unit.accounts.by_email(["new email"]))
        same(None, unit.accounts.by_email(["email of a1"]))


@rule(
    "PORT-STORAGE-35",
    danger="Two writers who expect the same version both succeed.",
    hint="Raise ValueError when the new version is not greater than the expected one.",
)
def accounts_grow_in_version(storage: Storage) -> None:
    """An account must grow in version: else ValueError."""
    fill(storage)
    with refuses(ValueError, "an update to the same version"), storage.writing() as unit:
        unit.accounts.update(account(version=7), 7)


@rule(
    "PORT-STORAGE-36",
    danger="An account goes that was just changed by its owner, or stays when it was erased.",
    hint="DELETE … WHERE version = the expected one; LostSwap when no row went.",
)
def accounts_are_deleted(storage: Storage) -> None:
    """An account is deleted at the version expected, and else LostSwap changes nothing."""
    with storage.writing() as unit:
        unit.accounts.add(account())
        unit.accounts.add(account("a2"))
    for name, expected in (("a1", 6), ("a1", 8), ("a3", 7)):
        with refuses(LostSwap, f"deleting {name} at {expected}"), storage.writing() as unit:
            unit.accounts.delete(name, expected)
    with storage.writing() as unit:
        same(account(), unit.accounts.get("a1"))
        unit.accounts.delete("a1", 7)
        same(None, unit.accounts.get("a1"))

    with storage.reading() as unit:
        same(None, unit.accounts.get("a1"))
        same(None, unit.accounts.by_rpps(["rpps of a1"]))
        same(None, unit.accounts.by_email(["email of a1"]))
        same(account("a2"), unit.accounts.get("a2"))


@rule(
    "PORT-STORAGE-37",
    danger="Whoever was erased can never come back.",
    hint="Delete the row, and whatever keeps its digests unique, in the same transaction.",
)
def deleted_accounts_leave_their_names(storage: Storage) -> None:
    """A deleted account leaves its number and address to another, in the same unit already."""
    again = account("a2", rpps_digest="rpps of a1", email_digest="email of a1")
    fill(storage)
    with storage.writing() as unit:
        unit.accounts.delete("a1", 7)
        unit.accounts.add(again)

    with storage.reading() as unit:
        same(again, unit.accounts.by_rpps(["rpps of a1"]))
        same(again, unit.accounts.by_email(["email of a1"]))


@rule(
    "PORT-STORAGE-41",
    danger="Whoever signed out is still in.",
    hint="Delete the row; one that is not there is no error.",
)
def sessions_are_ended(storage: Storage) -> None:
    """A session is kept until it is ended, and others with it; ending an unknown one is fine."""
    with storage.writing() as unit:
        unit.sessions.add(session("s1"))
        unit.sessions.add(session("s2"))
    with storage.writing() as unit:
        unit.sessions.end("s1")
        unit.sessions.end("unknown")

    with storage.reading() as unit:
        same(None, unit.sessions.get("s1"))
        same(session("s2"), unit.sessions.get("s2"))


@rule(
    "PORT-STORAGE-42",
    danger="Whoever works is signed out, or whoever left stays signed in.",
    hint="Change seen_at alone; do not bring back a session that ended.",
)
def sessions_are_touched(storage: Storage) -> None:
    """A session that is touched has another end of its idle time; an unknown one stays unknown."""
    fill(storage)
    with storage.writing() as unit:
        unit.sessions.touch("s1", NOW + MINUTE)
        unit.sessions.touch("unknown", NOW + MINUTE)

    with storage.reading() as unit:
        same(evolve(session(), seen_at=NOW + MINUTE), unit.sessions.get("s1"))
        same(None, unit.sessions.get("unknown"))


@rule(
    "PORT-STORAGE-43",
    danger="A thief stays signed in after the password was changed.",
    hint="Delete every session of the account, and say how many.",
)
def sessions_end_together(storage: Storage) -> None:
    """The sessions of one account end together, are counted, and only those."""
    with storage.writing() as unit:
        for digest, owner in (("s1", "a1"), ("s2", "a1"), ("s3", "a2")):
            unit.sessions.add(session(digest, owner))
    with storage.writing() as unit:
        same(2, unit.sessions.end_all("a1"))
        same(0, unit.sessions.end_all("a1"))

    with storage.reading() as unit:
        left = [unit.sessions.get(digest) for digest in ("s1", "s2", "s3")]
    same([None, None, session("s3", "a2")], left, "the sessions")


@rule(
    "PORT-STORAGE-44",
    danger="Somebody is shown a browser that is not theirs.",
    hint="Order by created_at, downward.",
)
def sessions_are_listed(storage: Storage) -> None:
    """The sessions of an account are listed, the newest first."""
    early, late = session("s1"), evolve(session("s2"), created_at=NOW + MINUTE)
    with storage.writing() as unit:
        for each in (early, late, session("s3", "a2")):
            unit.sessions.add(each)

    with storage.reading() as unit:
        same([late, early], list(unit.sessions.of_account("a1")))
        same([], list(unit.sessions.of_account("nobody")))


@rule(
    "PORT-STORAGE-45",
    danger="One cookie is two people's.",
    hint="Make the digest unique; raise UniqueBroken.",
)
def sessions_are_unique(storage: Storage) -> None:
    """A session's digest is its own."""
    fill(storage)
    with refuses(UniqueBroken, "adding it"), storage.writing() as unit:
        unit.sessions.add(session("s1", "a2"))


@rule(
    "PORT-STORAGE-46",
    danger="A code lives an hour more in October, or journeys are told in another order.",
    hint="Keep instants to the microsecond, and give them back aware.",
)
def instants_come_back(fresh: Fresh) -> None:
    """Instants come back to the microsecond, and aware, whatever their time zone."""
    for at in (
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
        datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 22, 15, 5, tzinfo=timezone(timedelta(hours=1, minutes=30))),
    ):
        storage = fresh()
        with storage.writing() as unit:
            unit.sessions.add(session(created_at=at - MICROSECOND))
        with storage.reading() as unit:
            (kept,) = unit.sessions.of_account("a1")
        holds(kept.seen_at.utcoffset() is not None, f"{at} comes back without a time zone")
        same([at - MICROSECOND, at], [kept.created_at, kept.seen_at], "what was kept")
