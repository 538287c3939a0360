"""Too many messages: to one doctor, in one journey, to one address."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from monespace_flows import Back, Policy, ResendCode, SendCode, SubmitCode, View
from monespace_flows.policy import CodePolicy
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, UNREACHABLE

TOO_SOON = (
    "Un code vient de vous être envoyé : il peut mettre quelques instants à arriver. Vous pourrez "
    "en demander un autre dans 45 secondes."
)


def codes_sent(sandbox: Sandbox) -> list[datetime]:
    return [message.at for message in sandbox.messages if message.purpose == "code"]


def links_sent(sandbox: Sandbox) -> list[datetime]:
    return [message.at for message in sandbox.messages if message.purpose == "reset_link"]


def busiest(times: list[datetime], span: timedelta) -> int:
    return max(sum(at <= other < at + span for other in times) for at in times)


# --- codes ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_sd_01_asking_each_second_sends_four_codes_in_all() -> None:
    """The waits grow: 60, 120 and 300 seconds, then no more."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for _ in range(10 * 60):
        sandbox.clock.advance(seconds=1)
        sandbox.flows.submit(view.token, ResendCode())

    seconds = [(at - acting.START) // timedelta(seconds=1) for at in codes_sent(sandbox)]
    assert seconds == [0, 60, 180, 480]


@pytest.mark.parametrize(("before", "wait"), [((), 60), ((60,), 120), ((60, 120), 300)])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_sd_01_each_wait_ends_to_the_second(
    before: tuple[int, ...], wait: int, offset: int
) -> None:
    """A second too soon is refused with the time left; on time, a code leaves."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for seconds in before:
        sandbox.clock.advance(seconds=seconds)
        sandbox.flows.submit(view.token, ResendCode())

    sandbox.clock.advance(seconds=wait + offset)
    view = sandbox.flows.submit(view.token, ResendCode())

    late = offset >= 0
    assert acting.notices(view) == (["code.resent"] if late else ["code.too_soon"])
    assert len(sandbox.messages) == 1 + len(before) + late
    assert view.retry_after == (None if late else timedelta(seconds=1))


def test_sd_01_the_person_reads_how_long_to_wait() -> None:
    """The notice names the time left, and says that the code may be on its way."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(seconds=15)

    view = sandbox.flows.submit(view.token, ResendCode())

    assert acting.said(view) == [TOO_SOON]
    assert view.outcome is Outcome.THROTTLED


def test_sd_01_another_channel_need_not_wait() -> None:
    """A lost SMS keeps nobody waiting: the e-mail leaves at once, and counts."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.flows.submit(view.token, Back())

    view = sandbox.flows.submit(view.token, SendCode("email"))

    assert view.state == "enter_code"
    assert Counter(it.channel for it in sandbox.messages) == {"sms": 1, "email": 1}


def test_sd_01_changing_channels_does_not_send_more() -> None:
    """Four codes in a journey, whatever the channels."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)
    for channel in ("sms", "email", "sms", "email", "sms", "email"):
        view = sandbox.flows.submit(view.token, SendCode(channel))
        if view.state == "enter_code":
            sandbox.flows.submit(view.token, Back())
        sandbox.clock.advance(minutes=5)

    assert len(codes_sent(sandbox)) == 4
    assert acting.notices(view) == ["send.exhausted"]


@pytest.mark.slow
def test_sd_02_a_doctor_receives_five_codes_an_hour_and_ten_a_day() -> None:
    """However many journeys are begun in their name."""
    sandbox = Sandbox()
    for _ in range(2 * 24 * 6):
        acting.awaiting_code(sandbox)
        sandbox.clock.advance(minutes=10)

    times = codes_sent(sandbox)
    assert busiest(times, timedelta(hours=1)) == 5
    assert busiest(times, timedelta(hours=24)) == 10


def test_sd_02_whoever_must_wait_is_told_when_to_come_back() -> None:
    """The answer is a refusal with a time, and the journey stays where it is."""
    sandbox = Sandbox()
    for _ in range(5):
        acting.awaiting_code(sandbox)

    view = acting.awaiting_code(sandbox)

    assert (view.state, acting.notices(view)) == ("choose_channel", ["send.exhausted"])
    assert view.retry_after == timedelta(hours=1)


def test_sd_02_recovery_and_creation_share_one_count() -> None:
    """Nobody gets five more codes by changing journeys."""
    sandbox = Sandbox()
    for _ in range(5):
        acting.awaiting_code(sandbox)

    view = acting.awaiting_code(sandbox, flow="recovery")

    assert acting.notices(view) == ["send.exhausted"]


def test_sd_02_a_resend_is_counted_too() -> None:
    """A second journey's resend is refused when the doctor's hour is used up."""
    sandbox = Sandbox(Policy(codes=CodePolicy(sends_per_hour=2)))
    acting.awaiting_code(sandbox)
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(seconds=60)

    view = sandbox.flows.submit(view.token, ResendCode())

    assert (view.state, acting.notices(view)) == ("enter_code", ["send.exhausted"])


def test_sd_02_a_success_gives_no_codes_back() -> None:
    """What was sent was sent."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, channel="email")
    for _ in range(4):
        acting.awaiting_code(sandbox)
    sandbox.flows.submit(view.token, SubmitCode(str(sandbox.messages[0].code)))
    sandbox.flows.submit(view.token, acting.creation())

    view = acting.awaiting_code(sandbox, flow="recovery")

    assert acting.notices(view) == ["send.exhausted"]


def test_sd_05_nothing_is_sent_to_a_doctor_without_contact() -> None:
    """There is no choice to make, and no message."""
    sandbox = Sandbox()

    view = sandbox.flows.submit(sandbox.flows.start("creation").token, acting.identity(UNREACHABLE))

    assert view.state == "enter_identity"
    assert not sandbox.messages


def test_c6_an_address_of_the_order_that_cannot_be_one_is_not_offered() -> None:
    """A code sent there would lead to an account without a login."""
    sandbox = Sandbox()
    sandbox.registry.change(JOHN.rpps, email="à demander au secrétariat")

    view = acting.identified(sandbox)

    assert acting.options(view) == {"sms": "3361***78"}


# --- reset links ---------------------------------------------------------------------------------


def ask_for_links(sandbox: Sandbox, times: int, *, minutes: float = 0) -> list[View]:
    views = []
    for _ in range(times):
        views.append(acting.link_requested(sandbox))
        sandbox.clock.advance(minutes=minutes)
    return views


def test_sd_06_fifty_requests_send_three_links_an_hour() -> None:
    """The page is the same each time."""
    sandbox = Sandbox()
    acting.created(sandbox)

    views = ask_for_links(sandbox, 50, minutes=1)

    assert len(links_sent(sandbox)) == 3
    assert {(view.screen, view.notices, view.outcome) for view in views} == {
        (views[0].screen, views[0].notices, views[0].outcome)
    }


def test_sd_06_no_more_than_five_links_leave_in_a_day() -> None:
    """Whatever the pace."""
    sandbox = Sandbox()
    acting.created(sandbox)

    ask_for_links(sandbox, 3 * 24 * 2, minutes=30)

    assert busiest(links_sent(sandbox), timedelta(hours=1)) <= 3
    assert busiest(links_sent(sandbox), timedelta(hours=24)) == 5


def test_sd_06_only_the_newest_link_is_alive() -> None:
    """Each new link ends the one before."""
    sandbox = Sandbox()
    acting.created(sandbox)

    ask_for_links(sandbox, 3)

    tokens = [it.link_token for it in sandbox.messages if it.purpose == "reset_link"]
    purposes = [sandbox.flows.link_purpose(token) for token in tokens]
    assert purposes == [None, None, LinkPurpose.RESET]


def test_sd_06_whoever_keeps_asking_does_not_keep_the_holder_out() -> None:
    """What was asked for in vain is not counted: a day later, links leave again."""
    sandbox = Sandbox()
    acting.created(sandbox)

    ask_for_links(sandbox, 4 * 24, minutes=60)

    days = Counter((at - acting.START) // timedelta(hours=24) for at in links_sent(sandbox))
    assert days == {0: 5, 1: 5, 2: 5, 3: 5}


def test_sd_07_an_unknown_address_costs_the_same_writes() -> None:
    """Tables grow alike, however often one asks: the time taken tells nothing."""
    grown = []
    for email in (JOHN.email, "personne@ailleurs.example"):
        sandbox = Sandbox()
        acting.created(sandbox)
        sizes = []
        for _ in range(5):
            acting.link_requested(sandbox, email)
            tables = acting.kept(sandbox)
            sizes.append({name: len(rows) for name, rows in tables.items() if name != "links"})
        grown.append(sizes)

    assert grown[0] == grown[1]


def test_sd_06_a_confirmation_is_not_sent_without_end() -> None:
    """Nobody fills the box of an address that they typed and that is not theirs."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    session = acting.session_of(sandbox, LOGIN)

    for _ in range(20):
        sandbox.flows.resend_confirmation(session)

    sent = [it for it in sandbox.messages if it.purpose == "confirmation"]
    assert len(sent) == 1 + 3
    assert sandbox.flows.link_purpose(sent[-1].link_token) is LinkPurpose.CONFIRM
