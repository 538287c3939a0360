"""The first tables.

It says again what ``tables.py`` said then: a revision never changes, ``tables.py`` does.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_waiting = sa.text("status = 'waiting'")


def upgrade() -> None:
    """Create every table."""
    _journeys()
    _journal()
    _accounts()
    _sessions()
    _links()
    _budgets()
    _outbox()


def _journeys() -> None:
    op.create_table(
        "journeys",
        sa.Column("reference", _text, nullable=False),
        sa.Column("token_digest", _text, nullable=False),
        sa.Column("flow", _text, nullable=False),
        sa.Column("state", _text, nullable=False),
        sa.Column("subject", _text),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("journey", _text, nullable=False),
        sa.Column("dossier", _text),
        sa.Column("code_digest", _text),
        sa.Column("account_id", _text),
        sa.Column("session_digest", _text),
        sa.Column("journal_hash", _text, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_journeys"),
        sa.UniqueConstraint("token_digest", name="uq_journeys_token_digest"),
    )
    op.create_index("ix_journeys_subject", "journeys", ["subject"])
    op.create_index("ix_journeys_started_at", "journeys", ["started_at"])
    op.create_index("ix_journeys_expires_at", "journeys", ["expires_at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("reference", _text, nullable=False),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("line", _text, nullable=False),
        sa.PrimaryKeyConstraint("reference", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _text, nullable=False),
        sa.Column("rpps_digest", _text, nullable=False),
        sa.Column("email_digest", _text, nullable=False),
        sa.Column("sealed_rpps", _text, nullable=False),
        sa.Column("sealed_email", _text, nullable=False),
        sa.Column("password_hash", _text, nullable=False),
        sa.Column("role", _text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("terms_version", _text, nullable=False),
        sa.Column("terms_accepted_at", sa.BigInteger, nullable=False),
        sa.Column("email_confirmed_at", sa.BigInteger),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("credential_epoch", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("rpps_digest", name="uq_accounts_rpps_digest"),
        sa.UniqueConstraint("email_digest", name="uq_accounts_email_digest"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", _text, nullable=False),
        sa.Column("account_id", _text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("digest", _text, nullable=False),
        sa.Column("purpose", _text, nullable=False),
        sa.Column("account_id", _text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("journey", _text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_links"),
    )
    op.create_index("ix_links_account_id", "links", ["account_id"])


def _budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("id", _serial, nullable=False),
        sa.Column("budget", _text, nullable=False),
        sa.Column("subject", _text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budgets"),
    )
    op.create_index("ix_budgets_subject_budget_at", "budgets", ["subject", "budget", "at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _text, nullable=False),
        sa.Column("journey", _text),
        sa.Column("channel", _text, nullable=False),
        sa.Column("purpose", _text, nullable=False),
        sa.Column("sealed", _text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("status", _text, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("error", _text),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_journey", "outbox", ["journey"])
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["due_at"],
        postgresql_where=_waiting,
        sqlite_where=_waiting,
    )
