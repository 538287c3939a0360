"""What support asks of the tables, as every engine takes it.

``{t}`` is what stands before a table's own name in this database, ``{place}`` where a value goes.
"""

from __future__ import annotations

from ..storage.database import VERSION_TABLE

__all__ = ()

TROUBLED = (
    "SELECT DISTINCT channel FROM {t}outbox WHERE created_at >= {place} AND channel <> 'none'"
    " AND (status = 'failed' OR status = 'waiting' AND attempts > 0) ORDER BY channel"
)
REVISION = f"SELECT version_num FROM {{t}}{VERSION_TABLE}"  # noqa: S608 - a constant
BEGUN = (
    "SELECT at, reference FROM {t}journal WHERE seq = 0"
    " AND (at, reference) {beyond} ({place}, {place}) AND at {until} {place}"
    " ORDER BY at {order}, reference {order} LIMIT {place}"
)
# A line is the last of its journey when none has a higher number: nothing need be remembered.
STEPPED = (
    "SELECT at, reference FROM {t}journal AS l"
    " WHERE (at, reference) {beyond} ({place}, {place}) AND at {until} {place}"
    " AND seq = (SELECT max(seq) FROM {t}journal AS n WHERE n.reference = l.reference)"
    " ORDER BY at {order}, reference {order} LIMIT {place}"
)
COUNT = "SELECT count(*) FROM {t}journal WHERE seq = 0"
COUNT_MOST = "SELECT count(*) FROM (SELECT 1 FROM {t}journal WHERE seq = 0 LIMIT {place}) AS begun"
ABOUT = (
    "SELECT reference FROM {t}journal WHERE seq = 0"
    " AND reference IN (SELECT reference FROM {t}journal WHERE subject {among})"
    " ORDER BY at DESC, reference DESC LIMIT {place}"
)
DOCTOR = (
    "SELECT rpps_digest FROM {t}accounts WHERE email_digest {among} ORDER BY created_at, id LIMIT 1"
)
LINES = "SELECT line FROM {t}journal WHERE reference = {place} ORDER BY seq"
KEPT = "SELECT journal_hash, journey FROM {t}journeys WHERE reference = {place}"
# In the order of an index, which compares text by its bytes on both engines.
EVERY_LINE = "SELECT reference, seq, at, head, line FROM {t}journal ORDER BY reference, seq"
EVERY_JOURNEY = "SELECT reference, journal_hash, journey FROM {t}journeys ORDER BY reference"
# A letter of no journey has none, or an empty name: it comes first, by the same index.
EVERY_MESSAGE = (
    "SELECT journey, id, status, created_at, history FROM {t}outbox"
    " WHERE channel <> 'event' AND journey IS NOT NULL ORDER BY journey, created_at, id"
)
EVERY = (EVERY_LINE, EVERY_JOURNEY, EVERY_MESSAGE)
FIRST_TOLD = "SELECT min(created_at) FROM {t}outbox WHERE history IS NOT NULL"
HEADS = "SELECT number, head FROM {t}journal_heads ORDER BY number"
MESSAGES = (
    "SELECT channel, purpose, status, created_at, finished_at, attempts, error"
    " FROM {t}outbox WHERE journey = {place} ORDER BY created_at, id"
)
DELIVERIES = (
    "SELECT history FROM {t}outbox WHERE journey = {place} AND history IS NOT NULL"
    " ORDER BY created_at, id"
)
