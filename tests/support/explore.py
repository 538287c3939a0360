"""Every standing that a chart can reach, every command there, every world: what is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from attrs import evolve

from monespace_flows.chart import Flow
from monespace_flows.commands import COMMANDS
from monespace_flows.errors import ChartRefused, FactsUnfit
from monespace_flows.facts import (
    Channel,
    Contact,
    Deadline,
    Facts,
    IdentityFacts,
    Problem,
    SendFacts,
)
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import START, Entry, Wish
from monespace_flows.journey import Journey
from monespace_flows.retelling.standing import EPOCH, standing
from monespace_flows.retelling.table import DecisionTable
from monespace_flows.step import Stepped, begin
from monespace_flows.support.whatif import all_facts, closed_sets

__all__ = ["Decision", "decisions", "line_of", "lines", "outcome_of", "start_of", "worlds"]

_CONTACTS = tuple(Contact("", channel, "…") for channel in Channel)

Decision = tuple[Journey, str, Facts, Stepped | type[Exception]]


def worlds(kind: type[Facts]) -> Iterator[Facts]:
    """Every world that a table could meet: all answers, with and without wrong forms, contacts.

    More than the driver can bring: a table must decide alike even there.
    """
    base: dict[str, Any] = {"deadline": Deadline.ENTRY} if "deadline" in closed_sets(kind) else {}
    for facts in all_facts(kind(**base)):
        for problems in ((), (Problem.EMAIL_SHAPE,)):
            yield from _with_contacts(evolve(facts, problems=problems))


def _with_contacts(facts: Facts) -> Iterator[Facts]:
    if isinstance(facts, IdentityFacts):
        for contacts in ((), _CONTACTS[:1], _CONTACTS[1:], _CONTACTS):
            yield evolve(facts, contacts=contacts)
    elif isinstance(facts, SendFacts):
        for contact in (None, *_CONTACTS):
            yield evolve(facts, contact=contact)
    else:
        yield facts


def outcome_of(take: Callable[[], Stepped]) -> Stepped | type[Exception]:
    """What a step gives, or how it is refused (facts that no driver brings may trip an action)."""
    try:
        return take()
    except (FactsUnfit, ChartRefused) as refused:
        return type(refused)


@cache
def _decisions(name: str) -> tuple[Decision, ...]:
    return tuple(_explored(FLOWS[name]))


def decisions(flow: Flow) -> tuple[Decision, ...]:
    """All that the flow's compiled table decides, from its first screen on."""
    return _decisions(flow.name)


@cache
def _lines(name: str) -> tuple[Entry, ...]:
    flow = FLOWS[name]
    told: dict[object, Entry] = {}
    for journey, event, facts, found in _decisions(name):
        if isinstance(found, Stepped):
            after = found.journey
            key = (journey.state, event, facts, after.state, after.notices)
            if key not in told:
                told[key] = line_of(flow, journey, event, facts, found)
    return tuple(told.values())


def lines(flow: Flow) -> tuple[Entry, ...]:
    """Every line that a journal could hold, each once whatever the person came from."""
    return _lines(flow.name)


def _explored(flow: Flow) -> Iterator[Decision]:
    table = DecisionTable(flow)
    waiting = [standing(begin(flow, "", EPOCH))]
    seen = set(waiting)
    while waiting:
        journey = waiting.pop()
        for event in sorted(flow.offered[journey.state]):
            for facts in worlds(COMMANDS[event].facts):
                found = _take(table, journey, event, facts)
                yield journey, event, facts, found
                if isinstance(found, Stepped):
                    after = standing(found.journey)
                    if after not in seen:
                        seen.add(after)
                        waiting.append(after)


def _take(
    table: DecisionTable, journey: Journey, event: str, facts: Facts
) -> Stepped | type[Exception]:
    return outcome_of(lambda: table.step(journey, event, facts, EPOCH))


def start_of(flow: Flow, state: str | None = None) -> Entry:
    """A first line that leaves the person in a state."""
    return _line(flow, 0, state or flow.initial, START, COMMANDS["extend"].facts())


def line_of(flow: Flow, journey: Journey, event: str, facts: Facts, stepped: Stepped) -> Entry:
    """The line that the journal would hold of a decision."""
    line = _line(flow, 1, journey.state, event, facts)
    return Entry(
        seq=1,
        at=line.at,
        reference=line.reference,
        flow=flow.name,
        flow_version=flow.version,
        fingerprint=flow.fingerprint,
        before=journey.state,
        command=event,
        facts=facts,
        effects=tuple(Wish(kind=it.kind, key="") for it in stepped.effects),
        after=stepped.journey.state,
        notices=stepped.journey.notices,
        screen=flow.screens[stepped.journey.state].id,
    )


def _line(flow: Flow, seq: int, state: str, command: str, facts: Facts) -> Entry:
    return Entry(
        seq=seq,
        at=EPOCH,
        reference="7K3Q-F9M2",
        flow=flow.name,
        flow_version=flow.version,
        fingerprint=flow.fingerprint,
        before=state,
        command=command,
        facts=facts,
        effects=(),
        after=state,
        notices=(),
        screen=flow.screens[state].id,
    )
