"""Journeys as lines of a list: read from their journals, filtered and put in order."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable
from contextlib import closing, nullcontext
from datetime import datetime
from itertools import islice
from typing import Any

from attrs import asdict, frozen

from ..exits import Stop
from ..output import say
from .progress import watched
from .source import Found, Journals, check_tale

__all__ = ["Row", "Wanted", "first_rows", "is_by_last"]


@frozen(kw_only=True)
class Row:
    """One journey; ``last_at`` is the instant of its last step, ``steps`` how many it took."""

    reference: str
    flow: str
    flow_version: int
    state: str
    started_at: datetime
    last_at: datetime
    steps: int
    title: str
    over: bool

    def data(self) -> dict[str, Any]:
        """Make plain JSON data of it."""
        from monespace_flows.journal.text import write_instant

        return asdict(
            self,
            value_serializer=lambda _, __, it: (
                write_instant(it) if isinstance(it, datetime) else it
            ),
        )


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

    def fits(self, row: Row) -> bool:
        """Whether a journey may be listed, as far as its row tells."""
        return (
            self.flow in {None, row.flow}
            and self.state in {None, row.state}
            and self.version in {None, row.flow_version}
            and not self.is_before(row)
            and not self.is_after(row)
        )

    def is_before(self, row: Row) -> bool:
        """Whether a journey began too early."""
        return self.since is not None and row.started_at < self.since

    def is_after(self, row: Row) -> bool:
        """Whether a journey began too late."""
        return self.until is not None and row.started_at >= self.until

    def stands_so(self, found: Found) -> bool:
        """Whether the diagnosis fits; it alone needs every line, read and checked."""
        if self.cause is None and not self.blocked:
            return True
        from monespace_flows.support.diagnosis import Status, diagnose

        tale = check_tale(found.recorded, found.head)
        told = diagnose(tale.flow, tale.entries)
        return self.cause in {None, told.cause_id} and (
            not self.blocked or told.status is Status.BLOCKED
        )


def is_by_last(order: str) -> bool:
    """Whether an order is that of the last steps."""
    return order.startswith("last")


def first_rows(count: int, journals: Journals, wanted: Wanted, order: str) -> list[Row]:
    """Take the first rows in an order; those by last step are known only once all are read."""
    with closing(_rows(journals, wanted, order)) as rows:
        if not is_by_last(order):
            return list(islice(rows, count))
        take = heapq.nlargest if order == "last-newest" else heapq.nsmallest
        return take(count, rows, key=lambda row: row.last_at)


def _rows(journals: Journals, wanted: Wanted, order: str) -> Generator[Row, None, None]:
    """Read the journals, which outlive the journeys themselves, in the order they began."""
    newest_first = order.endswith("newest")
    is_past = wanted.is_before if newest_first else wanted.is_after
    every: Iterable[Found] = journals.each(newest_first=newest_first)
    is_long = wanted != Wanted() or is_by_last(order)
    with watched(every, journals.count(), "Recherche") if is_long else nullcontext(every) as each:
        for found in each:
            row, fits = _judged(found, wanted)
            if row is not None and is_past(row):
                return
            if row is not None and fits:
                yield row


def _judged(found: Found, wanted: Wanted) -> tuple[Row | None, bool]:
    """The row of a journey, if its journal can be read, and whether it is wanted."""
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

    try:
        row = _row(found)
        return row, wanted.fits(row) and wanted.stands_so(found)
    except (JournalDamaged, JournalVersionUnknown, Stop):
        # One bad journal must not hide the others.
        reference = found.recorded.reference
        say(f"{reference} : journal abîmé ou d'une autre version (monespace verify)")
        return None, False


def _row(found: Found) -> Row:
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
    )
