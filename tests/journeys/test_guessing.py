"""Guessing birth dates, codes and passwords: what the limits must stop, and whom they must not."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from monespace_flows import ResendCode, SendCode, SubmitCode, SubmitIdentity, View
from monespace_flows.effects import Budget
from monespace_flows.errors import LinkInvalid
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox

from . import acting
from .acting import (
    JOHN,
    LOGIN,
    NOBODY,
    OTHER_LOGIN,
    OTHER_PASSWORD,
    PASSWORD,
    WRONG_PASSWORD,
    Person,
)

WAIT = (
    "Vous avez atteint le nombre maximal d'essais. Pour votre sécurité, veuillez patienter "
    "15 minutes avant de recommencer, ou vous rapprocher de votre conseil."
)


def try_identity(sandbox: Sandbox, command: SubmitIdentity, flow: str = "creation") -> View:
    return sandbox.flows.submit(sandbox.flows.start(flow).token, command)


def wrong_pairs(sandbox: Sandbox, times: int, person: Person = JOHN) -> list[View]:
    return [try_identity(sandbox, acting.wrong_birth_date(person)) for _ in range(times)]


def wrong_codes(sandbox: Sandbox, view: View, times: int) -> View:
    for number in range(1, times + 1):
        wrong = acting.wrong_code(sandbox, number)
        view = sandbox.flows.submit(view.token, SubmitCode(wrong))
    return view


def lock_password(sandbox: Sandbox, times: int = 3) -> None:
    for _ in range(times):
        acting.sign_in(sandbox, JOHN.email, WRONG_PASSWORD)


# --- birth dates ---------------------------------------------------------------------------------


def test_bf_01_five_wrong_birth_dates_lock_the_number() -> None:
    """The sixth try is told to wait a quarter of an hour, even with the right date."""
    sandbox = Sandbox()

    tried = wrong_pairs(sandbox, 5)
    locked = try_identity(sandbox, acting.identity())

    assert [acting.notices(view) for view in tried] == [["identity.unknown"]] * 5
    assert acting.said(locked) == [WAIT]
    assert (locked.outcome, locked.retry_after) == (Outcome.THROTTLED, timedelta(minutes=15))


def test_bf_01_ten_wrong_birth_dates_in_a_day_lock_until_the_day_is_over() -> None:
    """Whatever the pace, the eleventh try waits until the first is 24 hours old."""
    sandbox = Sandbox()
    first = sandbox.clock.now()
    wrong_pairs(sandbox, 5)
    for lock in (15, 30, 60, 120, 240):
        sandbox.clock.advance(minutes=lock)
        (view,) = wrong_pairs(sandbox, 1)
        assert acting.notices(view) == ["identity.unknown"]

    sandbox.clock.advance(hours=8)
    locked = try_identity(sandbox, acting.identity())

    assert acting.notices(locked) == ["identity.throttled"]
    assert locked.retry_after == first + timedelta(hours=24) - sandbox.clock.now()


def test_bf_01_the_registry_is_not_asked_while_the_number_is_locked() -> None:
    """A locked number costs nothing outside, and a broken registry does not show."""
    sandbox = Sandbox()
    wrong_pairs(sandbox, 5)

    sandbox.registry.fail_next()
    view = try_identity(sandbox, acting.identity())

    assert acting.notices(view) == ["identity.throttled"]


def test_bf_02_an_unknown_number_is_locked_like_a_known_one() -> None:
    """Answers and thresholds tell nobody whether a number exists."""
    known, unknown = Sandbox(), Sandbox()

    seen = [
        [(acting.said(view), view.outcome, view.retry_after) for view in tried]
        for tried in (wrong_pairs(known, 7), wrong_pairs(unknown, 7, NOBODY))
    ]

    assert seen[0] == seen[1]


def test_bf_02_creation_and_recovery_share_one_count() -> None:
    """Nobody gets five more guesses by changing screens."""
    sandbox = Sandbox()
    wrong_pairs(sandbox, 5)

    view = try_identity(sandbox, acting.wrong_birth_date(), "recovery")

    assert acting.notices(view) == ["identity.throttled"]


@pytest.mark.parametrize(("seconds", "notices"), [(-1, ["identity.throttled"]), (0, []), (1, [])])
def test_bf_01_the_lock_ends_after_a_quarter_of_an_hour(seconds: int, notices: list[str]) -> None:
    """The lock holds while it lasts, and is over when it says so."""
    sandbox = Sandbox()
    wrong_pairs(sandbox, 5)

    sandbox.clock.advance(minutes=15, seconds=seconds)
    view = try_identity(sandbox, acting.identity())

    assert acting.notices(view) == notices


def test_bf_15_only_a_full_success_forgets_wrong_pairs() -> None:
    """A right pair alone does not: an attacker who knows one would reset the count."""
    sandbox = Sandbox()
    wrong_pairs(sandbox, 4)

    acting.identified(sandbox)
    assert acting.counted(sandbox, Budget.IDENTITY) == 4
    sandbox.clock.advance(minutes=1)
    acting.created(sandbox)
    assert acting.counted(sandbox, Budget.IDENTITY) == 0


def test_bf_16_what_is_tried_while_locked_does_not_move_the_end() -> None:
    """An attacker who goes on does not keep the doctor out."""
    sandbox = Sandbox()
    wrong_pairs(sandbox, 5)
    for _ in range(14):
        sandbox.clock.advance(minutes=1)
        wrong_pairs(sandbox, 3)

    sandbox.clock.advance(minutes=1)

    assert try_identity(sandbox, acting.identity()).state == "choose_channel"


def test_bf_16_a_locked_number_keeps_its_account() -> None:
    """Sign-in, reset and settings of the same doctor work on."""
    sandbox = Sandbox()
    acting.created(sandbox)
    wrong_pairs(sandbox, 6)

    session = acting.session_of(sandbox)
    view = sandbox.flows.start("settings", session)
    assert acting.notices(sandbox.flows.submit(view.token, acting.save())) == ["settings.unchanged"]
    assert acting.password_reset(sandbox).state == "password_changed"


# --- codes ---------------------------------------------------------------------------------------


def test_bf_07_the_fifth_wrong_code_kills_the_code() -> None:
    """The right code is refused afterwards; a new one must be asked for."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    wrong_codes(sandbox, view, 5)

    dead = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))
    sandbox.clock.advance(seconds=60)
    sandbox.flows.submit(view.token, ResendCode())
    alive = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert (dead.state, acting.notices(dead)) == ("enter_code", ["code.exhausted"])
    assert alive.state == "choose_credentials"


def test_bf_07_tries_on_a_dead_code_are_not_counted() -> None:
    """The doctor's own count does not grow by what could not succeed."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)

    wrong_codes(sandbox, view, 9)

    assert acting.counted(sandbox, Budget.CODE) == 5


def ten_wrong_codes(sandbox: Sandbox) -> View:
    view = acting.awaiting_code(sandbox)
    for tries, wait in ((4, 60), (4, 120), (2, 0)):
        wrong_codes(sandbox, view, tries)
        sandbox.clock.advance(seconds=wait)
        if wait:
            sandbox.flows.submit(view.token, ResendCode())
    return view


def test_bf_08_a_resend_does_not_give_the_tries_back() -> None:
    """After ten wrong codes in 24 hours even the right one is refused."""
    sandbox = Sandbox()
    view = ten_wrong_codes(sandbox)

    view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert (view.state, acting.notices(view)) == ("enter_code", ["code.exhausted"])


def test_bf_09_a_new_journey_does_not_either() -> None:
    """The count is the doctor's, whatever the journey, until the day is over."""
    sandbox = Sandbox()
    ten_wrong_codes(sandbox)
    sandbox.clock.advance(hours=1)

    assert acting.code_accepted(sandbox).state == "enter_code"
    assert acting.code_accepted(sandbox, flow="recovery").state == "enter_code"
    sandbox.clock.advance(hours=23)
    assert acting.code_accepted(sandbox).state == "choose_credentials"


def test_bf_09_the_count_of_one_doctor_is_not_another_s() -> None:
    """A colleague is not kept out."""
    sandbox = Sandbox()
    ten_wrong_codes(sandbox)

    assert acting.code_accepted(sandbox, acting.PAUL).state == "choose_credentials"


# --- passwords -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_bf_10_delays_grow_and_no_more_than_25_passwords_a_day_are_judged() -> None:
    """Someone tries each minute: never are more than the limit judged in 24 hours."""
    sandbox = Sandbox()
    acting.created(sandbox)
    judged = []
    for _ in range(26 * 60):
        before = acting.counted(sandbox, Budget.PASSWORD)
        acting.sign_in(sandbox, JOHN.email, WRONG_PASSWORD)
        if acting.counted(sandbox, Budget.PASSWORD) > before:
            judged.append(sandbox.clock.now())
        sandbox.clock.advance(minutes=1)

    day = timedelta(hours=24)
    pauses = [(later - sooner) // timedelta(minutes=1) for sooner, later in pairwise(judged)]
    assert max(sum(at <= other < at + day for other in judged) for at in judged) == 25
    assert pauses[:14] == [1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 5, 9, 15, 15]


def test_bf_10_the_owner_can_still_reset_the_password() -> None:
    """Guessing locks nobody out for good: the link signs in, and so does the new password."""
    sandbox = Sandbox()
    acting.created(sandbox)
    lock_password(sandbox, 100)

    view = acting.password_reset(sandbox)

    assert sandbox.flows.session(view.session or "") is not None
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"


@pytest.mark.parametrize("login", [LOGIN, OTHER_LOGIN], ids=["the former login", "the new one"])
def test_bf_10_whoever_recovers_the_account_signs_in_at_once(login: str) -> None:
    """Wrong passwords tried at either address do not keep out who has just chosen a new one."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    for _ in range(3):
        acting.sign_in(sandbox, login, WRONG_PASSWORD)
    sandbox.clock.advance(seconds=0.5)

    acting.recovered(sandbox, email=OTHER_LOGIN)

    assert acting.counted(sandbox, Budget.PASSWORD) == 0
    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"


@pytest.mark.parametrize("flow", ["creation", "recovery"])
def test_bf_10_whoever_creates_an_account_signs_in_at_once(flow: str) -> None:
    """Whoever tried to sign in before there was an account is not kept out of it (D2)."""
    sandbox = Sandbox()
    for _ in range(3):
        acting.sign_in(sandbox, LOGIN, WRONG_PASSWORD)
    view = acting.code_accepted(sandbox, flow=flow)

    sandbox.flows.submit(view.token, acting.activation(LOGIN))

    assert acting.sign_in(sandbox, LOGIN, PASSWORD).state == "signed_in"


def test_bf_10_a_change_in_the_settings_forgets_wrong_passwords_too() -> None:
    """The present password was right: what was mistyped before it says nothing of the new one."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    for _ in range(2):
        sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))

    sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))

    assert acting.counted(sandbox, Budget.PASSWORD) == 0


def test_bf_10_the_count_of_another_account_stays() -> None:
    """Who resets a password forgets nothing of what was tried elsewhere."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.created(sandbox, acting.CLAIRE)
    for _ in range(3):
        acting.sign_in(sandbox, acting.CLAIRE.email, WRONG_PASSWORD)

    acting.password_reset(sandbox)

    assert acting.counted(sandbox, Budget.PASSWORD) == 3
    assert acting.sign_in(sandbox, acting.CLAIRE.email).state == "enter_credentials"


def test_bf_11_the_right_password_is_refused_during_the_delay() -> None:
    """The text is the same, and nothing more is counted."""
    sandbox = Sandbox()
    acting.created(sandbox)
    lock_password(sandbox)

    views = [acting.sign_in(sandbox), acting.sign_in(sandbox, JOHN.email, WRONG_PASSWORD)]

    assert [acting.notices(view) for view in views] == [["credentials.refused"]] * 2
    assert views[0].screen == views[1].screen
    assert acting.counted(sandbox, Budget.PASSWORD) == 3


@pytest.mark.parametrize(("seconds", "state"), [(0, "enter_credentials"), (1, "signed_in")])
def test_bf_11_the_first_delay_is_one_second(seconds: int, state: str) -> None:
    """Whoever mistypes three times waits a second."""
    sandbox = Sandbox()
    acting.created(sandbox)
    lock_password(sandbox)

    sandbox.clock.advance(seconds=seconds)

    assert acting.sign_in(sandbox).state == state


def test_bf_11_an_unknown_address_is_delayed_like_a_known_one() -> None:
    """Its failures are counted too, so that the writes are the same."""
    sandbox = Sandbox()

    for _ in range(5):
        acting.sign_in(sandbox, "personne@ailleurs.example", WRONG_PASSWORD)

    assert acting.counted(sandbox, Budget.PASSWORD) == 3
    assert sandbox.passwords.verifications == 5


def test_bf_15_a_right_password_forgets_the_wrong_ones() -> None:
    """Three more mistakes are then possible."""
    sandbox = Sandbox()
    acting.created(sandbox)
    lock_password(sandbox, 2)

    acting.session_of(sandbox)

    assert acting.counted(sandbox, Budget.PASSWORD) == 0


def test_bf_15_the_present_password_and_sign_in_share_one_count() -> None:
    """Whoever holds a session cannot guess the password in the settings (SS-06)."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    for _ in range(3):
        sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))

    locked = sandbox.flows.submit(view.token, acting.save(PASSWORD))

    assert acting.notices(locked) == ["password.wrong"]
    assert (locked.outcome, locked.retry_after) == (Outcome.THROTTLED, timedelta(seconds=1))
    assert acting.sign_in(sandbox).state == "enter_credentials"


# --- addresses and links -------------------------------------------------------------------------


@pytest.mark.parametrize("flow", ["creation", "recovery"])
def test_bf_07_nobody_searches_for_accounts_by_their_address(flow: str) -> None:
    """After five addresses that are taken, the sixth is not looked up."""
    sandbox = Sandbox()
    acting.created(sandbox, acting.CLAIRE)
    view = acting.code_accepted(sandbox, flow=flow)
    taken = acting.activation(acting.CLAIRE.email)
    for _ in range(5):
        assert acting.notices(sandbox.flows.submit(view.token, taken)) == ["email.taken"]

    locked = sandbox.flows.submit(view.token, acting.activation(LOGIN))

    assert (locked.state, acting.notices(locked)) == ("choose_credentials", ["identity.throttled"])
    assert locked.retry_after == timedelta(hours=24)


def test_bf_07_the_settings_do_not_tell_more() -> None:
    """The same limit holds for a signed-in person."""
    sandbox = Sandbox()
    acting.created(sandbox, acting.CLAIRE)
    view = acting.settings(sandbox)
    for _ in range(5):
        sandbox.flows.submit(view.token, acting.save(email=acting.CLAIRE.email))

    locked = sandbox.flows.submit(view.token, acting.save(email=LOGIN))

    assert acting.notices(locked) == ["identity.throttled"]
    assert locked.outcome is Outcome.THROTTLED


@pytest.mark.parametrize("taken", [False, True])
def test_bf_07_the_order_s_own_address_is_not_a_guess(taken: bool) -> None:
    """After an e-mail code nothing is typed, so no count keeps the doctor from an answer."""
    sandbox = Sandbox()
    acting.created(sandbox, acting.CLAIRE)
    view = acting.code_accepted(sandbox)
    for _ in range(5):
        sandbox.flows.submit(view.token, acting.activation(acting.CLAIRE.email))
    if taken:
        sandbox.registry.change(JOHN.rpps, email=acting.CLAIRE.email)
    sandbox.clock.advance(minutes=5)
    view = acting.code_accepted(sandbox, JOHN, "email")

    view = sandbox.flows.submit(view.token, acting.creation())

    expected = ("choose_password", ["email.taken"]) if taken else ("created", [])
    assert (view.state, acting.notices(view)) == expected


def test_bf_13_random_link_tokens_open_nothing() -> None:
    """Each costs one look-up and leaves no trace."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    before = acting.kept(sandbox)

    for _ in range(100):
        with pytest.raises(LinkInvalid):
            sandbox.flows.open_link(sandbox.secrets.token())

    assert acting.kept(sandbox) == before


# --- a clock that is put back --------------------------------------------------------------------


def test_ft_01_a_clock_put_back_by_days_locks_no_number_for_longer() -> None:
    """A quarter of an hour stays one, counted from when the person next tries."""
    sandbox = Sandbox()
    wrong_pairs(sandbox, 5)
    sandbox.clock.advance(hours=-72)

    view = try_identity(sandbox, acting.identity())
    assert view.outcome is Outcome.THROTTLED
    assert view.retry_after == timedelta(minutes=15)
    sandbox.clock.advance(minutes=15)
    assert try_identity(sandbox, acting.identity()).outcome is Outcome.ACCEPTED


def test_ft_01_a_clock_put_back_by_days_locks_no_password_for_longer() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    lock_password(sandbox, 6)
    sandbox.clock.advance(hours=-72)

    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).session is None
    sandbox.clock.advance(minutes=15)
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).session is not None


@pytest.mark.parametrize("budget", [Budget.SEND, Budget.CODE])
def test_ft_01_a_clock_put_back_by_days_holds_no_code_back_for_longer(budget: Budget) -> None:
    """A day at most, from when the person next tries."""
    sandbox = Sandbox()
    subject = sandbox.secrets.digests("subject", JOHN.rpps)[0]
    with sandbox.storage.writing() as unit:
        for _ in range(10):
            unit.budgets.add(budget, subject, sandbox.clock.now())
    sandbox.clock.advance(hours=-72)

    view = sandbox.flows.submit(acting.identified(sandbox).token, SendCode("email"))
    if budget is Budget.CODE:
        view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))
    assert view.state in ("choose_channel", "enter_code")
    assert view.notices
    sandbox.clock.advance(hours=24)
    assert acting.created(sandbox).state == "created"
