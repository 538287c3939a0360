"""The distinct paths of many journeys with their counts: no person in them, fit for git.

A shape keeps verdicts, states, notices and effects, and drops references, times, pseudonyms,
masked contacts and hashes.  The gate reads shapes as well as journals.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["Shapes", "is_shape", "read_shape"]

SCHEMA = "monespace/shape/1"

Raw = dict[str, Any]

_DROPPED = {"subject", "wait", "role", "terms_version"}


class Shapes:
    """Counts paths."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Count one journey, from its decoded lines."""
        shape = {"flow": lines[0]["flow"], "steps": [_step(line) for line in lines]}
        self._counts[json.dumps(shape, ensure_ascii=False, separators=(",", ":"))] += 1

    def __len__(self) -> int:
        return len(self._counts)

    def write(self) -> Iterator[str]:
        """The shapes as JSON Lines, most frequent first, always in the same order."""
        for text, count in sorted(self._counts.items(), key=lambda it: (-it[1], it[0])):
            shape = {"schema": SCHEMA, "count": count, **json.loads(text)}
            yield json.dumps(shape, ensure_ascii=False, separators=(",", ":")) + "\n"


def is_shape(raw: Mapping[str, Any]) -> bool:
    """Whether a decoded line is a shape."""
    return raw.get("schema") == SCHEMA


def read_shape(raw: Mapping[str, Any], number: int) -> tuple[list[Raw], int]:
    """Make the lines of a journey that went that way, and how many did.

    Raises:
        ValueError: it is not a shape.
    """
    try:
        lines = [
            {
                **step,
                "seq": seq,
                "flow": raw["flow"],
                "reference": f"shape-{number}",
                "fingerprint": "",
                "effects": [{"kind": kind, "key": ""} for kind in step["effects"]],
            }
            for seq, step in enumerate(raw["steps"])
        ]
        return lines, int(raw["count"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"line {number} is not a shape") from None


def count_all(journeys: Iterable[Sequence[Mapping[str, Any]]]) -> Shapes:
    """Count a corpus."""
    shapes = Shapes()
    for journey in journeys:
        shapes.add(journey)
    return shapes


def _step(line: Mapping[str, Any]) -> Raw:
    return {
        "before": line["before"],
        "command": line["command"],
        "facts": _facts(line["facts"]),
        "effects": [wish["kind"] for wish in line["effects"]],
        "after": line["after"],
        "notices": list(line["notices"]),
        "screen": line["screen"],
    }


def _facts(facts: Mapping[str, Any]) -> Raw:
    kept = {name: value for name, value in facts.items() if name not in _DROPPED}
    if "contacts" in kept:
        kept["contacts"] = [_bare(contact) for contact in kept["contacts"]]
    if kept.get("contact"):
        kept["contact"] = _bare(kept["contact"])
    return kept


def _bare(contact: Mapping[str, Any]) -> Raw:
    return {"id": "", "channel": contact["channel"], "masked": ""}
