"""One journey as support may read it: its journal checked, told again, and compared.

Nothing is written, nothing sent, and there is no typed value to hide: the journal holds none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import frozen

from monespace_flows.journal.entry import Entry
from monespace_flows.retelling.comparison import Divergence, leads_to
from monespace_flows.retelling.compiled import CompiledFlow, retell

from .support.source import Found, Tale, check_tale

if TYPE_CHECKING:
    from monespace_backends.reading import KeptJourney, SentMessage

__all__ = ["Story", "Verdict", "tell_story"]

_TO_PERSONS = {"sms", "email", "none"}


@frozen(kw_only=True)
class Verdict:
    """What telling the journey again found.

    ``divergence`` is where today's table decides otherwise; ``stored_differs``: the journal leads
    elsewhere than the journey that is stored; ``is_purged``: that one is past its life and gone.
    """

    divergence: Divergence | None = None
    stored_differs: bool = False
    is_purged: bool = False
    other_table: bool = False

    @property
    def is_same(self) -> bool:
        """Whether everything agrees."""
        return self.divergence is None and not self.stored_differs


@frozen(kw_only=True)
class Story:
    """A journey's journal, messages and verdict; of a file, messages are unknown: ``None``."""

    reference: str
    flow: CompiledFlow
    entries: tuple[Entry, ...]
    messages: tuple[SentMessage, ...] | None
    verdict: Verdict

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.entries[0].at

    @property
    def ended_at(self) -> datetime:
        """When its last step was taken."""
        return self.entries[-1].at


def tell_story(found: Found, sent: Sequence[SentMessage] | None) -> Story:
    """Check and judge a journey that was read, with what it sent, where that is known.

    Raises:
        Stop: its journal is damaged, or a newer version wrote it.
    """
    tale = check_tale(found.recorded, found.head)
    return Story(
        reference=tale.reference,
        flow=tale.flow,
        entries=tale.entries,
        messages=None if sent is None else tuple(it for it in sent if it.channel in _TO_PERSONS),
        verdict=_judged(tale, found.kept, is_purged=found.kept is None and sent is not None),
    )


def _judged(tale: Tale, kept: KeptJourney | None, *, is_purged: bool) -> Verdict:
    divergence, leads_elsewhere = _retold(tale, kept)
    return Verdict(
        divergence=divergence,
        stored_differs=divergence is None and leads_elsewhere,
        is_purged=is_purged,
        other_table=any(entry.fingerprint != tale.flow.fingerprint for entry in tale.entries),
    )


def _retold(tale: Tale, kept: KeptJourney | None) -> tuple[Divergence | None, bool]:
    """Where the journal and the table part, and whether the stored journey is another."""
    told = retell(tale.flow, tale.entries)
    if told is None:
        return _asked_of_the_chart(tale, kept)
    if kept is None:
        return told.divergence, False
    return told.divergence, not leads_to(tale.entries, told.end, json.loads(kept.journey))


def _asked_of_the_chart(tale: Tale, kept: KeptJourney | None) -> tuple[Divergence | None, bool]:
    from monespace_flows.flows import FLOWS
    from monespace_flows.journey import Journey
    from monespace_flows.retelling.table import replay
    from monespace_flows.serialization import from_json

    told = replay(FLOWS[tale.flow.name], tale.entries)
    if kept is None:
        return told.divergence, False
    return told.divergence, told.end != from_json(kept.journey, Journey)
