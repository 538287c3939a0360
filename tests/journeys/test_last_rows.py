"""Rows, counts and ends of which no sentence of the guide speaks, each to its last instant.

``tests/mutants`` names the small mistake that each of these notices.
"""

from __future__ import annotations

from datetime import timedelta

from monespace_flows import CloseSessions, Extend, RequestLink, RequestResetLink, SendCode
from monespace_flows.effects import Budget
from monespace_flows.policy import CodePolicy, PasswordPolicy, Policy
from monespace_flows.screens import View
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, WRONG_PASSWORD
from .test_accounts import known, on_browser, warnings
from .test_input import LONG, create


def only_letter(sandbox: Sandbox) -> str:
    """What was sent beside codes, which is one letter."""
    (purpose,) = [it.purpose for it in sandbox.messages if it.purpose != "code"]
    return purpose


# --- letters and notices -------------------------------------------------------------------------


def test_c10_each_creation_writes_one_letter_and_says_what_it_is_for() -> None:
    typed, proven = Sandbox(), Sandbox()

    assert acting.notices(acting.created_by_sms(typed)) == ["email.to_confirm"]
    assert acting.notices(acting.created(proven)) == []
    assert (only_letter(typed), only_letter(proven)) == ("confirmation", "confirmation")


def test_r6_a_recovery_says_that_the_address_is_to_be_confirmed() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    sandbox.clock.advance(minutes=5)

    assert acting.notices(acting.recovered(sandbox)) == ["email.to_confirm"]


def test_r7_the_link_that_is_offered_leaves() -> None:
    """To the address that was typed, which is the account's own."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    view = acting.code_accepted(sandbox, flow="recovery")
    view = sandbox.flows.submit(view.token, acting.activation(LOGIN))

    view = sandbox.flows.submit(view.token, RequestResetLink())

    assert acting.notices(view) == ["link.sent"]
    assert [it.to for it in sandbox.messages if it.purpose == "reset_link"] == [LOGIN]


def test_bf_16_a_recovery_tells_the_holder_of_wrong_pairs() -> None:
    sandbox = Sandbox()
    for _ in range(5):
        view = sandbox.flows.start("recovery")
        sandbox.flows.submit(view.token, acting.wrong_birth_date())

    assert warnings(sandbox) == [("email", JOHN.email)]


def test_c1_the_order_is_asked_about_nobody_before_the_terms_are_accepted() -> None:
    """Its silence does not show either."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")

    sandbox.registry.fail_next()
    view = sandbox.flows.submit(view.token, acting.identity(accept_terms=False))

    assert acting.notices(view) == ["terms.required"]


# --- who has left the Order ----------------------------------------------------------------------


def test_s4_who_left_the_order_does_not_come_in_and_has_no_account_any_more() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    sandbox.registry.remove(JOHN.rpps)

    view = acting.sign_in(sandbox)

    assert (view.session, acting.notices(view)) == (None, ["credentials.refused"])
    assert acting.accounts(sandbox)[0].disabled_at == sandbox.clock.now()


def test_p4_who_left_the_order_chooses_no_password() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)
    sandbox.registry.remove(JOHN.rpps)

    view = sandbox.flows.submit(view.token, acting.new_password())

    assert (view.state, acting.notices(view)) == ("expired", ["link.invalid"])
    assert acting.accounts(sandbox)[0].disabled_at == sandbox.clock.now()


# --- sessions and browsers -----------------------------------------------------------------------


def test_ss_08_the_other_sessions_are_over_once_they_are_closed() -> None:
    sandbox = Sandbox()
    mine = acting.member(sandbox)
    other = acting.session_of(sandbox)
    view = sandbox.flows.start("settings", mine)

    view = sandbox.flows.submit(view.token, CloseSessions())

    assert acting.notices(view) == ["sessions.closed"]
    assert sandbox.flows.session(other) is None
    assert sandbox.flows.session(mine) is not None


def test_bf_10_what_a_known_browser_mistypes_is_its_own_affair() -> None:
    """It locks itself, and nobody else."""
    sandbox = Sandbox()
    acting.created(sandbox)
    browser = known(sandbox)
    for _ in range(3):
        on_browser(sandbox, browser, WRONG_PASSWORD)

    assert acting.counted(sandbox, Budget.BROWSER) == 3
    assert on_browser(sandbox, browser).session is None
    assert acting.sign_in(sandbox).session is not None


# --- links ---------------------------------------------------------------------------------------


def test_d7_a_confirmation_is_worth_nothing_from_the_end_of_its_week_on() -> None:
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    token = acting.confirmation_received(sandbox)

    sandbox.clock.advance(hours=7 * 24, seconds=-1)
    assert sandbox.flows.link_purpose(token) is not None
    sandbox.clock.advance(seconds=1)
    assert sandbox.flows.link_purpose(token) is None


def test_sd_06_links_to_nobody_are_counted_as_any_others() -> None:
    """Three an hour; what is asked for in vain afterwards is not."""
    counts = []
    for email in (JOHN.email, LOGIN):
        sandbox = Sandbox()
        acting.created(sandbox)
        for _ in range(4):
            view = sandbox.flows.start("reset")
            sandbox.flows.submit(view.token, RequestLink(email))
        counts.append(acting.counted(sandbox, Budget.LINK))

    assert counts == [3, 3]


# --- to the last instant -------------------------------------------------------------------------


def test_sd_02_an_hour_after_a_code_another_may_leave() -> None:
    """The count of an hour is over at its end, not one instant later."""
    sandbox = Sandbox(Policy(codes=CodePolicy(sends_per_hour=1)))
    acting.awaiting_code(sandbox)

    told: list[View] = []
    for wait in (timedelta(minutes=60, seconds=-1), timedelta(seconds=1)):
        sandbox.clock.advance(seconds=wait.total_seconds())
        told.append(sandbox.flows.submit(acting.identified(sandbox).token, SendCode("sms")))

    assert [acting.notices(view) for view in told] == [["send.exhausted"], []]


def test_in_05_a_password_of_exactly_so_many_bytes_is_accepted() -> None:
    _, view = create(LONG[:256], Policy(passwords=PasswordPolicy(maximum_bytes=256)))

    assert view.state == "created"


def test_d5_prolonging_gives_ten_minutes_from_then_on() -> None:
    """Of the journey too, where less than that was left."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for minutes in (9, 9, 9):
        sandbox.clock.advance(minutes=minutes)
        view = sandbox.flows.submit(view.token, Extend())

    assert view.expires_at == sandbox.clock.now() + timedelta(minutes=10)
