"""What a creation and a recovery promise alike, to the last row of either.

Each test here notices a small mistake that no sentence of the guide speaks of: ``tests/mutants``
names them.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monespace_flows import (
    Back,
    ContinueRecovery,
    Extend,
    ResendCode,
    Restart,
    SendCode,
    SubmitCode,
)
from monespace_flows.effects import Budget
from monespace_flows.policy import Policy, TotalsPolicy
from monespace_flows.screens import View
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PAUL

flows = pytest.mark.parametrize("flow", ["creation", "recovery"])


# --- codes ---------------------------------------------------------------------------------------


@flows
def test_bf_07_the_last_try_says_so_and_the_right_code_comes_too_late(flow: str) -> None:
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, flow=flow)
    tried = [
        acting.notices(sandbox.flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox, it))))
        for it in range(1, 6)
    ]

    late = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert tried == [*[["code.wrong"]] * 4, ["code.wrong", "code.exhausted"]]
    assert (late.state, acting.notices(late)) == ("enter_code", ["code.exhausted"])


@flows
def test_sd_01_another_code_leaves_after_a_minute_and_is_told(flow: str) -> None:
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, flow=flow)

    soon = sandbox.flows.submit(view.token, ResendCode())
    sandbox.clock.advance(minutes=1)
    sent = sandbox.flows.submit(view.token, ResendCode())

    assert acting.notices(soon) == ["code.too_soon"]
    assert acting.notices(sent) == ["code.resent"]
    assert len(sandbox.messages) == 2


@flows
def test_sd_01_a_journey_sends_four_codes(flow: str) -> None:
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, flow=flow)
    for seconds in (60, 120, 300):
        sandbox.clock.advance(seconds=seconds)
        view = sandbox.flows.submit(view.token, ResendCode())

    sandbox.clock.advance(minutes=9)
    refused = sandbox.flows.submit(view.token, ResendCode())

    assert acting.notices(refused) == ["send.exhausted"]
    assert len(sandbox.messages) == 4


@flows
def test_sd_03_no_code_leaves_by_a_channel_that_is_closed(flow: str) -> None:
    sandbox = Sandbox(Policy(totals=TotalsPolicy(sms_price=10, sms_budget=10)))
    view = acting.identified(sandbox, flow=flow)
    acting.awaiting_code(sandbox, PAUL)

    refused = sandbox.flows.submit(view.token, SendCode("sms"))

    assert (refused.state, acting.notices(refused)) == ("choose_channel", ["send.sms_closed"])
    assert len(sandbox.messages) == 1


@flows
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_fl_02_a_code_that_was_used_is_not_asked_for_again(flow: str, channel: str) -> None:
    """Whoever goes back and asks too soon waits for a new one: the old one opens nothing more."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel=channel, flow=flow)

    view = sandbox.flows.submit(view.token, Back())
    soon = sandbox.flows.submit(view.token, SendCode(channel))

    assert (soon.state, acting.notices(soon)) == ("choose_channel", ["code.too_soon"])


@flows
def test_fl_15_a_contact_that_is_gone_is_not_written_to(flow: str) -> None:
    sandbox = Sandbox()
    view = acting.identified(sandbox, flow=flow)
    sandbox.registry.change(JOHN.rpps, mobile=None)

    gone = sandbox.flows.submit(view.token, SendCode("sms"))

    assert (gone.state, acting.notices(gone)) == ("choose_channel", ["identity.unknown"])
    assert list(sandbox.messages) == []


# --- credentials ---------------------------------------------------------------------------------


@flows
def test_in_05_a_weak_password_is_refused(flow: str) -> None:
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, flow=flow)

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN, "motdepasse"))

    assert (view.state, acting.notices(view)) == ("choose_credentials", ["password.weak"])


def test_d7_whoever_had_no_account_is_told_that_the_address_is_to_be_confirmed() -> None:
    """A recovery that ends with a new account says what a creation says."""
    view = acting.recovered(Sandbox())

    assert acting.notices(view) == ["email.to_confirm"]


def _created_by_sms(sandbox: Sandbox) -> View:
    return acting.code_accepted(sandbox)


def _recovered(sandbox: Sandbox) -> View:
    acting.created_by_sms(sandbox)
    sandbox.clock.advance(minutes=5)
    return acting.code_accepted(sandbox, flow="recovery")


def _recovered_without_account(sandbox: Sandbox) -> View:
    return acting.code_accepted(sandbox, flow="recovery")


ENDS: dict[str, tuple[Callable[[Sandbox], View], str]] = {
    "creation": (_created_by_sms, LOGIN),
    "recovery": (_recovered, OTHER_LOGIN),
    "recovery without an account": (_recovered_without_account, OTHER_LOGIN),
    "recovery to the Order's address": (
        lambda sandbox: _by_email(sandbox, _recovered),
        JOHN.email,
    ),
}


def _by_email(sandbox: Sandbox, come: Callable[[Sandbox], View]) -> View:
    """The same, with another code, by e-mail: the Order's address is proven then."""
    view = sandbox.flows.submit(come(sandbox).token, Back())
    view = sandbox.flows.submit(view.token, SendCode("email"))
    return sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))


@pytest.mark.parametrize("end", ENDS)
def test_bf_15_the_end_of_the_work_forgets_every_failure(end: str) -> None:
    """Wrong pairs, wrong codes and taken addresses of a day; nothing before it does."""
    sandbox = Sandbox()
    come, login = ENDS[end]
    acting.created(sandbox, PAUL)
    view = come(sandbox)
    sandbox.flows.submit(sandbox.flows.start("creation").token, acting.wrong_birth_date())
    other = acting.awaiting_code(sandbox, channel="email", flow="recovery")
    sandbox.flows.submit(other.token, SubmitCode(acting.wrong_code(sandbox)))
    sandbox.flows.submit(view.token, acting.activation(PAUL.email))
    counts = (Budget.IDENTITY, Budget.CODE, Budget.EMAIL)
    assert [acting.counted(sandbox, it) for it in counts] == [1, 1, 1]

    sandbox.flows.submit(view.token, acting.activation(login, OTHER_PASSWORD))

    assert [acting.counted(sandbox, it) for it in counts] == [0, 0, 0]


def test_bf_15_so_does_a_creation_by_e_mail() -> None:
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")
    sandbox.flows.submit(sandbox.flows.start("creation").token, acting.wrong_birth_date())

    sandbox.flows.submit(view.token, acting.creation())

    assert acting.counted(sandbox, Budget.IDENTITY) == 0


# --- what is left of who it was ------------------------------------------------------------------


PLACES = [
    ("creation", "choose_channel"),
    ("creation", "enter_code"),
    ("creation", "choose_credentials"),
    ("creation", "choose_password"),
    ("recovery", "account_found"),
    ("recovery", "choose_channel"),
    ("recovery", "enter_code"),
    ("recovery", "choose_credentials"),
]


def _nothing_of(sandbox: Sandbox, view: View) -> bool:
    """Whether neither contacts, nor a code, nor the dossier of a journey are kept."""
    stored = acting.journey_of(sandbox, view)
    journey = stored.journey
    kept = (journey.contacts, journey.contact, journey.code, stored.code_digest)
    return not any(kept)


@pytest.mark.parametrize(("flow", "state"), PLACES)
def test_pr_05_contacts_do_not_outlive_the_end_of_a_journey(flow: str, state: str) -> None:
    """Masked as they are, nobody has a use for them any more."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    sandbox.clock.advance(minutes=30)

    acting.over(sandbox, view.token)

    assert _nothing_of(sandbox, view)


@pytest.mark.parametrize(("flow", "state"), PLACES)
def test_pr_05_nor_whoever_gives_it_up(flow: str, state: str) -> None:
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)

    left = sandbox.flows.submit(view.token, Restart())

    assert acting.notices(left) == ["journey.abandoned"]
    assert _nothing_of(sandbox, view)


@pytest.mark.parametrize(
    ("flow", "state"),
    [
        ("creation", "choose_channel"),
        ("recovery", "choose_channel"),
        ("recovery", "account_found"),
    ],
)
def test_fl_12_back_at_the_beginning_nobody_is_known(flow: str, state: str) -> None:
    """Who looks for the doctor by their pseudonym does not find what somebody else may type now."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    assert acting.journey_of(sandbox, view).journey.subject is not None

    sandbox.flows.submit(view.token, Back())

    assert acting.journey_of(sandbox, view).journey.subject is None
    assert _nothing_of(sandbox, view)


def test_d1_who_prolongs_the_information_still_reads_it() -> None:
    """« Prolonger » takes neither the sentence nor the way on."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = sandbox.flows.submit(sandbox.flows.start("recovery").token, acting.identity())

    view = sandbox.flows.submit(view.token, Extend())

    assert acting.notices(view) == ["account.exists"]
    assert sandbox.flows.submit(view.token, ContinueRecovery()).state == "choose_channel"


def test_p3_who_prolongs_the_choice_of_a_password_still_reads_that_the_link_was_used() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)

    view = sandbox.flows.submit(view.token, Extend())

    assert acting.notices(view) == ["link.used"]
