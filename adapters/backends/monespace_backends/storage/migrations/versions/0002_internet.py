"""What a service on the internet keeps beside the first tables, and indexes for what grows.

It only adds, so that a version that knows the first tables alone goes on beside it.  It says again
what ``tables.py`` said then: a revision never changes, ``tables.py`` does.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_failed = sa.text("status = 'failed'")
_uncovered = sa.text("head IS NULL")
_kept = sa.text("status = 'failed' AND sealed IS NOT NULL")
_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_first = sa.text("seq = 0")
_named = sa.text("subject IS NOT NULL")

# The pseudonym that a journal's line names: as the line says it, so that lines of an older version,
# which goes on beside this one, are found too.
_REST = """substr(line, instr(line, '"subject":"') + 11)"""
_SUBJECT_IN_FILE = (
    """CASE WHEN instr(line, '"subject":"') > 0 """
    f"""THEN substr({_REST}, 1, instr({_REST}, '"') - 1) END"""
)
_SUBJECT_ON_SERVER = (
    """NULLIF(split_part(split_part(line, '"subject":"'::text, 2), '"'::text, 1), ''::text)"""
)


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    # The answer to a journey's last press, for who did not get it.
    op.add_column("journeys", sa.Column("answer", _text))
    # When somebody said that a recovery was not theirs, and the address that a link is about.
    op.add_column("accounts", sa.Column("frozen_at", sa.BigInteger))
    op.add_column("links", sa.Column("sealed", _text))
    _indexes()
    _journal()
    _brakes()
    _keys()
    _heads()


def _indexes() -> None:
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


def _journal() -> None:
    stored = op.get_bind().dialect.name == "postgresql"
    subject = sa.Computed(_SUBJECT_ON_SERVER if stored else _SUBJECT_IN_FILE, persisted=stored)
    op.add_column("journal", sa.Column("subject", _text, subject))
    op.create_index(
        "ix_journal_begun",
        "journal",
        ["at", "reference"],
        postgresql_where=_first,
        sqlite_where=_first,
    )
    op.create_index(
        "ix_journal_subject", "journal", ["subject"], postgresql_where=_named, sqlite_where=_named
    )


def _brakes() -> None:
    op.create_table(
        "brakes",
        sa.Column("id", _serial, nullable=False),
        sa.Column("window", _text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_brakes"),
    )
    op.create_index("ix_brakes_window_at", "brakes", ["window", "at"])
    op.create_index("ix_brakes_expires_at", "brakes", ["expires_at"])


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", _text, nullable=False),
        sa.Column("sealed_check", _text),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("promoted_at", sa.BigInteger),
        sa.Column("retired_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_table(
        "key_users",
        sa.Column("id", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("key_ids", _text, nullable=False),
        sa.Column("writes_under", _text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_users"),
    )


def _heads() -> None:
    op.add_column("journal", sa.Column("head", sa.BigInteger))
    op.create_index(
        "ix_journal_uncovered",
        "journal",
        ["at"],
        postgresql_where=_uncovered,
        sqlite_where=_uncovered,
    )
    op.create_table(
        "journal_heads",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("head", _text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_journal_heads"),
    )
