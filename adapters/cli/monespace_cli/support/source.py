"""Where a command reads journals: the service's database, or a file that was exported.

A file needs neither settings nor keys.  Readings of one are recorded beside it, unless settings
are given too.  The database is opened on connections that it allows no write.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from monespace_backends.clock import paris

from ..access.place import Place, find_place, place_arguments
from ..access.reading import read_reference
from ..errors import Exit, Stop, say_fault

if TYPE_CHECKING:
    from monespace_backends.reading import (
        KeptJourney,
        LinePlace,
        MessageLines,
        Reader,
        SentMessage,
    )
    from monespace_flows.journal.deliveries import Delivery
    from monespace_flows.journal.entry import Entry
    from monespace_flows.journal.export import StoredJournal
    from monespace_flows.retelling.compiled import CompiledFlow
    from monespace_flows.support.diagnosis import Diagnosis

__all__ = ()

_VARIABLES = ("MONESPACE_CONFIG", "MONESPACE_DIR")
_EXPORT = click.Path(exists=True, dir_okay=False, path_type=Path)


@frozen(kw_only=True)
class Found:
    """A journal as it was read, unchecked, and what is kept beside it.

    ``kept`` is ``None`` when the journey is past its life, and in a file, which holds journals
    alone.  ``places``, one a line, are what the database says of each beside it, where it was
    asked; ``messages`` are the rows of those that it sent, likewise.
    """

    recorded: StoredJournal
    kept: KeptJourney | None = None
    places: tuple[LinePlace, ...] = ()
    messages: tuple[MessageLines, ...] = ()

    @property
    def head(self) -> str | None:
        """The hash that the journey keeps of its journal's last line."""
        return None if self.kept is None else self.kept.journal_hash


@frozen(kw_only=True)
class Tale:
    """One journey: its journal, read and checked, its flow, and what became of its messages."""

    reference: str
    flow: CompiledFlow
    entries: tuple[Entry, ...]
    recorded: StoredJournal
    deliveries: tuple[tuple[Delivery, ...], ...] = ()


class Journals(ABC):
    """The journals that a command may read, in the database or in a ``file``.

    ``now`` is unknown in a file, which may have been written long ago.
    """

    now: datetime | None = None
    file: Path | None = None

    def __init__(self, place: Place) -> None:
        self.place = place

    @abstractmethod
    def find(self, reference: str) -> Found:
        """Read one journey, unchecked.

        Raises:
            Stop: there is none.
        """

    @abstractmethod
    def messages(self, reference: str) -> Sequence[SentMessage] | None:
        """Read what a journey sent, oldest first; ``None`` in a file, where it is unknown."""

    def troubled(self) -> Sequence[str]:
        """The channels by which messages of the last day cannot leave; unknown in a file: none."""
        return ()

    @abstractmethod
    def each(
        self, order: str = "oldest", since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Found]:
        """Every journal, unchecked, one after the other: never are all of them in memory.

        Args:
            order: ``oldest`` or ``newest``, by their beginning; ``last-oldest`` or ``last-newest``,
                by their last step.  A file has its own.
            since: which may be left out: those that began before.
            until: which may be left out: those that began then or later.
        """

    def whole(self) -> Iterator[Found]:
        """Every journal with all that is kept beside it, and every journey without a journal."""
        return self.each()

    def first_told(self) -> datetime | None:
        """Since when messages have lines of their own; unknown in a file."""
        return None

    def heads(self) -> Sequence[tuple[int, str]]:
        """The heads of the journals, in their order; none in a file."""
        return ()

    @abstractmethod
    def count(self, most: int | None = None) -> int | None:
        """How many journals there are, where that is soon known: not above ``most``."""

    def tale(self, reference: str) -> Tale:
        """Read one journey.

        Raises:
            Stop: there is none, its journal is damaged, or of an unknown version.
        """
        found = self.find(reference)
        return check_tale(found.recorded, found.head)

    def diagnose(self, tale: Tale) -> Diagnosis:
        """Why a journey is where it is, by the numbers and in the hours of this place."""
        from monespace_flows.support.diagnosis import diagnose

        return diagnose(
            tale.flow,
            tale.entries,
            now=self.now,
            policy=self.place.policy,
            zone=self.place.zone,
            deliveries=tale.deliveries,
        )

    def lines(self) -> Iterator[str]:
        """Every line of every journal, as it was stored."""
        for found in self.each():
            yield from found.recorded.lines

    @staticmethod
    def in_database(place: Place, reader: Reader) -> Journals:
        """The journals of a database that is open."""
        return _Database(place, reader)


OpenJournals = Callable[[], AbstractContextManager[Journals]]
"""What commands receive: nothing is opened before the reading is recorded."""


class _Database(Journals):
    def __init__(self, place: Place, reader: Reader) -> None:
        super().__init__(place)
        self.now = place.now()
        self._reader = reader

    def find(self, reference: str) -> Found:
        found = self._read(read_reference(reference))
        if found.kept is None and not found.recorded.lines:
            raise _none()
        return found

    def messages(self, reference: str) -> Sequence[SentMessage]:
        return self._reader.messages(reference)

    def troubled(self) -> Sequence[str]:
        assert self.now is not None  # noqa: S101 - narrows
        return self._reader.troubled(self.now - timedelta(days=1))

    def each(
        self, order: str = "oldest", since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Found]:
        newest_first = order.endswith("newest")
        if order.startswith("last"):
            references = self._reader.stepped(newest_first=newest_first, since=since)
        else:
            references = self._reader.begun(newest_first=newest_first, since=since, until=until)
        return map(self._one, references)

    def _one(self, reference: str) -> Found:
        from monespace_backends.storage import RowDamaged
        from monespace_flows.journal.export import StoredJournal

        try:
            return self._read(reference)
        except RowDamaged:  # no text at all: it is told as damaged, and the others are read
            return Found(recorded=StoredJournal(reference, ("",)))

    def count(self, most: int | None = None) -> int | None:
        return self._reader.count(most)

    def whole(self) -> Iterator[Found]:
        from monespace_flows.journal.export import StoredJournal

        for it in self._reader.whole():
            told = tuple(line for message in it.messages for line in message.lines)
            yield Found(
                recorded=StoredJournal(it.reference, it.lines, told),
                kept=it.kept,
                places=it.places,
                messages=it.messages,
            )

    def first_told(self) -> datetime | None:
        return self._reader.first_told()

    def heads(self) -> Sequence[tuple[int, str]]:
        return self._reader.heads()

    def _read(self, reference: str) -> Found:
        from monespace_flows.journal.export import StoredJournal

        recorded = StoredJournal(
            reference,
            tuple(self._reader.lines(reference)),
            tuple(self._reader.deliveries(reference)),
        )
        return Found(recorded=recorded, kept=self._reader.kept(reference))


class _File(Journals):
    def __init__(self, place: Place, file: Path) -> None:
        super().__init__(place)
        self.file: Path = file

    def find(self, reference: str) -> Found:
        wanted = read_reference(reference)
        found = next((it for it in self.each() if it.recorded.reference == wanted), None)
        if found is None:
            raise _none()
        return found

    def messages(self, reference: str) -> None:
        del reference

    def count(self, most: int | None = None) -> None:
        del most

    def each(
        self, order: str = "oldest", since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Found]:
        del order, since, until
        from monespace_flows.journal.export import read_each

        with self.file.open(encoding="utf-8", newline="\n") as lines:
            for recorded in read_each(lines):
                yield Found(recorded=recorded)


def _none() -> Stop:
    return Stop(
        Exit.NO_JOURNEY,
        "aucun parcours ne porte cette référence : il a été effacé, ou rien n'y a encore pu être "
        "validé. Si l'écran dit que le service est indisponible : réessayer dans quelques minutes",
        "no journey has this reference: it was erased, or nothing of it could be accepted yet. If "
        "the screen says that the service is unavailable: try again in some minutes",
    )


@contextmanager
def open_journals(place: Place, file: Path | None = None) -> Iterator[Journals]:
    """Open the journals of a service, or those of a file that was exported."""
    if file is not None:
        yield _File(place, file)
        return
    from monespace_backends.reading import open_reader

    with open_reader(place.database.url, **place.database.naming) as reader:
        yield _Database(place, reader)


def check_tale(recorded: StoredJournal, head: str | None = None) -> Tale:
    """Check a journal and find its flow.

    Raises:
        Stop: it is damaged, or of an unknown version.
    """
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

    try:
        return checked(recorded, head)
    except JournalVersionUnknown as error:
        told = "le journal de ce parcours est d'une version que ce programme ne lit pas"
        raise Stop(
            Exit.UNKNOWN_VERSION,
            f"{told} ({say_fault(error)})",
            f"this program cannot read the version of this journey's journal ({error})",
        ) from None
    except JournalDamaged as error:
        told = "une ligne a été modifiée, manque ou n'est pas à sa place"
        raise Stop(
            Exit.DAMAGED,
            f"le journal de ce parcours est abîmé : {told} ({say_fault(error)}). "
            "Prévenez l'exploitation",
            f"this journey's journal is damaged ({error}). Tell the operators",
        ) from None


def checked(recorded: StoredJournal, head: str | None) -> Tale:
    """Check a journal and find its flow.

    Raises:
        JournalDamaged: it is damaged.
        JournalVersionUnknown: it is of an unknown version.
    """
    from monespace_flows.errors import JournalDamaged, JournalFault, JournalVersionUnknown
    from monespace_flows.journal.deliveries import read_deliveries
    from monespace_flows.journal.export import read_whole
    from monespace_flows.retelling.compiled import compiled_flow

    entries = read_whole(recorded, head)
    if any(entry.reference != recorded.reference for entry in entries):
        raise JournalDamaged(JournalFault.OTHER_JOURNEY)
    flow = compiled_flow(entries[0].flow)
    if flow is None or max(entry.flow_version for entry in entries) > flow.version:
        raise JournalVersionUnknown(JournalFault.FLOW_VERSION)
    deliveries = read_deliveries(recorded.deliveries)
    if any(told[0].reference != recorded.reference for told in deliveries):
        raise JournalDamaged(JournalFault.OTHER_JOURNEY)
    return Tale(
        reference=recorded.reference,
        flow=flow,
        entries=entries,
        recorded=recorded,
        deliveries=deliveries,
    )


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config``, ``--dir`` and ``--file``; the command receives ``open_journals``."""
    told = "Un fichier de journaux exporté, au lieu de la base."
    option = click.option("--file", "export", type=_EXPORT, metavar="EXPORT", help=told)
    return place_arguments(option(_with_journals(function)))


def corpus_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config``, ``--dir`` and the argument EXPORT, a file; without one, the database.

    The command receives ``open_journals``.
    """
    argument = click.argument("export", required=False, metavar="[EXPORT]", type=_EXPORT)
    return place_arguments(argument(_with_journals(function)))


def _with_journals(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def with_journals(
        *, config: Path | None, directory: Path | None, export: Path | None, **rest: Any
    ) -> Any:
        place = _place(config, directory, export).use()
        return function(open_journals=lambda: open_journals(place, export), **rest)

    return with_journals


def _place(config: Path | None, directory: Path | None, file: Path | None) -> Place:
    named = config or directory or any(map(os.environ.get, _VARIABLES))
    if file is None or named:
        return find_place(config, directory)
    from monespace_backends.storage.database import Database
    from monespace_flows.policy import Policy

    return Place(
        database=Database(url=""),
        keys_file=None,
        access_log=file.parent / "access.jsonl",
        policy=Policy(),
        zone=paris(),
    )
