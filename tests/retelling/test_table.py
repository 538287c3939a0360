"""The compiled table decides as the chart does, everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest
from attrs import evolve
from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, Slot
from monespace_flows.errors import ChartRefused
from monespace_flows.facts import NoFacts
from monespace_flows.flows import FLOWS
from monespace_flows.retelling.standing import EPOCH
from monespace_flows.retelling.table import DecisionTable, MemoizedTable
from monespace_flows.screens import Screen
from monespace_flows.step import begin, step
from tests.support.explore import decisions, outcome_of


@pytest.mark.slow
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_table_and_chart_agree_on_every_standing_command_and_world(flow: Flow) -> None:
    """State, notices, problems, effects and every field of the journey: all are the same."""
    table = DecisionTable(flow)
    for journey, event, facts, found in decisions(flow):
        assert outcome_of(partial(step, flow, journey, event, facts, EPOCH)) == found
    for state in flow.screens:
        journey = begin(flow, "", EPOCH)
        for event in {row for rows in flow.offered.values() for row in rows}:
            if event not in flow.offered[state]:
                with pytest.raises(ChartRefused):
                    table.step(evolve(journey, state=state), event, NoFacts(), EPOCH)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_state_is_explored(flow: Flow) -> None:
    met = {journey.state for journey, *_ in decisions(flow)} | flow.finals

    assert met == set(flow.screens)


def never(model: Slot) -> bool:
    return False


class Unsure(Chart):
    """Has no last row without a guard."""

    here = State("Ici", initial=True)
    there = State("Là", final=True)
    go = Event(here.to(there, cond=never))


def flow_of(chart: type[Chart]) -> Flow:
    screens = {name: Screen(id=f"test.{name}", title=name) for name in ("here", "there")}
    return Flow(name="test", version=1, chart=chart, screens=screens, letters={}, lives={})


def test_a_command_without_a_row_is_refused() -> None:
    with pytest.raises(ChartRefused):
        DecisionTable(FLOWS["reset"]).step(
            begin(FLOWS["reset"], "", EPOCH), "back", NoFacts(), EPOCH
        )


def test_where_no_row_fits_the_table_refuses() -> None:
    flow = flow_of(Unsure)

    with pytest.raises(ChartRefused):
        DecisionTable(flow).step(begin(flow, "", EPOCH), "go", NoFacts(), EPOCH)


def line(command: str, facts: Mapping[str, object]) -> dict[str, object]:
    """A decoded line, as far as a table reads it."""
    return {"command": command, "facts": facts}


def test_what_a_memory_cannot_take_is_an_answer_too() -> None:
    memory = MemoizedTable(FLOWS["creation"])

    said = [
        memory.answer(memory.start, line("fly", {})).state,
        memory.answer(memory.start, line("submit_identity", {"identity": "purple"})).state,
        memory.answer(memory.start, line("submit_code", {"code": "matches"})).state,
    ]
    assert said == ["unknown command", "unknown facts", "not offered"]


def test_facts_that_trip_an_action_do_not_fit() -> None:
    memory = MemoizedTable(FLOWS["creation"])
    known = {
        "terms": "accepted",
        "identity": "match",
        "account": "none",
        "subject": "k1:abc",
        "wait": 3,
        "contacts": [{"id": "1", "channel": "sms", "masked": "3361***78"}],
        "offer_recovery": True,
    }
    chosen = memory.answer(memory.start, line("submit_identity", known))
    sent = {"send": "possible", "contact": {"id": "1", "channel": "sms", "masked": "3361***78"}}

    assert chosen.state == "choose_channel"
    assert chosen.after is not None
    assert memory.answer(chosen.after, line("send_code", sent)).state == "enter_code"
    lost = memory.answer(chosen.after, line("send_code", {"send": "possible"}))
    assert (lost.after, lost.state) == (None, "facts that do not fit")


def test_who_it_was_does_not_count_for_a_memory() -> None:
    memory = MemoizedTable(FLOWS["creation"])
    facts = {"terms": "accepted", "identity": "rpps_unknown"}
    one = line("submit_identity", {**facts, "subject": "k1:abc"})
    other = line("submit_identity", {**facts, "subject": "k1:def"})

    assert memory.answer(memory.start, other) is memory.answer(memory.start, one)
    assert len(memory.answers) == 1
