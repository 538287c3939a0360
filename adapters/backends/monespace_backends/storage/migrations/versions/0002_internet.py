"""The answer to a journey's last press, for who did not get it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what may be missing: a program of the version before goes on beside this one."""
    op.add_column("journeys", sa.Column("answer", _text))
