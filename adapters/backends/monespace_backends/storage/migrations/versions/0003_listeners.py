"""Who listens to events, for whom each event waits, and which chores were done when.

It only adds, so that a version that knows the tables of before goes on beside it: events that it
queues name nobody, and are for whoever listens to their kind.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    op.add_column("outbox", sa.Column("listener", _text))
    op.create_table(
        "listeners",
        sa.Column("kind", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_listeners"),
    )
    op.create_table(
        "chores",
        sa.Column("name", _text, nullable=False),
        sa.Column("done_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
    )
