"""How an operator changes keys: adds one, promotes it, writes what there is anew, retires the old.

Keys are changed in a unit in which nobody else adds or changes one, nor writes an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from attrs import evolve

from monespace_flows.errors import Reasoned

from .keyring import note_keys, writing_key
from .resealing import LOST, KeyRows, count_rows
from .secrets import Keys, append_key, put_key_first, read_keys, remove_key
from .storage import SqlStorage
from .storage.keys import KeyUser, KnownKey, SqlKeys

__all__ = ["KeyRefused", "add_key", "lives", "promote_key", "retire_key"]

LIVES = timedelta(minutes=1)
"""How long after it was last seen a process is taken to run, and to have a step under way."""


class KeyRefusal(Enum):
    """Why a key is not promoted or retired."""

    UNKNOWN = "there is no such key; see: monespace keys list"
    WHICH = "which key? {ids} were added and not promoted: name one"
    NONE = "no key was added since the last one was promoted; first: monespace keys add"
    RETIRED = "key {id} was retired: add a new one"
    LIVE = (
        "key {id} is not promoted: {users} runs without it, and would make second accounts. Put it "
        "into the file of each machine, restart what runs there, then promote again"
    )
    SILENT = (
        "key {id} is not promoted: {users} started without it, did not say that it ended, and was "
        "not seen for a minute. If it runs, restart it with the key; if it is gone for sure: "
        "monespace keys promote {id} --gone"
    )
    WRITTEN = "key {id} is written under: promote another one first"
    STILL = "key {id} was written under a minute ago, or {users} still does; try again in a minute"
    LEFT = "key {id} is not retired, this is under it: {left}. {then}"


class KeyRefused(Reasoned[KeyRefusal]):
    """A key is not promoted or retired now; the message says why, and what to do.

    What to do: do what the message says, then try again.
    """


def add_key(storage: SqlStorage, path: Path, now: datetime) -> str:
    """Write a new key into a file of keys, and note it in the database, for reading; its id.

    Raises:
        KeysInvalid: the file cannot be used, or is another service's.
        OSError: the file cannot be written.
    """
    with storage.keys(writing=True) as stored:
        note_keys(stored, read_keys(path), now)
        # First the file: a key that the database alone knew would stop every start.
        added = append_key(path)
        note_keys(stored, read_keys(path), now)
    return added


def promote_key(
    storage: SqlStorage, path: Path, key_id: str | None, now: datetime, *, gone: bool = False
) -> str:
    """Make a key the one to write under; its id.

    Args:
        storage: where keys are noted.
        path: the file of keys of this machine.
        key_id: which; ``None`` for the one that was added last.
        now: the time.
        gone: processes that were not seen for a minute do not run any more.

    Raises:
        KeyRefused: a process that runs lacks it, or it is none to promote.
        KeysInvalid: the file cannot be used, or lacks a key.
        OSError: it is promoted, but the file cannot be put in order.
    """
    with storage.keys(writing=True) as stored:
        known = note_keys(stored, read_keys(path), now)
        key = _to_promote(known, key_id)
        if writing_key(known) != key.id:
            _require_everywhere(stored, key.id, now, gone=gone)
            # Later than the last one, whatever the clock says.
            last = max(it.promoted_at for it in known if it.promoted_at is not None)
            stored.update(evolve(key, promoted_at=max(now, last + timedelta(microseconds=1))))
    put_key_first(path, key.id)
    return key.id


def _to_promote(known: Sequence[KnownKey], key_id: str | None) -> KnownKey:
    if key_id is not None:
        key = _named(known, key_id)
        if key.retired_at is not None:
            raise KeyRefused(KeyRefusal.RETIRED, id=key_id)
        return key
    waiting = [it for it in known if it.promoted_at is None and it.retired_at is None]
    if not waiting:
        raise KeyRefused(KeyRefusal.NONE)
    if len(waiting) > 1:
        raise KeyRefused(KeyRefusal.WHICH, ids=", ".join(it.id for it in waiting))
    return waiting[0]


def _named(known: Sequence[KnownKey], key_id: str) -> KnownKey:
    for key in known:
        if key.id == key_id:
            return key
    raise KeyRefused(KeyRefusal.UNKNOWN)  # what was typed may be a doctor's number


def _require_everywhere(stored: SqlKeys, key_id: str, now: datetime, *, gone: bool) -> None:
    lacking = [user for user in stored.users() if not user.has(key_id)]
    live = [user.name for user in lacking if lives(user, now)]
    if live:
        raise KeyRefused(KeyRefusal.LIVE, id=key_id, users=", ".join(live))
    if lacking and not gone:
        names = ", ".join(user.name for user in lacking)
        raise KeyRefused(KeyRefusal.SILENT, id=key_id, users=names)


def lives(user: KeyUser, now: datetime) -> bool:
    """Whether a process was seen in the last minute."""
    return now - LIVES < user.seen_at


def retire_key(
    storage: SqlStorage, path: Path, key_id: str, now: datetime, *, leaked: bool = False
) -> None:
    """Take a key out of use, once nothing is under it.

    Args:
        storage: where keys are noted.
        path: the file of keys of this machine.
        key_id: which.
        now: the time.
        leaked: go although tries are counted and journals name people under it: they lapse anyway.

    Raises:
        KeyRefused: something is under it, or may be in a moment.
        KeysInvalid: the file cannot be used.
        OSError: it is retired, but cannot be taken out of the file.
    """
    keys = read_keys(path)
    with storage.keys(writing=False) as stored:
        known = stored.all()
    if _named(known, key_id).retired_at is None:
        _require_unwritten(known, key_id)
        # Counted before the rows are held: accounts must be written meanwhile.
        _require_nothing(_rows_under(storage, keys, key_id), key_id, leaked=leaked)
        with storage.keys(writing=True) as stored:
            known = stored.hold()
            _require_unwritten(known, key_id)
            _require_settled(stored, known, key_id, now)
            if key_id in stored.marks():
                _require_nothing(KeyRows(accounts=1), key_id, leaked=leaked)
            stored.update(evolve(_named(known, key_id), retired_at=now))
    if key_id in keys.ids:
        remove_key(path, key_id)


def _require_unwritten(known: Sequence[KnownKey], key_id: str) -> None:
    if writing_key(known) == key_id:
        raise KeyRefused(KeyRefusal.WRITTEN, id=key_id)


def _require_settled(
    stored: SqlKeys, known: Sequence[KnownKey], key_id: str, now: datetime
) -> None:
    """Make sure that what steps under way write under a key is there already."""
    if _named(known, key_id).promoted_at is None:
        return
    users = [it.name for it in stored.users() if it.writes_under == key_id and lives(it, now)]
    newest = max(it.promoted_at for it in known if it.promoted_at is not None)
    if users or now < newest + LIVES:
        raise KeyRefused(KeyRefusal.STILL, id=key_id, users=", ".join(users) or "a process")


def _rows_under(storage: SqlStorage, keys: Keys, key_id: str) -> KeyRows:
    rows = count_rows(storage, keys)
    under = rows.get(key_id, KeyRows())
    if key_id in keys.ids:
        return under
    lost = rows.get(LOST, KeyRows())  # may have been sealed under it: who could tell?
    kinds = ("accounts", "messages", "journeys", "links")
    return evolve(under, **{it: max(getattr(under, it), getattr(lost, it)) for it in kinds})


def _require_nothing(rows: KeyRows, key_id: str, *, leaked: bool) -> None:
    left = rows.left(leaked=leaked)
    if left:
        told = ", ".join(f"{what} {count}" for what, count in left.items())
        raise KeyRefused(KeyRefusal.LEFT, id=key_id, left=told, then=rows.then(leaked=leaked))
