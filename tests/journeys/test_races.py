"""Two at once: each race is staged call by call, so that the slower one always loses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest

from monespace_flows import Back, Extend, Flows, Policy, ResendCode, SendCode, SignIn, SubmitCode
from monespace_flows.effects import Budget
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    LinkInvalid,
    LostSwap,
    PortBusy,
    SessionRequired,
    UniqueBroken,
)
from monespace_flows.policy import CodePolicy, IdentityPolicy
from monespace_flows.testing import Sandbox
from monespace_flows.testing.stores import Links

from . import acting
from .acting import JOHN, LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD
from .breaking import Hook, hook


def meanwhile(sandbox: Sandbox, does: Callable[[], object], *, on: str = "writing") -> Hook:
    """Let someone be faster: just before the next transaction begins, or another call."""
    it = hook(sandbox, "storage", does, on=on)
    it.arm()
    return it


def lose() -> None:
    raise LostSwap


def break_unique() -> None:
    raise UniqueBroken


# --- the same journey in two windows -------------------------------------------------------------


def test_rc_01_the_last_step_twice_makes_one_account() -> None:
    """The slower press finds the journey done; one confirmation leaves."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, acting.creation()))

    with pytest.raises(JourneyOver) as refusal:
        sandbox.flows.submit(view.token, acting.creation(OTHER_PASSWORD))

    assert refusal.value.view.state == "created"
    assert len(acting.accounts(sandbox)) == 1
    assert len([it for it in sandbox.messages if it.purpose == "confirmation"]) == 1
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "signed_in"


def test_rc_04_the_right_code_twice_is_used_once() -> None:
    """The slower press finds the next screen."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    command = SubmitCode(acting.code_received(sandbox))
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, command))

    with pytest.raises(CommandNotOffered) as refusal:
        sandbox.flows.submit(view.token, command)

    assert refusal.value.view.state == "choose_credentials"


def test_rc_05_two_wrong_codes_at_once_are_two_tries() -> None:
    """No try is lost, and none is counted twice."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    faster = sandbox.flows
    wrong = [SubmitCode(acting.wrong_code(sandbox, number)) for number in (1, 2)]
    meanwhile(sandbox, lambda: faster.submit(view.token, wrong[0]))

    sandbox.flows.submit(view.token, wrong[1])

    stored = acting.journey_of(sandbox, view).journey
    assert stored.code is not None
    assert (stored.code.tries, acting.counted(sandbox, Budget.CODE)) == (2, 2)


def test_rc_05_fifty_wrong_codes_in_fifty_threads_are_five_tries() -> None:
    """The rest find the code dead, or are told to come back."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    codes = [acting.wrong_code(sandbox, number) for number in range(1, 51)]
    barrier, strange = Barrier(len(codes)), []

    def guess(code: str) -> None:
        barrier.wait()
        try:
            sandbox.flows.submit(view.token, SubmitCode(code))
        except PortBusy:
            pass
        except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
            strange.append(error)

    threads = [Thread(target=guess, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert strange == []
    assert acting.counted(sandbox, Budget.CODE) == 5
    right = SubmitCode(acting.code_received(sandbox))
    assert acting.notices(sandbox.flows.submit(view.token, right)) == ["code.exhausted"]


def test_rc_06_a_wrong_code_and_a_resend_at_once_are_both_done() -> None:
    """The wrong code is judged against the newer one, and counted."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    old = SubmitCode(acting.code_received(sandbox))
    sandbox.clock.advance(minutes=1)
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, ResendCode()))

    refused = sandbox.flows.submit(view.token, old)

    assert acting.notices(refused) == ["code.wrong"]
    assert acting.counted(sandbox, Budget.CODE) == 1


def test_rc_07_two_resends_at_once_send_one_code() -> None:
    """The slower one is asked to wait."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=1)
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, ResendCode()))

    view = sandbox.flows.submit(view.token, ResendCode())

    assert acting.notices(view) == ["code.too_soon"]
    assert len(sandbox.messages) == 2


def test_rc_07_a_resend_overtaken_by_another_channel_goes_to_that_channel() -> None:
    """A destination that was looked up for one contact is not used for another."""
    waits = (timedelta(0),) * 3
    sandbox = Sandbox(Policy(codes=CodePolicy(resend_waits=waits)))
    view = acting.awaiting_code(sandbox)
    faster = sandbox.flows

    def change_channel() -> None:
        faster.submit(view.token, Back())
        faster.submit(view.token, SendCode("email"))

    meanwhile(sandbox, change_channel)
    sandbox.flows.submit(view.token, ResendCode())

    sent = [(message.channel, message.to) for message in sandbox.messages]
    assert sent == [("sms", JOHN.mobile), ("email", JOHN.email), ("email", JOHN.email)]


def test_rc_06_what_was_asked_outside_holds_when_it_was_about_something_else() -> None:
    """« Prolonger » in another window changes no password: it is verified once."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = sandbox.flows.start("signin")
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, Extend()))

    view = sandbox.flows.submit(view.token, SignIn(email=JOHN.email, password=PASSWORD))

    steps = [entry.command for entry in acting.journal_of(sandbox, view)]
    assert steps == ["start", "extend", "sign_in"]
    assert (view.state, sandbox.passwords.verifications) == ("signed_in", 1)


def test_rc_06_a_present_password_is_asked_for_again_after_it_was_changed() -> None:
    """In two windows of the settings, the slower one typed what is no longer the password."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    faster = sandbox.flows
    changed = acting.save(password=OTHER_PASSWORD)
    meanwhile(sandbox, lambda: faster.submit(view.token, changed))

    view = sandbox.flows.submit(view.token, acting.save(email=LOGIN))

    assert acting.notices(view) == ["password.wrong"]
    assert acting.counted(sandbox, Budget.PASSWORD) == 1
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"


def test_rc_06_an_address_changed_in_another_window_is_the_one_that_counts() -> None:
    """What is mistyped afterwards is counted against the new address, once it is confirmed."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    faster = Sandbox.__new__(Sandbox)
    vars(faster).update(vars(sandbox))  # what breaks for the slower one does not for it
    meanwhile(sandbox, lambda: acting.changed(faster, view, LOGIN))

    sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))

    counted = acting.kept(sandbox)["budgets"].values()
    missed = [it.subject for it in counted if it.budget is Budget.PASSWORD]
    assert missed == [sandbox.secrets.digests("email", LOGIN)[0]]


def test_rc_12_a_purge_that_comes_first_ends_the_journey_cleanly() -> None:
    """The press finds no journey, and nothing is written."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    meanwhile(sandbox, lambda: acting.forget_journeys(sandbox))

    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))


def test_rc_12_late_presses_in_two_windows_are_one_step_of_the_clock() -> None:
    """The clock erases an entry once; the second press is then on time."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    sandbox.clock.advance(minutes=10)
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, acting.identity()))

    view = sandbox.flows.submit(view.token, acting.identity())

    steps = [entry.command for entry in acting.journal_of(sandbox, view)]
    assert steps == ["start", "tick", "submit_identity"]


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_fl_12_going_back_overtakes_what_was_typed(channel: str) -> None:
    """A code submitted while another window went back is not accepted there."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, channel=channel)
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, Back()))

    with pytest.raises(CommandNotOffered) as refusal:
        sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert refusal.value.view.state == "choose_channel"


# --- two journeys --------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_rc_02_two_journeys_of_one_doctor_make_one_account(channel: str) -> None:
    """The slower one reads the text of C4, even if storage has to say so."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel=channel)
    sandbox.clock.advance(minutes=5)
    faster = acting.code_accepted(sandbox)
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(faster.token, acting.activation(OTHER_LOGIN)))

    command = acting.activation() if channel == "sms" else acting.creation()
    view = sandbox.flows.submit(view.token, command)

    assert acting.notices(view) == ["account.exists"]
    assert len(acting.accounts(sandbox)) == 1


def test_rc_03_two_doctors_who_choose_one_address_do_not_share_it() -> None:
    """The slower one reads the sentence of R7."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    other = acting.code_accepted(sandbox, acting.PAUL)
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(other.token, acting.activation(LOGIN)))

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN))

    assert acting.notices(view) == ["email.taken"]
    assert len(acting.accounts(sandbox)) == 1


@pytest.mark.parametrize("failure", [break_unique, lose])
def test_rc_02_a_broken_unique_rule_is_a_race_not_an_error(failure: Callable[[], None]) -> None:
    """The step is taken again with fresh facts."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    hook(sandbox, "storage", failure, on="swap").arm(times=7)

    assert sandbox.flows.submit(view.token, acting.activation()).state == "created"
    assert len(acting.accounts(sandbox)) == 1


@pytest.mark.parametrize("failure", [break_unique, lose])
def test_rc_02_a_race_lost_again_and_again_is_given_up(failure: Callable[[], None]) -> None:
    """The caller is told to come back in a moment, and nothing has moved."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    before = acting.kept(sandbox)
    hook(sandbox, "storage", failure, on="swap").arm(times=8)

    with pytest.raises(PortBusy):
        sandbox.flows.submit(view.token, acting.activation())

    assert acting.kept(sandbox) == before


def test_rc_03_recovery_and_a_change_of_address_do_not_both_win() -> None:
    """A lost update of the account is taken again with the account as it is then: changed."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    settings = sandbox.flows.start("settings", session)
    view = acting.code_accepted(sandbox, flow="recovery")
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(settings.token, acting.save(email=LOGIN)))

    view = sandbox.flows.submit(view.token, acting.activation(OTHER_LOGIN, OTHER_PASSWORD))

    (account,) = acting.accounts(sandbox)
    assert (view.state, account.credential_epoch) == ("expired", 1)
    assert OTHER_LOGIN not in [message.to for message in sandbox.messages]
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "signed_in"
    assert acting.newest(sandbox, "confirmation").to == LOGIN


def test_rc_03_two_recoveries_of_one_account_do_not_both_win() -> None:
    """The slower one finds that the credentials are no longer those from when it began."""
    sandbox = Sandbox()
    acting.created(sandbox)
    other = acting.code_accepted(sandbox, flow="recovery")
    sandbox.clock.advance(minutes=2)
    view = acting.code_accepted(sandbox, flow="recovery")
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(other.token, acting.activation(LOGIN)))

    view = sandbox.flows.submit(view.token, acting.activation(OTHER_LOGIN, OTHER_PASSWORD))

    (account,) = acting.accounts(sandbox)
    assert (view.state, account.credential_epoch) == ("expired", 1)
    assert acting.sign_in(sandbox, LOGIN, PASSWORD).state == "signed_in"


# --- links ---------------------------------------------------------------------------------------


def test_rc_08_a_link_pressed_twice_opens_one_form() -> None:
    """The slower press is told that the link was used."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    token = acting.link_received(sandbox)
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.open_link(token))

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(token)


def test_rc_08_two_new_passwords_at_once_are_one_change() -> None:
    """One wins; the other finds the journey done."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)
    faster = sandbox.flows
    meanwhile(sandbox, lambda: faster.submit(view.token, acting.new_password()))

    with pytest.raises(JourneyOver):
        sandbox.flows.submit(view.token, acting.new_password("tout autre chose ici"))

    (account,) = acting.accounts(sandbox)
    assert account.credential_epoch == 1
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"


def test_rc_09_a_new_password_and_a_change_in_the_settings_do_not_both_win() -> None:
    """Whoever comes second finds the link dead."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    settings = sandbox.flows.start("settings", session)
    view = acting.link_used(sandbox)
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(settings.token, acting.save(email=LOGIN)))

    view = sandbox.flows.submit(view.token, acting.new_password())

    assert (view.state, acting.notices(view)) == ("expired", ["link.invalid"])
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "signed_in"
    assert acting.newest(sandbox, "confirmation").to == LOGIN


def test_rc_10_a_link_requested_while_the_address_changes_is_dead() -> None:
    """It was made for the account as it was, or not at all."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    settings = sandbox.flows.start("settings", session)
    acting.link_requested(sandbox)
    token = acting.link_received(sandbox)
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(settings.token, acting.save(email=LOGIN)))

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(token)


def used_by_another(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the store say that someone else has just used the link up, that many times."""
    consume = Links.consume
    answers = iter([False] * times)

    def lost(links: Links, digest: str, at: datetime) -> bool:
        return next(answers, True) and consume(links, digest, at)

    monkeypatch.setattr(Links, "consume", lost)


def test_rc_08_a_link_whose_use_was_lost_to_another_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store with several writers may say so at the last moment."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    used_by_another(monkeypatch, times=1)

    assert sandbox.flows.open_link(acting.link_received(sandbox)).state == "choose_new_password"


def test_rc_08_a_confirmation_used_by_another_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second is told that the link was used."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    session = acting.session_of(sandbox, LOGIN)
    used_by_another(monkeypatch, times=1)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)


@pytest.mark.parametrize("on", ["consume", "update"])
def test_rc_09_a_confirmation_that_lost_a_race_is_taken_again(on: str) -> None:
    """The account was changed by someone else at the same moment."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    session = acting.session_of(sandbox, LOGIN)
    hook(sandbox, "storage", lose, on=on).arm()

    token = acting.confirmation_received(sandbox)
    assert sandbox.flows.confirm_email(token, session).email_confirmed


def test_rc_09_what_is_lost_again_and_again_is_given_up() -> None:
    """Links and confirmations are told to come back, like steps."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    acting.created(sandbox, acting.PAUL)
    acting.link_requested(sandbox, acting.PAUL.email)
    session = acting.session_of(sandbox, LOGIN)
    hook(sandbox, "storage", lose, on="consume").arm(times=16)
    confirmation = [it for it in sandbox.messages if it.to == LOGIN][-1].link_token

    with pytest.raises(PortBusy):
        sandbox.flows.open_link(acting.link_received(sandbox))
    with pytest.raises(PortBusy):
        sandbox.flows.confirm_email(confirmation, session)


@pytest.mark.parametrize(("times", "is_taken"), [(7, True), (8, False)])
def test_terms_accepted_while_the_account_changes_are_taken_or_left_for_later(
    times: int, is_taken: bool
) -> None:
    """Settings saved in another window at the same moment are no error of the person's."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    losing = hook(sandbox, "storage", lose, on="update")
    policy = Policy(identity=IdentityPolicy(terms_version="2027-01"))
    newer = Flows(sandbox.flows.ports, policy, sandbox.flows.site)
    losing.arm(times=times)

    if is_taken:
        newer.accept_terms(session)
    else:
        with pytest.raises(PortBusy):
            newer.accept_terms(session)

    found = newer.session(session)
    assert found is not None
    assert (found.terms_version == "2027-01") is is_taken


# --- sign-in -------------------------------------------------------------------------------------


def test_rc_11_a_password_verified_before_a_recovery_does_not_sign_in_after_it() -> None:
    """The old password was right when it was checked, and is not when it would count."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.code_accepted(sandbox, flow="recovery")
    signin = sandbox.flows.start("signin")
    free = sandbox.flows
    recover = acting.activation(OTHER_LOGIN, OTHER_PASSWORD)
    meanwhile(sandbox, lambda: free.submit(view.token, recover))

    late = sandbox.flows.submit(signin.token, SignIn(email=JOHN.email, password=PASSWORD))

    assert (late.state, late.session) == ("enter_credentials", None)


def test_rc_11_a_present_password_verified_before_a_reset_changes_nothing_after_it() -> None:
    """The settings find their session over."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    reset = acting.link_used(sandbox)
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.submit(reset.token, acting.new_password()))

    with pytest.raises(SessionRequired):
        sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))

    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"


def test_rc_14_a_sign_out_that_comes_first_ends_the_settings() -> None:
    """What the session may do is asked at each press."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    view = sandbox.flows.start("settings", session)
    free = sandbox.flows
    meanwhile(sandbox, lambda: free.sign_out(session), on="reading")

    with pytest.raises(SessionRequired):
        sandbox.flows.submit(view.token, acting.save())


# --- references ----------------------------------------------------------------------------------


def same_digits(sandbox: Sandbox, times: int) -> None:
    """Let chance draw the same reference that many times."""
    drawn = iter(["0" * 16] * times)
    digits = sandbox.secrets.digits
    sandbox.secrets.digits = lambda count: next(drawn, None) or digits(count)  # type: ignore[method-assign]


def test_two_journeys_never_share_a_reference() -> None:
    """It is read over the phone: if chance draws one twice, the second journey does not begin."""
    sandbox = Sandbox()
    same_digits(sandbox, 2)
    first, second = (sandbox.flows.start("creation") for _ in range(2))
    assert first.reference == second.reference == "2222-2222"
    sandbox.flows.submit(first.token, Extend())

    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(second.token, Extend())

    assert sandbox.flows.view(first.token).reference == "2222-2222"
    assert len(acting.journal_lines(sandbox, first)) == 2
