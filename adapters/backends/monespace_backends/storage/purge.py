"""What is past its life, table by table, a batch at a time.

A batch is a transaction of its own, and a pause follows it: whoever serves meanwhile waits for one
batch at the most.  One transaction for a million lines held SQLite's only lock for ten seconds and
grew its log by 1.6 GB.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    select,
    true,
    tuple_,
)

from .tables import brakes, budgets, from_instant, journal, journeys, links, outbox, sessions

__all__ = ["COUNTED", "DAY", "Purged", "purged_at"]

DAY = timedelta(days=1)
COUNTED = ("journeys", "journal", "outbox", "budgets", "sessions", "links")
"""What is told in numbers even when nothing of it went; brakes only when some did."""
_later = journal.alias("later")
_deadline: BindParameter[int] = bindparam("deadline")


@frozen(eq=False)
class Purged:
    """What goes of one table: a row whose ``end`` has come, if it ``is_over`` besides.

    ``whole`` names the column by which rows go together or not at all.
    """

    table: Table
    end: ColumnElement[int]
    is_over: ColumnElement[bool]
    whole: ColumnElement[str] | None = None

    @property
    def _key(self) -> list[ColumnElement[Any]]:
        return list(self.table.primary_key.columns)

    def find(self, after: Sequence[Any] | None, limit: int) -> Select[Any]:
        """Find the next ``limit`` rows in the order of its index: none is looked at twice."""
        place = [self.end, *self._key]
        found = select(*place).where(self.end <= _deadline)
        if self.whole is None:  # else a server would compare with all that stays, each time
            found = found.where(self.is_over)
        if after is not None:
            # The first says so too, but a planner that is told sees the index.
            found = found.where(self.end >= after[0], tuple_(*place) > tuple_(*after))
        return found.order_by(*place).limit(limit)

    def delete(self, found: Sequence[Sequence[Any]]) -> Delete:
        """Delete rows that were found, locked in the order of their keys before the first one goes.

        A server deletes in whatever order it meets the rows: two purges, or a purge and a step that
        counts two budgets, would wait for each other.  What somebody holds is left to the next
        purge.  SQLite drops the clause: its write units are alone anyway.
        """
        key = self._key
        over = select(*key).where(self.end <= _deadline, self.is_over).order_by(*key)
        if self.whole is None:
            keys = [tuple(row[1:]) for row in found]
            over = over.where(tuple_(*key).in_(keys)).with_for_update(skip_locked=True)
        else:  # only another purge holds such rows, so this one waits instead of taking the rest
            at = 1 + [it.name for it in key].index(self.whole.name)
            over = over.where(self.whole.in_(sorted({row[at] for row in found}))).with_for_update()
        return delete(self.table).where(tuple_(*key).in_(over))


_ALWAYS = true()
_JOURNEYS = Purged(journeys, journeys.c.expires_at, _ALWAYS)
# A journal goes as a whole: cut in the middle it would look damaged.
_JOURNAL = Purged(
    journal,
    journal.c.at,
    ~exists().where(_later.c.reference == journal.c.reference, _later.c.at > _deadline),
    whole=journal.c.reference,
)
# A message that nobody came for ended when it became too late to send.
_OUTBOX = Purged(outbox, outbox.c.finished_at, _ALWAYS)
_NEVER_TAKEN = Purged(outbox, outbox.c.expires_at, outbox.c.finished_at.is_(None))
_BUDGETS = Purged(budgets, budgets.c.at, _ALWAYS)
_SESSIONS = Purged(sessions, sessions.c.created_at, _ALWAYS)
_LINKS = Purged(links, links.c.expires_at, _ALWAYS)
_BRAKES = Purged(brakes, brakes.c.expires_at, _ALWAYS)


def purged_at(
    now: datetime, journal_before: datetime, session_life: timedelta
) -> list[tuple[Purged, int]]:
    """List what goes, and the last instant that is past its life."""
    before = from_instant(journal_before) - 1
    return [
        (_JOURNEYS, from_instant(now)),
        (_JOURNAL, before),
        (_OUTBOX, before),
        (_NEVER_TAKEN, before),
        (_BUDGETS, from_instant(now - DAY)),
        (_SESSIONS, from_instant(now - session_life)),
        (_LINKS, from_instant(now)),
        (_BRAKES, from_instant(now)),
    ]
