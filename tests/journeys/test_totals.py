"""What everybody does together: an attack that spares each one shows here.

``tests/races`` runs them on each engine.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from attrs import evolve

from monespace_flows import Alarm, Back, MessageGivenUp, ResendCode, SendCode, SubmitCode, View
from monespace_flows.driver.acts import totals
from monespace_flows.effects import Budget
from monespace_flows.events import AlarmKind
from monespace_flows.facts import Channel
from monespace_flows.policy import CodePolicy, Policy, TotalsPolicy
from monespace_flows.ports import Storage, Unit
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox

from . import acting
from .acting import (
    AMELIE,
    JOHN,
    LEA,
    LOGIN,
    NOBODY,
    OTHER_LOGIN,
    OTHER_PASSWORD,
    PAUL,
    WRONG_PASSWORD,
)

SECRETARIAT = JOHN.mobile


class Counting:
    """Looks on, and remembers."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str, str, str, tuple[str, ...]]] = []
        self.alarms: list[tuple[AlarmKind, bool]] = []
        self.messages: list[tuple[str, str]] = []

    def stepped(
        self, *, flow: str, state: str, command: str, outcome: str, notices: tuple[str, ...]
    ) -> None:
        self.steps.append((flow, state, command, outcome, notices))

    def alarmed(self, alarm: Alarm) -> None:
        self.alarms.append((alarm.kind, alarm.is_over))

    def delivered(self, channel: str, status: str) -> None:
        self.messages.append((channel, status))


class Breaking(Counting):
    """Looks on, and fails at everything."""

    def stepped(
        self, *, flow: str, state: str, command: str, outcome: str, notices: tuple[str, ...]
    ) -> None:
        raise RuntimeError

    def alarmed(self, alarm: Alarm) -> None:
        raise RuntimeError

    def delivered(self, channel: str, status: str) -> None:
        raise RuntimeError


def few(**numbers: int) -> Policy:
    return Policy(totals=TotalsPolicy(**numbers))  # type: ignore[arg-type]


def sandbox_of(
    storage: Storage, policy: Policy | None = None, observer: Counting | None = None
) -> tuple[Sandbox, list[Alarm]]:
    sandbox = Sandbox(policy, storage=storage, observer=observer)
    told: list[Alarm] = []
    sandbox.flows.on(Alarm, lambda event: told.append(event))  # noqa: PLW0108 - its type is narrower
    return sandbox, told


def count(sandbox: Sandbox, name: str, times: int, ago: timedelta = timedelta(0)) -> None:
    """Let others have done something that often."""
    with sandbox.storage.writing() as unit:
        for _ in range(times):
            unit.budgets.add(Budget.TOTAL, name, sandbox.clock.now() - ago)


def fail(sandbox: Sandbox, person: acting.Person = NOBODY) -> View:
    token = sandbox.flows.start("creation").token
    return sandbox.flows.submit(token, acting.wrong_birth_date(person))


def kinds(told: Sequence[Alarm]) -> list[tuple[str, bool]]:
    return [(alarm.kind.value, alarm.is_over) for alarm in told]


# --- wrong pairs, by whomever and from wherever --------------------------------------------------


def test_bf_04_a_hundred_wrong_pairs_raise_an_alarm_once(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """Once for the host, once in the log, whatever comes after."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "identity", 98)

    fail(sandbox)
    assert told == []
    with caplog.at_level(logging.INFO, "monespace_flows"):
        for _ in range(3):
            fail(sandbox)

    assert kinds(told) == [("identity_failures", False)]
    lines = [it.getMessage() for it in caplog.records if "alarm" in it.getMessage()]
    (line,) = lines
    assert line == (
        "alarm identity_failures: many wrong pairs of birth date and RPPS number; "
        "see: monespace breaker show"
    )


def test_bf_04_two_steps_that_see_it_at_once_tell_it_once(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for the lock finds that the other has told it."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "identity", 99)
    now = sandbox.clock.now()
    seen = [None, now]
    raised = totals._raised

    def other_was_first(unit: Unit, kind: AlarmKind, at: datetime) -> datetime | None:
        return seen.pop(0) if kind is AlarmKind.IDENTITY_FAILURES else raised(unit, kind, at)

    monkeypatch.setattr(totals, "_raised", other_was_first)

    fail(sandbox)

    assert (told, seen) == ([], [])


def test_bf_04_what_is_old_is_forgotten_and_the_next_failure_says_that_it_is_over(
    storage: Storage,
) -> None:
    """An episode ends when ten minutes hold fewer failures."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "identity", 99)
    fail(sandbox)

    sandbox.clock.advance(minutes=11)
    fail(sandbox)

    assert kinds(told) == [("identity_failures", False), ("identity_failures", True)]


def test_bf_04_three_hundred_begin_slow_mode(storage: Storage) -> None:
    """Numbers lock from the second wrong pair on, whether anybody has them: it tells nothing."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "identity", 298)
    for person in (NOBODY, JOHN):
        fail(sandbox, person)

    assert sandbox.flows.watch.is_slow()
    tried = {person: [fail(sandbox, person) for _ in range(2)] for person in (NOBODY, JOHN)}

    assert kinds(told) == [("identity_failures", False), ("slow_mode", False)]
    for views in tried.values():
        assert [acting.notices(it) for it in views] == [
            ["identity.unknown"],
            ["identity.throttled"],
        ]
        assert views[1].retry_after == timedelta(minutes=15)


def test_bf_04_slow_mode_ends_with_the_attack(storage: Storage) -> None:
    """Ten minutes later whoever is right goes on; the next failure tells that it is over."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "identity", 299)
    fail(sandbox)
    fail(sandbox, JOHN)
    fail(sandbox, JOHN)

    sandbox.clock.advance(minutes=11)

    assert not sandbox.flows.watch.is_slow()
    assert acting.identified(sandbox, JOHN).state == "choose_channel"
    fail(sandbox)
    assert ("slow_mode", True) in kinds(told)


def test_bf_04_slow_mode_keeps_nobody_out_who_is_right(storage: Storage) -> None:
    sandbox, _ = sandbox_of(storage)
    count(sandbox, "identity", 299)
    fail(sandbox)

    assert acting.identified(sandbox, JOHN).state == "choose_channel"


def test_bf_12_many_wrong_passwords_raise_an_alarm(storage: Storage) -> None:
    """One password on many addresses, each of them once."""
    sandbox, told = sandbox_of(storage, few(failures_alert=3))
    for number in range(4):
        acting.sign_in(sandbox, f"medecin{number}@cabinet.example", WRONG_PASSWORD)

    assert kinds(told) == [("sign_in_failures", False)]
    assert sandbox.flows.watch.totals().sign_in_failures == 4


# --- messages ------------------------------------------------------------------------------------


def test_sd_03_a_day_s_budget_of_sms_opens_the_breaker(storage: Storage) -> None:
    """SMS stop, the choice says why, the e-mail leaves."""
    sandbox, told = sandbox_of(storage, few(sms_price=10, sms_budget=20))
    acting.awaiting_code(sandbox, AMELIE)
    acting.awaiting_code(sandbox, LEA)
    assert kinds(told) == [("sms_budget", False)]

    view = acting.identified(sandbox, JOHN)
    (sms, email) = acting.field(view, "channel").options
    refused = sandbox.flows.submit(view.token, SendCode("sms"))
    sent = sandbox.flows.submit(view.token, SendCode("email"))

    assert (sms.kind, email.kind, email.unavailable) == ("sms", "email", None)
    assert "Choisissez l'e-mail" in (sms.unavailable or "")
    assert (refused.state, acting.notices(refused)) == ("choose_channel", ["send.sms_closed"])
    assert refused.outcome is Outcome.REFUSED
    assert sent.state == "enter_code"
    assert [it.channel for it in sandbox.messages if it.purpose == "code"] == [
        "sms",
        "sms",
        "email",
    ]


def test_sd_03_who_waits_for_another_sms_chooses_the_e_mail(storage: Storage) -> None:
    """A journey that was there before goes on: back, and by e-mail."""
    sandbox, _ = sandbox_of(storage, few(sms_price=10, sms_budget=20))
    view = acting.awaiting_code(sandbox, JOHN)
    acting.awaiting_code(sandbox, LEA)
    sandbox.clock.advance(minutes=2)

    refused = sandbox.flows.submit(view.token, ResendCode())
    back = sandbox.flows.submit(view.token, Back())
    looked_at = sandbox.flows.view(view.token)
    sent = sandbox.flows.submit(view.token, SendCode("email"))
    done = sandbox.flows.submit(sent.token, SubmitCode(acting.code_received(sandbox)))

    assert (refused.state, acting.notices(refused)) == ("enter_code", ["send.sms_closed"])
    for view in (back, looked_at):
        assert [bool(it.unavailable) for it in acting.field(view, "channel").options] == [
            True,
            False,
        ]
    assert done.state == "choose_password"


def test_sd_03_the_press_that_is_answered_again_says_it_too(storage: Storage) -> None:
    sandbox, _ = sandbox_of(storage, few(sms_price=10, sms_budget=10))
    acting.awaiting_code(sandbox, LEA)
    view = acting.identified(sandbox, JOHN)

    first = sandbox.flows.submit(view.token, SendCode("sms"), key="k")
    again = sandbox.flows.submit(view.token, SendCode("sms"), key="k")

    assert first == again
    assert acting.field(again, "channel").options[0].unavailable


def test_sd_03_the_breaker_closes_by_the_next_day(storage: Storage) -> None:
    """From midnight on where the site is, and the first SMS says that it is over."""
    sandbox, told = sandbox_of(storage, few(sms_price=10, sms_budget=20))
    acting.awaiting_code(sandbox, LEA)
    acting.awaiting_code(sandbox, AMELIE)
    sandbox.clock.advance(hours=15)  # midnight, UTC

    view = acting.awaiting_code(sandbox, JOHN)

    assert view.state == "enter_code"
    assert kinds(told) == [("sms_budget", False), ("sms_budget", True)]


def test_sd_03_an_operator_lets_sms_leave_again(storage: Storage) -> None:
    """With a whole new budget, and the host is told."""
    sandbox, told = sandbox_of(storage, few(sms_price=10, sms_budget=10))
    acting.awaiting_code(sandbox, LEA)
    watch = sandbox.flows.watch

    assert watch.totals().sms_is_closed
    assert watch.close_breaker()
    assert not watch.close_breaker()

    assert not watch.totals().sms_is_closed
    assert acting.awaiting_code(sandbox, JOHN).state == "enter_code"
    assert kinds(told)[:2] == [("sms_budget", False), ("sms_budget", True)]


def test_sd_03_sends_at_once_do_not_pass_the_budget(storage: Storage, twin: Storage) -> None:
    """Eight doctors press together, three places are left."""
    sandbox, _ = sandbox_of(storage, few(sms_price=10, sms_budget=600))
    other = Sandbox(sandbox.flows.policy, storage=twin)
    count(sandbox, "sms", 57)
    people = [JOHN, AMELIE, PAUL, LEA]
    tokens = [(sandbox, acting.identified(sandbox, it).token) for it in people]
    tokens += [(other, acting.identified(other, it).token) for it in people]
    barrier, seen = Barrier(len(tokens)), list[str]()

    def press(one: Sandbox, token: str) -> None:
        barrier.wait()
        seen.append(one.flows.submit(token, SendCode("sms")).state)

    threads = [Thread(target=press, args=each) for each in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sandbox.flows.watch.totals().sms == 60
    assert seen.count("enter_code") == 3


def test_sd_03_other_letters_leave_by_e_mail_alone(storage: Storage) -> None:
    """Who is reached by e-mail too is spared the SMS; tries are told to nobody by SMS."""
    sandbox, _ = sandbox_of(storage, few(sms_price=10, sms_budget=10))
    acting.awaiting_code(sandbox, LEA)
    before = len(sandbox.messages)

    acting.created(sandbox, JOHN)
    view = acting.code_accepted(sandbox, JOHN, "email", "recovery")
    sandbox.flows.submit(view.token, acting.activation(OTHER_LOGIN, OTHER_PASSWORD))
    for _ in range(5):
        fail(sandbox, AMELIE)

    assert {it.channel for it in list(sandbox.messages)[before:]} == {"email"}


def test_more_e_mails_than_usual_raise_an_alarm_and_leave(storage: Storage) -> None:
    sandbox, told = sandbox_of(storage, few(emails_per_day=2))
    for person in (JOHN, LEA, PAUL):
        acting.awaiting_code(sandbox, person, channel="email")

    assert kinds(told) == [("email_volume", False)]
    assert sandbox.flows.watch.totals().emails == 3


def test_sd_08_codes_that_nobody_types_raise_an_alarm(storage: Storage) -> None:
    """Fewer than thirty in a hundred of fifty, once their life is over."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "code", 50, timedelta(minutes=12))
    count(sandbox, "verified", 14, timedelta(minutes=11))

    acting.awaiting_code(sandbox, JOHN)

    assert kinds(told) == [("conversion", False)]
    count(sandbox, "verified", 1)
    acting.awaiting_code(sandbox, LEA)
    assert kinds(told) == [("conversion", False), ("conversion", True)]


@pytest.mark.parametrize(("sent", "verified", "minutes"), [(49, 0, 12), (50, 15, 12), (50, 0, 9)])
def test_sd_08_no_alarm_before(storage: Storage, sent: int, verified: int, minutes: int) -> None:
    """Fewer codes, enough that were typed, or codes that may still be typed."""
    sandbox, told = sandbox_of(storage)
    count(sandbox, "code", sent, timedelta(minutes=minutes))
    count(sandbox, "verified", verified, timedelta(minutes=minutes - 1))

    acting.awaiting_code(sandbox, JOHN)

    assert told == []


def test_sd_08_a_code_that_is_typed_counts(storage: Storage) -> None:
    sandbox, _ = sandbox_of(storage)
    acting.code_accepted(sandbox, JOHN)

    with sandbox.storage.reading() as unit:
        now = sandbox.clock.now()
        day = now - timedelta(days=1)
        assert unit.budgets.count(Budget.TOTAL, "verified", day, now) == 1


def share_a_number(sandbox: Sandbox) -> list[acting.Person]:
    people = [JOHN, AMELIE, PAUL, LEA]
    for person in people:
        sandbox.registry.change(person.rpps, mobile=SECRETARIAT)
    return people


def test_sd_02_a_secretariat_s_number_has_a_bound_of_its_own(storage: Storage) -> None:
    """Five an hour to one number, whosever journeys they are; e-mail is another destination."""
    sandbox, _ = sandbox_of(storage)
    people = share_a_number(sandbox)
    for person in (*people, JOHN):
        assert acting.awaiting_code(sandbox, person).state == "enter_code"

    view = acting.identified(sandbox, LEA)
    refused = sandbox.flows.submit(view.token, SendCode("sms"))

    assert acting.notices(refused) == ["send.exhausted"]
    assert refused.retry_after == timedelta(hours=1)
    assert sandbox.flows.submit(view.token, SendCode("email")).state == "enter_code"


def test_sd_02_a_host_may_raise_the_bound_of_a_number(storage: Storage) -> None:
    policy = Policy(
        codes=CodePolicy(destination_sends_per_hour=20, destination_sends_per_day=40)
    )  # fmt: skip
    sandbox, _ = sandbox_of(storage, policy)
    people = share_a_number(sandbox)

    views = [acting.awaiting_code(sandbox, person) for person in (*people, *people)]

    assert {view.state for view in views} == {"enter_code"}


# --- who looks on --------------------------------------------------------------------------------


def test_each_step_is_told_to_who_looks_on(storage: Storage) -> None:
    """Names of closed sets only."""
    observer = Counting()
    sandbox, _ = sandbox_of(storage, few(sms_price=10, sms_budget=10), observer)
    fail(sandbox)
    view = acting.awaiting_code(sandbox, LEA)
    sandbox.clock.advance(minutes=31)
    acting.over(sandbox, view.token)

    assert observer.steps == [
        ("creation", "enter_identity", "submit_identity", "refused", ("identity.unknown",)),
        ("creation", "choose_channel", "submit_identity", "accepted", ()),
        ("creation", "enter_code", "send_code", "accepted", ()),
        ("creation", "expired", "tick", "refused", ("journey.expired",)),
    ]
    assert observer.alarms == [(AlarmKind.SMS_BUDGET, False)]
    assert observer.messages == [("sms", "sent")]


def test_ft_19_an_observer_that_fails_changes_nothing(storage: Storage) -> None:
    sandbox, told = sandbox_of(storage, few(sms_price=10, sms_budget=10), Breaking())

    assert acting.awaiting_code(sandbox, LEA).state == "enter_code"
    assert kinds(told) == [("sms_budget", False)]
    assert [it.channel for it in sandbox.messages] == ["sms"]


def test_a_message_that_is_given_up_is_told(storage: Storage) -> None:
    """Tried in vain until it was worth nothing."""
    sandbox, _ = sandbox_of(storage)
    given_up: list[MessageGivenUp] = []
    sandbox.flows.on(MessageGivenUp, lambda event: given_up.append(event))  # noqa: PLW0108
    sandbox.messages.fail_next(1)
    view = acting.awaiting_code(sandbox, LEA)
    sandbox.clock.advance(minutes=11)
    sandbox.deliver()
    acting.identified(sandbox, PAUL)  # events leave with the next step

    told = [evolve(it, id="") for it in given_up]
    assert told == [
        MessageGivenUp(
            id="",
            at=acting.START + timedelta(minutes=11),
            channel=Channel.SMS,
            purpose="code",
            reference=view.reference,
        )
    ]


def test_links_that_are_opened_are_told_too(storage: Storage) -> None:
    observer = Counting()
    sandbox, _ = sandbox_of(storage, None, observer)
    acting.created_by_sms(sandbox)
    sandbox.flows.watch.totals()
    before = len(observer.steps)
    acting.sign_in(sandbox, LOGIN, WRONG_PASSWORD)

    assert [it[:4] for it in observer.steps[before:]] == [
        ("signin", "enter_credentials", "sign_in", "refused")
    ]
