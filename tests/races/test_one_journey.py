"""One journey, submitted many times at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from monespace_flows import ResendCode, SignIn, SubmitCode
from monespace_flows.commands import Command
from monespace_flows.effects import Budget
from monespace_flows.errors import CommandNotOffered, JourneyOver, JourneyUnknown, MonespaceError
from monespace_flows.journal.entry import Entry
from monespace_flows.ports import Storage
from monespace_flows.screens import View
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.journeys.acting import JOHN, LOGIN, OTHER_PASSWORD, PASSWORD

from .contents import account_of, count, counted, queued
from .together import patiently, split, together


def steps(sandbox: Sandbox, view: View, command: str) -> list[Entry]:
    return [it for it in acting.journal_of(sandbox, view) if it.command == command]


@pytest.mark.parametrize(
    ("channel", "command"),
    [("email", acting.creation()), ("sms", acting.activation())],
    ids=["email", "sms"],
)
def test_rc_01_twenty_final_submits_make_one_account(
    storage: Storage, channel: str, command: Command
) -> None:
    """One confirmation leaves; the others are shown that it is done."""
    sandbox = Sandbox(storage=storage)
    view = acting.code_accepted(sandbox, channel=channel)

    created, refusals = split(together([partial(sandbox.flows.submit, view.token, command)] * 20))

    assert [it.state for it in created] == ["created"]
    assert len(refusals) == 19
    for refusal in refusals:
        assert isinstance(refusal, JourneyOver)
        assert refusal.view.state == "created"
    assert count(storage, "accounts") == 1
    assert len(queued(sandbox, view.reference, "confirmation")) == 1
    assert [it.purpose for it in sandbox.messages].count("confirmation") == 1


def test_rc_01_of_twenty_passwords_the_one_that_won_signs_in(storage: Storage) -> None:
    """Nobody's view says that a password was kept which was not."""
    sandbox = Sandbox(storage=storage)
    view = acting.code_accepted(sandbox, channel="email")
    passwords = [f"{PASSWORD} numero {number}" for number in range(20)]

    outcomes = together(
        [partial(sandbox.flows.submit, view.token, acting.creation(it)) for it in passwords]
    )

    (winner,) = [
        password for password, it in zip(passwords, outcomes, strict=True) if isinstance(it, View)
    ]
    assert acting.sign_in(sandbox, JOHN.email, winner).state == "signed_in"


def test_rc_05_fifty_wrong_codes_are_five_tries(storage: Storage) -> None:
    """No try is lost; the rest find the code dead, and so does the right one."""
    sandbox = Sandbox(storage=storage)
    view = acting.awaiting_code(sandbox)
    codes = [SubmitCode(acting.wrong_code(sandbox, number)) for number in range(1, 51)]

    views, refusals = split(
        together([patiently(sandbox.flows.submit, view.token, it) for it in codes])
    )

    assert refusals == []
    assert sorted(acting.notices(it)[0] for it in views) == 45 * ["code.exhausted"] + 5 * [
        "code.wrong"
    ]
    assert counted(sandbox, Budget.CODE, JOHN) == 5
    right = SubmitCode(acting.code_received(sandbox))
    assert acting.notices(sandbox.flows.submit(view.token, right)) == ["code.exhausted"]


def test_rc_04_the_right_code_fifty_times_is_used_once(storage: Storage) -> None:
    """One is accepted; the others are shown the next screen."""
    sandbox = Sandbox(storage=storage)
    view = acting.awaiting_code(sandbox)
    right = SubmitCode(acting.code_received(sandbox))

    accepted, refusals = split(together([partial(sandbox.flows.submit, view.token, right)] * 50))

    assert [it.state for it in accepted] == ["choose_credentials"]
    for refusal in refusals:
        assert isinstance(refusal, CommandNotOffered)
        assert refusal.view.state == "choose_credentials"
    assert len(steps(sandbox, view, "submit_code")) == 1


def test_rc_05_a_right_code_among_wrong_ones_is_judged_in_its_turn(storage: Storage) -> None:
    """It is accepted unless five wrong ones came before it, never in spite of them."""
    sandbox = Sandbox(storage=storage)
    view = acting.awaiting_code(sandbox)
    codes = [SubmitCode(acting.wrong_code(sandbox, number)) for number in range(1, 20)]
    codes.insert(5, SubmitCode(acting.code_received(sandbox)))

    together([partial(sandbox.flows.submit, view.token, it) for it in codes])

    tries = steps(sandbox, view, "submit_code")
    wrong_before = [it.notices[:1] == ("code.wrong",) for it in tries if it.after == it.before]
    accepted = [it for it in tries if it.after != it.before]
    assert sum(wrong_before) <= 5
    assert len(accepted) == (sandbox.flows.view(view.token).state == "choose_credentials")
    assert not accepted or accepted == tries[-1:]
    assert counted(sandbox, Budget.CODE, JOHN) == sum(wrong_before)


def test_rc_07_twenty_resends_are_one_message(storage: Storage) -> None:
    """The others are asked to wait: each takes its turn, and nobody is told to press again."""
    sandbox = Sandbox(storage=storage)
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=1)

    views, refusals = split(
        together([partial(sandbox.flows.submit, view.token, ResendCode())] * 20)
    )

    assert refusals == []
    said = sorted(acting.notices(it)[0] for it in views)
    assert said == ["code.resent", *19 * ["code.too_soon"]]
    assert len(queued(sandbox, view.reference, "code")) == 2
    assert len(sandbox.messages) == 2


def test_rc_06_wrong_codes_and_a_resend_lose_no_try(storage: Storage) -> None:
    """Each wrong code that was judged is counted, against the old code or the new one."""
    sandbox = Sandbox(storage=storage)
    view = acting.awaiting_code(sandbox)
    wrong = [SubmitCode(acting.wrong_code(sandbox, number)) for number in (1, 2, 3)]
    sandbox.clock.advance(minutes=1)
    commands: list[Command] = [*wrong, ResendCode()]

    views, refusals = split(
        together([partial(sandbox.flows.submit, view.token, it) for it in commands])
    )

    assert refusals == []
    assert sorted(acting.notices(it)[0] for it in views) == ["code.resent", *3 * ["code.wrong"]]
    assert counted(sandbox, Budget.CODE, JOHN) == 3


def test_rc_12_a_purge_beside_a_step_leaves_all_of_it_or_nothing(storage: Storage) -> None:
    """Either the account was made and told, or the journey is gone and nothing is."""
    sandbox = Sandbox(storage=storage)
    people = (acting.JOHN, acting.PAUL, acting.LEA)
    views = [acting.code_accepted(sandbox, person, "email") for person in people]
    later = sandbox.clock.now() + timedelta(hours=1)

    acts: list[Callable[[], object]] = [lambda: storage.purge(later, acting.START)]
    acts += [partial(sandbox.flows.submit, view.token, acting.creation()) for view in views]

    _, *outcomes = together(acts)

    for view, outcome in zip(views, outcomes, strict=True):
        told = len(queued(sandbox, view.reference, "confirmation"))
        ends = [it.after for it in acting.journal_of(sandbox, view)][-1:]
        if isinstance(outcome, MonespaceError):
            assert isinstance(outcome, JourneyUnknown)
            assert (told, ends) == (0, ["choose_password"])
        else:
            assert (told, ends) == (1, ["created"])
    made = [it for it in outcomes if not isinstance(it, MonespaceError)]
    assert count(storage, "accounts") == len(made)


def test_rc_08_two_new_passwords_are_one_change(storage: Storage) -> None:
    """The account's epoch grows by one, and one password works."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    view = acting.link_used(sandbox)
    passwords = [f"{OTHER_PASSWORD} {number}" for number in range(4)]

    outcomes = together(
        [partial(sandbox.flows.submit, view.token, acting.new_password(it)) for it in passwords]
    )

    changed, refusals = split(outcomes)
    assert [it.state for it in changed] == ["password_changed"]
    assert all(isinstance(it, JourneyOver) for it in refusals)
    assert account_of(sandbox, JOHN).credential_epoch == 1
    kept = passwords[outcomes.index(changed[0])]
    assert acting.sign_in(sandbox, JOHN.email, kept).state == "signed_in"


def test_one_session_is_made_by_one_press(storage: Storage) -> None:
    """Signing in twice on the same page makes one session."""
    sandbox = Sandbox(storage=storage)
    acting.created_by_sms(sandbox, email=LOGIN)
    view = sandbox.flows.start("signin")
    command = SignIn(email=LOGIN, password=PASSWORD)

    signed_in, refusals = split(together([partial(sandbox.flows.submit, view.token, command)] * 5))

    assert [it.session is not None for it in signed_in] == [True]
    assert all(isinstance(it, JourneyOver) for it in refusals)
    assert count(storage, "sessions") == 1
