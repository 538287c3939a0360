"""One journey as support may read it: its journal checked, told again, and compared.

Nothing is written, nothing sent, and there is no typed value to hide: the journal holds none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime

from attrs import frozen

from monespace_flows.chart import Flow
from monespace_flows.journal import FORMAT, Entry
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import OutboxMessage, Storage
from monespace_flows.replay import Divergence, replay
from monespace_flows.support.corpus import Recorded

from .exits import Exit, Stop
from .support.source import Tale, check_tale, read_with_journey

__all__ = ["Story", "Verdict", "read_story"]

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
    """A journey's journal, messages and verdict."""

    reference: str
    flow: Flow
    entries: tuple[Entry, ...]
    messages: tuple[OutboxMessage, ...]
    verdict: Verdict

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.entries[0].at

    @property
    def ended_at(self) -> datetime:
        """When its last step was taken."""
        return self.entries[-1].at


def read_story(storage: Storage, reference: str) -> Story:
    """Read a journey by its reference.

    Raises:
        Stop: there is none, its journal is damaged, or a newer version wrote it.
    """
    with storage.reading() as unit:
        recorded, stored = read_with_journey(unit, reference)
        messages = tuple(unit.outbox.of_journey(reference))
    if stored is None and not recorded.lines:
        raise Stop(Exit.NO_JOURNEY, "aucun parcours ne porte cette référence, ou il a été effacé")
    tale = _checked(recorded, None if stored is None else stored.journal_hash)
    return Story(
        reference=reference,
        flow=tale.flow,
        entries=tale.entries,
        messages=tuple(message for message in messages if message.channel in _TO_PERSONS),
        verdict=_judged(tale.flow, tale.entries, stored),
    )


def _checked(recorded: Recorded, head: str | None) -> Tale:
    for line in recorded.lines:
        _refuse_newer(line)
    return check_tale(recorded, head)


def _refuse_newer(line: str) -> None:
    """A newer format may be hashed in a way that we do not know: it is not damaged for that."""
    with suppress(ValueError, KeyError, TypeError):
        written = json.loads(line)["format"]
        if type(written) is int and written > FORMAT:
            raise Stop(
                Exit.UNKNOWN_VERSION,
                "le journal de ce parcours est d'une version que ce programme ne lit pas "
                f"(format {written}, au lieu de {FORMAT})",
            )


def _judged(flow: Flow, entries: tuple[Entry, ...], stored: StoredJourney | None) -> Verdict:
    told = replay(flow, entries)
    return Verdict(
        divergence=told.divergence,
        stored_differs=(
            told.divergence is None and stored is not None and told.journey != stored.journey
        ),
        is_purged=stored is None,
        other_table=any(entry.fingerprint != flow.fingerprint for entry in entries),
    )
