"""Draw a journey from its chart: the table first, then the diagram, nothing by hand.

The library's own drawings drop the rows that stay on a screen, which are nearly all our
refusals; these are made from introspection, one line a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .chart import Flow, Row, rows

__all__ = ["markdown_table", "mermaid"]

_HEADER = ("from", "event", "if", "then", "to")


def markdown_table(flow: Flow) -> str:
    """Write the table of a flow in Markdown: one line for each row, in the order of trial."""
    lines = [_line(_HEADER), _line("---" for _ in _HEADER)]
    lines.extend(_line(_cells(row)) for row in rows(flow.chart))
    return "\n".join(lines) + "\n"


def mermaid(flow: Flow) -> str:
    """Write the diagram of a flow in Mermaid.

    Arrows are the rows that change the screen; the rows that stay are listed in a note, since
    Mermaid draws several loops on one state on top of each other.
    """
    return "\n".join(("stateDiagram-v2", *_diagram(flow))) + "\n"


def _diagram(flow: Flow) -> Iterator[str]:
    table = tuple(rows(flow.chart))
    for state, screen in flow.screens.items():
        yield f'    state "{state}<br/>{_plain(screen.title)}" as {state}'
    yield f"    [*] --> {flow.initial}"
    for row in table:
        if not row.internal:
            yield f"    {row.source} --> {row.target}: {_label(row)}"
    for state in flow.screens:
        yield from _note(state, [row for row in table if row.source == state and row.internal])
    for state in sorted(flow.finals):
        yield f"    {state} --> [*]"


def _note(state: str, stays: list[Row]) -> Iterator[str]:
    if stays:
        yield f"    note right of {state}"
        for row in stays:
            yield f"        {_label(row)} / {', '.join(row.actions)}"
        yield "    end note"


def _label(row: Row) -> str:
    return f"{row.event} [{' and '.join(row.guards)}]" if row.guards else row.event


def _cells(row: Row) -> Iterator[str]:
    yield f"`{row.source}`"
    yield f"`{row.event}`"
    yield " and ".join(f"`{guard}`" for guard in row.guards) or "otherwise"
    yield ", ".join(f"`{action}`" for action in row.actions) or "—"
    yield "stays" if row.internal else f"`{row.target}`"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    return text.replace('"', "'")
