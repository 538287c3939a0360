"""Codes (C6, C7, R4, R5, D4): sent, sent again, wrong, late, right."""

from functools import partial

from monespace_flows import SendCode, SubmitCode
from monespace_flows.effects import Budget
from monespace_flows.facts import Channel

from ..people import JOHN, PAUL
from ..stage import Scenario, Stage


def sends(stage: Stage, flow: str) -> None:
    """A channel that is not offered, one, the other, too soon by both ways, then too many."""
    view = stage.identified(flow, JOHN)
    view = stage.submit(view, SendCode("pigeon"))
    view = stage.submit(view, SendCode(""))
    view = stage.submit(view, SendCode("sms"))
    view = stage.press(view, "resend_code")
    view = stage.back(view)
    view = stage.submit(view, SendCode("sms"))
    assert view.state == "enter_code"
    view = stage.submit(stage.back(view), SendCode("email"))
    view = stage.submit(stage.back(view), SendCode("sms"))
    assert view.state == "choose_channel"
    stage.pass_time(minutes=2)
    view = stage.submit(view, SendCode("sms"))
    stage.pass_time(minutes=5)
    view = stage.press(view, "resend_code")
    view = stage.press(view, "resend_code")
    view = stage.submit(stage.back(view), SendCode("sms"))
    assert view.state == "choose_channel"


def a_contact_that_goes(stage: Stage, flow: str) -> None:
    """The Order no longer holds the number: before it is used, and after."""
    view = stage.identified(flow, PAUL)
    stage.box.registry.change(PAUL.rpps, mobile="+33700000001")
    view = stage.submit(view, SendCode("sms"))
    assert view.state == "choose_channel"
    stage.box.registry.change(PAUL.rpps, mobile=PAUL.mobile)
    view = stage.submit(view, SendCode("sms"))
    stage.box.registry.change(PAUL.rpps, status="radie")
    view = stage.press(view, "resend_code")
    assert view.state == "enter_code"
    stage.box.registry.change(PAUL.rpps, status="inscrit")


def no_sms_today(stage: Stage, flow: str) -> None:
    """The day's budget for SMS is used up (SD-03): after one was sent, the e-mail is left."""
    view = stage.code_sent(flow, JOHN)
    with stage.box.storage.writing() as unit:
        unit.budgets.add(Budget.ALARM, "sms_budget", stage.box.clock.now())
    stage.pass_time(minutes=2)
    view = stage.press(view, "resend_code")
    view = stage.submit(stage.back(view), SendCode("sms"))
    assert view.state == "choose_channel"
    view = stage.submit(view, SendCode("email"))
    assert view.state == "enter_code"


def tries(stage: Stage, flow: str) -> None:
    """Ill-formed, wrong five times, then right too late; a new one does it."""
    view = stage.code_sent(flow, JOHN)
    view = stage.submit(view, SubmitCode("12"))
    for _ in range(5):
        view = stage.submit(view, SubmitCode(stage.wrong_code(JOHN)))
    view = stage.submit(view, SubmitCode(stage.code(JOHN)))
    assert view.state == "enter_code"
    stage.pass_time(minutes=1)
    view = stage.press(view, "resend_code")
    view = stage.submit(view, SubmitCode(stage.code(JOHN)))
    assert view.state == "choose_credentials"


def a_late_code(stage: Stage, flow: str) -> None:
    """A code is worth nothing at ten minutes, even on a screen that was prolonged."""
    view = stage.code_sent(flow, PAUL)
    stage.pass_time(minutes=9)
    view = stage.press(view, "extend")
    stage.pass_time(minutes=1)
    view = stage.submit(view, SubmitCode(stage.code(PAUL)))
    assert view.state == "enter_code"


def by_email(stage: Stage) -> None:
    """By e-mail: creation then fixes the login (C9), recovery lets it be chosen (R6)."""
    view = stage.verified("creation", JOHN, Channel.EMAIL)
    assert view.state == "choose_password"
    view = stage.verified("recovery", JOHN, Channel.EMAIL)
    assert view.state == "choose_credentials"


SCENARIOS: dict[str, Scenario] = {
    "sends, creation": partial(sends, flow="creation"),
    "sends, recovery": partial(sends, flow="recovery"),
    "a contact that goes, creation": partial(a_contact_that_goes, flow="creation"),
    "a contact that goes, recovery": partial(a_contact_that_goes, flow="recovery"),
    "no SMS today, creation": partial(no_sms_today, flow="creation"),
    "no SMS today, recovery": partial(no_sms_today, flow="recovery"),
    "tries, creation": partial(tries, flow="creation"),
    "tries, recovery": partial(tries, flow="recovery"),
    "a late code, creation": partial(a_late_code, flow="creation"),
    "a late code, recovery": partial(a_late_code, flow="recovery"),
    "by e-mail": by_email,
}
