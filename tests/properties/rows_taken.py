"""Which rows of the tables were taken, counted from the journals of what was lived."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import Any

from attrs import asdict

from monespace_flows.facts import Contact, Facts
from monespace_flows.flows import FLOWS
from monespace_flows.policy import Policy
from monespace_flows.ports import Storage
from monespace_flows.retelling.table import DecisionTable, RowId, numbered_rows
from monespace_flows.verify.answers import answers
from tests.replaying import check_replay

__all__ = ["BEHIND_A_HIDDEN_BUTTON", "all_places", "count_rows", "missing"]

BEHIND_A_HIDDEN_BUTTON = frozenset({RowId("recovery", "account_found", "continue_recovery", 1)})
"""The row that refuses who presses a button that is not shown: the driver refuses before it."""

_TOLD_APART_BY_NO_GUARD = {"subject", "wait", "role", "terms_version"}


def count_rows(storage: Storage, policy: Policy | None = None) -> Counter[RowId]:
    """Check that every stored journey is its replay, and count the rows that it took.

    What the world answered must be among the answers that the exhaustive walk expects of it: else
    that walk has missed something.
    """
    taken: Counter[RowId] = Counter()
    for entries, told in check_replay(storage):
        flow = FLOWS[entries[0].flow]
        for before, entry in zip(told.reached, entries[1:], strict=False):
            found = DecisionTable(flow).row_taken(before, entry.command, entry.facts, entry.at)
            assert found is not None
            taken[found[0]] += 1
            expected = answers(flow, before, entry.command, policy or Policy())
            assert _coarse(entry.facts) in map(_coarse, expected)
    return taken


def all_places() -> dict[RowId, str]:
    """Every row of every table, in words."""
    return {
        place: f"{place} {' and '.join(row.guards) or 'otherwise'} -> {row.target}"
        for flow in FLOWS.values()
        for place, row in numbered_rows(flow).items()
    }


def missing(taken: Counter[RowId]) -> list[str]:
    """Name the rows that were not taken."""
    return [
        words
        for place, words in all_places().items()
        if place not in taken and place not in BEHIND_A_HIDDEN_BUTTON
    ]


def _coarse(facts: Facts) -> dict[str, Any]:
    """What guards can tell of facts: of contacts the channels, of problems whether any."""
    return {name: value for name, value in _told(facts) if name not in _TOLD_APART_BY_NO_GUARD}


def _told(facts: Facts) -> Iterator[tuple[str, Any]]:
    yield "kind", type(facts).__name__
    for name, value in asdict(facts, recurse=False).items():
        match value:
            case Enum():
                yield name, value.value
            case Contact():
                yield name, value.channel.value
            case tuple() if name == "problems":
                yield name, bool(value)
            case tuple():
                yield name, [contact.channel.value for contact in value]
            case _:
                yield name, value
