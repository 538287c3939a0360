"""What is wrong with a table, found by walking all of it.

The names of the rules are those of the invariants that the tests keep: ``S26`` every command is
decided, ``S27`` an end has no exit, ``L1`` no dead end, ``L2`` always something to press, ``L3``
no dead room and no dead row, ``L4`` time alone ends every journey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from ..chart import Flow
from ..effects import ChangeCredentials
from ..facts import Deadline, TickFacts
from ..journey import Journey
from ..policy import Policy, RecoveryPolicy
from ..retelling.table import numbered_rows
from ..screens import Place as Destination
from .exploration import Edge, Exploration, explore, is_offered

__all__ = ()

_LAST_RESORTS = {"expired"}  # an end, but not what the person came for
_NO_ACTION = {"tick"}


@frozen(order=True)
class Finding:
    """One broken rule: its name, where, and what is wrong there."""

    rule: str
    where: str
    what: str


def check(flow: Flow, policies: Sequence[Policy] = ()) -> list[Finding]:
    """Look for everything that is wrong with a flow; an empty list is good news.

    Args:
        flow: the definition.
        policies: under which switches to walk; by default, all that change an offer (``D1``).
    """
    walks = [explore(flow, policy) for policy in policies or _switches(flow)]
    findings = {
        *_undecided(flow),
        *_exits(flow),
        *_never(flow, walks),
        *(finding for walk in walks for finding in _of_walk(walk)),
    }
    return sorted(findings)


def _switches(flow: Flow) -> tuple[Policy, ...]:
    """The policies that change what a screen of the flow offers."""
    policy = Policy()
    blocked = evolve(policy, recovery=RecoveryPolicy(existing_account="block"))
    buttons = (button for screen in flow.screens.values() for button in screen.buttons)
    hides = any(button.requires == "offer_recovery" for button in buttons)
    return (policy, blocked) if hides else (policy,)


def _undecided(flow: Flow) -> Iterator[Finding]:
    """``S26``, read from the table: the last row tried for an event has no guard."""
    last = {(row.source, row.event): (row_id, row) for row_id, row in numbered_rows(flow).items()}
    for row_id, row in last.values():
        if row.guards:
            yield Finding("S26", str(row_id), "no row decides when its guards refuse")


def _exits(flow: Flow) -> Iterator[Finding]:
    for row_id in numbered_rows(flow):
        if row_id.state in flow.finals:
            yield Finding("S27", str(row_id), "a row leaves a state that ends the journey")


def _never(flow: Flow, walks: Sequence[Exploration]) -> Iterator[Finding]:
    reached = {state for walk in walks for state in walk.states}
    taken = {row_id for walk in walks for row_id in walk.taken}
    for state in set(flow.screens) - reached:
        yield Finding("L3", f"{flow.name}.{state}", "no journey comes here")
    for row_id in set(numbered_rows(flow)) - taken:
        yield Finding("L3", str(row_id), "this row never decides")


def _of_walk(walk: Exploration) -> Iterator[Finding]:
    yield from _refused(walk)
    hopeful = _hopeful(walk)
    ended = {
        edge.before
        for edge in walk.edges
        if _is_the_end(edge) and edge.after.state in walk.flow.finals
    }
    for journey in walk.journeys:
        if journey.state in walk.flow.finals:
            continue
        where = f"{walk.flow.name}.{journey.state}"
        if journey not in hopeful:
            yield Finding("L1", where, "leads neither to success nor to someone to turn to")
        if not _shows_an_action(walk.flow, journey):
            yield Finding("L2", where, "there is nothing to do but wait")
        if journey not in ended:
            yield Finding("L4", where, "the end of its life does not end the journey")


def _refused(walk: Exploration) -> Iterator[Finding]:
    for edge in walk.edges:
        if edge.row is None:
            yield Finding("S26", f"{walk.flow.name}.{edge.before.state}", f"undecided: {edge}")
        elif not edge.agrees:
            yield Finding("S26", str(edge.row), f"the library goes elsewhere: {edge}")


def _hopeful(walk: Exploration) -> set[Journey]:
    """The journeys from which what is offered leads to success, or to a way to a human.

    The way to a human may be one screen on: once no code may be sent any more, the first screen
    still leads to the second, which shows it.
    """
    into: dict[Journey, set[Journey]] = {}
    hopeful = {it for it in walk.journeys if _shows_a_human(walk.flow, it)}
    for edge in walk.edges:
        if not edge.offered:
            continue
        into.setdefault(edge.after, set()).add(edge.before)
        if _is_success(walk.flow, edge):
            hopeful.add(edge.before)
    waiting = list(hopeful)
    while waiting:
        fresh = into.get(waiting.pop(), set()) - hopeful
        hopeful |= fresh
        waiting.extend(fresh)
    return hopeful


def _is_success(flow: Flow, edge: Edge) -> bool:
    arrived = edge.after.state in flow.finals and edge.after.state not in _LAST_RESORTS
    return arrived or any(isinstance(effect, ChangeCredentials) for effect in edge.effects)


def _is_the_end(edge: Edge) -> bool:
    return isinstance(edge.facts, TickFacts) and edge.facts.deadline is Deadline.JOURNEY


def _shows_a_human(flow: Flow, journey: Journey) -> bool:
    return any(link.to is Destination.ASSISTANCE for link in flow.screens[journey.state].links)


def _shows_an_action(flow: Flow, journey: Journey) -> bool:
    events = flow.offered[journey.state] - _NO_ACTION
    shown = any(is_offered(flow, journey, event) for event in events)
    return shown or bool(flow.screens[journey.state].links)
