"""The tables: what was measured in turns, as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from .peer import Turn

__all__ = ["OURS", "Rounds", "figures", "of_alone", "of_peers"]

OURS = "monespace-flows"

Rounds = Mapping[str, Mapping[str, Sequence[Turn]]]
"""The turns of each journey of each peer, one a round."""

Column = tuple[str, Callable[[Turn], float]]

_SERVER: tuple[Column, ...] = (("CPU ms a journey", lambda it: it.server),)
_WITH_DATABASE: tuple[Column, ...] = (
    ("CPU ms a journey", lambda it: it.both),
    ("of it the server's", lambda it: it.server),
    ("the database's", lambda it: it.database),
)
_REST: tuple[Column, ...] = (
    ("argon2 ms", lambda it: it.argon2),
    ("journeys a second", lambda it: it.per_second),
)


def figures(values: Iterable[float]) -> str:
    """Least, median and most, to three digits."""
    ordered = sorted(values)
    return " / ".join(_short(it) for it in (ordered[0], statistics.median(ordered), ordered[-1]))


def _short(value: float) -> str:
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def of_peers(rounds: Rounds, *, on_server: bool) -> list[str]:
    """One line a journey and peer; the last column is our CPU over theirs, round by round."""
    columns = (*(_WITH_DATABASE if on_server else _SERVER), *_REST)
    heads = ("journey", "peer", "requests", *(name for name, _ in columns), "we are ×")
    lines = [_line(heads), "|---" * len(heads) + "|"]
    for journey in dict.fromkeys(name for turns in rounds.values() for name in turns):
        for peer, turns in rounds.items():
            if journey in turns:
                told = [figures(map(read, turns[journey])) for _, read in columns]
                times = _times(rounds, peer, journey)
                requests = f"{turns[journey][0].requests:.0f}"
                lines.append(_line((journey, peer, requests, *told, times)))
    return lines


def _times(rounds: Rounds, peer: str, journey: str) -> str:
    ours = rounds.get(OURS, {}).get(journey)
    if ours is None or peer == OURS:
        return ""
    pairs = zip(ours, rounds[peer][journey], strict=True)
    return figures(mine.both / theirs.both for mine, theirs in pairs)


def of_alone(rounds: Rounds, alone: Mapping[str, Sequence[float]]) -> list[str]:
    """How much of what argon2 alone allows each peer reaches, round by round."""
    heads = ("journey", "peer", "hashes", "journeys a second", "argon2 alone allows", "% of it")
    lines = [_line(heads), "|---" * len(heads) + "|"]
    for peer, turns in rounds.items():
        for journey, some in turns.items():
            if not some[0].hashes:
                continue
            allowed = [rate / it.hashes for rate, it in zip(alone[peer], some, strict=True)]
            shares = [100 * it.per_second / top for it, top in zip(some, allowed, strict=True)]
            told = (figures(it.per_second for it in some), figures(allowed), figures(shares))
            lines.append(_line((journey, peer, f"{some[0].hashes:.0f}", *told)))
    return lines
