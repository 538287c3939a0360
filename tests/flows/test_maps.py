"""The maps of the journeys: no row is forgotten."""

from __future__ import annotations

import pytest

from monespace_flows.chart import Flow, rows
from monespace_flows.flows import FLOWS
from monespace_flows.maps import markdown_table, mermaid

from .charts import Turnstile, flow


@pytest.mark.parametrize("name", FLOWS)
def test_a_table_has_a_line_for_each_row(name: str) -> None:
    """In the order in which rows are tried, refusals included."""
    table = list(rows(FLOWS[name].chart))

    lines = markdown_table(FLOWS[name]).splitlines()[2:]

    assert len(lines) == len(table)
    for line, row in zip(lines, table, strict=True):
        assert line.startswith(f"| `{row.source}` | `{row.event}` |")


@pytest.mark.parametrize("flow_", FLOWS.values(), ids=FLOWS)
def test_a_diagram_has_an_arrow_or_a_note_for_each_row(flow_: Flow) -> None:
    """Arrows change the screen; what stays stands in a note."""
    table = list(rows(flow_.chart))
    text = mermaid(flow_).splitlines()

    arrows = [line for line in text if "-->" in line and "[*]" not in line]
    notes = [line for line in text if " / " in line]
    assert len(arrows) == len([row for row in table if not row.internal])
    assert len(notes) == len([row for row in table if row.internal])


@pytest.mark.parametrize("flow_", FLOWS.values(), ids=FLOWS)
def test_a_diagram_begins_at_the_first_screen_and_ends_at_the_last_ones(flow_: Flow) -> None:
    """And names every state."""
    text = mermaid(flow_)

    assert text.startswith("stateDiagram-v2\n")
    assert f"    [*] --> {flow_.initial}\n" in text
    assert all(f"    {state} --> [*]\n" in text for state in flow_.finals)
    assert all(f" as {state}\n" in text for state in flow_.screens)


def test_a_small_chart_is_drawn_whole() -> None:
    """Guards, actions, refusals, and « otherwise » for the last row."""
    it = flow(Turnstile)

    assert markdown_table(it).splitlines() == [
        "| from | event | if | then | to |",
        "| --- | --- | --- | --- | --- |",
        "| `closed` | `push` | `is_first` | — | `open_` |",
        "| `closed` | `push` | otherwise | `say(code.wrong)` | stays |",
        "| `closed` | `jam` | `breaks` | — | `open_` |",
        "| `closed` | `jam` | otherwise | — | `passed` |",
        "| `closed` | `snap` | otherwise | `prolong`, `breaks_too` | `passed` |",
        "| `open_` | `push` | otherwise | — | `passed` |",
        "| `open_` | `extend` | otherwise | `prolong` | stays |",
    ]
    assert "        push / say(code.wrong)" in mermaid(it)
    assert "    closed --> open_: push [is_first]" in mermaid(it)
