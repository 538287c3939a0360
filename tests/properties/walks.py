"""The walk of each flow, made once for all tests that look at it."""

from functools import cache

from monespace_flows.flows import FLOWS
from monespace_flows.journey import Journey
from monespace_flows.policy import Policy, RecoveryPolicy
from monespace_flows.verify.exploration import Edge, Exploration, explore

BLOCKING = Policy(recovery=RecoveryPolicy(existing_account="block"))


@cache
def walk_of(flow: str) -> Exploration:
    """Walk a flow under the default policy."""
    return explore(FLOWS[flow])


@cache
def all_edges() -> tuple[Edge, ...]:
    """Every step of every flow."""
    return tuple(edge for flow in FLOWS for edge in walk_of(flow).edges)


@cache
def blocked_recovery() -> Exploration:
    """Walk the recovery under the letter of ``R3``."""
    return explore(FLOWS["recovery"], BLOCKING)


def reached_without(walk: Exploration, forbidden: list[Edge]) -> set[str]:
    """The states still reached when some steps are forbidden."""
    barred = set(map(id, forbidden))
    ways: dict[Journey, list[Journey]] = {}
    for edge in walk.edges:
        if id(edge) not in barred:
            ways.setdefault(edge.before, []).append(edge.after)
    reached, waiting = {walk.journeys[0]}, [walk.journeys[0]]
    while waiting:
        fresh = set(ways.get(waiting.pop(), ())) - reached
        reached |= fresh
        waiting.extend(fresh)
    return {journey.state for journey in reached}
