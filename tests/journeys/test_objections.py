"""Another address waits for its proof, and « Ce n'est pas moi » (SS-06, SS-08, decision 0017)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monespace_flows import (
    AccountFrozen,
    CredentialsChanged,
    Policy,
    RequestLink,
    SendCode,
    SubmitCode,
)
from monespace_flows.effects import Budget
from monespace_flows.errors import LinkInvalid, SessionRequired
from monespace_flows.events import Event
from monespace_flows.facts import SignInFacts, SignInVerdict
from monespace_flows.journal.entry import Entry, read_journal
from monespace_flows.policy import LinkPolicy
from monespace_flows.ports import LinkPurpose
from monespace_flows.retelling.compiled import compiled_flow
from monespace_flows.support.diagnosis import diagnose
from monespace_flows.testing import Sandbox
from monespace_flows.testing.services import DeliveredMessage

from . import acting
from .acting import (
    CLAIRE,
    JOHN,
    LOGIN,
    OTHER_LOGIN,
    OTHER_PASSWORD,
    PASSWORD,
    PAUL,
    WRONG_PASSWORD,
)

THIRD = "troisieme@cabinet.example"


def asked(sandbox: Sandbox, email: str = OTHER_LOGIN) -> str:
    """John, whose address is confirmed, asks for another one; his session."""
    view = acting.settings(sandbox)
    session = sandbox.flows.submit(view.token, acting.save(email=email)).session
    assert session is not None
    return session


def objection(sandbox: Sandbox, to: str = JOHN.email) -> str:
    """The newest link that says « Ce n'est pas moi » to somebody."""
    found = [it for it in notices(sandbox, to) if it.link is not None]
    return found[-1].link_token


def notices(sandbox: Sandbox, to: str) -> list[DeliveredMessage]:
    return [it for it in sandbox.messages if it.purpose == "notice" and it.to == to]


def opens(sandbox: Sandbox, email: str, password: str = PASSWORD) -> bool:
    sandbox.clock.advance(minutes=16)  # what was refused before makes nobody wait
    return acting.sign_in(sandbox, email, password).state == "signed_in"


def told(sandbox: Sandbox) -> list[Entry]:
    """The lines of the account's own journal."""
    with sandbox.storage.reading() as unit:
        for reference in unit.journal.references():
            lines = read_journal(unit.journal.lines(reference))
            if lines[0].flow == "account":
                return list(lines)
    return []


def heard(sandbox: Sandbox) -> list[Event]:
    events: list[Event] = []
    for kind in (CredentialsChanged, AccountFrozen):
        sandbox.flows.on(kind, events.append)
    return events


# --- another address waits -----------------------------------------------------------------------


def test_ss_06_until_it_is_confirmed_the_address_of_before_is_the_login() -> None:
    """It signs in, receives reset links and stays on the account; the other does nothing."""
    sandbox = Sandbox()
    session = asked(sandbox)

    assert sandbox.flows.pending_email(session) == OTHER_LOGIN
    view = sandbox.flows.session(session)
    assert view is not None
    assert (view.email, view.email_confirmed) == (JOHN.email, True)
    assert opens(sandbox, JOHN.email)
    assert not opens(sandbox, OTHER_LOGIN)
    for address in (OTHER_LOGIN, JOHN.email):
        acting.link_requested(sandbox, address)
    assert [it.to for it in sandbox.messages if it.purpose == "reset_link"] == [JOHN.email]


def test_ss_06_nobody_confirms_it_who_is_not_signed_in() -> None:
    """The holder of the other address alone changes nothing, nor does another account's."""
    sandbox = Sandbox()
    other = acting.member(sandbox, CLAIRE)
    session = asked(sandbox)
    token = acting.confirmation_received(sandbox)

    with pytest.raises(SessionRequired):
        sandbox.flows.confirm_email(token, None)
    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, other)
    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(token)

    assert sandbox.flows.confirm_email(token, session).email == OTHER_LOGIN


def test_ss_08_confirmed_it_is_the_login_and_only_that_session_goes_on() -> None:
    """Other sessions, and reset links to the address of before, are dead."""
    sandbox = Sandbox()
    session = asked(sandbox)
    elsewhere = acting.session_of(sandbox)
    acting.link_requested(sandbox)
    events = heard(sandbox)

    view = sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    sandbox.deliver()

    assert (view.email, view.email_confirmed) == (OTHER_LOGIN, True)
    assert sandbox.flows.session(session) is not None
    assert sandbox.flows.session(elsewhere) is None
    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None
    assert sandbox.flows.pending_email(session) is None
    assert [type(it) for it in events] == [CredentialsChanged]
    assert opens(sandbox, OTHER_LOGIN)
    assert not opens(sandbox, JOHN.email)


def test_ft_06_the_answer_to_a_confirmation_is_given_again() -> None:
    """Whoever did not get it presses again and reads the same; nothing is written twice."""
    sandbox = Sandbox()
    session = asked(sandbox)
    token = acting.confirmation_received(sandbox)
    first = sandbox.flows.confirm_email(token, session, key="a press")
    before = acting.kept(sandbox)

    assert sandbox.flows.confirm_email(token, session, key="a press") == first
    assert acting.kept(sandbox) == before


def test_ss_06_a_wait_that_nobody_ends_is_over_with_its_link() -> None:
    """After a week the address of before is the login, and nothing is pending."""
    sandbox = Sandbox()
    asked(sandbox)
    token = acting.confirmation_received(sandbox)
    sandbox.clock.advance(hours=7 * 24)
    session = acting.session_of(sandbox)

    assert sandbox.flows.pending_email(session) is None
    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, session)


def test_ss_06_an_address_that_is_another_s_by_now_is_not_taken() -> None:
    """The account keeps its own, and its session."""
    sandbox = Sandbox()
    session = asked(sandbox)
    token = acting.confirmation_received(sandbox)
    acting.created_by_sms(sandbox, PAUL, OTHER_LOGIN)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, session)

    view = sandbox.flows.session(session)
    assert view is not None
    assert view.email == JOHN.email


def test_ss_06_a_new_password_leaves_the_wait_as_it_is() -> None:
    """The form shows the other address: with it and a new password, only the latter changes."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))
    token, sent = acting.confirmation_received(sandbox), len(sandbox.messages)

    command = acting.save(email=OTHER_LOGIN, password=OTHER_PASSWORD)
    view = sandbox.flows.submit(view.token, command)

    assert acting.notices(view) == ["settings.saved"]
    assert [it.to for it in [*sandbox.messages][sent:]] == [JOHN.email]
    assert sandbox.flows.confirm_email(token, view.session).email == OTHER_LOGIN


def test_ss_06_another_wish_replaces_the_first() -> None:
    """Only the newest link makes its address the login."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))
    older = acting.confirmation_received(sandbox)
    session = sandbox.flows.submit(view.token, acting.save(email=THIRD)).session

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(older, session)
    newer = acting.confirmation_received(sandbox)
    assert sandbox.flows.confirm_email(newer, session).email == THIRD


def test_ss_06_one_account_asks_for_three_addresses_a_day() -> None:
    """Each one is written to, so nobody writes to everybody; a password may still be changed."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    for number in range(3):
        sandbox.flows.submit(view.token, acting.save(email=f"adresse{number}@cabinet.example"))
    sent = len(sandbox.messages)

    view = sandbox.flows.submit(view.token, acting.save(email=THIRD))

    assert acting.notices(view) == ["email.changed_often"]
    assert "24 heures" in acting.said(view)[0]
    assert len(sandbox.messages) == sent
    cause = diagnose(sandbox.flows.flows["settings"], acting.journal_of(sandbox, view))
    assert cause.cause_id == "email.spent"
    saved = sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))
    assert acting.notices(saved) == ["settings.saved"]


def test_ss_06_the_budget_is_the_host_s_and_lasts_a_day() -> None:
    """With one a day the second waits until the first is a day old."""
    sandbox = Sandbox(Policy(links=LinkPolicy(changes_per_day=1)))
    asked(sandbox)
    view = sandbox.flows.start("settings", acting.session_of(sandbox))
    view = sandbox.flows.submit(view.token, acting.save(email=THIRD))
    assert acting.notices(view) == ["email.changed_often"]
    sandbox.clock.advance(hours=24)

    view = sandbox.flows.start("settings", acting.session_of(sandbox))
    view = sandbox.flows.submit(view.token, acting.save(email=THIRD))

    assert acting.notices(view) == ["settings.saved", "email.confirmation_sent"]


def test_ss_06_a_clock_put_back_does_not_prolong_the_budget() -> None:
    """What is counted later than now is counted as of now."""
    sandbox = Sandbox(Policy(links=LinkPolicy(changes_per_day=1)))
    asked(sandbox)
    sandbox.clock.advance(hours=-2)
    view = sandbox.flows.start("settings", acting.session_of(sandbox))

    view = sandbox.flows.submit(view.token, acting.save(email=THIRD))

    assert view.retry_after is not None
    assert view.retry_after <= timedelta(hours=24)


def test_d7_the_link_is_sent_again_to_the_address_that_waits() -> None:
    """Not to the login, which is confirmed; the older link is dead."""
    sandbox = Sandbox()
    session = asked(sandbox)
    older = acting.confirmation_received(sandbox)

    sandbox.flows.resend_confirmation(session)

    newer = acting.newest(sandbox, "confirmation")
    assert (newer.to, newer.subject) == (OTHER_LOGIN, "Confirmez votre adresse e-mail")
    assert sandbox.flows.link_purpose(older) is None
    assert sandbox.flows.confirm_email(newer.link_token, session).email == OTHER_LOGIN


def test_nothing_waits_for_who_is_not_signed_in() -> None:
    """The address is told to nobody else."""
    with pytest.raises(SessionRequired):
        Sandbox().flows.pending_email("unknown")


# --- « Ce n'est pas moi »: the address -----------------------------------------------------------


def test_ss_08_the_address_of_before_stops_a_change_that_waits() -> None:
    """Looking changes nothing; the press cancels it and ends every session."""
    sandbox = Sandbox()
    session = asked(sandbox)
    token = objection(sandbox)
    assert sandbox.flows.link_purpose(token) is LinkPurpose.OBJECT
    assert sandbox.flows.session(session) is not None

    assert sandbox.flows.object_link(token) == "undone"

    assert sandbox.flows.session(session) is None
    again = acting.session_of(sandbox)
    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(acting.confirmation_received(sandbox), again)
    assert sandbox.flows.pending_email(again) is None


def test_ss_08_the_address_of_before_comes_back() -> None:
    """As long as the objection lives, even after the change took effect, and it is proven."""
    sandbox = Sandbox()
    session = asked(sandbox)
    events = heard(sandbox)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    sandbox.clock.advance(hours=7 * 24, seconds=-1)

    assert sandbox.flows.object_link(objection(sandbox)) == "undone"

    sandbox.deliver()
    assert [type(it) for it in events] == [CredentialsChanged, CredentialsChanged]
    assert sandbox.flows.session(session) is None
    assert opens(sandbox, JOHN.email)
    assert not opens(sandbox, OTHER_LOGIN)
    acting.link_requested(sandbox)
    assert acting.newest(sandbox, "reset_link").to == JOHN.email


def test_ss_08_an_objection_lives_as_long_as_the_policy_says() -> None:
    """At its end it is worth nothing, and nothing changes."""
    sandbox = Sandbox(Policy(links=LinkPolicy(objection_life=timedelta(hours=1))))
    asked(sandbox)
    sandbox.clock.advance(hours=1)

    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(objection(sandbox))


def test_ss_08_who_changed_it_cannot_keep_the_holder_from_objecting() -> None:
    """Neither another change, nor another password, nor an objection of their own."""
    sandbox = Sandbox()
    session = asked(sandbox)
    first = objection(sandbox)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    view = sandbox.flows.start("settings", session)
    command = acting.save(email=THIRD, password=OTHER_PASSWORD)
    session = sandbox.flows.submit(view.token, command).session or ""
    second = objection(sandbox, OTHER_LOGIN)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    assert sandbox.flows.object_link(second) == "undone"
    assert opens(sandbox, OTHER_LOGIN, OTHER_PASSWORD)

    assert sandbox.flows.object_link(first) == "undone"

    assert opens(sandbox, JOHN.email, OTHER_PASSWORD)
    assert not opens(sandbox, OTHER_LOGIN, OTHER_PASSWORD)


def test_ss_08_what_was_sent_to_the_wrong_address_undoes_no_objection() -> None:
    """A letter to the address that was taken back can take nothing back."""
    sandbox = Sandbox()
    session = asked(sandbox)
    first = objection(sandbox)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    view = sandbox.flows.start("settings", session)
    sandbox.flows.submit(view.token, acting.save(email=THIRD))
    later = objection(sandbox, OTHER_LOGIN)

    sandbox.flows.object_link(first)

    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(later)
    assert opens(sandbox, JOHN.email)


def test_ft_06_the_answer_to_an_objection_is_given_again() -> None:
    """For ten minutes; nothing is done twice."""
    sandbox = Sandbox()
    asked(sandbox)
    token = objection(sandbox)
    sandbox.flows.object_link(token)
    before = acting.kept(sandbox)

    assert sandbox.flows.object_link(token) == "undone"
    assert acting.kept(sandbox) == before
    assert sandbox.flows.link_purpose(token) is None
    sandbox.clock.advance(minutes=10)
    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(token)


def test_d7_an_address_that_nobody_proved_has_no_say() -> None:
    """A mistyped login is a stranger's: they are told, and cannot bring it back."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    view = sandbox.flows.start("settings", acting.session_of(sandbox, LOGIN))

    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))

    (letter,) = notices(sandbox, LOGIN)
    assert letter.link is None
    assert "conseil départemental" in letter.text


def test_ss_08_an_address_that_is_another_s_by_now_freezes_the_account() -> None:
    """It cannot come back, so nobody comes in."""
    sandbox = Sandbox()
    session = asked(sandbox)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    acting.created_by_sms(sandbox, PAUL, JOHN.email)

    assert sandbox.flows.object_link(objection(sandbox)) == "frozen"

    assert not opens(sandbox, OTHER_LOGIN)
    assert opens(sandbox, JOHN.email)  # that is Paul


@pytest.mark.parametrize("token", ["", "unknown", "é\x00", "\ud800"])
def test_an_unknown_link_objects_to_nothing(token: str) -> None:
    """Whatever is not a link is told the same."""
    with pytest.raises(LinkInvalid):
        Sandbox().flows.object_link(token)


def test_the_objection_of_an_erased_account_is_worth_nothing() -> None:
    """It went with the account."""
    sandbox = Sandbox()
    asked(sandbox)
    sandbox.flows.erase_account(rpps=JOHN.rpps)

    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(objection(sandbox))


# --- « Ce n'est pas moi »: the recovery ----------------------------------------------------------


def taken_over(sandbox: Sandbox) -> None:
    """Somebody else recovers John's account."""
    acting.created(sandbox)
    acting.recovered(sandbox)


def test_ss_08_every_contact_is_told_of_a_recovery_at_once() -> None:
    """The address of before, and what the Order holds: each has a link of its own."""
    sandbox = Sandbox()
    acting.created(sandbox)
    sandbox.registry.change(JOHN.rpps, email="ordre@cabinet.example")
    sent = len(sandbox.messages)

    acting.recovered(sandbox)

    letters = [it for it in [*sandbox.messages][sent:] if it.purpose == "notice"]
    assert {it.to for it in letters} == {JOHN.email, JOHN.mobile, "ordre@cabinet.example"}
    tokens = {it.link_token for it in letters}
    assert len(tokens) == 3
    assert {sandbox.flows.link_purpose(it) for it in tokens} == {LinkPurpose.FREEZE}


@pytest.mark.parametrize("to", [JOHN.email, JOHN.mobile])
def test_ss_08_an_objection_to_a_recovery_freezes_the_account(to: str) -> None:
    """Sessions end, nobody signs in (S4's text), nothing is recovered; the host is told."""
    sandbox = Sandbox()
    taken_over(sandbox)
    session = acting.session_of(sandbox, OTHER_LOGIN, OTHER_PASSWORD)
    events = heard(sandbox)
    refused = acting.sign_in(sandbox, OTHER_LOGIN, WRONG_PASSWORD)

    assert sandbox.flows.object_link(objection(sandbox, to)) == "frozen"

    sandbox.deliver()
    assert [type(it) for it in events] == [AccountFrozen]
    assert sandbox.flows.session(session) is None
    view = acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD)
    assert acting.said(view) == acting.said(refused)
    (facts,) = (it.facts for it in acting.journal_of(sandbox, view)[-1:])
    assert isinstance(facts, SignInFacts)
    assert facts.sign_in is SignInVerdict.FROZEN
    cause = diagnose(sandbox.flows.flows["signin"], acting.journal_of(sandbox, view))
    assert cause.cause_id == "account.frozen"


def test_ss_08_a_frozen_account_is_not_recovered_again() -> None:
    """Neither by a recovery on its way, nor by another one, nor by a reset."""
    sandbox = Sandbox()
    taken_over(sandbox)
    sandbox.clock.advance(hours=2)
    under_way = acting.code_accepted(sandbox, flow="recovery")
    sandbox.flows.object_link(objection(sandbox))

    view = sandbox.flows.submit(under_way.token, acting.activation(THIRD))
    assert (view.state, acting.notices(view)) == ("expired", ["journey.expired"])
    sandbox.clock.advance(hours=2)
    view = acting.code_accepted(sandbox, flow="recovery")
    view = sandbox.flows.submit(view.token, acting.activation(THIRD))
    assert (view.state, acting.notices(view)) == ("expired", ["journey.expired"])
    cause = diagnose(sandbox.flows.flows["recovery"], acting.journal_of(sandbox, view))
    assert cause.cause_id == "account.frozen"
    acting.link_requested(sandbox, OTHER_LOGIN)
    assert "reset_link" not in [it.purpose for it in sandbox.messages]


def test_ss_08_a_code_by_email_recovers_no_frozen_account_either() -> None:
    """A proven address is as good as any other: worth nothing."""
    sandbox = Sandbox()
    taken_over(sandbox)
    sandbox.flows.object_link(objection(sandbox))
    sandbox.clock.advance(hours=2)
    view = acting.identified(sandbox, flow="recovery")
    view = sandbox.flows.submit(view.token, SendCode("email"))
    view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    view = sandbox.flows.submit(view.token, acting.activation(JOHN.email))

    assert view.state == "expired"


def test_ss_08_an_operator_opens_it_again() -> None:
    """« monespace account enable »; from then on objections of before are worth nothing."""
    sandbox = Sandbox()
    taken_over(sandbox)
    other = objection(sandbox, JOHN.mobile)
    sandbox.flows.object_link(objection(sandbox))
    (account,) = acting.accounts(sandbox)
    frozen = sandbox.flows.account(account.id)
    assert frozen is not None
    assert frozen.frozen_at == frozen.disabled_at is not None

    assert sandbox.flows.enable_account(rpps=JOHN.rpps) is not None

    opened = sandbox.flows.account(account.id)
    assert opened is not None
    assert (opened.frozen_at, opened.disabled_at) == (None, None)
    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(other)


def test_ss_08_it_opens_without_the_credentials_that_were_objected_to() -> None:
    """Nor does a reset link leave to that address: its holder recovers it, and signs in."""
    sandbox = Sandbox()
    taken_over(sandbox)
    sandbox.flows.object_link(objection(sandbox))
    sandbox.flows.enable_account(rpps=JOHN.rpps)
    sandbox.clock.advance(minutes=24 * 60)

    assert not opens(sandbox, OTHER_LOGIN, OTHER_PASSWORD)
    sent = len(sandbox.messages)
    asking = sandbox.flows.start("reset").token
    sandbox.flows.submit(asking, RequestLink(email=OTHER_LOGIN))
    assert len(sandbox.messages) == sent

    acting.recovered(sandbox, email=THIRD)
    assert opens(sandbox, THIRD, OTHER_PASSWORD)


def test_ss_08_a_recovery_overrules_who_had_an_earlier_address() -> None:
    """The code has said whose the account is: an older objection to an address is void."""
    sandbox = Sandbox()
    session = asked(sandbox)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    token = objection(sandbox)

    acting.recovered(sandbox, email=THIRD)

    with pytest.raises(LinkInvalid):
        sandbox.flows.object_link(token)


def test_ft_06_the_answer_to_an_objection_that_froze_is_given_again() -> None:
    """It says the same, while the account is frozen."""
    sandbox = Sandbox()
    taken_over(sandbox)
    token = objection(sandbox)
    sandbox.flows.object_link(token)

    assert sandbox.flows.object_link(token) == "frozen"


# --- what the account's journal tells ------------------------------------------------------------


def test_the_account_s_journal_tells_what_its_holder_did() -> None:
    """Confirmation, terms, sign-out, objection: in words, and of nobody."""
    sandbox = Sandbox()
    session = asked(sandbox)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    sandbox.flows.accept_terms(session)
    sandbox.flows.sign_out(session)
    sandbox.flows.object_link(objection(sandbox))

    lines = told(sandbox)

    acts = ["start", "confirm", "accept_terms", "sign_out", "object"]
    assert [it.command for it in lines] == acts
    flow = compiled_flow("account")
    assert flow is not None
    causes = [diagnose(flow, lines[: place + 1]).cause_id for place in range(1, 5)]
    names = ("confirmed", "terms_accepted", "signed_out", "objected")
    assert causes == [f"waiting.{name}" for name in names]
    with sandbox.storage.reading() as unit:
        text = "".join(unit.journal.lines(lines[0].reference))
    assert not any(it in text for it in (JOHN.email, OTHER_LOGIN, JOHN.rpps, session))


def test_the_account_s_journal_tells_that_it_was_frozen() -> None:
    """Why it opens no more is the account's cause, too."""
    sandbox = Sandbox()
    taken_over(sandbox)
    sandbox.flows.object_link(objection(sandbox))

    flow = compiled_flow("account")
    assert flow is not None
    assert diagnose(flow, told(sandbox)).cause_id == "account.frozen"


def test_a_sign_out_of_nobody_leaves_no_line() -> None:
    """What is no session's token ends nothing."""
    sandbox = Sandbox()
    acting.created(sandbox)

    sandbox.flows.sign_out("unknown")

    assert told(sandbox) == []


def test_a_change_that_is_asked_for_is_counted_once() -> None:
    """Against the person, whatever becomes of it."""
    sandbox = Sandbox()

    asked(sandbox)

    assert acting.counted(sandbox, Budget.CHANGE) == 1
