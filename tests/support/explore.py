"""Every standing that a chart can reach, every command there, every world: what is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, Generic, TypeVar

from attrs import define, evolve, field, fields

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

__all__ = [
    "AskedOnce",
    "Decision",
    "decisions",
    "line_of",
    "lines",
    "outcome_of",
    "start_of",
    "worlds",
]

_CONTACTS = tuple(Contact("", channel, "…") for channel in Channel)

Decision = tuple[Journey, str, Facts, Stepped | type[Exception]]


def worlds(kind: type[Facts]) -> tuple[Facts, ...]:
    """Every world that a table could meet: all answers, with and without wrong forms, contacts.

    More than the driver can bring: a table must decide alike even there.
    """
    base: dict[str, Any] = {"deadline": Deadline.ENTRY} if "deadline" in closed_sets(kind) else {}
    return tuple(
        world
        for facts in all_facts(kind(**base))
        for problems in ((), (Problem.EMAIL_SHAPE,))
        for world in _with_contacts(evolve(facts, problems=problems))
    )


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


Answer = TypeVar("Answer")


@define
class _Node(Generic[Answer]):
    """What is read next, and where each value leads; a leaf reads nothing and has one answer."""

    reads: str | None = None
    branches: dict[Any, _Node[Answer]] = field(factory=dict)
    answers: list[Answer] = field(factory=list)


@define
class AskedOnce(Generic[Answer]):
    """Answers as ``decide`` does, asking it once for all facts that differ in nothing it read.

    Whoever decides reads facts one by one, and the first that it reads is always the same: so what
    it read makes a tree, and facts that come to one leaf of it get one answer.  Every world is
    asked about all the same.
    """

    decide: Callable[[Facts], Answer]
    _tree: _Node[Answer] = field(factory=_Node, init=False)

    def __call__(self, facts: Facts) -> Answer:
        """The answer to these facts."""
        node = self._tree
        while node.reads is not None:
            node = node.branches.setdefault(getattr(facts, node.reads), _Node())
        if not node.answers:
            node = self._asked(facts)
        return node.answers[0]

    def _asked(self, facts: Facts) -> _Node[Answer]:
        read: dict[str, Any] = {}
        answer = self.decide(_watched(facts, read))
        node = self._tree
        for name, value in read.items():
            assert node.reads in (None, name), "what decides must read in one order"
            node.reads = name
            node = node.branches.setdefault(value, _Node())
        node.answers.append(answer)
        return node


def _watched(facts: Facts, read: dict[str, Any]) -> Facts:
    """Facts that note what is read of them."""
    names = {one.name for one in fields(type(facts))}

    class Watched(type(facts)):  # type: ignore[misc]  # of whichever type they are
        def __getattribute__(self, name: str) -> Any:
            value = object.__getattribute__(facts, name)
            if name in names:
                read.setdefault(name, value)
            return value

    return Watched.__new__(Watched)


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
    every = {it: worlds(COMMANDS[it].facts) for rows in flow.offered.values() for it in rows}
    waiting = [standing(begin(flow, "", EPOCH))]
    seen = set(waiting)
    while waiting:
        journey = waiting.pop()
        for event in sorted(flow.offered[journey.state]):
            take = AskedOnce(partial(_take, table, journey, event))
            for facts in every[event]:
                found = take(facts)
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
