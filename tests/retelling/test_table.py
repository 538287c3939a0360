"""The compiled table decides as the chart does, everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import groupby
from typing import Any

import pytest
from attrs import evolve
from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, Slot
from monespace_flows.errors import ChartRefused
from monespace_flows.facts import Facts, NoFacts, SignInFacts, SignInVerdict
from monespace_flows.flows import FLOWS
from monespace_flows.journey import Journey
from monespace_flows.retelling.standing import EPOCH
from monespace_flows.retelling.table import DecisionTable, MemoizedTable
from monespace_flows.screens import Screen
from monespace_flows.step import begin, step
from tests.support.explore import AskedOnce, decisions, outcome_of, worlds


def by_the_chart(flow: Flow, journey: Journey, event: str, facts: Facts) -> Any:
    return outcome_of(partial(step, flow, journey, event, facts, EPOCH))


@pytest.mark.slow
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_table_and_chart_agree_on_every_standing_command_and_world(flow: Flow) -> None:
    """State, notices, problems, effects and every field of the journey: all are the same."""
    table = DecisionTable(flow)
    for _, here in groupby(decisions(flow), key=lambda it: (id(it[0]), it[1])):
        asked = [*here]
        journey, event, *_ = asked[0]
        chart = AskedOnce(partial(by_the_chart, flow, journey, event))
        pairs = [(chart(facts), found) for *_, facts, found in asked]
        # The same two objects again need no second look.
        told = {(id(by_chart), id(found)): (by_chart, found) for by_chart, found in pairs}
        assert all(by_chart == found for by_chart, found in told.values())
    for state in flow.screens:
        journey = begin(flow, "", EPOCH)
        for event in {row for rows in flow.offered.values() for row in rows}:
            if event not in flow.offered[state]:
                with pytest.raises(ChartRefused):
                    table.step(evolve(journey, state=state), event, NoFacts(), EPOCH)


@pytest.mark.slow  # so that it comes with the others for which the same walk is made
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


def test_facts_are_told_apart_by_what_is_read_of_them() -> None:
    """One question for all that answer alike, and each gets the answer that is its own."""
    asked: list[Facts] = []

    def decide(facts: Facts) -> tuple[object, ...]:
        assert isinstance(facts, SignInFacts)
        asked.append(facts)
        if facts.sign_in is SignInVerdict.RIGHT:
            return (facts.sign_in,)
        return facts.sign_in, facts.many

    once = AskedOnce(decide)
    every = worlds(SignInFacts)

    assert [once(facts) for facts in every] == [decide(facts) for facts in every]
    assert len(asked) - len(every) == 2 * len(SignInVerdict) - 1
