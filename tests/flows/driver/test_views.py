"""How a step ended, and what a view says of its journey."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from monespace_flows.driver.views import expire, judge_outcome, render
from monespace_flows.facts import Problem
from monespace_flows.flows import FLOWS
from monespace_flows.policy import Policy
from monespace_flows.screens import Outcome
from monespace_flows.step import begin
from tests.flows.charts import NOW

SETTINGS = FLOWS["settings"]
HERE = begin(SETTINGS, "2345-6789", NOW)


@pytest.mark.parametrize(
    ("notices", "outcome"),
    [
        ((), Outcome.ACCEPTED),
        (("settings.saved",), Outcome.ACCEPTED),
        (("code.resent",), Outcome.ACCEPTED),
        (("link.used",), Outcome.ACCEPTED),
        (("account.exists",), Outcome.REFUSED),
        (("entry.erased",), Outcome.REFUSED),
        (("identity.unknown",), Outcome.REFUSED),
        (("link.used", "password.weak"), Outcome.REFUSED),
    ],
)
def test_who_stays_was_refused_if_a_notice_says_so(
    notices: tuple[str, ...], outcome: Outcome
) -> None:
    """Errors refuse, and so does the blocking information of C4."""
    assert judge_outcome(SETTINGS, HERE, evolve(HERE, notices=notices)) is outcome


def test_who_moved_on_was_accepted() -> None:
    """Whatever is said on the next screen."""
    after = evolve(HERE, state="expired", notices=("journey.expired",), wait=3)

    assert judge_outcome(SETTINGS, HERE, after) is Outcome.ACCEPTED


def test_a_field_to_correct_is_a_refusal_and_a_wait_is_a_throttle() -> None:
    """A wait comes first."""
    ill_formed = evolve(HERE, problems=(Problem.EMAIL_SHAPE,))

    assert judge_outcome(SETTINGS, HERE, ill_formed) is Outcome.REFUSED
    assert judge_outcome(SETTINGS, HERE, evolve(ill_formed, wait=1)) is Outcome.THROTTLED


def test_the_first_problem_of_a_field_is_the_one_shown() -> None:
    """One sentence beside each field."""
    problems = (Problem.PASSWORD_TOO_SHORT, Problem.PASSWORD_GUESSABLE, Problem.EMAIL_SHAPE)

    view = render(SETTINGS, evolve(HERE, problems=problems), Policy())

    errors = {field.name: field.error for field in view.screen.fields if field.error}
    assert set(errors) == {"password", "email"}
    assert errors["password"] == "Choisissez un mot de passe d'au moins 15 caractères."


@pytest.mark.parametrize(
    ("name", "state", "status", "erased"),
    [
        ("creation", "enter_identity", "open", 10),
        ("creation", "choose_channel", "open", None),
        ("creation", "created", "done", None),
        ("creation", "expired", "expired", None),
        ("reset", "link_sent", "open", None),
    ],
)
def test_a_view_says_how_long_it_holds(
    name: str, state: str, status: str, erased: int | None
) -> None:
    """When what is typed is erased, if anything is, and when the journey ends."""
    flow = FLOWS[name]
    journey = evolve(begin(flow, "2345-6789", NOW), state=state)

    view = render(flow, journey, Policy())

    assert view.status == status
    assert view.erase_after == (None if erased is None else NOW + timedelta(minutes=erased))
    life = timedelta(hours=24) if state == "link_sent" else timedelta(minutes=30)
    assert view.expires_at == NOW + life


def test_a_late_visitor_sees_an_end_without_what_came_before() -> None:
    """Notices, problems and waits of the last step are gone."""
    before = evolve(HERE, notices=("code.wrong",), problems=(Problem.CODE_SHAPE,), wait=9)

    after = expire(before)

    assert (after.state, after.notices) == ("expired", ("journey.expired",))
    assert (after.problems, after.wait) == ((), 0)
