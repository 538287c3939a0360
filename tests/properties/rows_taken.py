"""Which rows of the tables were taken, counted from the journals of what was lived."""

from collections import Counter

from monespace_flows.flows import FLOWS
from monespace_flows.ports import Storage
from monespace_flows.verify import Place, place_taken, places
from tests.replaying import check_replay

__all__ = ["BEHIND_A_HIDDEN_BUTTON", "all_places", "count_rows", "missing"]

BEHIND_A_HIDDEN_BUTTON = frozenset({Place("recovery", "account_found", "continue_recovery", 1)})
"""The row that refuses who presses a button that is not shown: the driver refuses before it."""


def count_rows(storage: Storage) -> Counter[Place]:
    """Check that every stored journey is its replay, and count the rows that it took."""
    taken: Counter[Place] = Counter()
    for entries, told in check_replay(storage):
        flow = FLOWS[entries[0].flow]
        for before, entry in zip(told.journeys, entries[1:], strict=False):
            place = place_taken(flow, before, entry.command, entry.facts, entry.at)
            assert place is not None
            taken[place] += 1
    return taken


def all_places() -> dict[Place, str]:
    """Every row of every table, in words."""
    return {
        place: f"{place} {' and '.join(row.guards) or 'otherwise'} -> {row.target}"
        for flow in FLOWS.values()
        for place, row in places(flow).items()
    }


def missing(taken: Counter[Place]) -> list[str]:
    """Name the rows that were not taken."""
    return [
        words
        for place, words in all_places().items()
        if place not in taken and place not in BEHIND_A_HIDDEN_BUTTON
    ]
