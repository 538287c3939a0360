"""Signed-in sessions: whose they are, how they end, and what they never open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monespace_flows import Policy
from monespace_flows.errors import JourneyOver, SessionRequired
from monespace_flows.policy import SessionPolicy
from monespace_flows.testing import Sandbox

from . import acting
from .acting import CLAIRE, JOHN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD


def test_ss_01_each_sign_in_opens_a_session_of_its_own() -> None:
    """Nothing that a browser held before becomes the session."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.sign_in(sandbox)

    tokens = {view.token, view.session, acting.session_of(sandbox), acting.session_of(sandbox)}

    assert len(tokens) == 4
    assert sandbox.flows.session(view.token) is None


@pytest.mark.parametrize("token", ["", "0", "a" * 43, "é", "\x00", "\ud800"])
def test_ss_02_an_invented_token_is_nobody_s(token: str) -> None:
    """It is not adopted, and signing out with it is harmless."""
    sandbox = Sandbox()
    acting.member(sandbox)
    before = acting.kept(sandbox)

    assert sandbox.flows.session(token) is None
    sandbox.flows.sign_out(token)
    assert acting.kept(sandbox) == before


def test_ss_03_a_finished_journey_opens_nothing_more() -> None:
    """The journey of a creation is closed, and its token is no session."""
    sandbox = Sandbox()
    done = acting.created(sandbox)

    assert done.session is None
    assert sandbox.flows.session(done.token) is None
    with pytest.raises(JourneyOver):
        sandbox.flows.submit(done.token, acting.creation())


def test_ss_03_a_session_is_handed_over_once() -> None:
    """Looking at the finished journey again does not show the session again."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.sign_in(sandbox)

    assert sandbox.flows.view(view.token).session is None


def test_ss_04_signing_out_ends_the_session_on_the_server() -> None:
    """Whoever kept the cookie has nothing, and other browsers stay signed in."""
    sandbox = Sandbox()
    session, elsewhere = acting.member(sandbox), acting.session_of(sandbox)

    sandbox.flows.sign_out(session)

    assert sandbox.flows.session(session) is None
    assert sandbox.flows.session(elsewhere) is not None


@pytest.mark.parametrize("change", ["password", "address", "reset", "recovery", "disabled"])
def test_ss_04_every_session_ends_when_the_credentials_change(change: str) -> None:
    """However they change, and when the account is closed."""
    sandbox = Sandbox()
    old = acting.member(sandbox), acting.session_of(sandbox)
    sandbox.clock.advance(minutes=5)
    if change == "reset":
        acting.password_reset(sandbox)
    elif change == "recovery":
        acting.recovered(sandbox)
    elif change == "disabled":
        acting.disable(sandbox)
    else:
        view = sandbox.flows.start("settings", old[0])
        command = {
            "password": acting.save(password=OTHER_PASSWORD),
            "address": acting.save(email=OTHER_LOGIN),
        }[change]
        sandbox.flows.submit(view.token, command)

    assert [sandbox.flows.session(token) for token in old] == [None, None]


def test_ss_04_a_settings_page_shows_nothing_once_signed_out() -> None:
    """Neither the address nor a form: the page looks expired, and « Enregistrer » is refused."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    view = sandbox.flows.start("settings", session)
    sandbox.flows.sign_out(session)

    after = sandbox.flows.view(view.token)

    assert (after.state, after.status) == ("expired", "expired")
    assert JOHN.email not in str(after.screen)
    with pytest.raises(SessionRequired):
        sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))


def test_ss_04_a_settings_page_of_another_browser_ends_with_its_session() -> None:
    """A change of password closes what stands open elsewhere."""
    sandbox = Sandbox()
    here = sandbox.flows.start("settings", acting.member(sandbox))
    there = sandbox.flows.start("settings", acting.session_of(sandbox))

    sandbox.flows.submit(here.token, acting.save(password=OTHER_PASSWORD))

    with pytest.raises(SessionRequired):
        sandbox.flows.submit(there.token, acting.save(OTHER_PASSWORD))
    assert sandbox.flows.view(here.token).state == "edit_settings"


@pytest.mark.parametrize(("seconds", "is_alive"), [(-1, True), (0, False), (1, False)])
def test_ss_05_a_session_ends_after_half_an_hour_without_use(seconds: int, is_alive: bool) -> None:
    """The person must sign in again."""
    sandbox = Sandbox()
    session = acting.member(sandbox)

    sandbox.clock.advance(minutes=30, seconds=seconds)

    assert (sandbox.flows.session(session) is not None) is is_alive


@pytest.mark.parametrize(("seconds", "is_alive"), [(-1, True), (0, False), (1, False)])
def test_ss_05_a_session_ends_after_twelve_hours_in_use(seconds: int, is_alive: bool) -> None:
    """However busy its holder is."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    for _ in range(35):
        sandbox.clock.advance(minutes=20)
        assert sandbox.flows.session(session) is not None

    sandbox.clock.advance(minutes=20, seconds=seconds)

    assert (sandbox.flows.session(session) is not None) is is_alive


def test_ss_05_use_is_noted_at_most_once_a_minute() -> None:
    """Reading pages does not write at each request."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    seen = []
    for _ in range(6):
        sandbox.clock.advance(seconds=30)
        sandbox.flows.session(session)
        (row,) = acting.kept(sandbox)["sessions"].values()
        seen.append((row.seen_at - acting.START) // timedelta(seconds=1))

    assert seen == [0, 60, 60, 120, 120, 180]


def test_ss_05_the_times_are_the_host_s() -> None:
    """A host may ask for shorter ones."""
    policy = SessionPolicy(idle=timedelta(minutes=5), absolute=timedelta(minutes=6))
    sandbox = Sandbox(Policy(sessions=policy))
    session = acting.member(sandbox)

    sandbox.clock.advance(minutes=4)
    assert sandbox.flows.session(session) is not None
    sandbox.clock.advance(minutes=2)
    assert sandbox.flows.session(session) is None


def test_ss_05_a_settings_page_is_refused_once_the_session_idled_out() -> None:
    """Typing does not keep a session alive: the page must."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    for _ in range(3):
        sandbox.clock.advance(minutes=9)
        sandbox.flows.submit(view.token, acting.pressing(sandbox, "extend"))

    sandbox.clock.advance(minutes=3)

    with pytest.raises(SessionRequired):
        sandbox.flows.submit(view.token, acting.save())


@pytest.mark.parametrize("present", ["", WRONG_PASSWORD])
def test_ss_06_an_address_is_not_changed_without_the_present_password(present: str) -> None:
    """Whoever finds an open browser cannot take the account over."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    sandbox.flows.submit(view.token, acting.save(present, email=OTHER_LOGIN))

    assert acting.sign_in(sandbox, OTHER_LOGIN).state == "enter_credentials"
    assert sandbox.messages.to(OTHER_LOGIN) == []


def test_ss_08_a_change_of_password_is_told_to_its_holder() -> None:
    """The notice says that other connections were closed."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))

    (notice,) = [it for it in sandbox.messages if it.purpose == "notice"]
    assert notice.to == JOHN.email
    assert "Toutes vos autres sessions ont été fermées." in notice.text


def test_ss_08_a_change_of_address_is_told_to_both() -> None:
    """The old address learns that it no longer signs in."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    before = len(sandbox.messages)

    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))

    told = {message.to for message in list(sandbox.messages)[before:]}
    assert told == {JOHN.email, OTHER_LOGIN}


def test_ss_04_a_session_of_one_account_is_not_another_s() -> None:
    """Signing out of one account leaves the colleague's session."""
    sandbox = Sandbox()
    mine, theirs = acting.member(sandbox), acting.member(sandbox, CLAIRE)

    sandbox.flows.sign_out(mine)

    other = sandbox.flows.session(theirs)
    assert other is not None
    assert other.email == CLAIRE.email


def test_ss_04_a_disabled_account_cannot_sign_in() -> None:
    """The refusal is that of a wrong password, and is counted like one."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.disable(sandbox)

    view = acting.sign_in(sandbox, JOHN.email, PASSWORD)

    assert acting.notices(view) == ["credentials.refused"]
    assert sandbox.passwords.verifications == 1


def test_s4_the_registry_s_silence_does_not_keep_anyone_out() -> None:
    """The name is a greeting: without the registry, or out of it, there is none."""
    sandbox = Sandbox()
    session = acting.member(sandbox)

    sandbox.registry.fail_next()
    silent = sandbox.flows.session(session)
    sandbox.registry.remove(JOHN.rpps)
    gone = sandbox.flows.session(session)

    assert silent is not None
    assert gone is not None
    assert {(it.email, it.given_name) for it in (silent, gone)} == {(JOHN.email, None)}
