"""What lies under each key, and how it is written anew under another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import islice
from time import monotonic, sleep
from typing import Literal, TypeVar

from attrs import define, evolve, field, frozen

from monespace_flows.errors import LostSwap, PortUnavailable, UniqueBroken
from monespace_flows.journal.entry import judge_seal
from monespace_flows.journal.heads import read_head
from monespace_flows.ports import Account, Emails

from .secrets import KeyedSecrets, Keys
from .storage import SqlStorage
from .storage.keys import SealedRow

__all__ = ["LOST", "KeyRows", "Resealed", "count_rows", "reseal"]

Row = TypeVar("Row")

_PAGE = 500

SealedTable = Literal["journeys", "messages", "links"]
_SEALED: tuple[SealedTable, ...] = ("journeys", "messages", "links")

_WRITTEN_ANEW = ("accounts", "journeys", "messages", "links", "heads")

LOST = "lost"
"""Stands for the id of a key that sealed something and that nobody has."""


@frozen(kw_only=True)
class KeyRows:
    """How many rows are under a key; ``heads`` are those of the journals.

    ``journals`` are the journals' lines that name someone under it, or are sealed under it.
    """

    accounts: int = 0
    journeys: int = 0
    messages: int = 0
    heads: int = 0
    links: int = 0
    tries: int = 0
    journals: int = 0
    newest_line: datetime | None = None

    def left(self, *, leaked: bool) -> dict[str, int]:
        """What keeps the key from being retired."""
        counts = {kind: getattr(self, kind) for kind in _WRITTEN_ANEW}
        if not leaked:
            counts |= {"counted tries": self.tries, "lines of journals": self.journals}
        return {what: count for what, count in counts.items() if count}

    def then(self, *, leaked: bool) -> str:
        """What to do about it."""
        steps = []
        if any(getattr(self, kind) for kind in _WRITTEN_ANEW):
            steps.append("Run: monespace keys reseal")
        if self.journeys:
            steps.append("Journeys under way end within the hour, then run: monespace purge")
        if (self.tries or self.journals) and not leaked:
            steps.append(
                "Tries lapse in a day and journals with the policy's retention, at a purge; a key "
                "that leaked goes sooner, with --leaked: find finds those journals no longer"
            )
        return ". ".join(steps)


def count_rows(
    storage: SqlStorage, keys: Keys, advance: Callable[[int], None] = lambda _: None
) -> dict[str, KeyRows]:
    """Count what is under each key, by its id; under :data:`LOST` what no key of a file opens.

    Args:
        storage: what to look through.
        keys: those that may have sealed something.
        advance: told how many rows were looked at.
    """
    rows: dict[str, KeyRows] = {}
    secrets = KeyedSecrets(keys)
    for account in _accounts(storage):
        _count(rows, _ids_of(account, secrets), "accounts")
        advance(1)
    for table in _SEALED:
        for row in _sealed(storage, table):
            ids = {digest[:8] for digest in row.digests}
            if row.sealed is not None:
                ids.add(secrets.sealed_under(row.sealed) or LOST)
            _count(rows, ids, table)
            advance(1)
    with storage.keys(writing=False) as stored:
        for key_id, count in stored.tries().items():
            rows[key_id] = evolve(rows.get(key_id, KeyRows()), tries=count)
        for key_id in ({*rows, *keys.ids} | {it.id for it in stored.all()}) - {LOST}:
            lines, newest = stored.journal(key_id)
            present = rows.get(key_id, KeyRows())
            heads = stored.heads(key_id)
            rows[key_id] = evolve(present, heads=heads, journals=lines, newest_line=newest)
    return rows


def _count(rows: dict[str, KeyRows], ids: set[str], what: str) -> None:
    for key_id in ids:
        present = rows.get(key_id, KeyRows())
        rows[key_id] = evolve(present, **{what: getattr(present, what) + 1})


def _ids_of(account: Account, secrets: KeyedSecrets) -> set[str]:
    sealed = (account.sealed_rpps, account.sealed_email)
    under = {secrets.sealed_under(it) or LOST for it in sealed}
    return under | {account.rpps_digest[:8], account.email_digest[:8]}


def _accounts(storage: SqlStorage) -> Iterator[Account]:
    def read(after: str) -> Sequence[Account]:
        with storage.keys(writing=False) as stored:
            return stored.accounts(after, _PAGE)

    page = read("")
    while page:
        yield from page
        page = read(page[-1].id)


def _sealed(storage: SqlStorage, table: SealedTable) -> Iterator[SealedRow]:
    def read(after: str) -> Sequence[SealedRow]:
        with storage.keys(writing=False) as stored:
            return stored.sealed(table, after, _PAGE)

    page = read("")
    while page:
        yield from page
        page = read(page[-1].key)


# --- writing anew --------------------------------------------------------------------------------

_BATCH = 100


@define(kw_only=True)
class Resealed:
    """What was written anew; ``doubles`` are ids of accounts of one person or one address."""

    accounts: int = 0
    journeys: int = 0
    messages: int = 0
    heads: int = 0
    links: int = 0
    left: int = 0
    doubles: list[tuple[str, str]] = field(factory=list)


def reseal(
    storage: SqlStorage,
    secrets: KeyedSecrets,
    emails: Emails,
    advance: Callable[[int], None] = lambda _: None,
) -> Resealed:
    """Write everything anew under the key that is written under, in batches.

    Whatever stops it, what was done is done: the next time goes on with the rest.  What a step
    changes at the same moment is left to that step, or to the next time.

    Args:
        storage: where everything is.
        secrets: the keys.
        emails: the syntax of e-mail addresses.
        advance: told how many rows were looked at.
    """
    done = Resealed()
    for page in _paged(_accounts(storage)):
        _write_accounts(storage, _outdated(page, secrets, emails, done), done)
        advance(len(page))
    for table in _SEALED:
        for rows in _paged(_sealed(storage, table)):
            _write_sealed(storage, secrets, table, rows, done)
            advance(len(rows))
    _write_heads(storage, secrets, done)
    return done


def _paged(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while page := list(islice(rows, _BATCH)):
        yield page


_Changes = list[tuple[Account, Account]]


def _outdated(
    accounts: Sequence[Account], secrets: KeyedSecrets, emails: Emails, done: Resealed
) -> _Changes:
    changes = []
    for account in accounts:
        if _ids_of(account, secrets) == {secrets.ids[0]}:
            continue
        try:
            changes.append((account, _anew(account, secrets, emails)))
        except PortUnavailable:  # no key of ours opens it
            done.left += 1
    return changes


def _anew(account: Account, secrets: KeyedSecrets, emails: Emails) -> Account:
    rpps, address = secrets.unseal(account.sealed_rpps), secrets.unseal(account.sealed_email)
    email = emails.read(address)
    # An address that no rule reads any more is found as it is written; an account whose address
    # was released has none, and what stands for it was drawn.
    key = email.key if email is not None else address or secrets.token()
    return evolve(
        account,
        rpps_digest=secrets.digests("subject", rpps)[0],
        email_digest=secrets.digests("email", key)[0],
        sealed_rpps=secrets.seal(rpps),
        sealed_email=secrets.seal(address),
        version=account.version + 1,
    )


def _write_accounts(storage: SqlStorage, changes: _Changes, done: Resealed) -> None:
    if not changes:
        return
    try:
        _update(storage, changes)
    except (LostSwap, UniqueBroken, PortUnavailable):
        for change in changes:  # one by one: the others must not wait for the one that fails
            _write_account(storage, change, done)
    else:
        done.accounts += len(changes)


def _write_account(storage: SqlStorage, change: tuple[Account, Account], done: Resealed) -> None:
    before, after = change
    try:
        _update(storage, [change])
    except LostSwap:
        done.left += 1
    except UniqueBroken:
        done.left += 1
        with storage.reading() as unit:
            same = unit.accounts.by_rpps([after.rpps_digest])
            found = same or unit.accounts.by_email([after.email_digest])
        if found is not None:
            done.doubles.append((before.id, found.id))
    else:
        done.accounts += 1


def _update(storage: SqlStorage, changes: _Changes) -> None:
    with _sharing(), storage.writing() as unit:
        for before, after in changes:
            unit.accounts.update(after, before.version)


@contextmanager
def _sharing() -> Iterator[None]:
    """Leave others as much time as was taken: on SQLite nobody else writes meanwhile."""
    began = monotonic()
    yield
    sleep(monotonic() - began)


def _write_sealed(
    storage: SqlStorage,
    secrets: KeyedSecrets,
    table: SealedTable,
    rows: Sequence[SealedRow],
    done: Resealed,
) -> None:
    changes = []
    for row in rows:
        under = None if row.sealed is None else secrets.sealed_under(row.sealed)
        if row.sealed is None or under == secrets.ids[0]:
            continue
        if under is None:  # no key of ours opens it
            done.left += 1
            continue
        changes.append((row.key, row.sealed, secrets.seal(secrets.unseal(row.sealed))))
    if not changes:
        return
    with _sharing(), storage.keys(writing=True) as stored:
        count = sum(stored.reseal(table, *change) for change in changes)
    done.left += len(changes) - count
    setattr(done, table, getattr(done, table) + count)


def _write_heads(storage: SqlStorage, secrets: KeyedSecrets, done: Resealed) -> None:
    """Seal the heads of the journals anew; what does not hold is left as it is."""
    digests = partial(secrets.digests, "head")
    with storage.heads() as stored:
        for line in stored.since(0):
            head = read_head(line)
            if head.seal == digests(head.hash)[0]:
                continue
            if judge_seal(head.seal, head.hash, digests) is not None:
                done.left += 1
                continue
            done.heads += stored.reseal_head(line, digests)
