"""Where a command reads journals: the service's database, or a file that was exported.

A file needs neither settings nor keys.  Readings of one are recorded beside it, unless settings
are given too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen
from click import get_current_context

from monespace_backends.zones import paris

from ..damage import say_damage
from ..exits import Exit, Stop
from ..reference import read_reference
from .opening import PLACE_KEY, Place, find_place, naming_place, open_database

if TYPE_CHECKING:
    from monespace_backends.reading import KeptJourney, Reader, SentMessage
    from monespace_flows.journal.entry import Entry
    from monespace_flows.journal.export import StoredJournal
    from monespace_flows.retelling.compiled import CompiledFlow

__all__ = [
    "Found",
    "Journals",
    "Tale",
    "check_tale",
    "corpus_options",
    "journals_of",
    "source_options",
]

_VARIABLES = ("MONESPACE_CONFIG", "MONESPACE_DIR")


@frozen(kw_only=True)
class Found:
    """A journal as it was read, unchecked, and what is kept beside it.

    ``kept`` is ``None`` when the journey is past its life, and in a file, which holds journals
    alone.
    """

    recorded: StoredJournal
    kept: KeptJourney | None = None

    @property
    def head(self) -> str | None:
        """The hash that the journey keeps of its journal's last line."""
        return None if self.kept is None else self.kept.journal_hash


@frozen(kw_only=True)
class Tale:
    """One journey: its journal, read and checked, and its flow."""

    reference: str
    flow: CompiledFlow
    entries: tuple[Entry, ...]
    recorded: StoredJournal


class Journals:
    """The journals that a command may read; ``now`` is unknown in a file."""

    def __init__(
        self,
        *,
        place: Place,
        now: datetime | None,
        one: Callable[[str], Found],
        messages: Callable[[str], Sequence[SentMessage]] | None,
        every: Callable[[bool], Iterator[Found]],
        count: Callable[[], int | None],
    ) -> None:
        self.place = place
        self.now = now
        self._one = one
        self._messages = messages
        self._all = every
        self._count = count

    def find(self, reference: str) -> Found:
        """Read one journey, unchecked.

        Raises:
            Stop: there is none.
        """
        return self._one(reference)

    def messages(self, reference: str) -> Sequence[SentMessage] | None:
        """Read what a journey sent, oldest first; ``None`` in a file, where it is unknown."""
        return None if self._messages is None else self._messages(reference)

    def tale(self, reference: str) -> Tale:
        """Read one journey.

        Raises:
            Stop: there is none, its journal is damaged, or of an unknown version.
        """
        found = self.find(reference)
        return check_tale(found.recorded, found.head)

    def each(self, *, newest_first: bool = False) -> Iterator[Found]:
        """Every journal, unchecked, as they began or the other way round."""
        return self._all(newest_first)

    def lines(self) -> Iterator[str]:
        """Every line of every journal, as it was stored."""
        for found in self.each():
            yield from found.recorded.lines

    def count(self) -> int | None:
        """How many journals there are, where that is known beforehand."""
        return self._count()


def check_tale(recorded: StoredJournal, head: str | None = None) -> Tale:
    """Check a journal and find its flow.

    Raises:
        Stop: it is damaged, or of an unknown version.
    """
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
    from monespace_flows.journal.export import read_whole
    from monespace_flows.retelling.compiled import compiled_flow

    try:
        entries = read_whole(recorded, head)
    except JournalVersionUnknown as found:
        raise _unknown(str(found)) from None
    except JournalDamaged as found:
        raise _damaged(str(found)) from None
    if any(entry.reference != recorded.reference for entry in entries):
        raise _damaged("lines of another journey")
    flow = compiled_flow(entries[0].flow)
    if flow is None or max(entry.flow_version for entry in entries) > flow.version:
        raise _unknown("a flow of another version")
    return Tale(reference=recorded.reference, flow=flow, entries=entries, recorded=recorded)


def _damaged(why: str) -> Stop:
    return Stop(
        Exit.DAMAGED,
        "le journal de ce parcours est abîmé : une ligne a été modifiée, manque ou n'est pas à sa "
        f"place ({say_damage(why)}). Prévenez l'exploitation",
    )


def _unknown(why: str) -> Stop:
    return Stop(
        Exit.UNKNOWN_VERSION,
        f"le journal de ce parcours est d'une version que ce programme ne lit pas "
        f"({say_damage(why)})",
    )


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config``, ``--dir`` and ``--file``; the command receives ``open_journals``."""

    @wraps(function)
    def with_source(
        *args: Any,
        config: Path | None,
        directory: Path | None,
        file: Path | None,
        **rest: Any,
    ) -> Any:
        place = _place(config, directory, file)
        get_current_context().meta[PLACE_KEY] = place
        return function(*args, open_journals=lambda: _opened(place, file), **rest)

    decorated = click.option(
        "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="EXPORT",
        help="Un fichier de journaux exporté, au lieu de la base.",
    )(with_source)  # fmt: skip
    return naming_place(decorated)


def corpus_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config``, ``--dir`` and the argument CORPUS, a file; without one, the database."""

    @wraps(function)
    def with_source(
        *args: Any,
        config: Path | None,
        directory: Path | None,
        corpus: Path | None,
        **rest: Any,
    ) -> Any:
        place = _place(config, directory, corpus)
        get_current_context().meta[PLACE_KEY] = place
        return function(*args, corpus=corpus, open_journals=lambda: _opened(place, corpus), **rest)

    decorated = click.argument(
        "corpus",
        required=False,
        metavar="[EXPORT]",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    )(with_source)
    return naming_place(decorated)


def _place(config: Path | None, directory: Path | None, file: Path | None) -> Place:
    named = config or directory or any(map(os.environ.get, _VARIABLES))
    if file is None or named:
        return find_place(config, directory)
    from monespace_flows.policy import Policy

    return Place(
        url="",
        keys_file=None,
        access_log=file.parent / "access.jsonl",
        policy=Policy(),
        zone=paris(),
    )


@contextmanager
def _opened(place: Place, file: Path | None) -> Iterator[Journals]:
    if file is not None:
        yield _of_file(place, file)
        return
    with open_database(place) as reader:
        yield journals_of(place, reader)


def journals_of(place: Place, reader: Reader) -> Journals:
    """The journals of a database that is open."""
    from monespace_flows.journal.export import StoredJournal

    references = cache(reader.references)  # the reader sees one moment

    def read(reference: str) -> Found:
        recorded = StoredJournal(reference, tuple(reader.lines(reference)))
        return Found(recorded=recorded, kept=reader.kept(reference))

    def one(reference: str) -> Found:
        found = read(read_reference(reference))
        if found.kept is None and not found.recorded.lines:
            raise _none()
        return found

    def every(newest_first: bool) -> Iterator[Found]:
        return map(read, reversed(references()) if newest_first else references())

    return Journals(
        place=place,
        now=datetime.now(UTC),
        one=one,
        messages=reader.messages,
        every=every,
        count=lambda: len(references()),
    )


def _of_file(place: Place, file: Path) -> Journals:
    from monespace_flows.journal.export import read_journeys

    def in_order() -> Iterator[Found]:
        with file.open(encoding="utf-8", newline="\n") as lines:
            for recorded in read_journeys(lines):
                yield Found(recorded=recorded)

    def every(newest_first: bool) -> Iterator[Found]:
        return reversed(list(in_order())) if newest_first else in_order()

    def one(reference: str) -> Found:
        wanted = read_reference(reference)
        found = next((it for it in in_order() if it.recorded.reference == wanted), None)
        if found is None:
            raise _none()
        return found

    return Journals(place=place, now=None, one=one, messages=None, every=every, count=lambda: None)


def _none() -> Stop:
    return Stop(Exit.NO_JOURNEY, "aucun parcours ne porte cette référence, ou il a été effacé")
