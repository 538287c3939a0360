"""The heads of the journals, and which lines each of them covers."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy import bindparam, insert, select, update

from monespace_flows.journal.entry import Digests, judge_line, read_hash
from monespace_flows.journal.heads import Covering, Head, read_head, seal_anew, write_head
from monespace_flows.ports import Secrets

from .tables import from_instant, journal, journal_heads, to_instant
from .transaction import Transaction

__all__ = ["SqlHeads", "write_heads"]

_log = logging.getLogger("monespace_backends.journal")

PER_HEAD = 5_000
"""The most lines that one head covers: nobody waits for its transaction."""

_LOCK = "heads"
_KEY = (journal.c.reference, journal.c.seq)
_UNCOVERED = (
    select(journal)
    .where(journal.c.head.is_(None))
    .order_by(journal.c.at, *_KEY)
    .limit(bindparam("limit"))
    .with_for_update()  # a purge waits; SQLite drops the clause: its write units are alone anyway
)
_COVER = (
    update(journal)
    .where(journal.c.reference == bindparam("of"), journal.c.seq == bindparam("line_seq"))
    .values(head=bindparam("covered_by"))
)
_LAST = select(journal_heads).order_by(journal_heads.c.number.desc()).limit(1)
_ALL = select(journal_heads).order_by(journal_heads.c.number)
_SINCE = _ALL.where(journal_heads.c.number >= bindparam("first"))
_ADD = insert(journal_heads)
_RESEAL_HEAD = (
    update(journal_heads)
    .where(journal_heads.c.number == bindparam("of"), journal_heads.c.head == bindparam("before"))
    .values(head=bindparam("anew"))
)


class SqlHeads:
    """Heads and the lines that they cover, in one transaction."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def since(self, number: int) -> Sequence[str]:
        """Read the heads from a number on, in their order."""
        return [row["head"] for row in self._transaction.all(_SINCE, {"first": number})]

    def write(self, secrets: Secrets, now: datetime, purged_before: datetime) -> tuple[str, int]:
        """Write the next head, over lines that none covers yet; it, and how many they are."""
        self._transaction.lock(_LOCK)
        last = self._transaction.first(_LAST)
        number = 0 if last is None else last["number"] + 1
        lines = self._transaction.all(_UNCOVERED, {"limit": PER_HEAD})
        covering = Covering()
        seals = partial(secrets.digests, "journal")
        for row in sorted(lines, key=lambda it: (it["reference"], it["seq"])):
            line = (row["reference"], row["seq"], read_hash(row["line"]))
            doubtful = judge_line(row["line"], seals) is not None
            covering.add(number, to_instant(row["at"]), line, doubtful=doubtful)
        head, _ = write_head(
            Head(
                number=number,
                at=now,
                purged_before=purged_before,
                covers=covering.covers(number),
                previous="" if last is None else read_head(last["head"]).hash,
            ),
            partial(secrets.digests, "head"),
        )
        self._transaction.change(_ADD, {"number": number, "at": from_instant(now), "head": head})
        if lines:
            of = [
                {"of": it["reference"], "line_seq": it["seq"], "covered_by": number} for it in lines
            ]
            self._transaction.change_each(_COVER, of)
        return head, len(lines)

    def reseal_head(self, head: str, digests: Digests) -> int:
        """Seal a head anew that is still what it was; how many were."""
        values = {"of": read_head(head).number, "before": head}
        return self._transaction.change(_RESEAL_HEAD, values | {"anew": seal_anew(head, digests)})


class _Heads(Protocol):
    def heads(self) -> AbstractContextManager[SqlHeads]: ...


def write_heads(
    storage: _Heads, secrets: Secrets, now: datetime, purged_before: datetime
) -> Iterator[str]:
    """Write heads over all lines that none covers yet; at least one, so that they tell the time.

    Each is told to the log ``monespace_backends.journal`` too, at level INFO.

    Args:
        storage: where the journals are.
        secrets: the keys; those of the past check the seals of the lines that they sealed.
        now: the time.
        purged_before: up to when a purge may take lines away.
    """
    count = PER_HEAD
    while count == PER_HEAD:
        with storage.heads() as stored:
            head, count = stored.write(secrets, now, purged_before)
        _log.info("head %s", head)
        yield head
