"""Journeys as the rows of a table: whose reference, since when, where it stands and why."""

from __future__ import annotations

from datetime import datetime, tzinfo

from attrs import frozen

from monespace_flows.support.words import flow_words
from monespace_flows.wording import Text

from ..support.rows import Row
from ..support.source import Journals, Tale

__all__ = ["JourneyRow", "row_of"]


@frozen(kw_only=True)
class JourneyRow:
    """One journey; nothing in it names anybody."""

    reference: str
    began: datetime
    flow: Text
    status: Text
    cause: Text

    @classmethod
    def of(cls, row: Row, zone: tzinfo) -> JourneyRow:
        """Make one of a row of ``monespace list``."""
        return cls(
            reference=row.reference,
            began=row.started_at.astimezone(zone),
            flow=flow_words(row.flow),
            status=row.status,
            cause=row.cause,
        )


def row_of(journals: Journals, tale: Tale) -> JourneyRow:
    """Sum a journey up."""
    found = journals.diagnose(tale)
    return JourneyRow(
        reference=tale.reference,
        began=tale.entries[0].at.astimezone(journals.place.zone),
        flow=flow_words(tale.flow.name),
        status=found.status.words,
        cause=found.short,
    )
