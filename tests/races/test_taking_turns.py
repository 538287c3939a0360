"""Two tries at once that share one count: the second is judged with the first one counted.

The two are of different journeys, so that only a name that both ask for keeps them apart.  What
stores with one writer at a time do by themselves is not relied on: see ``overlapping``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from monespace_flows import Alarm, Policy, RequestLink, SendCode, SubmitCode, View
from monespace_flows.commands import Command
from monespace_flows.effects import Budget
from monespace_flows.events import AlarmKind
from monespace_flows.policy import (
    CodePolicy,
    IdentityPolicy,
    LinkPolicy,
    PasswordPolicy,
    TotalsPolicy,
)
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.journeys.acting import (
    AMELIE,
    JOHN,
    LEA,
    LOGIN,
    OTHER_PASSWORD,
    PAUL,
    WRONG_PASSWORD,
)

from .overlapping import Overlapping, at_once


def sandbox_of(policy: Policy | None = None) -> Sandbox:
    return Sandbox(policy, storage=Overlapping())


def both(sandbox: Sandbox, views: Sequence[View], command: Command) -> list[list[str]]:
    """What each of two journeys reads when the same is pressed in both at once."""
    one, two = (partial(sandbox.flows.submit, view.token, command) for view in views)
    return [acting.notices(view) for view in at_once(sandbox, one, two)]


def test_bf_01_of_two_wrong_pairs_at_once_the_second_is_locked_out() -> None:
    """Guessing in two windows gives no try more."""
    sandbox = sandbox_of(Policy(identity=IdentityPolicy(failures=1)))
    views = [sandbox.flows.start(flow) for flow in ("creation", "recovery")]

    told = both(sandbox, views, acting.wrong_birth_date())

    assert told == [["identity.unknown"], ["identity.throttled"]]


def test_bf_09_of_two_wrong_codes_at_once_the_second_is_one_too_many() -> None:
    """The day's count of a doctor is one, in however many journeys."""
    sandbox = sandbox_of(Policy(codes=CodePolicy(failures_per_day=1)))
    views = [acting.awaiting_code(sandbox) for _ in range(2)]
    received = {message.code for message in sandbox.messages}
    wrong = next(code for code in ("000000", "111111", "222222") if code not in received)

    told = both(sandbox, views, SubmitCode(wrong))

    assert told == [["code.wrong"], ["code.exhausted"]]


def test_bf_07_of_two_taken_addresses_at_once_the_second_is_one_too_many() -> None:
    """Nobody searches for accounts twice as fast in two windows."""
    sandbox = sandbox_of(Policy(identity=IdentityPolicy(taken_addresses_per_day=1)))
    acting.created(sandbox, PAUL)
    views = [acting.code_accepted(sandbox) for _ in range(2)]

    told = both(sandbox, views, acting.activation(PAUL.email))

    assert told == [["email.taken"], ["identity.throttled"]]


def test_bf_11_of_two_wrong_passwords_at_once_the_second_is_not_judged() -> None:
    """It comes within the delay of the first, and is not counted."""
    sandbox = sandbox_of(Policy(passwords=PasswordPolicy(failures_before_delay=1)))
    acting.created(sandbox)
    wrong = partial(acting.sign_in, sandbox, JOHN.email, WRONG_PASSWORD)

    at_once(sandbox, wrong, wrong)

    assert acting.counted(sandbox, Budget.PASSWORD) == 1


def test_bf_15_nor_is_a_wrong_present_password_beside_it() -> None:
    """The settings and the sign-in share one count, at the same moment too."""
    sandbox = sandbox_of(Policy(passwords=PasswordPolicy(failures_before_delay=1)))
    view = acting.settings(sandbox)

    at_once(
        sandbox,
        partial(acting.sign_in, sandbox, JOHN.email, WRONG_PASSWORD),
        partial(sandbox.flows.submit, view.token, acting.save(WRONG_PASSWORD)),
    )

    assert acting.counted(sandbox, Budget.PASSWORD) == 1


def test_sd_02_of_two_codes_asked_for_at_once_one_leaves() -> None:
    """What a doctor may be sent in an hour is one count."""
    sandbox = sandbox_of(Policy(codes=CodePolicy(sends_per_hour=1)))
    by_sms, by_email = (
        partial(sandbox.flows.submit, acting.identified(sandbox).token, SendCode(channel))
        for channel in ("sms", "email")
    )

    told = [acting.notices(view) for view in at_once(sandbox, by_sms, by_email)]

    assert told == [[], ["send.exhausted"]]
    assert len(sandbox.messages) == 1


def test_of_two_codes_to_one_number_at_once_one_leaves() -> None:
    """What a secretariat's telephone may be sent in an hour is one count, whoever asks."""
    sandbox = sandbox_of(Policy(codes=CodePolicy(destination_sends_per_hour=1)))
    sandbox.registry.change(AMELIE.rpps, mobile=JOHN.mobile)
    views = [acting.identified(sandbox, person) for person in (JOHN, AMELIE)]

    told = both(sandbox, views, SendCode("sms"))

    assert told == [[], ["send.exhausted"]]
    assert len(sandbox.messages) == 1


def test_sd_06_of_two_links_asked_for_at_once_one_leaves() -> None:
    """Both read the same, and the holder of the address receives one."""
    sandbox = sandbox_of(Policy(links=LinkPolicy(requests_per_hour=1)))
    acting.created(sandbox)
    views = [sandbox.flows.start("reset") for _ in range(2)]

    told = both(sandbox, views, RequestLink(JOHN.email))

    assert told == [["link.sent"], ["link.sent"]]
    assert [it.purpose for it in sandbox.messages].count("reset_link") == 1


def test_sd_03_of_two_codes_at_once_the_last_sms_of_the_day_is_one() -> None:
    """Two doctors who have nothing in common share the day's budget."""
    sandbox = sandbox_of(Policy(totals=TotalsPolicy(sms_price=10, sms_budget=10)))
    views = [acting.identified(sandbox, person) for person in (AMELIE, LEA)]

    told = both(sandbox, views, SendCode("sms"))

    assert told == [[], ["send.sms_closed"]]
    assert len(sandbox.messages) == 1


def test_bf_04_of_two_failures_at_once_that_are_many_one_alarm_is_told() -> None:
    """Who looks on is told that an episode begins, once."""
    sandbox = sandbox_of(Policy(totals=TotalsPolicy(failures_alert=1)))
    heard: list[AlarmKind] = []
    sandbox.flows.on(Alarm, lambda alarm: heard.append(alarm.kind))
    views = [sandbox.flows.start("creation") for _ in range(2)]
    one, two = (
        partial(sandbox.flows.submit, view.token, acting.wrong_birth_date(person))
        for view, person in zip(views, (JOHN, PAUL), strict=True)
    )

    at_once(sandbox, one, two)

    assert heard == [AlarmKind.IDENTITY_FAILURES]


def test_bf_16_of_a_wrong_pair_and_a_wrong_password_at_once_one_is_told() -> None:
    """The holder is written to once a day, whatever others try at the same moment."""
    policy = Policy(
        identity=IdentityPolicy(failures=1), passwords=PasswordPolicy(failures_before_warning=1)
    )
    sandbox = sandbox_of(policy)
    acting.created(sandbox)
    view = sandbox.flows.start("recovery")

    at_once(
        sandbox,
        partial(sandbox.flows.submit, view.token, acting.wrong_birth_date()),
        partial(acting.sign_in, sandbox, JOHN.email, WRONG_PASSWORD),
    )

    assert [it.purpose for it in sandbox.messages].count("notice") == 1


# --- what must not need a turn -------------------------------------------------------------------


def test_rc_10_a_link_that_leaves_while_the_password_changes_is_dead() -> None:
    """It was written before the change was seen, and after the older links were voided."""
    sandbox = sandbox_of()
    view = acting.settings(sandbox)

    at_once(
        sandbox,
        partial(sandbox.flows.submit, view.token, acting.save(password=OTHER_PASSWORD)),
        partial(acting.link_requested, sandbox),
    )

    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None


def test_rc_11_a_session_that_opens_while_the_account_is_recovered_is_dead() -> None:
    """The old password was right a moment ago, and opens nothing."""
    sandbox = sandbox_of()
    acting.created(sandbox)
    sandbox.clock.advance(minutes=5)
    view = acting.code_accepted(sandbox, flow="recovery")

    _, signed_in = at_once(
        sandbox,
        partial(sandbox.flows.submit, view.token, acting.activation(LOGIN, OTHER_PASSWORD)),
        partial(acting.sign_in, sandbox),
    )

    assert signed_in.session is None or sandbox.flows.session(signed_in.session) is None
