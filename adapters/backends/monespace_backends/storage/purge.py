"""What is past its life, table by table."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
    tuple_,
)

from .rows import from_instant
from .tables import budgets, journal, journeys, links, outbox, sessions

__all__ = ["deletions"]

_DAY = timedelta(days=1)
_later = journal.alias("later")
_deadline: BindParameter[int] = bindparam("deadline")


def _deletion(table: Table, is_over: ColumnElement[bool], *, skip_held: bool = True) -> Delete:
    """Delete rows that are over, locked in the order of their keys before the first one goes.

    A server deletes in whatever order it meets the rows: two purges, or a purge and a step that
    counts two budgets, would wait for each other.  What somebody holds is left to the next purge.
    SQLite drops the clause: its write units are alone anyway.
    """
    key = table.primary_key.columns
    over = select(*key).where(is_over).order_by(*key).with_for_update(skip_locked=skip_held)
    return delete(table).where(tuple_(*key).in_(over))


_JOURNEYS = _deletion(journeys, journeys.c.expires_at <= _deadline)
# A journal goes as a whole: cut in the middle it would look damaged.  Only another purge holds
# its lines, so this one waits for it instead of taking the rest.
_JOURNAL = _deletion(
    journal,
    (journal.c.at < _deadline)
    & ~exists().where(_later.c.reference == journal.c.reference, _later.c.at >= _deadline),
    skip_held=False,
)
# A message that nobody came for ended when it became too late to send.
_OUTBOX = _deletion(outbox, func.coalesce(outbox.c.finished_at, outbox.c.expires_at) < _deadline)
_BUDGETS = _deletion(budgets, budgets.c.at <= _deadline)
_SESSIONS = _deletion(sessions, sessions.c.created_at <= _deadline)
_LINKS = _deletion(links, links.c.expires_at <= _deadline)


def deletions(
    now: datetime, journal_before: datetime, session_life: timedelta
) -> dict[str, tuple[Delete, dict[str, int]]]:
    """List what to run, by table."""
    deadlines = {
        "journeys": (_JOURNEYS, now),
        "journal": (_JOURNAL, journal_before),
        "outbox": (_OUTBOX, journal_before),
        "budgets": (_BUDGETS, now - _DAY),
        "sessions": (_SESSIONS, now - session_life),
        "links": (_LINKS, now),
    }
    return {
        table: (statement, {"deadline": from_instant(deadline)})
        for table, (statement, deadline) in deadlines.items()
    }
