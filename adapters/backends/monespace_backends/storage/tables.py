"""The tables, as SQLAlchemy Core metadata.

Instants are whole microseconds since 1970, UTC, in 64-bit integers: both engines compare and sort
them alike, exactly, with no time zone of a server or a session in between.  Text is compared by
bytes on both engines: a server's language must not decide what comes first.

No table refers to another by a foreign key.  A journal outlives its journey, and what is written
for an address that nobody has (``P2``) must cost as much as for one that somebody has.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text

__all__ = [
    "accounts",
    "budgets",
    "journal",
    "journeys",
    "links",
    "metadata",
    "outbox",
    "sessions",
]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

_text = Text().with_variant(Text(collation="C"), "postgresql")
_instant = BigInteger()
_serial = BigInteger().with_variant(Integer, "sqlite")
_WAITING = text("status = 'waiting'")

journeys = Table(
    "journeys",
    metadata,
    Column("reference", _text, primary_key=True),
    Column("token_digest", _text, nullable=False, unique=True),
    Column("flow", _text, nullable=False),
    Column("state", _text, nullable=False),
    Column("subject", _text, index=True),
    Column("seq", BigInteger, nullable=False),
    Column("started_at", _instant, nullable=False, index=True),
    Column("expires_at", _instant, nullable=False, index=True),
    Column("journey", _text, nullable=False),
    Column("dossier", _text),
    Column("code_digest", _text),
    Column("account_id", _text),
    Column("session_digest", _text),
    Column("journal_hash", _text, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("reference", _text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _instant, nullable=False, index=True),
    Column("line", _text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", _text, primary_key=True),
    Column("rpps_digest", _text, nullable=False, unique=True),
    Column("email_digest", _text, nullable=False, unique=True),
    Column("sealed_rpps", _text, nullable=False),
    Column("sealed_email", _text, nullable=False),
    Column("password_hash", _text, nullable=False),
    Column("role", _text, nullable=False),
    Column("created_at", _instant, nullable=False),
    Column("terms_version", _text, nullable=False),
    Column("terms_accepted_at", _instant, nullable=False),
    Column("email_confirmed_at", _instant),
    Column("disabled_at", _instant),
    Column("credential_epoch", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", _text, primary_key=True),
    Column("account_id", _text, nullable=False, index=True),
    Column("epoch", BigInteger, nullable=False),
    Column("created_at", _instant, nullable=False),
    Column("seen_at", _instant, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("digest", _text, primary_key=True),
    Column("purpose", _text, nullable=False),
    Column("account_id", _text, nullable=False, index=True),
    Column("epoch", BigInteger, nullable=False),
    Column("journey", _text),
    Column("created_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("used_at", _instant),
)

budgets = Table(
    "budgets",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("budget", _text, nullable=False),
    Column("subject", _text, nullable=False),
    Column("at", _instant, nullable=False),
    Index(None, "subject", "budget", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _text, primary_key=True),
    Column("journey", _text, index=True),
    Column("channel", _text, nullable=False),
    Column("purpose", _text, nullable=False),
    Column("sealed", _text),
    Column("created_at", _instant, nullable=False),
    Column("due_at", _instant, nullable=False),
    Column("expires_at", _instant),
    Column("attempts", BigInteger, nullable=False),
    Column("status", _text, nullable=False),
    Column("finished_at", _instant),
    Column("error", _text),
    # The relay asks for what waits, again and again, among all that ever left.
    Index("ix_outbox_waiting", "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
)
