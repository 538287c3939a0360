"""The places of a table: which row decides a command, by trying the guards from the top.

This reads the table as a person does, beside the library that runs it: two readings that must
agree on every step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from attrs import evolve, field, frozen
from statemachine.exceptions import TransitionNotAllowed
from statemachine.transition import Transition

from ..chart import Flow, Row, Slot, rows
from ..effects import Effect
from ..facts import Facts
from ..journey import Journey
from ..policy import Policy
from ..step import begin, step
from .answers import PSEUDONYM, answers

__all__ = [
    "INSTANT",
    "REFERENCE",
    "Edge",
    "Exploration",
    "Place",
    "explore",
    "is_offered",
    "place_taken",
    "places",
    "shorten",
    "simplify",
]


@frozen(order=True)
class Place:
    """Where a row stands: the ``number``-th, from 0, of those tried for an event in a state."""

    flow: str
    state: str
    event: str
    number: int

    def __str__(self) -> str:
        return f"{self.flow}.{self.state}.{self.event}[{self.number}]"


def places(flow: Flow) -> dict[Place, Row]:
    """Number every row of a flow's table."""
    numbered: dict[Place, Row] = {}
    tried: dict[tuple[str, str], int] = {}
    for row in rows(flow.chart):
        number = tried.get((row.source, row.event), 0)
        tried[row.source, row.event] = number + 1
        numbered[Place(flow.name, row.source, row.event, number)] = row
    return numbered


def place_taken(
    flow: Flow, journey: Journey, event: str, facts: Facts, at: datetime
) -> Place | None:
    """Say which row decides; ``None`` when no guard lets one through."""
    slot = Slot()
    slot.state, slot.at, slot.facts, slot.effects = journey.state, at, facts, []
    slot.journey = evolve(journey, subject=facts.subject or journey.subject)
    for number, transition in enumerate(_tried(flow, journey.state, event)):
        if _lets_through(transition, slot):
            return Place(flow.name, journey.state, event, number)
    return None


def _tried(flow: Flow, state: str, event: str) -> Iterator[Transition]:
    transitions = flow.chart.states_map[state].transitions
    return (it for it in transitions if event in (str(name) for name in it.events))


def _lets_through(transition: Transition, slot: Slot) -> bool:
    guards = (spec for spec in transition.cond if not spec.is_convention)
    return all(bool(spec.func(slot)) is bool(spec.expected_value) for spec in guards)


# --- journeys that behave the same, seen as one --------------------------------------------------

INSTANT = datetime(2026, 1, 1, tzinfo=UTC)
"""The one instant of every abstract journey."""

REFERENCE = "2222-2222"
"""The one reference of every abstract journey."""


def shorten(policy: Policy, resends: int = 1) -> Policy:
    """Keep the first and the last of every count: two tries a code, one resend a journey."""
    codes = evolve(
        policy.codes,
        tries=min(policy.codes.tries, 2),
        resend_waits=policy.codes.resend_waits[:resends],
    )
    return evolve(policy, codes=codes)


def simplify(journey: Journey) -> Journey:
    """Give the journey that stands for all that behave like this one."""
    return evolve(
        journey,
        reference=REFERENCE,
        started_at=INSTANT,
        entered_at=INSTANT,
        shown_at=INSTANT,
        seq=0,
        extended_at=None,
        subject=None if journey.subject is None else PSEUDONYM,
        code=None if journey.code is None else evolve(journey.code, sent_at=INSTANT),
        sent=tuple(sorted(((by, INSTANT) for by, _ in journey.sent), key=lambda it: it[0].value)),
        notices=(),
        problems=(),
        wait=0,
    )


# --- the walk ------------------------------------------------------------------------------------

_UNSHOWN = {"tick", "use_link"}  # brought by the clock, and by the landing page of a link


@frozen(kw_only=True)
class Edge:
    """One step of the walk.

    ``place`` is the row that decided, ``None`` when none did; then ``after`` is ``before``.
    ``agrees`` is false when the library went elsewhere than that row says.  ``offered``: a person
    or the clock could bring the event there.
    """

    before: Journey = field(repr=False)
    event: str
    facts: Facts
    offered: bool
    place: Place | None
    agrees: bool
    effects: tuple[Effect, ...]
    notices: tuple[str, ...]
    after: Journey = field(repr=False)

    def __str__(self) -> str:
        return f"{self.before.state} --{self.event} {self.facts}--> {self.after.state}"


@frozen(kw_only=True)
class Exploration:
    """All that a walk found; journeys stand for all those that behave like them."""

    flow: Flow
    policy: Policy
    journeys: tuple[Journey, ...] = field(repr=False)
    edges: tuple[Edge, ...] = field(repr=False)
    found: Mapping[Journey, Edge | None] = field(repr=False)

    @property
    def states(self) -> frozenset[str]:
        """The states that some journey reaches."""
        return frozenset(journey.state for journey in self.journeys)

    @property
    def taken(self) -> frozenset[Place]:
        """The rows that some step takes."""
        return frozenset(edge.place for edge in self.edges if edge.place is not None)

    def path_to(self, journey: Journey) -> tuple[Edge, ...]:
        """Give a shortest way from the first screen to a journey that was found."""
        path: list[Edge] = []
        edge = self.found[journey]
        while edge is not None:
            path.append(edge)
            edge = self.found[edge.before]
        return tuple(reversed(path))


def explore(flow: Flow, policy: Policy | None = None, *, resends: int = 1) -> Exploration:
    """Walk every journey of a flow.

    Args:
        flow: the definition.
        policy: its switches decide what is offered; its counts are shortened.
        resends: how many resends of a code are left of the policy's.
    """
    short = shorten(policy or Policy(), resends)
    first = simplify(begin(flow, REFERENCE, INSTANT, PSEUDONYM if flow.needs_session else None))
    found: dict[Journey, Edge | None] = {first: None}
    waiting, edges = deque([first]), []
    while waiting:
        for edge in _edges(flow, waiting.popleft(), short):
            edges.append(edge)
            if edge.after not in found:
                found[edge.after] = edge
                waiting.append(edge.after)
    return Exploration(
        flow=flow, policy=short, journeys=tuple(found), edges=tuple(edges), found=found
    )


def is_offered(flow: Flow, journey: Journey, event: str) -> bool:
    """Whether the screen shows the button, or the event needs none."""
    if event in _UNSHOWN:
        return event in flow.offered[journey.state]
    shown = (
        button.command
        for button in flow.screens[journey.state].buttons
        if button.requires is None or bool(getattr(journey, button.requires))
    )
    return event in shown


def _edges(flow: Flow, journey: Journey, policy: Policy) -> Iterator[Edge]:
    for event in sorted(flow.offered[journey.state]):
        for facts in answers(flow, journey, event, policy):
            yield _edge(flow, journey, event, facts)


def _edge(flow: Flow, journey: Journey, event: str, facts: Facts) -> Edge:
    place = place_taken(flow, journey, event, facts, INSTANT)
    edge = Edge(
        before=journey,
        event=event,
        facts=facts,
        offered=is_offered(flow, journey, event),
        place=place,
        agrees=place is None,
        effects=(),
        notices=(),
        after=journey,
    )
    try:
        stepped = step(flow, journey, event, facts, INSTANT)
    except TransitionNotAllowed:
        return edge
    after = stepped.journey
    return evolve(
        edge,
        agrees=place is not None and _target(flow, place) == after.state,
        effects=stepped.effects,
        notices=after.notices,
        after=simplify(after),
    )


def _target(flow: Flow, place: Place) -> str:
    rows = flow.chart.states_map[place.state].transitions
    tried = [row for row in rows if place.event in (str(name) for name in row.events)]
    return str(tried[place.number].target.id)
