"""What time does: every deadline to the second, late commands, clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monespace_flows import Extend, Policy, ResendCode, Site, SubmitCode, SubmitIdentity, View
from monespace_flows.commands import COMMANDS, Command
from monespace_flows.errors import JourneyUnknown
from monespace_flows.facts import Deadline, TickFacts
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import read_journal
from monespace_flows.policy import JourneyPolicy
from monespace_flows.screens import Outcome
from monespace_flows.testing import MemoryClock, Sandbox

from . import acting

TYPED = [place for place in acting.PLACES if FLOWS[place[0]].screens[place[1]].is_typed]
OFFERS = [
    (flow, state, event)
    for flow, state in acting.PLACES
    for event in dict.fromkeys(it.command for it in FLOWS[flow].screens[state].buttons)
]
UNTYPED = (
    *("extend", "back", "resend_code", "restart", "choose_email", "send_reset_link"),
    "close_sessions",
)
FILLED_IN = [
    (flow, state, event)
    for flow, state, event in OFFERS
    if (flow, state) in TYPED and event not in UNTYPED
]
BARE = [
    (flow, state, event)
    for flow, state, event in OFFERS
    if (flow, state) in TYPED and event in UNTYPED
]


def press(sandbox: Sandbox, view: View, event: str) -> View:
    return sandbox.flows.submit(view.token, acting.pressing(sandbox, event))


def keep_open(sandbox: Sandbox, view: View, minutes: int) -> None:
    """Prolong every nine minutes until only the journey's own end is near."""
    for _ in range(minutes // 9):
        sandbox.clock.advance(minutes=9)
        press(sandbox, view, "extend")
    sandbox.clock.advance(minutes=minutes % 9)


# --- the ten minutes of an entry -----------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "erased"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize(("flow", "state"), TYPED)
def test_c2_d5_an_entry_is_erased_at_ten_minutes(
    flow: str, state: str, seconds: int, erased: bool
) -> None:
    """In time while younger than ten minutes, erased at ten, on every screen with a field."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    event = FLOWS[flow].screens[state].buttons[0].command

    sandbox.clock.advance(minutes=10, seconds=seconds)
    view = press(sandbox, view, event)

    assert ("entry.erased" in acting.notices(view)) is erased


@pytest.mark.parametrize(("flow", "state", "event"), FILLED_IN)
def test_c2_what_is_typed_too_late_is_not_applied(flow: str, state: str, event: str) -> None:
    """The person stays, reads why, and nothing else has happened."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    accounts, sent = acting.accounts(sandbox), len(sandbox.messages)

    sandbox.clock.advance(minutes=10)
    late = press(sandbox, view, event)

    assert (late.state, late.outcome) == (state, Outcome.REFUSED)
    said = ["code.expired"] if event == "submit_code" else []
    assert acting.notices(late)[-1 - len(said) :] == ["entry.erased", *said]
    assert (acting.accounts(sandbox), len(sandbox.messages)) == (accounts, sent)
    last = acting.journal_of(sandbox, late)[-1].command
    assert last == ("submit_code" if said else "tick")


@pytest.mark.parametrize(("flow", "state", "event"), BARE)
def test_c2_a_late_button_without_fields_still_works(flow: str, state: str, event: str) -> None:
    """« Prolonger », « Retour », « Renvoyer le code » lose nothing: the person is told both."""
    sandbox = Sandbox()
    view = acting.place(flow, state, event)(sandbox)

    sandbox.clock.advance(minutes=10)
    late = press(sandbox, view, event)

    assert "entry.erased" in acting.notices(late)
    assert [entry.command for entry in acting.journal_of(sandbox, late)][-2:] == ["tick", event]


def test_c2_the_entry_counts_from_when_the_form_was_shown() -> None:
    """A page shown again later, as its adapter vouches, has its own ten minutes."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    shown_at = sandbox.clock.advance(minutes=9)
    sandbox.clock.advance(minutes=9, seconds=59)

    view = sandbox.flows.submit(view.token, acting.identity(), shown_at=shown_at)

    assert view.state == "choose_channel"


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=1)])
def test_c2_a_form_shown_in_the_future_was_shown_now(ahead: timedelta) -> None:
    """Nobody gains time by a wrong clock, and nobody loses any."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    now = sandbox.clock.advance(minutes=15)

    view = sandbox.flows.submit(view.token, acting.identity(), shown_at=now + ahead)

    assert view.state == "choose_channel"


def test_c2_an_old_form_counts_from_the_journey_s_last_step() -> None:
    """A form shown before the last step is as old as that step."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    sandbox.clock.advance(minutes=9)
    press(sandbox, view, "extend")
    sandbox.clock.advance(minutes=9)

    view = sandbox.flows.submit(view.token, acting.identity(), shown_at=acting.START)

    assert view.state == "choose_channel"


def test_c2_the_times_are_the_host_s() -> None:
    """A host may give another life to entries; the sentence follows."""
    sandbox = Sandbox(Policy(journeys=JourneyPolicy(entry_life=timedelta(minutes=5))))
    view = sandbox.flows.start("creation")

    sandbox.clock.advance(minutes=5)
    view = sandbox.flows.submit(view.token, acting.identity())

    assert "dans les 5 minutes" in acting.said(view)[0]


# --- « Prolonger » -------------------------------------------------------------------------------


@pytest.mark.parametrize(("flow", "state"), [it for it in TYPED if it[1] != "choose_new_password"])
def test_d5_a_screen_may_be_prolonged_at_least_ten_times(flow: str, state: str) -> None:
    """Whoever needs time has an hour and a half, and more (WCAG 2.2.1)."""
    sandbox = Sandbox()
    session = acting.member(sandbox) if flow == "settings" else ""
    view = (
        sandbox.flows.start("settings", session) if session else acting.PLACES[flow, state](sandbox)
    )
    for _ in range(12):
        sandbox.clock.advance(minutes=10, seconds=-1)
        sandbox.flows.session(session)
        view = sandbox.flows.submit(view.token, Extend())
        assert (view.state, view.outcome) == (state, Outcome.ACCEPTED)

    sandbox.clock.advance(minutes=10, seconds=-1)
    sandbox.flows.session(session)
    event = FLOWS[flow].screens[state].buttons[0].command
    assert "entry.erased" not in acting.notices(press(sandbox, view, event))


def test_d5_a_journey_is_not_prolonged_for_ever() -> None:
    """After three hours it ends, however often « Prolonger » was pressed."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    keep_open(sandbox, view, 3 * 60 - 1)
    assert press(sandbox, view, "extend").expires_at == acting.START + timedelta(hours=3)

    sandbox.clock.advance(minutes=1)

    assert acting.over(sandbox, view.token).state == "expired"


# --- the end of a journey ------------------------------------------------------------------------

WRONG = SubmitIdentity(birth_date="1", rpps="1", accept_terms=True)


@pytest.mark.parametrize("pressed", [Extend(), WRONG], ids=["extend", "malformed"])
def test_a_journey_of_too_many_steps_expires_as_by_the_clock(pressed: Command) -> None:
    """Nobody fills the journal from one journey; the last line is the clock's."""
    sandbox = Sandbox(Policy(journeys=JourneyPolicy(steps=20)))
    view = sandbox.flows.start("creation")
    for _ in range(20):
        assert sandbox.flows.view(view.token).status == "open"
        sandbox.flows.submit(view.token, pressed)

    assert sandbox.flows.view(view.token).status == "expired"
    over = [acting.over(sandbox, view.token, pressed) for _ in range(3)]
    assert [(it.state, acting.notices(it)) for it in over[:1]] == [("expired", ["journey.expired"])]
    with sandbox.storage.reading() as unit:
        lines = read_journal(unit.journal.lines(view.reference))
    assert (len(lines), lines[-1].command) == (22, "tick")
    assert lines[-1].facts == TickFacts(deadline=Deadline.JOURNEY)


def test_the_longest_honest_journey_takes_a_fraction_of_the_steps() -> None:
    """Every try, every code, every resend and every « Prolonger » that the policy allows."""
    policy = Policy()
    prolonged = policy.journeys.longest_life // policy.journeys.entry_warning
    codes = (len(policy.codes.resend_waits) + 1) * (policy.codes.tries + 1)

    assert policy.identity.failures_per_day + codes + prolonged < policy.journeys.steps // 2


@pytest.mark.parametrize(("seconds", "is_over"), [(-1, False), (0, True), (1, True)])
def test_c2_a_journey_ends_at_thirty_minutes(seconds: int, is_over: bool) -> None:
    """On time it goes on, late it is over, to look at as to press."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)

    sandbox.clock.advance(minutes=30, seconds=seconds)

    assert sandbox.flows.view(view.token).status == ("expired" if is_over else "open")
    if is_over:
        assert acting.over(sandbox, view.token).state == "expired"
    else:
        assert press(sandbox, view, "send_code").state == "enter_code"


@pytest.mark.parametrize(("flow", "state", "event"), OFFERS)
def test_fl_11_no_command_of_any_kind_works_on_a_journey_that_is_over(
    flow: str, state: str, event: str
) -> None:
    """The person is told to begin again, and nothing else has happened."""
    sandbox = Sandbox()
    session = acting.member(sandbox) if flow == "settings" else ""
    view = (
        sandbox.flows.start("settings", session) if session else acting.PLACES[flow, state](sandbox)
    )
    before = acting.accounts(sandbox), len(sandbox.messages)
    for _ in range(5):
        sandbox.clock.advance(minutes=20)
        sandbox.flows.session(session)
    sandbox.clock.advance(hours=24 if state == "link_sent" else 0)

    last = acting.over(sandbox, view.token, acting.pressing(sandbox, event))

    assert (last.state, acting.notices(last)) == ("expired", ["journey.expired"])
    assert last.outcome is Outcome.REFUSED
    assert (acting.accounts(sandbox), len(sandbox.messages)) == before


@pytest.mark.parametrize(("flow", "state"), acting.PLACES)
def test_c2_looking_never_writes(flow: str, state: str) -> None:
    """Whatever the clock says, a look leaves everything as it is."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    for hours in (0, 0.2, 1, 30):
        sandbox.clock.advance(hours=hours)
        before = acting.kept(sandbox)
        sandbox.flows.view(view.token)
        assert acting.kept(sandbox) == before

    assert sandbox.flows.view(view.token).status != "open"


def test_fl_11_an_expired_journey_stays_expired() -> None:
    """Pressing again shows the same last screen."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", "expired"](sandbox)

    again = acting.over(sandbox, view.token, acting.identity())

    assert again.screen == view.screen
    assert acting.said(again) == [
        "Votre demande a expiré. Rien n'a été modifié ; vous pouvez la recommencer."
    ]


# --- the ten minutes of a code -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "state"), [(-1, "choose_credentials"), (0, "enter_code"), (1, "enter_code")]
)
def test_d4_a_code_ends_at_ten_minutes(seconds: int, state: str) -> None:
    """« Prolonger » does not lengthen it."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=5)
    press(sandbox, view, "extend")

    sandbox.clock.advance(minutes=5, seconds=seconds)
    view = press(sandbox, view, "submit_code")

    assert view.state == state
    if state == "enter_code":
        assert acting.said(view) == [
            "Ce code n'est plus valable : il a plus de 10 minutes. Demandez un nouveau code."
        ]


def test_d4_a_new_code_has_its_own_ten_minutes() -> None:
    """They run from the resend."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=9)
    sandbox.flows.submit(view.token, ResendCode())

    sandbox.clock.advance(minutes=9)

    assert press(sandbox, view, "submit_code").state == "choose_credentials"


# --- clocks that jump ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "state"),
    [
        (30, "choose_credentials"),
        (60, "choose_credentials"),
        (61, "enter_code"),
        (3600, "enter_code"),
    ],
)
def test_ft_01_a_clock_put_back_does_not_lengthen_a_code(back: int, state: str) -> None:
    """Beyond a minute a code from the future is refused, like one that is too old."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)

    sandbox.clock.advance(seconds=-back)
    view = press(sandbox, view, "submit_code")

    assert view.state == state
    assert acting.notices(view) == ([] if state == "choose_credentials" else ["code.expired"])


def test_ft_01_a_journey_s_own_time_never_goes_back() -> None:
    """Each line of the journal is as late as the one before, or later."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for hours in (-1, -2, 0.5):
        sandbox.clock.advance(hours=hours)
        press(sandbox, view, "extend")

    times = [entry.at for entry in acting.journal_of(sandbox, view)]
    assert times == sorted(times)


def test_ft_01_a_new_journey_works_after_the_clock_was_put_back() -> None:
    """Nobody waits for the clock to catch up."""
    sandbox = Sandbox()
    acting.awaiting_code(sandbox)
    sandbox.clock.advance(hours=-1)

    assert acting.created(sandbox).state == "created"


def test_ft_02_what_ended_while_the_clock_was_ahead_stays_ended() -> None:
    """A journey that expired, a code that was used and a link that was used do not come back."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    acting.created(sandbox)
    acting.link_requested(sandbox)
    sandbox.clock.advance(hours=23)
    acting.over(sandbox, view.token)
    used = sandbox.flows.open_link(acting.link_received(sandbox))
    press(sandbox, used, "save_password")

    sandbox.clock.advance(hours=-23)

    assert sandbox.flows.view(view.token).status == "expired"
    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None
    assert acting.over(sandbox, used.token).status == "done"


def at(instant: str, zone: str = "Europe/Paris") -> Sandbox:
    """A sandbox whose clock shows a local time in Paris, and whose messages name it."""
    sandbox = Sandbox(site=Site(zone=ZoneInfo(zone)))
    start = datetime.fromisoformat(instant).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    sandbox.clock.advance(seconds=(start - sandbox.clock.now()).total_seconds())
    return sandbox


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-28T12:00", "29 mars 2026 à 13 h 00 (UTC+2)"),
        ("2026-10-24T12:00", "25 octobre 2026 à 11 h 00 (UTC+1)"),
        ("2026-11-22T10:05", "23 novembre 2026 à 10 h 05 (UTC+1)"),
    ],
)
def test_ft_03_a_change_of_hour_does_not_change_a_day(start: str, end: str) -> None:
    """A link lives exactly 24 hours, and its message names the local hour."""
    sandbox = at(start)
    acting.created(sandbox)
    acting.link_requested(sandbox)
    assert end in acting.newest(sandbox, "reset_link").text

    sandbox.clock.advance(hours=24, seconds=-1)
    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is not None
    sandbox.clock.advance(seconds=1)
    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None


@pytest.mark.parametrize("start", ["2026-03-29T01:55", "2026-10-25T02:55"])
def test_ft_03_a_change_of_hour_does_not_change_ten_minutes(start: str) -> None:
    """Codes, entries and sessions count in seconds."""
    sandbox = at(start)
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=9, seconds=59)
    assert press(sandbox, view, "submit_code").state == "choose_credentials"

    session = acting.member(sandbox, acting.CLAIRE)
    sandbox.clock.advance(minutes=29, seconds=59)
    assert sandbox.flows.session(session) is not None


@pytest.mark.parametrize("start", ["2028-02-29T12:00", "2026-12-31T23:55", "2026-01-01T00:00"])
def test_ft_04_odd_days_are_days(start: str) -> None:
    """A leap day and the turn of the year go by like any other."""
    sandbox = at(start)

    assert acting.created(sandbox).state == "created"
    assert acting.password_reset(sandbox).state == "password_changed"


@pytest.mark.parametrize(("seconds", "purged"), [(-1, 0), (0, 1)])
def test_fl_11_a_journey_that_was_only_begun_is_purged_too(seconds: int, purged: int) -> None:
    """When it is thirty minutes old, and not before."""
    sandbox = Sandbox()
    acting.begun(sandbox)

    now = sandbox.clock.advance(minutes=30, seconds=seconds)

    kept_since = now - sandbox.flows.policy.journeys.retention
    assert sandbox.storage.purge(now, kept_since)["journeys"] == purged


def test_fl_11_what_is_past_its_life_is_purged() -> None:
    """Once purged a journey is unknown, and its journal stays for as long as journals do."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    now = sandbox.clock.advance(minutes=30)
    purged = sandbox.storage.purge(now, now - sandbox.flows.policy.journeys.retention)

    assert purged["journeys"] == 1
    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(view.token, SubmitCode("123456"))
    assert acting.journal_lines(sandbox, view)


def test_fl_11_a_purge_leaves_the_journal_of_a_link_that_still_lives() -> None:
    """With the shortest retention that a policy may have, a link works to its last second."""
    sandbox = Sandbox(Policy(journeys=JourneyPolicy(retention=timedelta(hours=24))))
    acting.created(sandbox)
    view = acting.link_requested(sandbox)
    now = sandbox.clock.advance(hours=23, minutes=59, seconds=59)
    sandbox.storage.purge(now, now - sandbox.flows.policy.journeys.retention)

    used = sandbox.flows.open_link(acting.link_received(sandbox))

    assert used.state == "choose_new_password"
    assert [entry.seq for entry in acting.journal_of(sandbox, view)] == [0, 1, 2]


def test_the_sandbox_starts_when_the_tests_say() -> None:
    """The tests' clock is the sandbox's."""
    assert MemoryClock().now() == acting.START
    assert set(COMMANDS) - {event for _, _, event in OFFERS} == {"use_link", "tick"}
