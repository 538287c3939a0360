"""Journals in a file: JSON Lines, a journey's lines together and in order, as they were stored.

A line is never rewritten: what was exported is byte for byte what was stored, so that its hash
still holds and importing an export gives the same bytes.  See ``docs/reference/journal.md``.
A file of shapes counts the paths that were gone instead, and is fit for git.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from attrs import frozen

from ..errors import JournalDamaged, JournalFault, JournalVersionUnknown
from .deliveries import is_delivery
from .entry import FORMAT, Entry, read_journal, upcast

__all__ = [
    "Shapes",
    "StoredJournal",
    "decode_each",
    "decode_journeys",
    "is_shape",
    "read_each",
    "read_journeys",
    "read_shape",
    "read_whole",
    "write_journeys",
]

Raw = dict[str, Any]
Decode = Callable[[str], Any]


@frozen
class StoredJournal:
    """One journey's lines as they were stored, and those of what became of its messages."""

    reference: str
    lines: tuple[str, ...]
    deliveries: tuple[str, ...] = ()

    def entries(self) -> tuple[Entry, ...]:
        """Read the lines and check their chain.

        Raises:
            JournalDamaged: a line was edited, or is missing.
            JournalVersionUnknown: a newer version of the library wrote it.
        """
        return read_journal(self.lines)


def read_journeys(lines: Iterable[str]) -> Iterator[StoredJournal]:
    """Group the lines of a file by journey; nothing is checked but their shape.

    Raises:
        JournalDamaged: a line is not one, or a journey's lines are not together.
    """
    for journey in _grouped((line, _decode(_loose, line)) for line in lines):
        yield _recorded(journey[0][1]["reference"], [line for line, _ in journey])


def decode_journeys(lines: Iterable[str], decode: Decode = json.loads) -> Iterator[list[Raw]]:
    """Decode a file journey by journey, brought up to the present format, hashes unchecked.

    Args:
        lines: the file.
        decode: a JSON decoder; a host may hand over a faster one.
    """
    seen: set[str] = set()
    journey: list[Raw] = []
    reference = None
    for line in _of_journeys(lines):
        raw = _decode(decode, line)
        if raw["format"] != FORMAT:
            raw = upcast(raw)
        if raw["reference"] != reference:
            if journey:
                yield journey
            journey, reference = [], _first(raw["reference"], seen)
        if raw["seq"] != len(journey):
            raise JournalDamaged(JournalFault.MISSING_OF, line=len(journey), reference=reference)
        journey.append(raw)
    if journey:
        yield journey


def read_each(lines: Iterable[str]) -> Iterator[StoredJournal]:
    """Group the lines of a file by journey, whatever is wrong with some: nothing is checked.

    A line that names no journey is taken for one of the journey in which it stands.
    """
    for reference, together in _together((line, _reference(line)) for line in lines):
        yield _recorded(reference, [line.rstrip("\n") for line in together])


def _recorded(reference: str, lines: Sequence[str]) -> StoredJournal:
    return StoredJournal(
        reference,
        tuple(line for line in lines if not is_delivery(line)),
        tuple(line for line in lines if is_delivery(line)),
    )


def _loose(line: str) -> Raw:
    """Decode a line of which only the journey is asked: what a message's says is checked later."""
    raw: Raw = json.loads(line)
    return {**raw, "format": FORMAT} if is_delivery(line) else raw


def decode_each(
    lines: Iterable[str], decode: Decode = json.loads
) -> Iterator[tuple[str, list[Raw] | JournalDamaged | JournalVersionUnknown]]:
    """Decode a file as :func:`decode_journeys` does, and go on after a journey that is damaged.

    Args:
        lines: the file.
        decode: a JSON decoder; a host may hand over a faster one.

    Returns:
        Each journey's reference, with its lines or with what is wrong with them.
    """
    seen: set[str] = set()
    loose = _loosely(_of_journeys(lines), decode)
    for reference, together in _together((raw, raw[0]) for raw in loose):
        if reference in seen:
            yield reference, JournalDamaged(JournalFault.SCATTERED, reference=reference)
            continue
        seen.add(reference)
        yield reference, _whole_or_not(reference, [raw for _, raw in together])


def _of_journeys(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a file that tell of steps."""
    return (line for line in lines if not is_delivery(line))


_LINE = frozenset(
    ("seq", "flow", "before", "command", "facts", "effects", "after", "notices", "screen")
)

Loose = tuple[str | None, Raw | JournalDamaged | JournalVersionUnknown]


def _loosely(lines: Iterable[str], decode: Decode) -> Iterator[Loose]:
    for line in lines:
        reference: str | None = None
        try:
            raw = _decode(decode, line)
            reference = raw["reference"]
            present = raw if raw["format"] == FORMAT else upcast(raw)
        except (JournalDamaged, JournalVersionUnknown) as error:
            yield reference, error
            continue
        whole = present.keys() >= _LINE
        yield reference, present if whole else JournalDamaged(JournalFault.NOT_A_LINE)


def _whole_or_not(
    reference: str, lines: Sequence[Raw | JournalDamaged | JournalVersionUnknown]
) -> list[Raw] | JournalDamaged | JournalVersionUnknown:
    journey: list[Raw] = []
    for line in lines:
        if isinstance(line, JournalDamaged | JournalVersionUnknown):
            return line
        if line["seq"] != len(journey):
            where = len(journey)
            return JournalDamaged(JournalFault.MISSING_OF, line=where, reference=reference)
        journey.append(line)
    return journey


Line = TypeVar("Line")


def _together(lines: Iterable[tuple[Line, str | None]]) -> Iterator[tuple[str, list[Line]]]:
    reference: str | None = None
    together: list[Line] = []
    for line, found in lines:
        if together and found not in (None, reference or found):
            yield reference or "?", together
            together = []
        reference = found or reference
        together.append(line)
    if together:
        yield reference or "?", together


def _reference(line: str) -> str | None:
    try:
        found = json.loads(line)["reference"]
    except (ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, str) else None


def write_journeys(journeys: Iterable[StoredJournal]) -> Iterator[str]:
    """The lines of a file, each with its end of line."""
    for journey in journeys:
        for line in (*journey.lines, *journey.deliveries):
            yield f"{line}\n"


def read_whole(recorded: StoredJournal, head: str | None = None) -> tuple[Entry, ...]:
    """Read a journal from its first line to its last.

    Args:
        recorded: the lines.
        head: the hash of the last line, where it is known elsewhere; without it a cut at the end
            of a journal cannot be seen.

    Raises:
        JournalDamaged: a line was edited, or is missing, or there is none.
        JournalVersionUnknown: a newer version of the library wrote a line.
    """
    entries = recorded.entries()
    if not entries:
        raise JournalDamaged(JournalFault.EMPTY)
    if head is not None and entries[-1].hash != head:
        raise JournalDamaged(JournalFault.CUT, line=entries[-1].seq)
    return entries


def damage(recorded: StoredJournal, head: str | None = None) -> str | None:
    """Say what is wrong with a journal (:func:`read_whole`), or ``None``.

    Raises:
        JournalVersionUnknown: a newer version of the library wrote a line.
    """
    try:
        read_whole(recorded, head)
    except JournalDamaged as found:
        return str(found)
    return None


def _grouped(lines: Iterable[tuple[str, Raw]]) -> Iterator[Sequence[tuple[str, Raw]]]:
    seen: set[str] = set()
    journey: list[tuple[str, Raw]] = []
    for line, raw in lines:
        if journey and raw["reference"] != journey[0][1]["reference"]:
            yield journey
            journey = []
        if not journey:
            _first(raw["reference"], seen)
        journey.append((line.rstrip("\n"), raw))
    if journey:
        yield journey


def _first(reference: str, seen: set[str]) -> str:
    if reference in seen:
        raise JournalDamaged(JournalFault.SCATTERED, reference=reference)
    seen.add(reference)
    return reference


def _decode(decode: Decode, line: str) -> Raw:
    try:
        raw: Raw = decode(line)
        version, reference = raw["format"], raw["reference"]
    except (ValueError, KeyError, TypeError):
        # The cause would show the line, which may not be a journal's at all.
        raise JournalDamaged(JournalFault.NOT_A_LINE) from None
    if version.__class__ is not int or reference.__class__ is not str:
        raise JournalVersionUnknown(JournalFault.FORMAT_NOT_A_NUMBER)
    return raw


# --- shapes: the distinct paths of many journeys with their counts, no person in them -------------

# A shape keeps verdicts, states, notices and effects, and drops references, times, pseudonyms,
# masked contacts and hashes.  The gate reads shapes as well as journals.

_SCHEMA = "monespace/shape/1"


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
            shape = {"schema": _SCHEMA, "count": count, **json.loads(text)}
            yield json.dumps(shape, ensure_ascii=False, separators=(",", ":")) + "\n"


def is_shape(raw: Mapping[str, Any]) -> bool:
    """Whether a decoded line is a shape."""
    return raw.get("schema") == _SCHEMA


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


def _step(line: Mapping[str, Any]) -> Raw:
    return {
        "before": line["before"],
        "command": line["command"],
        "facts": _facts(line["facts"]),
        "effects": [wish["kind"] for wish in line["effects"]],
        **({"told": list(line["told"])} if "told" in line else {}),
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
