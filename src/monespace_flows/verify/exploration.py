"""The walk: breadth first from a flow's first screen, so that every path found is a shortest one.

Journeys are explored, never paths: a table with a loop has endless paths and few journeys.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen
from statemachine.exceptions import TransitionNotAllowed

from ..chart import Flow
from ..effects import Effect
from ..facts import Facts
from ..journey import Journey
from ..policy import Policy
from ..step import begin, step
from .abstraction import INSTANT, REFERENCE, shorten, simplify
from .answers import PSEUDONYM, answers
from .places import Place, place_taken

__all__ = ["Edge", "Exploration", "explore", "is_offered"]

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
