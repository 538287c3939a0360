"""The tables of storage, as support reads them on any engine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

from attrs import field, frozen

from ..storage.database import VERSION_TABLE, RowDamaged, check_revision, of_sqlite
from . import statements

__all__ = ()


@frozen(kw_only=True)
class KeptJourney:
    """A journey as it is kept beside its journal.

    ``journal_hash`` is that of the journal's last line; ``journey`` the JSON text of the rest.
    """

    journal_hash: str
    journey: str = field(repr=False)


class LinePlace(NamedTuple):
    """Where a journal's line stands: what the columns beside it say; ``at`` is UTC."""

    seq: int
    at: datetime
    head: int | None


@frozen(kw_only=True)
class WholeJournal:
    """A journal as it is stored, whatever is wrong with it, and what is kept beside it."""

    reference: str
    lines: tuple[str, ...] = field(repr=False)
    places: tuple[LinePlace, ...]
    kept: KeptJourney | None
    messages: tuple[MessageLines, ...] = ()


class MessageLines(NamedTuple):
    """A message with the lines of what became of it, whatever is wrong with them; none: ``()``."""

    id: str
    status: str
    created_at: datetime
    lines: tuple[str, ...]


class SentMessage(NamedTuple):
    """A message that a journey sent, without what it said; instants are UTC."""

    channel: str
    purpose: str
    status: str
    created_at: datetime
    finished_at: datetime | None
    attempts: int
    error: str | None


class Reader(Protocol):
    """Journals, journeys and messages by the journey's reference."""

    def begun(
        self,
        *,
        newest_first: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[str]:
        """Name the journeys that have a journal as they began, from ``since``, before ``until``."""

    def stepped(
        self, *, newest_first: bool = False, since: datetime | None = None
    ) -> Iterator[str]:
        """Name them as they took their last step, from ``since`` on."""

    def count(self, most: int | None = None) -> int | None:
        """Count them; ``None`` when there are more than ``most``."""

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""

    def whole(self) -> Iterator[WholeJournal]:
        """Read all journals, journeys and messages, each without the others too, by references.

        In one pass, of which a few rows at a time are held.
        """

    def first_told(self) -> datetime | None:
        """Since when messages have lines; ``None`` where none has any."""

    def heads(self) -> Sequence[tuple[int, str]]:
        """Read the heads of the journals, in their order."""

    def about(self, subjects: Sequence[str], most: int) -> Sequence[str]:
        """Name the journeys whose journal names one of some pseudonyms, last begun first."""

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""

    def deliveries(self, reference: str) -> Sequence[str]:
        """Read what became of its messages, line by line, one message after the other."""

    def troubled(self, since: datetime) -> Sequence[str]:
        """Name the channels by which messages made since then cannot leave."""


# --- tables --------------------------------------------------------------------------------------
# What a driver hands over is taken for what it must be, or refused.

_Ask = Callable[..., list[tuple[Any, ...]]]
"""Runs a statement with its values, and takes every row."""

_Stream = Callable[[str], Iterator[tuple[Any, ...]]]
"""Runs a statement, and takes its rows as they are asked for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = 10**17  # microseconds: some three thousand years


class Dialect(NamedTuple):
    """What engines ask for in words of their own; ``place`` is where a value goes.

    ``version_tables`` finds the table of versions by its name.  ``many`` makes one value of several
    texts, ``among`` says that a column holds one of them.
    """

    place: str
    version_tables: str
    among: str
    many: Callable[[Sequence[str]], object]


_FIRST_PAGE, _WIDEST_PAGE = 25, 800
"""How many journeys are named at once: few for who wants few, and never all of a million."""
_ALWAYS = 2**62
"""An instant that is later than any."""


class TablesReader:
    """Reads journals, journeys and messages on a connection."""

    def __init__(self, ask: _Ask, stream: _Stream, dialect: Dialect, start: str) -> None:
        """Read by statements of a dialect; ``start`` is how the names of tables begin."""
        self.ask = ask
        self._stream = stream
        self.dialect = dialect
        among = dialect.among.format(dialect.place)
        self._words = {"t": start, "place": dialect.place, "among": among}

    def _ask(self, statement: str, *values: object, **words: str) -> list[tuple[Any, ...]]:
        """Run a statement, written out for this database."""
        return self.ask(statement.format(**self._words, **words), *values)

    def revision(self) -> str | None:
        """The version of the tables; ``None`` when there are none."""
        if not self.ask(self.dialect.version_tables, self._words["t"] + VERSION_TABLE):
            return None
        found = self._ask(statements.REVISION)
        return _text(found[0][0]) if found else None

    def begun(
        self,
        *,
        newest_first: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[str]:
        """Name the journeys that have a journal as they began, from ``since``, before ``until``."""
        low = -_ALWAYS if since is None else _microseconds(since)
        high = _ALWAYS if until is None else _microseconds(until)
        return self._paged(statements.BEGUN, low, high, newest_first=newest_first)

    def stepped(
        self, *, newest_first: bool = False, since: datetime | None = None
    ) -> Iterator[str]:
        """Name them as they took their last step, from ``since`` on."""
        low = -_ALWAYS if since is None else _microseconds(since)
        return self._paged(statements.STEPPED, low, _ALWAYS, newest_first=newest_first)

    def _paged(self, statement: str, low: int, high: int, *, newest_first: bool) -> Iterator[str]:
        """Name journeys page by page, each from where the one before it ended in the index."""
        beyond, until, order = ("<", ">=", "DESC") if newest_first else (">", "<", "ASC")
        words = {"beyond": beyond, "until": until, "order": order}
        at, end = (high, low) if newest_first else (low, high)
        reference, size = "", _FIRST_PAGE
        while True:
            page = self._ask(statement, at, reference, end, size, **words)
            yield from (_text(name) for _, name in page)
            if len(page) < size:
                return
            at, reference = _integer(page[-1][0]), _text(page[-1][1])
            size = min(2 * size, _WIDEST_PAGE)

    def count(self, most: int | None = None) -> int | None:
        """Count them; ``None`` when there are more than ``most``."""
        if most is None:
            return _integer(self._ask(statements.COUNT)[0][0])
        found = _integer(self._ask(statements.COUNT_MOST, most + 1)[0][0])
        return None if found > most else found

    def lines(self, reference: str) -> Sequence[str]:
        """Read a journal's lines, oldest first."""
        return [_text(line) for (line,) in self._ask(statements.LINES, reference)]

    def kept(self, reference: str) -> KeptJourney | None:
        """Read a journey that still lives."""
        for journal_hash, journey in self._ask(statements.KEPT, reference):
            return KeptJourney(journal_hash=_text(journal_hash), journey=_text(journey))
        return None

    def whole(self) -> Iterator[WholeJournal]:
        """Read all journals, journeys and messages, by their references."""
        every = merge(
            *map(self._kinds, range(len(statements.EVERY)), statements.EVERY), key=itemgetter(0)
        )
        for reference, rows in groupby(every, key=itemgetter(0)):
            yield _whole(reference, list(rows))

    def _kinds(self, kind: int, statement: str) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
        """Every row of a statement, with its reference and with which statement it was."""
        for row in self._stream(statement.format(**self._words)):
            yield _told(row[0]), kind, row

    def first_told(self) -> datetime | None:
        """Since when messages have lines; ``None`` where none has any."""
        ((at,),) = self._ask(statements.FIRST_TOLD)
        return None if at is None else _instant(at)

    def heads(self) -> Sequence[tuple[int, str]]:
        """Read the heads of the journals, in their order."""
        return [(_integer(number), _told(head)) for number, head in self._ask(statements.HEADS)]

    def about(self, subjects: Sequence[str], most: int) -> Sequence[str]:
        """Name the journeys whose journal names one of some pseudonyms, last begun first."""
        found = self._ask(statements.ABOUT, self.dialect.many(subjects), most)
        return [_text(name) for (name,) in found]

    def doctor_of(self, email_digests: Sequence[str]) -> str | None:
        """Read the pseudonym of whoever signs in with an address, by any of its digests."""
        found = self._ask(statements.DOCTOR, self.dialect.many(email_digests))
        return _text(found[0][0]) if found else None

    def messages(self, reference: str) -> Sequence[SentMessage]:
        """Read what a journey sent, oldest first."""
        return [
            SentMessage(
                channel=_text(channel),
                purpose=_text(purpose),
                status=_text(status),
                created_at=_instant(created_at),
                finished_at=None if finished_at is None else _instant(finished_at),
                attempts=_integer(attempts),
                error=None if error is None else _text(error),
            )
            for channel, purpose, status, created_at, finished_at, attempts, error in self._ask(
                statements.MESSAGES, reference
            )
        ]

    def deliveries(self, reference: str) -> Sequence[str]:
        """Read what became of its messages, line by line, one message after the other."""
        found = self._ask(statements.DELIVERIES, reference)
        return [line for (history,) in found for line in _text(history).split("\n")]

    def troubled(self, since: datetime) -> Sequence[str]:
        """Name the channels by which messages made since then cannot leave."""
        return [
            _text(channel) for (channel,) in self._ask(statements.TROUBLED, _microseconds(since))
        ]


def _told(value: object) -> str:
    """A text, or nothing where a row holds something else: the others are read all the same."""
    return value if type(value) is str else ""


def _whole(reference: str, every: Sequence[tuple[str, int, tuple[Any, ...]]]) -> WholeJournal:
    rows, journeys, messages = (
        [row for _, it, row in every if it == kind] for kind in range(len(statements.EVERY))
    )
    kept = None
    for _, digest, journey in journeys:
        kept = KeptJourney(journal_hash=_told(digest), journey=_told(journey))
    return WholeJournal(
        reference=reference,
        lines=tuple(_told(row[4]) for row in rows),
        places=tuple(
            LinePlace(
                seq=_number_or(row[1], -1),
                at=_instant_or_epoch(row[2]),
                head=None if row[3] is None else _number_or(row[3], -1),
            )
            for row in rows
        ),
        kept=kept,
        messages=tuple(
            MessageLines(
                id=_told(name),
                status=_told(status),
                created_at=_instant_or_epoch(at),
                lines=tuple(_told(history).split("\n")) if history is not None else (),
            )
            for _, name, status, at, history in messages
        ),
    )


def _instant_or_epoch(value: object) -> datetime:
    return _EPOCH + timedelta(microseconds=_number_or(value, 0))


def _number_or(value: object, other: int) -> int:
    return value if type(value) is int and abs(value) < _FAR else other


def _text(value: object) -> str:
    if type(value) is not str:
        raise RowDamaged("a row does not hold what its columns should")
    return value


def _integer(value: object) -> int:
    if type(value) is not int:
        raise RowDamaged("a row does not hold what its columns should")
    return value


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _instant(value: object) -> datetime:
    return _EPOCH + timedelta(microseconds=_integer(value))


# --- Reading a SQLite file with Python alone -----------------------------------------------------

_WAIT = 5.0  # seconds, for a writer that holds the file

SQLITE: Final = Dialect(
    place="?",
    version_tables="SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?",
    among="IN (SELECT value FROM json_each({}))",
    many=json.dumps,
)


@contextmanager
def reading_file(path: str, start: str) -> Iterator[TablesReader]:
    """Open a file that must exist, on a connection that cannot write and sees one moment."""
    with _translating():
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode=ro", uri=True, timeout=_WAIT, isolation_level=None
        )

    def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with _translating():
            return connection.execute(statement, values).fetchall()

    def stream(statement: str) -> Iterator[tuple[Any, ...]]:
        with _translating():
            yield from connection.execute(statement)

    with closing(connection):
        ask("BEGIN")  # or a purge between two reads would look like damage
        reader = TablesReader(ask, stream, SQLITE, start)
        check_revision(reader.revision())
        yield reader


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        translated = of_sqlite(getattr(error, "sqlite_errorcode", 0), str(error))
        if translated is None:
            raise
        raise translated from error
