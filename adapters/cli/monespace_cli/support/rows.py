"""Journeys as rows of a list: which each is, how it stands and why, in one order or another."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, nullcontext
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from monespace_flows.wording import Text

from ..errors import Exit, Stop
from ..output import say, watched
from .source import Found, Journals, check_tale

if TYPE_CHECKING:
    from monespace_flows.support.diagnosis import Diagnosis

__all__ = ()

_COUNTED = 10_000
"""Up to so many journals are counted before a search: a million takes longer than most searches."""


@frozen(kw_only=True)
class Row:
    """One journey; ``last_at`` is the instant of its last step, ``steps`` how many it took.

    ``told`` says how it stands and why, as ``monespace why`` does; it is ``None`` where its journal
    is damaged or of an unknown version.
    """

    reference: str
    flow: str
    flow_version: int
    state: str
    started_at: datetime
    last_at: datetime
    steps: int
    title: str
    over: bool
    told: Diagnosis | None

    @property
    def status(self) -> Text:
        """How it stands, as support says it."""
        return _UNKNOWN if self.told is None else self.told.status.words

    @property
    def cause(self) -> Text:
        """Why, in the few words of a list."""
        return Text("", "") if self.told is None else self.told.short

    def data(self) -> dict[str, Any]:
        """Make plain JSON data of it."""
        from monespace_flows.journal.text import write_instant

        told = self.told
        plain = asdict(
            self,
            filter=lambda one, _: one.name != "told",
            value_serializer=lambda _, __, it: (
                write_instant(it) if isinstance(it, datetime) else it
            ),
        )
        return plain | {
            "status": None if told is None else told.status.value,
            "cause_id": None if told is None else told.cause_id,
            "cause_short": None if told is None else told.short.fr,
        }


_UNKNOWN = Text("INCONNU", "UNKNOWN")


@frozen(kw_only=True)
class Wanted:
    """What a list is asked for; ``until`` is the first instant that is too late."""

    flow: str | None = None
    state: str | None = None
    cause: str | None = None
    blocked: bool = False
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def asks_how_it_stands(self) -> bool:
        """Whether only a diagnosis tells which journeys are wanted."""
        return self.blocked or self.cause is not None

    def fits(self, row: Row) -> bool:
        """Whether a journey may be listed."""
        return (
            self.flow in {None, row.flow}
            and self.state in {None, row.state}
            and self.version in {None, row.flow_version}
            and (self.since is None or row.started_at >= self.since)
            and (self.until is None or row.started_at < self.until)
            and (self.cause is None or (row.told is not None and row.told.cause_id == self.cause))
            and (not self.blocked or (row.told is not None and row.told.status.value == "blocked"))
        )


def is_by_last(order: str) -> bool:
    """Whether an order is that of the last steps."""
    return order.startswith("last")


def first_rows(
    count: int,
    journals: Journals,
    wanted: Wanted,
    order: str,
    tell: Callable[[str], None] = say,
) -> list[Row]:
    """Take the first rows in an order.

    A database names journeys in each of them, and is read no further than it must.  A file has its
    own: it is read whole, and no more is remembered than is shown.  ``tell`` hears of each that
    cannot be read.
    """
    with closing(_rows(journals, wanted, order, tell)) as rows:
        if journals.file is None or order == "oldest":
            return list(islice(rows, count))
        if order == "newest":
            return list(reversed(deque(rows, count)))
        take = heapq.nlargest if order == "last-newest" else heapq.nsmallest
        return take(count, rows, key=lambda row: row.last_at)


def _rows(
    journals: Journals, wanted: Wanted, order: str, tell: Callable[[str], None]
) -> Generator[Row, None, None]:
    """Read the journals, which outlive the journeys themselves, until enough were taken.

    Dates bound what is read.  What else is asked for is known only once a journal is read: whoever
    waits for it sees how many were.
    """
    every: Iterable[Found] = journals.each(order, wanted.since, wanted.until)
    is_long = wanted != Wanted() or journals.file is not None
    with (
        watched(every, journals.count(_COUNTED), "Recherche") if is_long else nullcontext(every)
    ) as each:
        for found in each:
            row = _told(found, journals, wanted, tell)
            if row is not None and wanted.fits(row):
                yield row


def _told(
    found: Found, journals: Journals, wanted: Wanted, tell: Callable[[str], None]
) -> Row | None:
    """The row of a journey, if its first and its last line can be read."""
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

    try:
        told, is_sound = _diagnosis(found, journals)
        if told is None and (wanted.asks_how_it_stands or not is_sound):
            tell(_unreadable(found))
        return _row(found, told)
    except (JournalDamaged, JournalVersionUnknown):
        tell(_unreadable(found))  # one bad journal must not hide the others
        return None


def _unreadable(found: Found) -> str:
    reference = found.recorded.reference
    return f"{reference} : journal abîmé ou d'une autre version (monespace verify)"


def _diagnosis(found: Found, journals: Journals) -> tuple[Diagnosis | None, bool]:
    """How a journey stands; without it, whether its journal is at least sound."""
    try:
        return journals.diagnose(check_tale(found.recorded, found.head)), True
    except Stop as stop:
        return None, stop.code is Exit.UNKNOWN_VERSION


def _row(found: Found, told: Diagnosis | None) -> Row:
    from monespace_flows.journal.entry import read_entry
    from monespace_flows.retelling.compiled import compiled_flow

    lines = found.recorded.lines
    first, last = read_entry(lines[0]), read_entry(lines[-1])
    flow = compiled_flow(first.flow)
    screen = None if flow is None else flow.screens.get(last.after)
    return Row(
        reference=found.recorded.reference,
        flow=first.flow,
        flow_version=last.flow_version,
        state=last.after,
        started_at=first.at,
        last_at=last.at,
        steps=last.seq,
        title=last.after if screen is None else screen.title,
        over=flow is not None and last.after in flow.finals,
        told=told,
    )
