"""Heads: what the journals held on a day, so that what was taken away since shows.

A chain of hashes tells that a line is missing between two others, and a seal who wrote it; neither
tells of a journal that is gone.  A head covers the lines that no head covered before: how many of
each day, and a digest of which.  It is sealed, follows the head before, and a copy of it is worth
keeping where the database's writers cannot write.

A purge takes the lines of whole days away, and no head is written anew for it: each head says up to
when lines may be gone, and days of before are not compared any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import asdict, define, evolve, field, frozen

from ..errors import JournalDamaged, JournalFault
from .entry import Digests, SealFault, judge_seal
from .text import read_instant, write_instant

__all__ = [
    "Cover",
    "Covering",
    "Head",
    "check_heads",
    "compare_exported",
    "compare_heads",
    "may_lack_seal",
    "read_head",
    "seal_anew",
    "vouched",
    "write_head",
]

_FORMAT = 1

UPGRADING = timedelta(days=1)
"""For how long, from the first head on, a former version may still write lines without a seal."""


@frozen(kw_only=True)
class Cover:
    """What a head covers of one day (UTC): how many lines, and a digest of which.

    ``doubtful`` are those whose seal did not hold, or that had none, as the head was written.
    """

    day: str
    lines: int
    digest: str
    doubtful: int = 0


@frozen(kw_only=True)
class Head:
    """One head; ``purged_before`` is up to when lines might be gone already as it was written."""

    number: int
    at: datetime
    purged_before: datetime
    covers: tuple[Cover, ...]
    previous: str = ""
    hash: str = ""
    seal: str = ""

    @property
    def lines(self) -> int:
        """How many lines it covers."""
        return sum(cover.lines for cover in self.covers)


def write_head(head: Head, digests: Digests) -> tuple[str, str]:
    """Write a head as one line of JSON; returns it with its hash."""
    data: dict[str, Any] = {
        "head": _FORMAT,
        "number": head.number,
        "at": write_instant(head.at),
        "purged_before": write_instant(head.purged_before),
        "days": [asdict(cover) for cover in head.covers],
        "previous": head.previous,
    }
    digest = _digest(data)
    return _dump({**data, "hash": digest, "seal": digests(digest)[0]}), digest


def read_head(line: str) -> Head:
    """Read a head, whatever stands before it in a log, and check its own hash.

    Raises:
        JournalDamaged: it is none, or was edited.
    """
    try:
        data: dict[str, Any] = json.loads(line[line.index("{") :])
        if data["head"] != _FORMAT:
            raise ValueError  # noqa: TRY301 - one way out for all that is no head
        head = Head(
            number=data["number"],
            at=read_instant(data["at"]),
            purged_before=read_instant(data["purged_before"]),
            covers=tuple(Cover(**day) for day in data["days"]),
            previous=data.pop("previous"),
            hash=data.pop("hash"),
            seal=data.pop("seal"),
        )
        sound = head.number.__class__ is int and head.seal.__class__ is str
    except (ValueError, KeyError, TypeError, AttributeError):
        raise JournalDamaged(JournalFault.HEAD_NOT_ONE) from None
    if not sound or _digest({**data, "previous": head.previous}) != head.hash:
        raise JournalDamaged(JournalFault.HEAD_EDITED)
    return head


def seal_anew(line: str, digests: Digests) -> str:
    """Seal a head under the key that is written under now: its seal stands outside of its hash."""
    data: dict[str, Any] = json.loads(line)
    return _dump({**data, "seal": digests(data["hash"])[0]})


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(_dump(data).encode()).hexdigest()


# --- which lines a head covers -------------------------------------------------------------------


@define
class _Bucket:
    lines: int = 0
    doubtful: int = 0
    digest: Any = field(factory=hashlib.sha256)


@define
class Covering:
    """Counts lines by the head that covers them and by their day, in the order of the journals.

    Lines come by reference and number, in the order of their signs, so that a million of them
    leave a digest and no list.
    """

    _buckets: dict[int, dict[str, _Bucket]] = field(factory=dict)

    def add(
        self, head: int, at: datetime, line: tuple[str, int, str], *, doubtful: bool = False
    ) -> None:
        """Count one line: its reference, its number, and the hash that it bears."""
        day = at.astimezone(UTC).date().isoformat()
        bucket = self._buckets.setdefault(head, {}).setdefault(day, _Bucket())
        bucket.lines += 1
        bucket.doubtful += doubtful
        bucket.digest.update(json.dumps(line).encode())

    def covers(self, head: int) -> tuple[Cover, ...]:
        """What one head covers, day by day."""
        return tuple(
            Cover(day=day, lines=it.lines, digest=it.digest.hexdigest(), doubtful=it.doubtful)
            for day, it in sorted(self._buckets.get(head, {}).items())
        )

    @property
    def heads(self) -> Sequence[int]:
        """The numbers of the heads that lines name."""
        return sorted(self._buckets)


# --- checking ------------------------------------------------------------------------------------

HeadFault = tuple[int, JournalDamaged]


def check_heads(lines: Iterable[tuple[int, str]], digests: Digests | None) -> Iterator[HeadFault]:
    """Find what is wrong with the chain of heads, from number 0 on.

    Args:
        lines: the heads as they are stored, with the number of each, in their order.
        digests: checks their seals; without it, seals are not checked.
    """
    expected, previous = 0, ""
    for number, line in lines:
        for missing in range(expected, min(number, expected + _TOLD)):
            yield missing, JournalDamaged(JournalFault.HEAD_MISSING)
        try:
            head = read_head(line)
        except JournalDamaged as error:
            yield number, error
            expected, previous = number + 1, ""
            continue
        unbroken = number == expected and (previous or number == 0)
        if head.number != number or (unbroken and head.previous != previous):
            yield number, JournalDamaged(JournalFault.HEAD_UNCHAINED)
        fault = None if digests is None else judge_seal(head.seal, head.hash, digests)
        if fault is not None:
            other = fault is SealFault.OTHER_KEY
            kind = JournalFault.HEAD_OTHER_KEY if other else JournalFault.HEAD_FORGED
            yield number, JournalDamaged(kind)
        expected, previous = number + 1, head.hash


_TOLD = 100  # missing heads in a row that are named: a forged number must not name a billion


def compare_heads(
    heads: Mapping[int, Head], covering: Covering, purged_before: datetime
) -> Iterator[HeadFault]:
    """Find the days whose lines are not those that were covered.

    Args:
        heads: those that can be read, by number.
        covering: the lines that there are.
        purged_before: lines of before may be gone: days that begin before are not compared.
    """
    floor = max([purged_before, *(head.purged_before for head in heads.values())])
    for number in covering.heads:
        if number not in heads:
            yield number, JournalDamaged(JournalFault.HEAD_MISSING)
    for number, head in heads.items():
        found = {cover.day: cover for cover in covering.covers(number)}
        covered = {cover.day: cover for cover in head.covers}
        for day in sorted({*found, *covered}):
            if _begins(day) >= floor and not _same(found.get(day), covered.get(day)):
                yield number, _differing(day, covered.get(day), found.get(day))


def compare_exported(
    heads: Mapping[int, Head], exported: Iterable[str], digests: Digests | None
) -> Iterator[HeadFault]:
    """Find the heads that a file has and the database has not, or has otherwise.

    Args:
        heads: those of the database that can be read, by number.
        exported: the lines of the file; what is no head, as between others in a log, is left out.
        digests: checks the seals of the file's; without it, they are not checked.
    """
    for line in exported:
        try:
            head = read_head(line)
        except JournalDamaged as error:
            if error.reason is JournalFault.HEAD_EDITED:
                yield -1, error
            continue
        fault = None if digests is None else judge_seal(head.seal, head.hash, digests)
        if fault in {SealFault.FORGED, SealFault.NONE}:
            yield head.number, JournalDamaged(JournalFault.HEAD_FORGED)
        elif head.number not in heads:
            yield head.number, JournalDamaged(JournalFault.HEAD_MISSING)
        elif heads[head.number].hash != head.hash:
            yield head.number, JournalDamaged(JournalFault.HEAD_DIFFERS)


def may_lack_seal(heads: Mapping[int, Head], head: int | None, now: datetime) -> bool:
    """Whether a line may be one of before there were seals, by the head that covers it.

    What it says itself of its format and of its time, whoever rewrote it chose.
    """
    if not heads:
        return True
    covered = heads.get(-1 if head is None else head)
    at = now if covered is None else covered.at
    return at < heads[min(heads)].at + UPGRADING


def vouched(heads: Mapping[int, Head], head: int | None, at: datetime) -> bool:
    """Whether a head vouches for a line whose own key is gone: its seal held as it was covered."""
    found = heads.get(-1 if head is None else head)
    day = at.astimezone(UTC).date().isoformat()
    return found is not None and any(it.day == day and not it.doubtful for it in found.covers)


def _begins(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _same(found: Cover | None, covered: Cover | None) -> bool:
    """Whether the lines are the same; how many are doubtful changes when a key goes."""
    if found is None or covered is None:
        return found is covered
    return evolve(found, doubtful=covered.doubtful) == covered


def _differing(day: str, covered: Cover | None, found: Cover | None) -> JournalDamaged:
    before, now = (0 if it is None else it.lines for it in (covered, found))
    if before == now:
        return JournalDamaged(JournalFault.LINES_CHANGED, day=day)
    return JournalDamaged(JournalFault.LINES_DIFFER, day=day, covered=before, found=now)
