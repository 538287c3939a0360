"""Every command in every state: what the screen does not offer is refused, and changes nothing."""

from __future__ import annotations

import pytest

from monespace_flows.commands import COMMANDS
from monespace_flows.errors import CommandNotOffered, JourneyOver
from monespace_flows.flows import FLOWS
from monespace_flows.testing import Sandbox

from . import acting

NOT_OFFERED = [
    (flow, state, event)
    for flow, state in acting.PLACES
    for event in COMMANDS
    if event not in [button.command for button in FLOWS[flow].screens[state].buttons]
]


def test_every_state_of_every_flow_can_be_reached() -> None:
    """The tests below leave none out."""
    states = {(name, state) for name, flow in FLOWS.items() for state in flow.screens}

    assert set(acting.PLACES) == states


@pytest.mark.parametrize(("flow", "state"), acting.PLACES)
def test_every_state_is_where_the_tests_say(flow: str, state: str) -> None:
    """A person who came there sees its screen, now and when they look again."""
    sandbox = Sandbox()

    view = acting.PLACES[flow, state](sandbox)

    assert (view.flow, view.state) == (flow, state)
    if view.session is None:
        assert sandbox.flows.view(view.token).screen == view.screen


@pytest.mark.parametrize(("flow", "state", "event"), NOT_OFFERED)
def test_fl_06_in_18_what_the_screen_does_not_offer_changes_nothing(
    flow: str, state: str, event: str
) -> None:
    """The caller is told, with the screen where the person is; the store is as it was."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    command = acting.pressing(sandbox, event)
    before, sent = acting.kept(sandbox), len(sandbox.messages)
    is_over = state in FLOWS[flow].finals

    with pytest.raises((JourneyOver, CommandNotOffered)) as refusal:
        sandbox.flows.submit(view.token, command)

    error = refusal.value
    assert isinstance(error, JourneyOver | CommandNotOffered)
    assert isinstance(error, JourneyOver) is is_over
    assert error.view == sandbox.flows.view(view.token)
    assert state in str(error) or view.status in str(error)
    assert (acting.kept(sandbox), len(sandbox.messages)) == (before, sent)
