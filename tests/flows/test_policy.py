"""Every number is checked where it is set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from monespace_flows.chart import Flow
from monespace_flows.flows import FLOWS
from monespace_flows.policy import (
    CodePolicy,
    DeliveryPolicy,
    IdentityPolicy,
    JourneyPolicy,
    LinkPolicy,
    PasswordPolicy,
    Policy,
    SessionPolicy,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        (CodePolicy, "digits", 5),
        (CodePolicy, "digits", 9),
        (CodePolicy, "life", timedelta(0)),
        (CodePolicy, "life", timedelta(minutes=10) + SECOND),
        (CodePolicy, "tries", 0),
        (CodePolicy, "tries", 11),
        (IdentityPolicy, "failures", 0),
        (IdentityPolicy, "lock", timedelta(0)),
        (JourneyPolicy, "life", -SECOND),
        (JourneyPolicy, "retention", 367 * DAY),
        (LinkPolicy, "life", DAY + SECOND),
        (PasswordPolicy, "minimum_length", 7),
        (PasswordPolicy, "maximum_length", 63),
        (PasswordPolicy, "maximum_length", 1025),
        (PasswordPolicy, "minimum_score", 0),
        (PasswordPolicy, "minimum_score", 5),
        (PasswordPolicy, "failures_per_day", 101),
        (SessionPolicy, "idle", timedelta(0)),
    ],
)
def test_a_number_beyond_its_bounds_is_refused(part: type[Any], name: str, value: object) -> None:
    """What the standards forbid cannot be configured; the error names the field."""
    with pytest.raises(ValueError, match=name):
        part(**{name: value})


@pytest.mark.parametrize(
    ("retention", "parts", "longest"),
    [
        (DAY - SECOND, {}, "links.life"),
        (2 * HOUR, {"links": LinkPolicy(life=HOUR)}, "journeys.longest_life"),
        (
            5 * HOUR,
            {"links": LinkPolicy(life=HOUR, restricted_session=6 * HOUR)},
            "links.restricted_session",
        ),
    ],
)
def test_no_journal_goes_before_its_journey(
    retention: timedelta, parts: dict[str, Any], longest: str
) -> None:
    """A link may be used a day after its journal's last line: a purge must not take the lines."""
    with pytest.raises(ValueError, match=rf"^journeys\.retention must be no .* than {longest}, "):
        Policy(journeys=JourneyPolicy(retention=retention), **parts)


def test_a_journal_may_go_as_soon_as_its_journey_is_over() -> None:
    """Equal is enough: a link is dead when its life is over."""
    assert Policy(journeys=JourneyPolicy(retention=DAY)).journeys.retention == DAY


def test_ft_10_no_sms_comes_twice_while_its_doctor_may_ask_for_none() -> None:
    """Whose fate is unknown is not sent again inside any cooldown of the code."""
    for wait in (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=24)):
        policy = Policy(codes=CodePolicy(resend_waits=(wait, timedelta(seconds=30))))
        assert policy.relaying.unknown_wait == max(wait, timedelta(minutes=5))

    chosen = DeliveryPolicy(unknown_wait=HOUR)
    assert Policy(codes=CodePolicy(resend_waits=()), deliveries=chosen).relaying == chosen


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_no_state_outlives_the_shortest_retention(flow: Flow) -> None:
    """Whatever a host may choose, a policy that is accepted keeps what a journey still needs."""
    for life, choice in ((HOUR, 2 * HOUR), (DAY, HOUR), (3 * HOUR, 3 * HOUR)):
        links = LinkPolicy(life=life, restricted_session=choice)
        retention = max(life, choice, JourneyPolicy().longest_life)
        policy = Policy(links=links, journeys=JourneyPolicy(retention=retention))
        assert all(own(policy) <= retention for own in flow.lives.values())


def test_d4_d5_p2_the_defaults_are_those_of_the_guide() -> None:
    """Six digits, ten minutes, five tries, three resends; ten minutes to type; a day's link."""
    policy = Policy()

    assert (policy.codes.digits, policy.codes.tries) == (6, 5)
    assert policy.codes.life == policy.journeys.entry_life == timedelta(minutes=10)
    assert [wait.seconds for wait in policy.codes.resend_waits] == [60, 120, 300]
    assert policy.journeys.entry_warning == timedelta(minutes=8)
    assert policy.links.life == DAY
    assert policy.recovery.existing_account == "offer"
    assert policy.links.require_confirmed_email


def test_a_policy_is_frozen() -> None:
    """Nobody changes a number while people are on their way."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Policy().codes.digits = 8  # type: ignore[misc]
