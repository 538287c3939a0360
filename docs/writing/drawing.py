"""Draw a flow as SVG: its states one below the other, and a lane for each state that is led to.

Made here rather than by Graphviz or Mermaid: the same bytes on every machine, so that what is
committed can be checked; nothing to install; and as narrow as a telephone, where their drawings
have to be scrolled both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from xml.sax.saxutils import escape

from attrs import field, frozen

from monespace_flows.chart import Flow, Row, rows

__all__ = ["Diagram", "draw"]

_CARD = 214
_LANE = 11
_SIZE = 11
_LINE = 15
_GAP = 20
_PAD = 8
_LETTERS = 32
"""So many letters of a title fit in a card, more of the small ones below it."""
_SMALL = 34

_STYLE = """
svg { --ink: #1b1b1b; --soft: #5a5a5a; --line: #767676; --card: #fff; --ground: #f5f6f8;
  --way: #0b5359; --end: #8a3b12; font: 11px ui-monospace, Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { svg { --ink: #ededed; --soft: #b4b4b4; --line: #8f8f8f;
  --card: #24272b; --ground: #17191c; --way: #7fd0d6; --end: #f0a67e; } }
.ground { fill: var(--ground); } .card { fill: var(--card); stroke: var(--line); }
.final { stroke: var(--end); stroke-width: 2; } .first { stroke: var(--way); stroke-width: 2; }
text { fill: var(--ink); } .state { font-weight: bold; } .soft { fill: var(--soft); }
.title { font-family: system-ui, sans-serif; }
.way { fill: none; stroke: var(--way); stroke-width: 1.5; } .tip { fill: var(--way); }
.ends { stroke: var(--end); stroke-dasharray: 4 2; } .tip.ends { fill: var(--end); stroke: none; }
""".strip()


@frozen(kw_only=True)
class _Exit:
    """What leads from a state to another: an event, and the guards that let it through."""

    target: str
    event: str
    guards: tuple[str, ...]

    @property
    def condition(self) -> list[str]:
        told = "if " + " or ".join(self.guards)
        return wrap(told, _SMALL - 2) if self.guards else []


@frozen(kw_only=True)
class _Card:
    """A state as it is drawn: what stands in it, and how high each line is."""

    state: str
    top: int
    title: tuple[str, ...]
    exits: tuple[_Exit, ...]
    stays: tuple[str, ...]
    heights: tuple[int, ...] = field(init=False)

    @heights.default
    def _down_the_card(self) -> tuple[int, ...]:
        at = self.top + _PAD + _LINE * (1 + len(self.title)) + (12 if self.exits else -4)
        found = []
        for each in self.exits:
            found.append(at)
            at += _LINE * (1 + len(each.condition))
        return (*found, at)

    @property
    def entry(self) -> int:
        return self.top + _PAD + _LINE // 2

    @property
    def bottom(self) -> int:
        return self.heights[-1] + _LINE * len(self.stays) + _PAD


@frozen(kw_only=True)
class Diagram:
    """A drawing, and what it shows in words."""

    svg: str
    words: tuple[str, ...]


def draw(flow: Flow) -> Diagram:
    """Draw a flow; every row that changes the screen has its arrow."""
    cards = list(_cards(flow))
    lanes = _lanes(cards)
    words = tuple(_sentence(card.state, each) for card in cards for each in card.exits)
    width = _CARD + 6 + _LANE * (1 + max(lanes.values(), default=0)) + 10
    height = cards[-1].bottom + _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{round(width * 1.3)}" height="{round(height * 1.3)}" role="img" '
        f'aria-labelledby="title words">\n<title id="title">{_name(flow)}</title>\n'
        f'<desc id="words">{escape(" ".join(words))}</desc>\n<style>\n{_STYLE}\n</style>\n'
        f'<rect class="ground" width="{width}" height="{height}"/>'
    )
    lines = [head, *_ways(cards, lanes, flow.finals)]
    for card in cards:
        lines += _drawn(card, flow)
    return Diagram(svg="\n".join(lines) + "\n</svg>\n", words=words)


def _name(flow: Flow) -> str:
    return f"The states of {flow.name}, and what leads from one to another"


def _sentence(state: str, each: _Exit) -> str:
    condition = f" if {' or '.join(each.guards)}" if each.guards else ""
    return f"{state}: {each.event}{condition} leads to {each.target}."


def _cards(flow: Flow) -> Iterator[_Card]:
    table = tuple(rows(flow.chart))
    top = _GAP
    for state, screen in flow.screens.items():
        mine = [row for row in table if row.source == state]
        stays = ", ".join(dict.fromkeys(row.event for row in mine if row.internal))
        card = _Card(
            state=state,
            top=top,
            title=tuple(wrap(screen.title, _LETTERS)),
            exits=tuple(_exits(row for row in mine if not row.internal)),
            stays=tuple(wrap(f"stays: {stays}", _SMALL)) if stays else (),
        )
        yield card
        top = card.bottom + _GAP


def _exits(leaving: Iterable[Row]) -> Iterator[_Exit]:
    """One exit an event and a target; where one of its rows has no guard, none need be told."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in leaving:
        found.setdefault((row.event, row.target), []).append(row)
    for (event, target), those in found.items():
        told = tuple(" and ".join(row.guards) for row in those)
        yield _Exit(target=target, event=event, guards=told if all(told) else ())


def _lanes(cards: list[_Card]) -> dict[str, int]:
    """Give each state that is led to a lane; two share one where they do not meet."""
    spans = {}
    for card in cards:
        if starts := _starts(cards, card.state):
            spans[card.state] = (min(*starts, card.entry), max(*starts, card.entry))
    lanes: dict[str, int] = {}
    for state, (low, high) in sorted(spans.items(), key=lambda it: (it[1][1] - it[1][0], it[0])):
        taken = {
            lane
            for other, lane in lanes.items()
            if spans[other][0] <= high and low <= spans[other][1]
        }
        lanes[state] = next(it for it in range(len(spans)) if it not in taken)
    return lanes


def _starts(cards: list[_Card], state: str) -> list[int]:
    """How high the exits are that lead to a state."""
    return [
        height
        for card in cards
        for each, height in zip(card.exits, card.heights, strict=False)
        if each.target == state
    ]


def _ways(cards: list[_Card], lanes: dict[str, int], finals: Iterable[str]) -> Iterator[str]:
    entries = {card.state: card.entry for card in cards}
    right = _CARD + 4
    for state, lane in lanes.items():
        kind = "ends" if state in {*finals} else ""
        at, entry = right + 6 + _LANE * (1 + lane), entries[state]
        starts = _starts(cards, state)
        low, high = min(*starts, entry), max(*starts, entry)
        told = "".join(f"M{right} {height}H{at}" for height in starts)
        # The lane itself is drawn once: dashes laid on dashes would fill each other's gaps.
        yield f'<path class="way {kind}" d="{told}M{at} {low}V{high}M{at} {entry}H{right + 6}"/>'
        yield f'<path class="tip {kind}" d="M{right} {entry}l8 -4v8z"/>'


def _drawn(card: _Card, flow: Flow) -> Iterator[str]:
    kind = "card final" if card.state in flow.finals else "card"
    kind += " first" if card.state == flow.initial else ""
    yield (
        f'<rect class="{kind}" x="4" y="{card.top}" width="{_CARD}" '
        f'height="{card.bottom - card.top}" rx="5"/>'
    )
    at = card.top + _PAD + _SIZE
    yield _text(at, card.state, "state")
    for part in card.title:
        at += _LINE
        yield _text(at, part, "soft title")
    for each, height in zip(card.exits, card.heights, strict=False):
        yield _text(height + 4, f"→ {each.event}")
        for number, part in enumerate(each.condition, 1):
            yield _text(height + 4 + number * _LINE, part, "soft", indent=14)
    for number, part in enumerate(card.stays):
        yield _text(card.heights[-1] + 4 + number * _LINE, part, "soft")


def _text(at: int, told: str, kind: str = "", indent: int = 0) -> str:
    styled = f' class="{kind}"' if kind else ""
    small = ' font-size="9.5"' if kind == "soft" else ""
    return f'<text{styled}{small} x="{4 + _PAD + indent}" y="{at}">{escape(told)}</text>'
