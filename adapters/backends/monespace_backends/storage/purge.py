"""What is past its life, table by table."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Delete, bindparam, delete, exists, func

from .rows import from_instant
from .tables import budgets, journal, journeys, links, outbox, sessions

__all__ = ["deletions"]

_DAY = timedelta(days=1)
_later = journal.alias("later")
_deadline: BindParameter[int] = bindparam("deadline")

_JOURNEYS = delete(journeys).where(journeys.c.expires_at <= _deadline)
# A journal goes as a whole: cut in the middle it would look damaged.
_JOURNAL = delete(journal).where(
    journal.c.at < _deadline,
    ~exists().where(_later.c.reference == journal.c.reference, _later.c.at >= _deadline),
)
# A message that nobody came for ended when it became too late to send.
_OUTBOX = delete(outbox).where(func.coalesce(outbox.c.finished_at, outbox.c.expires_at) < _deadline)
_BUDGETS = delete(budgets).where(budgets.c.at <= _deadline)
_SESSIONS = delete(sessions).where(sessions.c.created_at <= _deadline)
_LINKS = delete(links).where(links.c.expires_at <= _deadline)


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
