"""Someone's account is erased: what goes, what stays, and what they and others see (PR-07)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from monespace_flows import AccountErased, Flows, SignedIn, View
from monespace_flows.driver import Erasure
from monespace_flows.errors import (
    JourneyUnknown,
    LinkInvalid,
    LostSwap,
    PortBusy,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.events import Event
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import read_journal
from monespace_flows.retelling.table import replay
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, NOBODY, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, PAUL, WRONG_PASSWORD
from .breaking import hook

UNKNOWN = "personne@ailleurs.example"

OPEN_JOURNEYS: dict[str, Callable[[Sandbox], View]] = {
    "settings": lambda it: acting.begun(it, "settings", acting.session_of(it)),
    "a link asked for": acting.link_requested,
    "a new password": acting.link_used,
    "an account found": lambda it: it.flows.submit(
        it.flows.start("recovery").token, acting.identity()
    ),
    "a code of a recovery": lambda it: acting.awaiting_code(it, flow="recovery"),
    "new credentials": lambda it: acting.code_accepted(it, flow="recovery"),
}
"""Where someone who has an account may stand when it is erased."""


def erased(sandbox: Sandbox) -> Erasure:
    """Erase John's account, which is there."""
    erasure = sandbox.flows.erase_account(rpps=JOHN.rpps)
    assert erasure is not None
    return erasure


# --- whose it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named",
    [
        {"rpps": JOHN.rpps},
        {"rpps": "990 0000 0002"},
        {"email": JOHN.email},
        {"email": JOHN.email.upper()},
    ],
    ids=["number", "number in groups", "address", "address in capitals"],
)
def test_pr_07_an_account_is_named_by_number_or_address(named: dict[str, str]) -> None:
    """As it would be typed on a screen."""
    sandbox = Sandbox()
    acting.created(sandbox)

    assert sandbox.flows.erase_account(**named) is not None
    assert acting.accounts(sandbox) == []


@pytest.mark.parametrize("named", [{"rpps": JOHN.rpps}, {"email": LOGIN}, {"rpps": NOBODY.rpps}])
def test_where_there_is_none_nothing_happens(named: dict[str, str]) -> None:
    """Neither to a colleague's account nor to what is under way without one."""
    sandbox = Sandbox()
    acting.created(sandbox, PAUL)
    acting.awaiting_code(sandbox)
    before = acting.kept(sandbox)

    assert sandbox.flows.erase_account(**named) is None
    assert acting.kept(sandbox) == before


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"rpps": JOHN.rpps, "email": JOHN.email},
        {"rpps": ""},
        {"rpps": JOHN.rpps[:10]},
        {"rpps": JOHN.email},
        {"email": JOHN.rpps},
        {"email": f"{JOHN.email},{LOGIN}"},
    ],
    ids=["nobody", "twice", "nothing", "short", "an address", "a number", "two addresses"],
)
def test_pr_02_a_name_that_is_none_is_refused_and_not_repeated(named: dict[str, str]) -> None:
    """A caller's mistake: the account is still there."""
    sandbox = Sandbox()
    acting.created(sandbox)

    with pytest.raises(ValueError, match=r"RPPS number|e-mail address") as refusal:
        sandbox.flows.erase_account(**named)

    assert JOHN.rpps[:10] not in str(refusal.value)
    assert "john" not in str(refusal.value)
    assert len(acting.accounts(sandbox)) == 1


def test_pr_06_an_account_written_under_an_older_key_is_erased_too() -> None:
    """With all that was written under either key."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    sandbox.secrets.rotate()
    link = acting.link_received(sandbox)
    acting.code_accepted(sandbox, flow="recovery")

    assert erased(sandbox).journeys == 3
    assert sandbox.flows.link_purpose(link) is None


def test_an_account_that_was_closed_can_be_erased() -> None:
    """Closing keeps the number; erasing frees it."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.disable(sandbox)

    erased(sandbox)

    assert acting.created(sandbox).state == "created"


def test_a_doctor_who_has_left_the_order_can_be_erased() -> None:
    """The registry is not asked."""
    sandbox = Sandbox()
    acting.created(sandbox)
    sandbox.registry.fail_next(100)

    erased(sandbox)

    assert acting.accounts(sandbox) == []


def test_an_address_that_would_be_refused_today_does_not_keep_its_account() -> None:
    """What counts as an address may have changed since it was chosen."""
    sandbox = Sandbox()
    acting.created(sandbox)
    session = acting.session_of(sandbox)
    sandbox.flows = Flows(evolve(sandbox.ports, emails=NoEmails()), wake=sandbox.deliver)

    erased(sandbox)

    assert sandbox.flows.session(session) is None


class NoEmails:
    """A syntax by which nothing is an address."""

    def read(self, typed: str) -> None:
        """Refuse."""


# --- what goes -----------------------------------------------------------------------------------


def test_pr_07_what_went_is_told_in_numbers() -> None:
    """Two sessions, two links of which one is used, and every journey that is still kept.

    The account's own journal counts as one: it tells of the confirmation.
    """
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    sessions = [acting.session_of(sandbox, LOGIN) for _ in range(2)]
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), sessions[0])
    acting.link_requested(sandbox, LOGIN)

    assert erased(sandbox) == Erasure(sessions=2, links=2, journeys=5, messages=0)
    left = {name for name, rows in acting.kept(sandbox).items() if rows}
    assert left == {"journal", "outbox", "budgets"}


def test_pr_07_the_password_opens_nothing_and_is_answered_as_any_other() -> None:
    """Nobody can tell an address that was erased from one that never was."""
    sandbox = Sandbox()
    acting.created(sandbox)
    erased(sandbox)

    former, unknown = acting.sign_in(sandbox), acting.sign_in(sandbox, UNKNOWN)

    assert acting.notices(former) == ["credentials.refused"]
    assert (former.screen, former.notices, former.outcome, former.session) == (
        unknown.screen,
        unknown.notices,
        unknown.outcome,
        None,
    )


def test_pr_07_no_link_is_sent_and_the_answer_does_not_say_so() -> None:
    """Asking for a link to the former address is asking for nobody's."""
    sandbox = Sandbox()
    acting.created(sandbox)
    erased(sandbox)
    sent = len(sandbox.messages)

    former, unknown = acting.link_requested(sandbox), acting.link_requested(sandbox, UNKNOWN)

    assert acting.but_for(former, JOHN.email) == acting.but_for(unknown, UNKNOWN)
    assert len(sandbox.messages) == sent


def test_pr_07_sessions_are_over_at_once() -> None:
    """Every browser is signed out, and can neither change nor confirm anything."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    sessions = [acting.session_of(sandbox, LOGIN) for _ in range(2)]
    token = acting.confirmation_received(sandbox)

    erased(sandbox)

    assert [sandbox.flows.session(it) for it in sessions] == [None, None]
    acts: list[Callable[[], object]] = [
        lambda: sandbox.flows.start("settings", sessions[0]),
        lambda: sandbox.flows.confirm_email(token, sessions[0]),
        lambda: sandbox.flows.resend_confirmation(sessions[0]),
        lambda: sandbox.flows.accept_terms(sessions[0]),
    ]
    for act in acts:
        with pytest.raises(SessionRequired):
            act()


def test_pr_07_links_are_worth_nothing() -> None:
    """The newest reset link, an unused confirmation, and one already used."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    confirmation = acting.confirmation_received(sandbox)
    sandbox.flows.confirm_email(confirmation, acting.session_of(sandbox, LOGIN))
    acting.link_requested(sandbox, LOGIN)
    link = acting.link_received(sandbox)

    erased(sandbox)

    assert [sandbox.flows.link_purpose(it) for it in (link, confirmation)] == [None, None]
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(link)


@pytest.mark.parametrize("stand", OPEN_JOURNEYS.values(), ids=OPEN_JOURNEYS)
def test_pr_07_whoever_is_on_the_way_must_begin_anew(stand: Callable[[Sandbox], View]) -> None:
    """Neither the screen nor what was sealed beside it is kept: codes and links lead nowhere."""
    sandbox = Sandbox()
    acting.created(sandbox)
    sandbox.clock.advance(minutes=5)
    view = stand(sandbox)

    erased(sandbox)

    with pytest.raises(JourneyUnknown):
        sandbox.flows.view(view.token)
    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(view.token, acting.pressing(sandbox, "extend"))
    assert acting.kept(sandbox)["journeys"] == {}


def test_pr_07_a_second_creation_of_the_same_doctor_must_begin_anew_too() -> None:
    """It was begun before the account was made, and holds the doctor's number, sealed."""
    sandbox = Sandbox()
    late = acting.code_accepted(sandbox)
    sandbox.clock.advance(minutes=5)
    acting.created(sandbox)

    erased(sandbox)

    with pytest.raises(JourneyUnknown):
        sandbox.flows.view(late.token)


def test_pr_07_nothing_of_somebody_else_goes() -> None:
    """A colleague stays signed in, their link works, and their letters leave."""
    sandbox = Sandbox()
    acting.created(sandbox)
    session = acting.member(sandbox, PAUL)
    settings = sandbox.flows.start("settings", session)
    sandbox.flows = Flows(sandbox.ports)  # from now on messages wait
    acting.link_requested(sandbox, UNKNOWN)
    acting.link_requested(sandbox, PAUL.email)
    stranger = sandbox.flows.start("creation")
    queued = waiting(sandbox)

    assert erased(sandbox).messages == 0
    assert waiting(sandbox) == queued

    for _ in queued:
        sandbox.deliver()
    assert sandbox.flows.session(session) is not None
    assert sandbox.flows.view(settings.token).state == "edit_settings"
    assert sandbox.flows.view(stranger.token).state == "enter_identity"
    assert sandbox.flows.open_link(acting.link_received(sandbox)).state == "choose_new_password"


# --- messages that wait --------------------------------------------------------------------------


def waiting(sandbox: Sandbox) -> list[str]:
    """What still waits to leave, by purpose."""
    with sandbox.storage.reading() as unit:
        return [it.purpose for it in unit.outbox.waiting() if it.channel != "event"]


def test_pr_07_what_waits_to_leave_does_not_leave() -> None:
    """Neither codes nor links nor notices to the Order's address and the former one."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    sandbox.flows = Flows(sandbox.ports)
    view = sandbox.flows.start("settings", session)
    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))
    sandbox.flows.resend_confirmation(acting.session_of(sandbox))
    acting.link_requested(sandbox)
    sandbox.clock.advance(minutes=5)
    acting.awaiting_code(sandbox, flow="recovery")
    queued = waiting(sandbox)

    assert {"confirmation", "notice", "code"} <= {*queued}
    assert erased(sandbox).messages == len(queued)
    sent = len(sandbox.messages)
    sandbox.deliver()
    assert (waiting(sandbox), len(sandbox.messages)) == ([], sent)


def test_pr_07_nor_does_a_letter_whose_journey_is_long_gone() -> None:
    """The way out may be broken for hours: the address in the sealed letter is what counts."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    sandbox.flows = Flows(sandbox.ports)
    sandbox.flows.submit(view.token, acting.activation())
    acting.forget_journeys(sandbox)
    assert waiting(sandbox) == ["confirmation"]

    assert erased(sandbox) == Erasure(sessions=0, links=1, journeys=0, messages=1)
    assert waiting(sandbox) == []


def test_pr_07_nor_what_the_way_out_refused_and_an_operator_could_put_back() -> None:
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    sandbox.flows = Flows(sandbox.ports)
    sandbox.flows.submit(view.token, acting.activation())
    with sandbox.storage.writing() as unit:
        (confirmation,) = (it for it in unit.outbox.waiting() if it.purpose == "confirmation")
        unit.outbox.settle(evolve(confirmation, status="failed", finished_at=confirmation.due_at))
        unit.outbox.add(evolve(confirmation, id="late", status="failed", sealed=None))

    assert erased(sandbox).messages == 1
    with sandbox.storage.reading() as unit:
        failed = [it for it in unit.outbox.unsent() if it.status == "failed"]
    assert [it.sealed for it in failed] == [None, None]


def test_pr_07_nor_a_confirmation_that_no_journey_sent() -> None:
    """Asked for again by someone who is signed in."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    session = acting.session_of(sandbox, LOGIN)
    sandbox.flows = Flows(sandbox.ports)
    sandbox.flows.resend_confirmation(session)

    assert erased(sandbox).messages == 1
    assert waiting(sandbox) == []


# --- what stays ----------------------------------------------------------------------------------


def test_pr_07_the_same_person_may_create_an_account_again() -> None:
    """Through the same screens, with the same address; it is another account."""
    sandbox = Sandbox()
    acting.created(sandbox)
    (former,) = acting.accounts(sandbox)
    erased(sandbox)
    sandbox.clock.advance(minutes=5)

    view = acting.created(sandbox, password=OTHER_PASSWORD)

    (account,) = acting.accounts(sandbox)
    assert view.state == "created"
    assert account.id != former.id
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).session is None
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"


def test_pr_07_the_address_is_free_for_a_colleague() -> None:
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    erased(sandbox)

    assert acting.created_by_sms(sandbox, PAUL).state == "created"


def test_pr_07_a_recovery_afterwards_is_that_of_someone_without_an_account() -> None:
    """Nothing is found, and the journey ends with a new account (D2)."""
    sandbox = Sandbox()
    acting.created(sandbox)
    (former,) = acting.accounts(sandbox)
    erased(sandbox)
    sandbox.clock.advance(minutes=5)

    view = sandbox.flows.submit(sandbox.flows.start("recovery").token, acting.identity())
    assert view.state == "choose_channel"
    assert acting.recovered(sandbox).state == "recovered"
    assert former.id not in {account.id for account in acting.accounts(sandbox)}


def test_pr_07_journals_stay_and_tell_the_same_story() -> None:
    """Whole and in order, ended or not: nothing is added to a journey that was cut short."""
    sandbox = Sandbox()
    views = [acting.created(sandbox)]
    sandbox.clock.advance(minutes=5)
    views += [stand(sandbox) for stand in OPEN_JOURNEYS.values()]
    before = [acting.journal_lines(sandbox, view) for view in views]

    erased(sandbox)

    assert [acting.journal_lines(sandbox, view) for view in views] == before
    for view, lines in zip(views, before, strict=True):
        told = replay(FLOWS[view.flow], read_journal(lines))
        assert told.divergence is None
        assert told.end.state == view.state


def test_bf_16_what_bounds_guessing_stays_for_its_day() -> None:
    """Being erased is no way to try more passwords or send more codes."""
    sandbox = Sandbox()
    acting.created(sandbox)
    for _ in range(3):
        acting.sign_in(sandbox, JOHN.email, WRONG_PASSWORD)
    before = acting.kept(sandbox)["budgets"]

    erased(sandbox)

    assert acting.kept(sandbox)["budgets"] == before


# --- the host ------------------------------------------------------------------------------------


class Told:
    """A host's handler that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)


def test_a_host_learns_that_an_account_is_gone() -> None:
    """After the commit, by the id that it knows; the event names nobody."""
    sandbox, told = Sandbox(), Told()
    acting.created(sandbox)
    (account,) = acting.accounts(sandbox)
    sandbox.flows.on(AccountErased, told)

    erased(sandbox)
    sandbox.flows.erase_account(rpps=JOHN.rpps)

    assert told.events == [
        AccountErased(id=f"erased-{account.id}", at=acting.START, account_id=account.id)
    ]


def test_a_host_learns_of_what_an_operator_erased_in_another_process() -> None:
    """Whose program has no handlers: the event waits for a process that has."""
    sandbox, told = Sandbox(), Told()
    acting.created(sandbox)
    operator = Flows(sandbox.ports)
    sandbox.flows.on(AccountErased, told)

    assert operator.erase_account(email=JOHN.email) is not None
    assert told.events == []

    assert sandbox.flows.dispatch() == 1
    assert [type(it) for it in told.events] == [AccountErased]


def test_a_host_that_raises_is_told_again() -> None:
    """At least once, with the same id; the account is gone all the same."""
    sandbox, told = Sandbox(), Told()
    acting.created(sandbox)
    broken = hook(sandbox, "storage", on="settle")
    sandbox.flows.on(AccountErased, told)
    broken.arm()

    erased(sandbox)
    sandbox.clock.advance(minutes=1)
    sandbox.flows.dispatch()

    assert acting.accounts(sandbox) == []
    assert len(told.events) == 2
    assert told.events[0] == told.events[1]


def test_what_waits_for_the_host_is_not_lost_with_the_account() -> None:
    """It hears what happened before, and then that it is over."""
    sandbox, told = Sandbox(), Told()
    acting.created(sandbox)
    elsewhere = Flows(sandbox.ports)
    for kind in (SignedIn, AccountErased):
        sandbox.flows.on(kind, told)
    token = elsewhere.start("signin").token
    elsewhere.submit(token, acting.pressing(sandbox, "sign_in"))
    elsewhere.erase_account(rpps=JOHN.rpps)
    sandbox.clock.advance(minutes=1)

    sandbox.flows.dispatch()

    assert {type(it) for it in told.events} == {SignedIn, AccountErased}


def test_an_event_that_no_host_ever_comes_for_is_purged_in_the_end() -> None:
    """A year later nothing tells that the account ever was, but that somebody listened once."""
    sandbox = Sandbox()
    sandbox.flows.on(AccountErased, Told())
    acting.created(sandbox)
    Flows(sandbox.ports).erase_account(rpps=JOHN.rpps)

    later = sandbox.clock.now() + timedelta(days=400)
    sandbox.storage.purge(later, later - timedelta(days=183))

    assert [name for name, rows in acting.kept(sandbox).items() if rows] == ["listeners"]


# --- what may go wrong ---------------------------------------------------------------------------


def test_ft_16_when_the_keys_are_away_nothing_is_erased() -> None:
    """Half an erasure would be none: it is all of it, later."""
    sandbox = Sandbox()
    acting.created(sandbox)
    before = acting.kept(sandbox)
    sandbox.secrets.fail_next()

    with pytest.raises(PortUnavailable):
        erased(sandbox)

    assert acting.kept(sandbox) == before


def losing(sandbox: Sandbox, times: int) -> None:
    """Let somebody else change the account first, so many times."""

    def lose() -> None:
        raise LostSwap

    hook(sandbox, "storage", lose, on="delete").arm(times=times)


def test_an_account_that_changes_meanwhile_is_read_again() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    losing(sandbox, 7)

    erased(sandbox)

    assert acting.accounts(sandbox) == []


def test_one_that_changes_all_the_time_is_left_for_later() -> None:
    """The caller is told to come back, and nothing is erased."""
    sandbox = Sandbox()
    acting.created(sandbox)
    before = acting.kept(sandbox)
    losing(sandbox, 8)

    with pytest.raises(PortBusy):
        erased(sandbox)

    assert acting.kept(sandbox) == before
