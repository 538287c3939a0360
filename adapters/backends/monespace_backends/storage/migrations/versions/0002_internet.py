"""Indexes for what is asked again and again of tables that grow: the purge, the relay, readiness.

It only adds, so that a version that knows the first tables alone goes on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_failed = sa.text("status = 'failed'")
_kept = sa.text("status = 'failed' AND sealed IS NOT NULL")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_sessions_created_at", "sessions", ["created_at"])
    op.create_index("ix_links_expires_at", "links", ["expires_at"])
    op.create_index("ix_budgets_at", "budgets", ["at"])
    op.create_index("ix_outbox_finished_at", "outbox", ["finished_at"])
    op.create_index(
        "ix_outbox_failed",
        "outbox",
        ["created_at"],
        postgresql_where=_failed,
        sqlite_where=_failed,
    )
    op.create_index(
        "ix_outbox_kept", "outbox", ["expires_at"], postgresql_where=_kept, sqlite_where=_kept
    )
