"""The tables, as SQLAlchemy Core metadata.

Instants are whole microseconds since 1970, UTC, in 64-bit integers: both engines compare and sort
them alike, exactly, with no time zone of a server or a session in between.  Text is compared by
bytes on both engines: a server's language must not decide what comes first.

No table refers to another by a foreign key.  A journal outlives its journey, and what is written
for an address that nobody has (``P2``) must cost as much as for one that somebody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from attrs import fields
from cattrs import Converter
from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    column,
    table,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement

from monespace_flows.journey import Journey, StoredJourney
from monespace_flows.serialization import from_json, to_json

from .database import VERSION_TABLE, JourneyDamaged, RowDamaged

__all__ = ()

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
_FAILED = text("status = 'failed'")
_UNCOVERED = text("head IS NULL")
_KEPT = text("status = 'failed' AND sealed IS NOT NULL")
_FIRST = text("seq = 0")
_NAMED = text("subject IS NOT NULL")


class _Subject(ColumnElement[str]):
    """The pseudonym that a journal's line names, taken out of its text by the engine itself.

    So whoever writes a line, an older version too, has it found; what is no line names nobody.
    """

    inherit_cache = True


class _Generated(Computed):
    """Never stored by SQLite, which could not add it to a table; always by a server before 18."""


@compiles(_Subject, "sqlite")
def _subject_in_file(*_: object, **__: object) -> str:
    mark = """'"subject":"'"""
    rest = f"substr(line, instr(line, {mark}) + 11)"
    named = f"""substr({rest}, 1, instr({rest}, '"') - 1)"""
    return f"CASE WHEN instr(line, {mark}) > 0 THEN {named} END"


@compiles(_Subject, "postgresql")
def _subject_on_server(*_: object, **__: object) -> str:
    # As the server itself writes it.
    named = """split_part(line, '"subject":"'::text, 2)"""
    return f"""NULLIF(split_part({named}, '"'::text, 1), ''::text)"""


@compiles(_Generated, "sqlite")
def _generated_in_file(*_: object, **__: object) -> str:
    return f"GENERATED ALWAYS AS ({_subject_in_file()}) VIRTUAL"


@compiles(_Generated, "postgresql")
def _generated_on_server(*_: object, **__: object) -> str:
    return f"GENERATED ALWAYS AS ({_subject_on_server()}) STORED"


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
    Column("answer", _text),
)

journal = Table(
    "journal",
    metadata,
    Column("reference", _text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _instant, nullable=False, index=True),
    Column("line", _text, nullable=False),
    # Support asks for the newest journeys, and for those of one person, among millions of lines.
    Column("subject", _text, _Generated(_Subject())),
    Column("head", BigInteger),
    Index("ix_journal_begun", "at", "reference", postgresql_where=_FIRST, sqlite_where=_FIRST),
    Index("ix_journal_subject", "subject", postgresql_where=_NAMED, sqlite_where=_NAMED),
    # A head covers what none covers yet: the lines of an hour, among all.
    Index("ix_journal_uncovered", "at", postgresql_where=_UNCOVERED, sqlite_where=_UNCOVERED),
)

journal_heads = Table(
    "journal_heads",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _instant, nullable=False),
    Column("head", _text, nullable=False),
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
    Column("frozen_at", _instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", _text, primary_key=True),
    Column("account_id", _text, nullable=False, index=True),
    Column("epoch", BigInteger, nullable=False),
    Column("created_at", _instant, nullable=False, index=True),
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
    Column("expires_at", _instant, nullable=False, index=True),
    Column("used_at", _instant),
    Column("sealed", _text),
)

budgets = Table(
    "budgets",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("budget", _text, nullable=False),
    Column("subject", _text, nullable=False),
    Column("at", _instant, nullable=False, index=True),
    Index(None, "subject", "budget", "at"),
)

# What clients did lately, for the brakes of processes that share them: under pseudonyms.
brakes = Table(
    "brakes",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("window", _text, nullable=False),
    Column("at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False, index=True),
    Index(None, "window", "at"),
)

# Which keys there are: by their ids, never the keys.  Of those that were promoted and not retired,
# the newest promoted is written under.
keys = Table(
    "keys",
    metadata,
    Column("id", _text, primary_key=True),
    Column("sealed_check", _text),
    Column("added_at", _instant, nullable=False),
    Column("promoted_at", _instant),
    Column("retired_at", _instant),
)

key_users = Table(
    "key_users",
    metadata,
    Column("id", _text, primary_key=True),
    Column("name", _text, nullable=False),
    Column("key_ids", _text, nullable=False),
    Column("writes_under", _text, nullable=False),
    Column("started_at", _instant, nullable=False),
    Column("seen_at", _instant, nullable=False),
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
    Column("finished_at", _instant, index=True),
    Column("error", _text),
    Column("listener", _text),
    Column("history", _text),
    # The relay asks for what waits, again and again, among all that ever left.
    Index("ix_outbox_waiting", "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
    Index("ix_outbox_failed", "created_at", postgresql_where=_FAILED, sqlite_where=_FAILED),
    # And, as often, for what failed and is too late to be put back.
    Index("ix_outbox_kept", "expires_at", postgresql_where=_KEPT, sqlite_where=_KEPT),
)

# Who ever listened to which kind of event, so that events wait for a process that is away.
listeners = Table(
    "listeners",
    metadata,
    Column("kind", _text, primary_key=True),
    Column("name", _text, primary_key=True),
    Column("since", _instant, nullable=False),
)

# What is done now and then by one of several processes, and when it was done last.
chores = Table(
    "chores",
    metadata,
    Column("name", _text, primary_key=True),
    Column("done_at", _instant, nullable=False),
)


VERSION = table(VERSION_TABLE, column("version_num"))
"""Where Alembic notes the revision; it makes that table itself."""


# --- records to rows and back --------------------------------------------------------------------

Record = TypeVar("Record")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_instant(instant: datetime) -> int:
    """Write an instant as microseconds since 1970; one without a time zone is a ``TypeError``."""
    return (instant - _EPOCH) // _MICROSECOND


def to_instant(microseconds: int) -> datetime:
    """Read an instant, UTC; anything but whole microseconds is a ``TypeError``."""
    if type(microseconds) is not int:
        raise TypeError("not an instant")
    return _EPOCH + timedelta(microseconds=microseconds)


def _exactly(kind: type[Record]) -> Any:
    """Accept values of one type only: cattrs would make "5" of 5, and 1 of True."""

    def read(value: object, _: object) -> Record:
        if type(value) is not kind:
            raise TypeError(f"not {kind.__name__}")
        return value

    return read


# Without detailed validation an error does not carry the whole row along.
_converter = Converter(forbid_extra_keys=True, detailed_validation=False)
_converter.register_structure_hook(str, _exactly(str))
_converter.register_structure_hook(int, _exactly(int))
_converter.register_structure_hook(datetime, lambda value, _: to_instant(value))
_converter.register_unstructure_hook(datetime, from_instant)
_converter.register_structure_hook(Journey, lambda text, _: from_json(text, Journey))
_converter.register_unstructure_hook(Journey, to_json)

_STORED = tuple(attribute.name for attribute in fields(StoredJourney))


def from_record(record: object) -> dict[str, Any]:
    """Make the row of a record: its fields are the table's columns."""
    values: dict[str, Any] = _converter.unstructure(record)
    return values


def to_record(row: Mapping[Any, Any], kind: type[Record]) -> Record:
    """Read a record of a known kind.

    Raises:
        RowDamaged: a column is missing, or holds what the field cannot.
    """
    try:
        return _converter.structure(row, kind)
    except Exception:  # noqa: BLE001 - cattrs raises many kinds, and their text quotes values
        raise RowDamaged(f"a row cannot be read as {kind.__name__}") from None


def from_journey(stored: StoredJourney) -> dict[str, Any]:
    """Make the row of a journey: all of it, and the columns that it is looked up by."""
    return from_record(stored) | _lookups(stored.journey)


def to_journey(row: Mapping[Any, Any]) -> StoredJourney:
    """Read a journey.

    Raises:
        JourneyDamaged: it cannot be read, or does not say what the columns beside it say.
    """
    try:
        stored = to_record({name: row[name] for name in _STORED}, StoredJourney)
    except RowDamaged as error:
        # A field that another release added: what it asks for cannot be known, so nothing is done.
        raise JourneyDamaged(str(error)) from None
    if any(row[name] != value for name, value in _lookups(stored.journey).items()):
        raise JourneyDamaged("a journey differs from the columns that it is looked up by")
    return stored


def _lookups(journey: Journey) -> dict[str, Any]:
    return {
        "reference": journey.reference,
        "flow": journey.flow,
        "state": journey.state,
        "subject": journey.subject,
        "seq": journey.seq,
        "started_at": from_instant(journey.started_at),
    }
