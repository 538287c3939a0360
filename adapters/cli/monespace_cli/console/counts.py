"""The funnel as a table and a drawing, small counts hidden in both as ``monespace stats`` does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from attrs import frozen

from monespace_flows.retelling.compiled import compiled_flow
from monespace_flows.support.catalogue import CAUSES
from monespace_flows.support.funnel import Cell, Funnel, FunnelRow, least
from monespace_flows.support.words import flow_words, screen_words
from monespace_flows.wording import Text

from ..support.french import cause_in_brief
from ..support.stats import COLUMNS, told_cell

__all__ = ["FlowCounts", "told_causes", "told_flows"]

_SCALE = 270  # of the drawing's units: the longest bar


@frozen(kw_only=True)
class ScreenCounts:
    """One screen: its counts as they may be told, and how long its bar is drawn.

    ``bar`` ends where the count is surely reached: nothing is drawn of what a hidden one hides.
    """

    title: str
    counts: tuple[str, ...]
    bar: int
    went_on: str


@frozen(kw_only=True)
class FlowCounts:
    """One flow, screen by screen."""

    name: str
    title: Text
    screens: tuple[ScreenCounts, ...]


def told_flows(funnel: Funnel) -> Iterator[FlowCounts]:
    """Say the counts of each flow."""
    for name, rows in groupby(funnel.rows(), key=lambda row: row.flow):
        listed = list(rows)
        most = max((least(row.went_on) for row in listed), default=0)
        words = flow_words(name)
        yield FlowCounts(
            name=name,
            title=Text(words.fr.capitalize(), words.en.capitalize()),
            screens=tuple(_screen(row, most) for row in listed),
        )


def told_causes(funnel: Funnel) -> tuple[tuple[Text, str], ...]:
    """Say the causes, each with how often."""
    return tuple((_said(flow, cause), told_cell(count)) for flow, cause, count in funnel.causes())


def _said(flow: str, cause: str) -> Text:
    words, found = flow_words(flow), CAUSES[cause]
    return Text(
        f"{words.fr} : {cause_in_brief(found)}", f"{words.en}: {cause_in_brief(found, 'en')}"
    )


def _screen(row: FunnelRow, most: int) -> ScreenCounts:
    flow = compiled_flow(row.flow)
    cells: tuple[Cell, ...] = tuple(getattr(row, name) for name in COLUMNS)
    return ScreenCounts(
        title=row.state if flow is None else screen_words(flow, row.state),
        counts=tuple(map(told_cell, cells)),
        bar=_SCALE * least(row.went_on) // most if most else 0,
        went_on=told_cell(row.went_on),
    )
