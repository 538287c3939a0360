"""Where a table decides otherwise than a journal says."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ..journal.entry import Entry

__all__ = ["Divergence", "compare"]


@frozen(kw_only=True)
class Divergence:
    """The first place where today's table decides otherwise than the journal says."""

    seq: int
    what: str
    recorded: str
    replayed: str


def compare(
    entry: Entry, state: str, notices: Sequence[str], effects: Sequence[str]
) -> Divergence | None:
    """Compare a journal's line with what the table answers today.

    Args:
        entry: the line.
        state: where the table leads.
        notices: the ids of those that it shows.
        effects: the kinds of those that it wishes.
    """
    pairs = (
        ("state", entry.after, state),
        ("notices", ", ".join(entry.notices), ", ".join(notices)),
        ("effects", ", ".join(wish.kind for wish in entry.effects), ", ".join(effects)),
    )
    for what, recorded, replayed in pairs:
        if recorded != replayed:
            return Divergence(seq=entry.seq, what=what, recorded=recorded, replayed=replayed)
    return None
