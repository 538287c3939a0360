"""What keeps people out and lets them in: unlocking, disabling, the registry, known browsers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve

from monespace_flows import (
    AccountDisabled,
    AccountEnabled,
    AccountLocked,
    AccountUnlocked,
    CloseSessions,
    Flows,
    Policy,
    SignIn,
)
from monespace_flows.effects import Budget
from monespace_flows.errors import CommandNotOffered, PortUnavailable, SessionRequired
from monespace_flows.events import Event
from monespace_flows.facts import Role, SignInFacts, SignInVerdict
from monespace_flows.policy import PasswordPolicy, SessionPolicy
from monespace_flows.ports import Doctor
from monespace_flows.retelling.compiled import compiled_flow
from monespace_flows.screens import View
from monespace_flows.support.diagnosis import diagnose
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LEA, NOBODY, PASSWORD, UNREACHABLE, WRONG_PASSWORD, Person


def tries(sandbox: Sandbox, times: int, email: str = JOHN.email) -> View:
    """Someone guesses, as slowly as the delays ask."""
    view = acting.sign_in(sandbox, email, WRONG_PASSWORD)
    for _ in range(times - 1):
        sandbox.clock.advance(minutes=16)
        view = acting.sign_in(sandbox, email, WRONG_PASSWORD)
    return view


def on_browser(
    sandbox: Sandbox, browser: str, password: str = PASSWORD, email: str = JOHN.email
) -> View:
    """Sign in from a browser that keeps what it is given."""
    token = sandbox.flows.start("signin").token
    return sandbox.flows.submit(token, SignIn(email=email, password=password), browser=browser)


def known(sandbox: Sandbox) -> str:
    """What a browser keeps after John signed in there."""
    browser = on_browser(sandbox, "").browser
    assert browser
    return browser


def verdict(sandbox: Sandbox, view: View) -> SignInFacts:
    facts = acting.journal_of(sandbox, view)[-1].facts
    assert isinstance(facts, SignInFacts)
    return facts


def warnings(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [
        (message.channel, message.to)
        for message in sandbox.messages
        if message.subject == "Des essais manqués sur votre espace"
        or "plusieurs essais manqués" in message.text
    ]


@pytest.fixture
def sandbox() -> Sandbox:
    """Give a world where John has an account."""
    sandbox = Sandbox()
    acting.created(sandbox)
    return sandbox


@pytest.fixture
def heard(sandbox: Sandbox) -> list[Event]:
    """Listen as a host does."""
    told: list[Event] = []
    for kind in (AccountDisabled, AccountEnabled, AccountLocked, AccountUnlocked):
        sandbox.flows.on(kind, told.append)
    return told


def named(sandbox: Sandbox, by: str) -> dict[str, str]:
    (account,) = acting.accounts(sandbox)
    return {by: {"rpps": JOHN.rpps, "email": JOHN.email, "account_id": account.id}[by]}


# --- struck off ----------------------------------------------------------------------------------


def test_s4_who_was_struck_off_is_refused_as_a_wrong_password_is(
    sandbox: Sandbox, heard: list[Event]
) -> None:
    """The registry is asked again; the account is disabled with its date, the sessions end."""
    session = acting.session_of(sandbox)
    wrong = acting.sign_in(sandbox, password=WRONG_PASSWORD)
    sandbox.registry.remove(JOHN.rpps)

    view = acting.sign_in(sandbox)

    (account,) = acting.accounts(sandbox)
    assert acting.said(view) == acting.said(wrong)
    assert view.screen == wrong.screen
    assert account.disabled_at == sandbox.clock.now()
    assert sandbox.flows.session(session) is None
    assert verdict(sandbox, view).sign_in is SignInVerdict.NOT_ADMITTED
    assert [(type(it), getattr(it, "by", "")) for it in heard] == [(AccountDisabled, "registry")]
    assert verdict(sandbox, acting.sign_in(sandbox)).sign_in is SignInVerdict.DISABLED


def test_s4_a_wrong_password_disables_nobody(sandbox: Sandbox) -> None:
    """Nor does a lock: only who has the password may be told by their account that it is over."""
    sandbox.registry.remove(JOHN.rpps)
    tries(sandbox, 4)
    acting.sign_in(sandbox)

    assert [it.disabled_at for it in acting.accounts(sandbox)] == [None]


@pytest.mark.parametrize("state", ["unknown", "wrong", "right", "disabled", "struck off"])
def test_tm_02_every_sign_in_asks_the_registry_once_and_hashes_once(
    state: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    if state == "disabled":
        acting.disable(sandbox)
    if state == "struck off":
        sandbox.registry.remove(JOHN.rpps)
    asked: list[str] = []
    doctor, verify = sandbox.registry.doctor, sandbox.passwords.verify

    def ask(rpps: str) -> Doctor | None:
        asked.append("doctor")
        return doctor(rpps)

    def check(known: str | None, typed: str) -> bool:
        asked.append("verify")
        return verify(known, typed)

    monkeypatch.setattr(sandbox.registry, "doctor", ask)
    monkeypatch.setattr(sandbox.passwords, "verify", check)

    email = NOBODY.email or "personne@exemple.example" if state == "unknown" else JOHN.email
    acting.sign_in(sandbox, email, WRONG_PASSWORD if state == "wrong" else PASSWORD)

    assert sorted(asked) == ["doctor", "verify"]


def test_the_role_follows_the_registry(sandbox: Sandbox) -> None:
    sandbox.registry.change(JOHN.rpps, role=Role.JUNIOR_DOCTOR)

    session = sandbox.flows.session(acting.session_of(sandbox))

    assert session is not None
    assert session.role is Role.JUNIOR_DOCTOR
    assert acting.accounts(sandbox)[0].role is Role.JUNIOR_DOCTOR


def test_ft_13_while_the_registry_is_away_who_has_the_password_comes_in(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The default of the policy, and it is logged."""
    sandbox.registry.fail_next()

    assert acting.sign_in(sandbox).session is not None
    assert "the registry port is down" in caplog.text
    assert JOHN.email not in caplog.text


def test_ft_13_a_policy_may_let_nobody_in_meanwhile() -> None:
    sandbox = Sandbox(Policy(sessions=SessionPolicy(without_registry="refuse")))
    acting.created(sandbox)
    sandbox.registry.fail_next(2)

    for email in (JOHN.email, "personne@exemple.example"):
        with pytest.raises(PortUnavailable):
            acting.sign_in(sandbox, email)
    assert acting.counted(sandbox, Budget.PASSWORD) == 0


def test_who_was_struck_off_changes_no_settings(sandbox: Sandbox) -> None:
    view = sandbox.flows.start("settings", acting.session_of(sandbox))
    sandbox.registry.remove(JOHN.rpps)

    view = sandbox.flows.submit(view.token, acting.save(password=acting.OTHER_PASSWORD))

    assert (view.state, acting.notices(view)) == ("expired", ["journey.expired"])
    assert acting.accounts(sandbox)[0].disabled_at is not None
    assert _cause(sandbox, view) == "account.disabled"


def test_who_was_struck_off_chooses_no_password(sandbox: Sandbox) -> None:
    view = acting.link_used(sandbox)
    sandbox.registry.remove(JOHN.rpps)

    view = sandbox.flows.submit(view.token, acting.new_password())

    assert (view.state, acting.notices(view)) == ("expired", ["link.invalid"])
    assert acting.accounts(sandbox)[0].disabled_at is not None
    assert _cause(sandbox, view) == "account.disabled"


def test_who_left_and_has_no_account_any_more_disables_none(sandbox: Sandbox) -> None:
    view = acting.link_used(sandbox)
    acting.disable(sandbox)
    sandbox.registry.remove(JOHN.rpps)

    view = sandbox.flows.submit(view.token, acting.new_password())

    assert _cause(sandbox, view) == "account.changed"


def _cause(sandbox: Sandbox, view: View) -> str:
    entries = acting.journal_of(sandbox, view)
    flow = compiled_flow(entries[0].flow)
    assert flow is not None
    return diagnose(flow, entries).cause_id


# --- others' tries -------------------------------------------------------------------------------


def test_bf_16_the_holder_is_told_once_a_day_by_one_contact(
    sandbox: Sandbox, heard: list[Event]
) -> None:
    tries(sandbox, 12)

    assert warnings(sandbox) == [("email", JOHN.email)]
    assert [type(it) for it in heard] == [AccountLocked]

    sandbox.clock.advance(hours=24)
    tries(sandbox, 10)
    assert len(warnings(sandbox)) == 2


def test_bf_16_nobody_is_told_of_an_address_that_is_nobody_s(
    sandbox: Sandbox, heard: list[Event]
) -> None:
    """As much is written, and goes nowhere (TM-02)."""
    tries(sandbox, 12, "personne@exemple.example")

    assert warnings(sandbox) == []
    assert heard == []
    assert acting.counted(sandbox, Budget.WARNING) == 1
    written = [it.channel for it in acting.kept(sandbox)["outbox"].values()]
    assert written.count("none") == 1


def test_bf_16_wrong_birth_dates_are_told_once_a_day_too(sandbox: Sandbox) -> None:
    """By whichever contact there is, and not again of another kind of try on the same day."""
    sandbox.registry.change(JOHN.rpps, email=None)
    token = sandbox.flows.start("recovery").token
    for _ in range(7):
        sandbox.flows.submit(token, acting.wrong_birth_date())
        sandbox.clock.advance(minutes=2)

    assert [channel for channel, _ in warnings(sandbox)] == ["sms"]

    tries(sandbox, 12)
    assert len(warnings(sandbox)) == 1


@pytest.mark.parametrize("person", [NOBODY, UNREACHABLE])
def test_bf_16_of_a_number_that_nobody_answers_for_nobody_is_told(person: Person) -> None:
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    for _ in range(5):
        sandbox.flows.submit(token, evolve(acting.identity(person), birth_date="02/02/1971"))

    assert warnings(sandbox) == []
    assert acting.counted(sandbox, Budget.IDENTITY) == 5


def test_bf_10_a_known_browser_is_spared_what_others_count_up(sandbox: Sandbox) -> None:
    browser = known(sandbox)
    tries(sandbox, 14)

    elsewhere, here = acting.sign_in(sandbox), on_browser(sandbox, browser)

    assert elsewhere.session is None
    assert _cause(sandbox, elsewhere) == "account.locked"
    assert here.session is not None
    assert acting.counted(sandbox, Budget.PASSWORD) == 14


def test_bf_10_a_known_browser_has_a_count_of_its_own(sandbox: Sandbox) -> None:
    """Its tries neither keep others out nor are without end."""
    browser = known(sandbox)
    for _ in range(3):
        on_browser(sandbox, browser, WRONG_PASSWORD)

    assert on_browser(sandbox, browser).session is None
    assert acting.sign_in(sandbox).session is not None
    assert (acting.counted(sandbox, Budget.BROWSER), warnings(sandbox)) == (3, [])

    sandbox.clock.advance(minutes=16)
    assert on_browser(sandbox, browser).session is not None
    assert acting.counted(sandbox, Budget.BROWSER) == 0


def test_a_known_browser_s_token_changes_at_each_sign_in(sandbox: Sandbox) -> None:
    """A stolen copy of an old one is worth nothing, and no link."""
    first = known(sandbox)
    second = on_browser(sandbox, first).browser
    assert second is not None
    tries(sandbox, 5)

    assert on_browser(sandbox, first).session is None
    assert sandbox.flows.link_purpose(second) is None
    assert on_browser(sandbox, second).session is not None


def test_no_browser_is_known_where_none_keeps_a_cookie(sandbox: Sandbox) -> None:
    assert acting.sign_in(sandbox).browser is None


@pytest.mark.parametrize("end", ["password", "life", "others"])
def test_a_known_browser_is_forgotten_with_the_credentials(end: str, sandbox: Sandbox) -> None:
    browser = known(sandbox)
    if end == "password":
        acting.password_reset(sandbox)
        password = acting.OTHER_PASSWORD
    elif end == "life":
        sandbox.clock.advance(hours=91 * 24)
        password = PASSWORD
    else:
        session = on_browser(sandbox, "").session
        view = sandbox.flows.start("settings", session)
        sandbox.flows.submit(view.token, CloseSessions(), browser="")
        password = PASSWORD
    tries(sandbox, 5)

    assert on_browser(sandbox, browser, password).session is None


def test_a_browser_is_known_for_one_account_alone(sandbox: Sandbox) -> None:
    acting.created(sandbox, LEA)
    browser = known(sandbox)
    tries(sandbox, 5, LEA.email)

    assert on_browser(sandbox, browser, email=LEA.email).session is None


# --- the sessions --------------------------------------------------------------------------------


def test_ss_08_the_holder_sees_their_sessions_and_ends_the_others(sandbox: Sandbox) -> None:
    other = acting.session_of(sandbox)
    sandbox.clock.advance(minutes=5)
    mine = on_browser(sandbox, "")
    assert mine.session is not None
    listed = sandbox.flows.sessions(mine.session)

    assert [it.is_this for it in listed] == [True, False]
    assert listed[0].since - listed[1].since == timedelta(minutes=5)

    view = sandbox.flows.start("settings", mine.session)
    view = sandbox.flows.submit(view.token, CloseSessions(), browser=mine.browser)
    assert acting.notices(view) == ["sessions.closed"]
    assert sandbox.flows.session(other) is None
    assert [it.is_this for it in sandbox.flows.sessions(mine.session)] == [True]
    last = acting.journal_of(sandbox, view)[-1]
    assert (last.command, [it.kind for it in last.effects]) == (
        "close_sessions",
        ["EndOtherSessions"],
    )

    view = sandbox.flows.submit(view.token, CloseSessions())
    assert acting.notices(view) == ["sessions.none"]


def test_this_browser_stays_known_when_the_others_are_closed(sandbox: Sandbox) -> None:
    acting.session_of(sandbox)
    mine = on_browser(sandbox, "")
    view = sandbox.flows.start("settings", mine.session)
    sandbox.flows.submit(view.token, CloseSessions(), browser=mine.browser)
    tries(sandbox, 5)

    assert on_browser(sandbox, mine.browser or "").session is not None


def test_a_session_that_is_over_lists_none(sandbox: Sandbox) -> None:
    session = acting.session_of(sandbox)
    sandbox.flows.sign_out(session)

    with pytest.raises(SessionRequired):
        sandbox.flows.sessions(session)


def test_sessions_that_idled_out_are_not_listed(sandbox: Sandbox) -> None:
    acting.session_of(sandbox)
    sandbox.clock.advance(minutes=31)

    assert len(sandbox.flows.sessions(acting.session_of(sandbox))) == 1


def test_a_session_that_idled_out_is_no_other(sandbox: Sandbox) -> None:
    acting.session_of(sandbox)
    sandbox.clock.advance(minutes=31)
    view = sandbox.flows.start("settings", acting.session_of(sandbox))

    view = sandbox.flows.submit(view.token, CloseSessions())

    assert acting.notices(view) == ["sessions.none"]


def test_where_no_session_is_needed_none_is_closed(sandbox: Sandbox) -> None:
    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(sandbox.flows.start("signin").token, CloseSessions())


# --- what operators and hosts do -----------------------------------------------------------------


@pytest.mark.parametrize("by", ["rpps", "email", "account_id"])
def test_bf_16_an_unlock_lets_someone_try_again_once(
    by: str, sandbox: Sandbox, heard: list[Event]
) -> None:
    tries(sandbox, 14)
    heard.clear()

    kept = sandbox.flows.unlock(**named(sandbox, by))

    assert kept is not None
    assert (kept.tries, kept.sessions) == (14, 0)
    assert acting.sign_in(sandbox).session is not None
    assert [type(it) for it in heard] == [AccountUnlocked]
    again = sandbox.flows.unlock(**named(sandbox, by))
    assert again is not None
    assert (again.reference, again.tries) == (None, 0)


def test_bf_16_a_number_without_an_account_can_be_unlocked() -> None:
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    for _ in range(5):
        view = sandbox.flows.submit(view.token, acting.wrong_birth_date())
    kept = sandbox.flows.unlock(rpps=JOHN.rpps)

    assert kept is not None
    assert kept.tries == 5
    assert sandbox.flows.submit(view.token, acting.identity()).state == "choose_channel"
    assert sandbox.flows.unlock(rpps=JOHN.rpps) is None
    assert sandbox.flows.unlock(email=JOHN.email) is None


@pytest.mark.parametrize("by", ["rpps", "email", "account_id"])
def test_ss_04_a_disabled_account_s_sessions_are_dead(
    by: str, sandbox: Sandbox, heard: list[Event]
) -> None:
    session = acting.session_of(sandbox)
    kept = sandbox.flows.disable_account(**named(sandbox, by))

    assert kept is not None
    assert kept.sessions == 1
    assert sandbox.flows.session(session) is None
    assert acting.notices(acting.sign_in(sandbox)) == ["credentials.refused"]
    again = sandbox.flows.disable_account(**named(sandbox, by))
    assert again is not None
    assert again.reference is None

    enabled = sandbox.flows.enable_account(**named(sandbox, by))
    assert enabled is not None
    assert enabled.reference == kept.reference
    assert acting.sign_in(sandbox).session is not None
    assert [type(it) for it in heard] == [AccountDisabled, AccountEnabled]
    once_more = sandbox.flows.enable_account(**named(sandbox, by))
    assert once_more is not None
    assert once_more.reference is None


def test_every_act_is_a_line_of_the_account_s_own_journal(sandbox: Sandbox) -> None:
    """Chained as a journey's, and told by support's own data."""
    kept = sandbox.flows.disable_account(rpps=JOHN.rpps)
    assert kept is not None
    assert kept.reference is not None
    sandbox.flows.enable_account(rpps=JOHN.rpps)
    view = evolve(sandbox.flows.preview("signin"), reference=kept.reference)

    entries = acting.journal_of(sandbox, view)
    assert [it.command for it in entries] == ["start", "disable", "enable"]
    assert {it.facts.subject for it in entries} == {acting.accounts(sandbox)[0].rpps_digest}
    flow = compiled_flow("account")
    assert flow is not None
    assert diagnose(flow, entries[:2]).cause_id == "account.disabled"
    assert diagnose(flow, entries).cause_id == "waiting.enabled"


@pytest.mark.parametrize("act", ["unlock", "disable_account", "enable_account"])
def test_who_has_no_account_is_told_so(act: str, sandbox: Sandbox) -> None:
    do = getattr(sandbox.flows, act)

    assert do(rpps=NOBODY.rpps) is None
    assert do(email="personne@exemple.example") is None
    assert do(account_id="nothing of the kind") is None
    for wrong in ({}, {"rpps": JOHN.rpps, "email": JOHN.email}, {"rpps": "1"}, {"email": "x"}):
        with pytest.raises(ValueError, match=r"name one account|not an"):
            do(**wrong)


def test_a_host_reads_an_account(sandbox: Sandbox) -> None:
    session = sandbox.flows.session(acting.session_of(sandbox))
    assert session is not None
    view = sandbox.flows.account(session.account_id)

    assert view is not None
    assert (view.account_id, view.email) == (session.account_id, JOHN.email)
    assert (view.role, view.email_confirmed, view.disabled_at) == (Role.DOCTOR, True, None)
    assert JOHN.email not in repr(view)
    assert sandbox.flows.account("nothing of the kind") is None


def test_pr_05_a_host_purges(sandbox: Sandbox) -> None:
    sandbox.clock.advance(hours=184 * 24)

    assert sandbox.flows.purge()["journal"] > 0
    assert acting.kept(sandbox)["journal"] == {}


def test_an_act_meanwhile_comes_before_or_after(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account that changed while its names were taken is read again."""
    from monespace_flows.testing.stores import Accounts

    (account,) = acting.accounts(sandbox)
    answers: Iterator[object] = iter([evolve(account, version=9)])
    read = Accounts.get
    monkeypatch.setattr(Accounts, "get", lambda self, key: next(answers, None) or read(self, key))

    assert sandbox.flows.disable_account(rpps=JOHN.rpps) is not None


def test_the_numbers_are_the_host_s() -> None:
    policy = Policy(passwords=PasswordPolicy(failures_before_warning=2))
    sandbox = Sandbox(policy)
    acting.created(sandbox)
    tries(sandbox, 2)

    assert isinstance(sandbox.flows, Flows)
    assert len(warnings(sandbox)) == 1
