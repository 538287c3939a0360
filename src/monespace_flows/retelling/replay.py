"""Tell a journey again from its journal, with no port and nothing to send.

Because the facts are recorded, taking the same steps through the same table must give the same
states, effects and notices; :func:`replay` says where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ..chart import Flow
from ..errors import ChartRefused, JournalDamaged
from ..journal.entry import START, Entry
from ..journey import Journey
from ..step import begin, step
from .comparison import Divergence, compare

__all__ = ["Replay", "replay"]


@frozen(kw_only=True)
class Replay:
    """A journey told again: where it stood after each line, up to the first divergence."""

    journeys: tuple[Journey, ...]
    divergence: Divergence | None = None

    @property
    def journey(self) -> Journey:
        """Where the person stands at the end."""
        return self.journeys[-1]


def replay(flow: Flow, entries: Sequence[Entry]) -> Replay:
    """Fold a journal that has been read and checked.

    Raises:
        JournalDamaged: it does not begin with a start.
    """
    if not entries or entries[0].command != START:
        raise JournalDamaged("the journal does not begin with a start")
    start = entries[0]
    journeys = [begin(flow, start.reference, start.at, start.facts.subject)]
    for entry in entries[1:]:
        try:
            stepped = step(flow, journeys[-1], entry.command, entry.facts, entry.at)
        except ChartRefused:
            lost = Divergence(
                seq=entry.seq, what="command", recorded=entry.command, replayed="not offered"
            )
            return Replay(journeys=tuple(journeys), divergence=lost)
        journeys.append(stepped.journey)
        divergence = compare(
            entry,
            stepped.journey.state,
            stepped.journey.notices,
            [effect.kind for effect in stepped.effects],
        )
        if divergence is not None:
            return Replay(journeys=tuple(journeys), divergence=divergence)
    return Replay(journeys=tuple(journeys))
