"""The walk: breadth first from a flow's first screen, so that every path found is a shortest one.

Journeys are explored, never paths: a table with a loop has endless paths and few journeys.  Those
that behave the same are seen as one (:func:`~monespace_flows.retelling.standing.timeless`), and
counters are short.  Time is not measured: any deadline may pass at any moment, which is more than a
clock could do.
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
from ..retelling.standing import EPOCH, timeless
from ..retelling.table import DecisionTable, RowId
from ..step import begin, step
from .answers import PSEUDONYM, answers

__all__ = ()

_UNSHOWN = {"tick", "use_link"}  # brought by the clock, and by the landing page of a link


@frozen(kw_only=True)
class Edge:
    """One step of the walk.

    ``row`` is the one that decided, ``None`` when none did; then ``after`` is ``before``.
    ``agrees`` is false when the library went elsewhere than that row says.  ``offered``: a person
    or the clock could bring the event there.
    """

    before: Journey = field(repr=False)
    event: str
    facts: Facts
    offered: bool
    row: RowId | None
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
    def taken(self) -> frozenset[RowId]:
        """The rows that some step takes."""
        return frozenset(edge.row for edge in self.edges if edge.row is not None)

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
    short = _shorten(policy or Policy(), resends)
    table = DecisionTable(flow)
    first = timeless(begin(flow, "", EPOCH, PSEUDONYM if flow.needs_session else None))
    found: dict[Journey, Edge | None] = {first: None}
    waiting, edges = deque([first]), []
    while waiting:
        for edge in _edges(table, waiting.popleft(), short):
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


def _shorten(policy: Policy, resends: int) -> Policy:
    """Keep the first and the last of every count: two tries a code, few resends a journey."""
    codes = evolve(
        policy.codes,
        tries=min(policy.codes.tries, 2),
        resend_waits=policy.codes.resend_waits[:resends],
    )
    return evolve(policy, codes=codes)


def _edges(table: DecisionTable, journey: Journey, policy: Policy) -> Iterator[Edge]:
    flow = table.flow
    for event in sorted(flow.offered[journey.state]):
        for facts in answers(flow, journey, event, policy):
            yield _edge(table, journey, event, facts)


def _edge(table: DecisionTable, journey: Journey, event: str, facts: Facts) -> Edge:
    """Take one step by the library, and look which row the table says it is."""
    row, target = table.row_taken(journey, event, facts, EPOCH) or (None, None)
    edge = Edge(
        before=journey,
        event=event,
        facts=facts,
        offered=is_offered(table.flow, journey, event),
        row=row,
        agrees=row is None,
        effects=(),
        notices=(),
        after=journey,
    )
    try:
        stepped = step(table.flow, journey, event, facts, EPOCH)
    except TransitionNotAllowed:
        return edge
    after = stepped.journey
    return evolve(
        edge,
        agrees=target == after.state,
        effects=stepped.effects,
        notices=after.notices,
        after=timeless(after),
    )
