"""The answer that never came: the same press again is told the same, secrets included (FT-06)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from monespace_flows import Back, ResendCode, SendCode, SubmitCode, View
from monespace_flows.commands import Command
from monespace_flows.errors import CommandNotOffered, JourneyOver, LinkInvalid
from monespace_flows.flows import FLOWS
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.replaying import leave_alone

KEY = "1b671a64-40d5-491e-99b0-da01ff1f3341"


def pressed_twice(sandbox: Sandbox, view: View, command: Command) -> tuple[View, View]:
    first = sandbox.flows.submit(view.token, command, key=KEY)
    kept = acting.kept(sandbox)
    again = sandbox.flows.submit(view.token, command, key=KEY)
    assert acting.kept(sandbox) == kept
    return first, again


EVERY = dict.fromkeys(
    (flow, state, button.command)
    for flow, state in acting.PLACES
    for button in FLOWS[flow].screens[state].buttons
)


@pytest.mark.parametrize(("flow", "state", "event"), EVERY)
def test_ft_06_the_same_press_again_is_answered_as_before(
    flow: str, state: str, event: str
) -> None:
    """Every command, on every screen that has it; nothing more is written, sent or counted."""
    sandbox = Sandbox()
    view = acting.place(flow, state, event)(sandbox)
    sandbox.clock.advance(minutes=2)  # so that a code may be sent again

    first, again = pressed_twice(sandbox, view, acting.pressing(sandbox, event))

    assert again == first


def test_ft_06_a_session_that_was_lost_is_given_again() -> None:
    """It is the one that was opened, and the only one."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.PLACES["signin", "enter_credentials"](sandbox)

    first, again = pressed_twice(sandbox, view, acting.pressing(sandbox, "sign_in"))

    assert again.session == first.session
    assert again.session is not None
    assert sandbox.flows.session(again.session) is not None


def test_ft_06_settings_repeated_lock_nobody_out() -> None:
    """The session of the first answer is another: the repeat needs none."""
    sandbox = Sandbox()
    view = acting.PLACES["settings", "edit_settings"](sandbox)
    saved = sandbox.flows.submit(view.token, acting.save(), key=KEY)
    for _ in range(10):
        assert sandbox.flows.submit(view.token, acting.save(), key=KEY) == saved

    assert saved.outcome is Outcome.ACCEPTED


def test_what_was_typed_belongs_to_the_press() -> None:
    """The same key with another code is another press, and is judged."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", "enter_code"](sandbox)
    sandbox.flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox)), key=KEY)

    right = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)), key=KEY)

    assert right.outcome is Outcome.ACCEPTED


def test_another_key_is_another_press() -> None:
    """Two wrong codes are two tries."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", "enter_code"](sandbox)
    for key in ("first", "second"):
        sandbox.flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox)), key=key)

    assert acting.journey_of(sandbox, view).journey.seq == 4


def test_an_answer_is_forgotten_once_something_else_is_pressed() -> None:
    """The screen has changed: the old press is not offered there."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", "choose_channel"](sandbox)
    sandbox.flows.submit(view.token, SendCode("email"), key=KEY)
    sandbox.clock.advance(minutes=2)
    sandbox.flows.submit(view.token, ResendCode())

    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(view.token, SendCode("email"), key=KEY)


def test_a_press_without_a_key_is_answered_once() -> None:
    """As it always was."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.PLACES["signin", "enter_credentials"](sandbox)
    sandbox.flows.submit(view.token, acting.pressing(sandbox, "sign_in"))

    assert sandbox.flows.given(view.token, acting.pressing(sandbox, "sign_in"), KEY) is None
    with pytest.raises(JourneyOver):
        sandbox.flows.submit(view.token, acting.pressing(sandbox, "sign_in"))


def test_nothing_is_given_to_who_knows_no_journey() -> None:
    """Nor for a journey that this release cannot read."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", "choose_channel"](sandbox)
    sandbox.flows.submit(view.token, Back(), key=KEY)
    stored = acting.journey_of(sandbox, view)
    unread = evolve(stored, journey=evolve(stored.journey, state="elsewhere", seq=99))
    leave_alone(sandbox.storage)
    with sandbox.storage.writing() as unit:
        unit.journeys.swap(unread, stored.journey.seq)

    assert sandbox.flows.given("nobody's", Back(), KEY) is None
    assert sandbox.flows.given(view.token, Back(), KEY) is None


def test_a_start_with_the_same_key_is_the_same_journey() -> None:
    """Its token is made of the key: nothing is kept of it."""
    sandbox = Sandbox()
    first = sandbox.flows.start("creation", key=KEY)

    assert sandbox.flows.start("creation", key=KEY) == first
    assert sandbox.flows.start("recovery", key=KEY).reference != first.reference
    assert sandbox.flows.start("creation").reference != first.reference


def test_p3_a_link_used_twice_by_one_press_opens_once() -> None:
    """The second answer has the same token; another press finds the link used."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    link = acting.link_received(sandbox)
    first = sandbox.flows.open_link(link, key=KEY)

    assert sandbox.flows.open_link(link, key=KEY) == first
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(link, key="another")


def test_d7_an_address_confirmed_twice_by_one_link_is_confirmed() -> None:
    """For ten minutes; later the link is used up."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    session, link = acting.session_of(sandbox, acting.LOGIN), acting.confirmation_received(sandbox)
    first = sandbox.flows.confirm_email(link, session, key=KEY)

    assert sandbox.flows.confirm_email(link, session, key=KEY) == first
    sandbox.clock.advance(minutes=10)
    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(link, session, key=KEY)


def test_ft_06_two_presses_at_once_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds, under its lock, that the first was answered: it is told the same."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    command = acting.pressing(sandbox, "submit_identity")
    verify = sandbox.registry.verify
    first: list[View] = []
    begun: list[bool] = []

    def press_meanwhile(*asked: Any) -> Any:
        if not begun:
            begun.append(True)
            first.append(sandbox.flows.submit(view.token, command, key=KEY))
        return verify(*asked)

    monkeypatch.setattr(sandbox.registry, "verify", press_meanwhile)
    second = sandbox.flows.submit(view.token, command, key=KEY)

    assert [second] == first
    assert [it.command for it in acting.journal_of(sandbox, second)] == ["start", "submit_identity"]


def test_what_waits_too_long_is_told_by_its_channel() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(100)
    acting.awaiting_code(sandbox)
    assert sandbox.flows.overdue() == ()

    sandbox.clock.advance(minutes=5)

    assert sandbox.flows.overdue() == ("sms",)
