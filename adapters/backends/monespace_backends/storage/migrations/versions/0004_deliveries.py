"""What became of each message, line by line.

It only adds, so that a version that knows the tables of before goes on beside it: what it queues
has no such lines until this version delivers it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    op.add_column("outbox", sa.Column("history", _text))
