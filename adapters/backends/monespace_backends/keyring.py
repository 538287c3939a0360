"""The file of keys beside what the database knows of them: what may start, and how keys change.

A key is changed in two steps, so that processes need not be restarted together.  First it is added
for reading, on every process; then it is promoted, and written under.  Which one that is stands in
the database: processes look there now and then, so at any moment each of them can read what any
other writes.  A process that lacks a key which something may be under would not find an account,
and would make a second one for the same person: it does not start, and if it runs it does nothing
more that needs keys (:func:`~.storage.keys.require_keys` makes sure of it inside a transaction).
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from uuid import uuid4

from monespace_flows.errors import MonespaceError, PortUnavailable
from monespace_flows.ports import Clock, Secrets

from .secrets import KeyedSecrets, Keys, KeysFault, KeysInvalid, read_keys
from .storage import SqlStorage
from .storage.keys import KeyUser, KnownKey, SqlKeys

__all__ = ["compare_keys", "keys_in_use", "open_keys", "writing_key"]

_log = logging.getLogger(__name__)

_LOOK = 5.0
"""Seconds between two looks of a process at the database."""

_IDLE = 20.0
"""Seconds after which a process that writes nothing says again that it lives."""

_FORGOTTEN = timedelta(days=1)


def writing_key(known: Sequence[KnownKey]) -> str | None:
    """The id of the key that is written under; ``None`` before a first start."""
    needed = [(key.promoted_at, key.id) for key in known if key.is_needed]
    return max(needed)[1] if needed else None


def _in_use(known: Sequence[KnownKey], held: Sequence[str]) -> list[str]:
    """The ids of a file's keys that may be used, the one to write under first."""
    retired = {key.id for key in known if key.retired_at is not None}
    first = writing_key(known)
    return sorted((one for one in held if one not in retired), key=lambda one: one != first)


# --- before a start ------------------------------------------------------------------------------


def compare_keys(storage: SqlStorage, keys: Keys) -> Sequence[KnownKey]:
    """Compare a file of keys with what the database knows; that, without changing it.

    Raises:
        KeysInvalid: the file lacks a key, or is of another service.
        PortUnavailable: the database does not answer.
    """
    with storage.keys(writing=False) as stored:
        return _compared(stored, keys)


def _compared(stored: SqlKeys, keys: Keys) -> Sequence[KnownKey]:
    known = stored.all()
    retired = {key.id for key in known if key.retired_at is not None}
    # Accounts too: tables of before keys were noted, or a backup of one half, name them as well.
    wanted = stored.marks() | {key.id for key in known} - retired
    lacking = sorted(wanted - {*keys.ids})
    if lacking:
        other = wanted.isdisjoint(keys.ids)
        fault = KeysFault.OTHER if other else KeysFault.LACKING
        raise KeysInvalid(fault, ids=", ".join(lacking), held=", ".join(sorted(keys.ids)))
    for key in known:
        if key.id in keys.ids and not _opens(keys, key):
            raise KeysInvalid(KeysFault.DIFFERS, ids=key.id)
    return known


def _opens(keys: Keys, known: KnownKey) -> bool:
    """Whether a key is the one that the database knows by this id, which is short."""
    try:
        return KeyedSecrets(keys.only([known.id])).unseal(known.sealed_check or "") == known.id
    except PortUnavailable:
        return False


def note_keys(stored: SqlKeys, keys: Keys, now: datetime) -> Sequence[KnownKey]:
    """Note the keys of a file that the database does not know yet; all that it knows then.

    The first of all is the one to write under, as are those, before it, under which there are
    accounts; any other is noted for reading.

    Raises:
        KeysInvalid: the database knows a key that the file lacks, or the file is another service's.
    """
    stored.hold()
    known = _compared(stored, keys)
    marks = set() if known else {keys.ids[0], *stored.marks()}
    noted = {key.id for key in known}
    for place, one in enumerate(it for it in keys.ids if it not in noted):
        promoted = now - place * timedelta(microseconds=1) if one in marks else None
        check = KeyedSecrets(keys.only([one])).seal(one)
        stored.add(KnownKey(id=one, sealed_check=check, added_at=now, promoted_at=promoted))
    return stored.all()


def open_keys(storage: SqlStorage, keys: Keys, clock: Clock) -> KeyedSecrets:
    """Make the secrets of a process, which looks from now on whether it still has every key.

    A key of the file that the database does not know yet is noted: the first of all as the one to
    write under, any other for reading.

    Raises:
        KeysInvalid: the database knows a key that the file lacks, or the file is another service's.
        PortUnavailable: the database does not answer.
    """
    now = clock.now()
    with storage.keys(writing=True) as stored:
        known = note_keys(stored, keys, now)
        stored.forget_users(now - _FORGOTTEN)
        secrets = KeyedSecrets(keys)
        watch = _Watch(storage, keys, secrets, clock, started_at=now)
        secrets.use(_in_use(known, keys.ids))
        watch.beat(stored)
    storage.watch_keys(watch)
    _tell(known, secrets)
    return secrets


def keys_in_use(secrets: Secrets, path: Path) -> Keys:
    """The keys of a file in the order in which secrets use them, without those that were retired.

    Raises:
        KeysInvalid: the file cannot be used.
    """
    keys = read_keys(path)
    return keys.only(secrets.ids) if isinstance(secrets, KeyedSecrets) else keys


def _tell(known: Sequence[KnownKey], secrets: KeyedSecrets) -> None:
    for key in known:
        if key.promoted_at is None and key.retired_at is None:
            told = "key %s is read and not written under yet; next: monespace keys promote %s"
            _log.warning(told, key.id, key.id)
    _log.info("written under key %s", secrets.ids[0])


# --- while a process runs ------------------------------------------------------------------------


class _Watch:
    """Looks at the database's keys before units, every few seconds, and says that it lives.

    No thread of its own: a process that does nothing needs no keys, and a server that forks its
    workers after this was made has a watch in each of them.
    """

    def __init__(
        self,
        storage: SqlStorage,
        keys: Keys,
        secrets: KeyedSecrets,
        clock: Clock,
        *,
        started_at: datetime,
    ) -> None:
        self.key_ids = frozenset(keys.ids)
        self._held = keys.ids
        self._storage = storage
        self._secrets = secrets
        self._clock = clock
        self._started_at = started_at
        self._id = uuid4().hex
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._turn = Lock()
        self._looked = self._beaten = monotonic()
        self._lacking: list[str] = []

    def look(self, *, writing: bool) -> None:
        """Look, if it is time; before a unit that writes, refuse when a key is missing."""
        if monotonic() >= self._looked + _LOOK and self._turn.acquire(blocking=False):
            try:
                self._looked = monotonic()
                # A database that is away is met by the unit itself, which says so better.
                with suppress(MonespaceError):
                    self._look(writing=writing)
            finally:
                self._turn.release()
        if writing and self._lacking:
            raise PortUnavailable("secrets")

    def _look(self, *, writing: bool) -> None:
        with self._storage.keys(writing=False) as stored:
            known = stored.all()
        self._judge(known)
        # On SQLite who says so waits for a turn, and a page that only reads should not.
        if writing or monotonic() >= self._beaten + _IDLE:
            self._beaten = monotonic()
            with self._storage.keys(writing=True) as stored:
                self.beat(stored)

    def _judge(self, known: Sequence[KnownKey]) -> None:
        lacking = sorted(key.id for key in known if key.is_needed and key.id not in self.key_ids)
        if lacking and lacking != self._lacking:
            told = "key %s was promoted and this process lacks it: nothing more is done. %s"
            _log.error(told, ", ".join(lacking), "Put it into the file of keys, and restart")
        self._lacking = lacking
        if lacking:
            self._secrets.refuse()
        elif known:
            self._secrets.use(_in_use(known, self._held))

    def beat(self, stored: SqlKeys) -> None:
        """Say that this process lives, which keys it has, and which it writes under."""
        stored.beat(
            KeyUser(
                id=self._id,
                name=self._name,
                key_ids=" ".join(self._held),
                writes_under=next(iter(self._secrets.ids), ""),
                started_at=self._started_at,
                seen_at=self._clock.now(),
            )
        )

    def leave(self) -> None:
        """Say that this process ends."""
        with suppress(MonespaceError), self._storage.keys(writing=True) as stored:
            stored.leave(self._id)
