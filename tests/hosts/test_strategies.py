"""What hosts draw from: people, presses, journeys, and a machine that walks through any flows."""

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module

import pytest
from close_account.closing import closing
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from monespace_flows import View
from monespace_flows.driver.submit import Engine
from monespace_flows.flows import STANDARD
from monespace_flows.ports import RegistryVerdict
from monespace_flows.rules.identity import has_right_check_digit
from monespace_flows.testing import MemoryRegistry, Sandbox
from monespace_flows.testing.strategies import (
    FlowMachine,
    Known,
    birth_dates,
    commands,
    doctors,
    journeys,
    rpps_numbers,
)

FEW = settings(
    max_examples=10,
    stateful_step_count=30,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Reasons:
    """The host's port, which keeps nothing."""

    def note(self, reason: str) -> None:
        assert reason


def with_a_flow_of_its_own() -> Sandbox:
    return Sandbox(flows=(*STANDARD, closing(Reasons())))


class Closing(FlowMachine):
    """The flow of a host, with the standard ones beside it."""

    known = Known(typed={"reason": "Je pars à la retraite."})

    def sandbox(self) -> Sandbox:
        return with_a_flow_of_its_own()


class OnlyClosing(Closing):
    """That flow alone."""

    names = ("close_account",)


@FEW
@given(data=st.data())
def test_people_are_invented_and_well_formed(data: st.DataObject) -> None:
    rpps, born, person = data.draw(rpps_numbers()), data.draw(birth_dates()), data.draw(doctors())
    registry = MemoryRegistry()
    person.join(registry)
    answer = registry.verify(person.doctor.rpps, person.birth_date)

    assert (rpps[:2], len(rpps)) == ("99", 11)
    assert has_right_check_digit(rpps)
    assert date(1936, 1, 1) <= born <= date(2003, 1, 1)
    assert (answer.verdict, answer.doctor) == (RegistryVerdict.MATCH, person.doctor)


@FEW
@given(data=st.data())
def test_a_press_is_of_the_flows_own_commands(data: st.DataObject) -> None:
    """With each field typed, right or wrong."""
    box = Sandbox()
    view = box.flows.start("creation")
    flow = box.flows.flows["creation"]

    command = data.draw(commands(flow, view))

    assert command.event in flow.events
    assert type(command) is flow.commands_by_event[command.event]


@FEW
@given(journey=journeys(with_a_flow_of_its_own))
def test_a_journey_is_somewhere_on_its_way(journey: tuple[Sandbox, View]) -> None:
    box, view = journey

    assert view.state in box.flows.flows[view.flow].screens
    assert box.flows.view(view.token).state == view.state


@pytest.mark.parametrize("machine", [FlowMachine, Closing])
def test_flows_are_walked_through(machine: type[FlowMachine]) -> None:
    """Ours, and a host's own beside them."""
    run_state_machine_as_test(seed(1)(machine), settings=FEW)


def test_a_flow_of_ones_own_is_walked_to_its_end() -> None:
    """Past the password and the code."""
    seen: set[str] = set()

    class Noting(OnlyClosing):
        def teardown(self) -> None:
            super().teardown()
            seen.update(view.state for view in self.views)

    run_state_machine_as_test(seed(1)(Noting), settings=FEW)

    assert {"say_why", "choose_channel", "enter_code", "closed"} <= seen


def test_a_machine_tells_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here an application that takes the same press twice."""
    monkeypatch.setattr(Engine, "given", lambda *_: None)

    with pytest.raises(AssertionError, match="again, is"):
        run_state_machine_as_test(seed(1)(FlowMachine), settings=FEW)


def test_a_machine_tells_of_a_journal_that_can_be_read() -> None:
    """What its person types is what every journal says."""

    class Readable(FlowMachine):
        known = Known(email="creation")
        names = ("creation",)

    with pytest.raises(AssertionError, match="a journal holds what was typed"):
        run_state_machine_as_test(seed(1)(Readable), settings=FEW)


@FEW
@given(data=st.data())
def test_who_can_sign_in_no_more_begins_nothing_that_needs_it(data: st.DataObject) -> None:
    machine = OnlyClosing()
    machine.begin(data)
    machine.box.flows.disable_account(rpps=machine.known.rpps)

    machine.start(data)
    machine.teardown()

    assert len(machine.views) == 1


def test_without_hypothesis_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "monespace_flows.testing.strategies")

    with pytest.raises(ModuleNotFoundError, match=r"pip install 'monespace-flows\[testing\]'"):
        import_module("monespace_flows.testing.strategies")
