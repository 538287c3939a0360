"""Ways out of every screen, and what is told only once (decision 0011)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monespace_flows import Back, RequestLink, ResendCode, Restart, SendCode, SignIn, SubmitCode
from monespace_flows.commands import Command
from monespace_flows.driver import Site
from monespace_flows.errors import JourneyOver, LinkInvalid
from monespace_flows.flows import FLOWS
from monespace_flows.policy import CodePolicy, Policy
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox
from tests.replaying import leave_alone

from . import acting
from .acting import JOHN, OTHER_LOGIN, PAUL

OPEN = [place for place in acting.PLACES if place[1] not in FLOWS[place[0]].finals]


@pytest.mark.parametrize(("flow", "state"), OPEN)
def test_every_open_screen_is_left_by_giving_up(flow: str, state: str) -> None:
    """The journey is over, with a line of its own, and nothing else has happened."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    accounts, sent = acting.accounts(sandbox), len(sandbox.messages)

    view = sandbox.flows.submit(view.token, Restart())

    assert (view.state, view.status) == ("expired", "expired")
    assert acting.notices(view) == ["journey.abandoned"]
    last = acting.journal_of(sandbox, view)[-1]
    assert (last.command, last.before, last.after) == ("restart", state, "expired")
    assert (acting.accounts(sandbox), len(sandbox.messages)) == (accounts, sent)
    with pytest.raises(JourneyOver):
        sandbox.flows.submit(view.token, Restart())


def test_a_code_that_waits_to_leave_does_not_once_the_journey_is_given_up() -> None:
    """Nobody is sent what they no longer want."""
    sandbox = Sandbox()
    sandbox.messages.fail_next(1)
    view = acting.awaiting_code(sandbox)

    sandbox.flows.submit(view.token, Restart())
    sandbox.clock.advance(minutes=1)
    sandbox.deliver()

    assert [it for it in sandbox.messages if it.purpose == "code"] == []


def test_a_link_dies_with_its_journey_and_says_so_before_it_is_pressed() -> None:
    """Whoever gives up a reset finds no button that would do nothing."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_requested(sandbox)

    sandbox.flows.submit(view.token, Restart())

    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_a_link_whose_journey_no_release_knows_is_worth_nothing() -> None:
    """The person asks for another; the record stays."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_requested(sandbox)
    acting.put_in_state(sandbox, view, "administration")
    leave_alone(sandbox.storage)

    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


# --- told once -----------------------------------------------------------------------------------


REFUSED: dict[str, tuple[str, str, Callable[[Sandbox], Command]]] = {
    "wrong password": (
        "signin",
        "enter_credentials",
        lambda _: SignIn(email="a@b.example", password="x"),
    ),
    "wrong pair": ("creation", "enter_identity", lambda _: acting.wrong_birth_date()),
    "terms": ("creation", "enter_identity", lambda _: acting.identity(accept_terms=False)),
    "code": ("creation", "enter_code", lambda box: SubmitCode(acting.wrong_code(box))),
    "address": ("reset", "enter_email", lambda _: RequestLink("pas une adresse")),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_told_by_the_answer_and_not_again(
    refused: tuple[str, str, Callable[[Sandbox], Command]],
) -> None:
    """Whoever comes back, at once or later, finds the screen without the old error."""
    flow, state, press = refused
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)

    answer = sandbox.flows.submit(view.token, press(sandbox))
    again = sandbox.flows.view(view.token)

    assert answer.outcome is Outcome.REFUSED
    assert acting.notices(answer) or acting.errors(answer)
    assert (acting.notices(again), acting.errors(again)) == ([], {})
    assert again.outcome is Outcome.ACCEPTED


def test_what_a_step_that_went_well_said_is_news_for_a_minute() -> None:
    """The page that the press leads to tells it; whoever comes back later does not read it."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=1)
    sandbox.flows.submit(view.token, ResendCode())

    assert acting.notices(sandbox.flows.view(view.token)) == ["code.resent"]
    sandbox.clock.advance(minutes=1)
    assert acting.notices(sandbox.flows.view(view.token)) == []


@pytest.mark.parametrize(
    ("flow", "state", "standing"),
    [
        ("recovery", "account_found", ["account.exists"]),
        ("reset", "link_sent", ["link.sent"]),
        ("reset", "choose_new_password", ["link.used"]),
    ],
)
def test_what_belongs_to_a_screen_is_read_whenever_one_looks(
    flow: str, state: str, standing: list[str]
) -> None:
    """The information of R3 and the sentence of P3 do not fade."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)

    sandbox.clock.advance(minutes=5)

    assert acting.notices(sandbox.flows.view(view.token)) == standing


# --- codes ---------------------------------------------------------------------------------------


def test_c7_the_code_screen_says_where_the_code_went_and_until_when() -> None:
    """The way, the mask, the hour, the end; and from when another may be asked for."""
    sandbox = Sandbox(site=Site())
    view = acting.awaiting_code(sandbox)

    assert view.screen.intro == (
        "Nous avons envoyé un code à 6 chiffres par SMS au 3361***78, à 9 h 00, valable jusqu'à "
        "9 h 10."
    )
    assert view.resend_at == acting.START + timedelta(seconds=60)
    assert view.sends_left == 3


def test_c7_by_email_it_names_the_address_as_masked() -> None:
    """Nobody reads an address there that they did not know."""
    view = acting.awaiting_code(Sandbox(), channel="email")

    assert "par e-mail à l'adresse j***@cn.medecin.example, à 9 h 00" in (view.screen.intro or "")


def test_a_screen_that_awaits_a_code_nobody_was_sent_names_no_time() -> None:
    """A journey that an older release left so is still shown."""
    sandbox = Sandbox()
    view = acting.begun(sandbox)
    acting.put_in_state(sandbox, view, "enter_code")
    leave_alone(sandbox.storage)

    seen = sandbox.flows.view(view.token)

    assert (seen.resend_at, seen.screen.intro) == (None, None)


def test_d4_the_waits_grow_and_the_last_send_has_none() -> None:
    """What the screen promises is what the rule grants."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for left in (2, 1, 0):
        assert view.resend_at is not None
        wait = view.resend_at - sandbox.clock.now()
        sandbox.clock.advance(seconds=wait.total_seconds())
        view = sandbox.flows.submit(view.token, ResendCode())
        assert (acting.notices(view), view.sends_left) == (["code.resent"], left)

    assert view.resend_at is None


def test_d4_a_wrong_code_says_how_many_tries_are_left() -> None:
    """Four, three, two, a single one; then that there is none."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    told = []
    for number in range(1, 6):
        wrong = SubmitCode(acting.wrong_code(sandbox, number))
        told.append(acting.said(sandbox.flows.submit(view.token, wrong)))

    start = "Ce code n'est pas le bon. Vérifiez-le puis saisissez-le de nouveau."
    assert [said[0] for said in told] == [
        f"{start} Il vous reste 4 essais.",
        f"{start} Il vous reste 3 essais.",
        f"{start} Il vous reste 2 essais.",
        f"{start} Il vous reste un seul essai.",
        start,
    ]
    assert [len(said) for said in told] == [1, 1, 1, 1, 2]


def test_an_older_code_is_told_that_only_the_newest_works() -> None:
    """Not that we never sent it."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    older = acting.code_received(sandbox)
    sandbox.clock.advance(minutes=1)
    sandbox.flows.submit(view.token, ResendCode())

    view = sandbox.flows.submit(view.token, SubmitCode(older))

    assert acting.notices(view) == ["code.wrong"]
    assert (
        "Un nouveau code vous a été envoyé à 9 h 01 : seul le plus récent fonctionne."
        in (acting.said(view)[0])
    )


@pytest.mark.parametrize("minutes", [10, 12, 25])
def test_a_code_that_is_dead_says_so_at_once_and_costs_no_try(minutes: int) -> None:
    """One answer holds both sentences; the next code has all its tries."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    code = acting.code_received(sandbox)

    sandbox.clock.advance(minutes=minutes)
    late = sandbox.flows.submit(view.token, SubmitCode(code))

    assert acting.notices(late) == ["entry.erased", "code.expired"]
    assert late.outcome is Outcome.REFUSED
    stored = acting.journey_of(sandbox, view).journey.code
    assert stored is not None
    assert stored.tries == 0


def test_a_code_that_never_left_is_told_and_another_way_offered() -> None:
    """The way out refused it: the screen says so to who looks, until it has left after all."""
    sandbox = Sandbox()
    sandbox.messages.fail_next(1)
    view = acting.awaiting_code(sandbox)

    seen = sandbox.flows.view(view.token)

    assert acting.notices(seen) == ["code.undelivered"]
    assert "Choisir un autre moyen" in acting.buttons(seen)
    sandbox.clock.advance(seconds=30)
    sandbox.deliver()
    assert acting.notices(sandbox.flows.view(view.token)) == []


def test_a_code_that_was_refused_for_good_is_told_until_another_left() -> None:
    """Not by whom it was refused, nor why."""
    sandbox = Sandbox()
    sandbox.messages.refuse_next()
    view = acting.awaiting_code(sandbox)

    (told,) = acting.said(sandbox.flows.view(view.token))
    assert told.startswith("Le code n'a pas pu vous être envoyé. Choisissez un autre moyen")
    assert "messaging" not in told
    sandbox.clock.advance(minutes=2)
    sandbox.flows.submit(view.token, ResendCode())
    assert acting.notices(sandbox.flows.view(view.token)) == ["code.resent"]


def test_a_code_that_nobody_came_for_is_late_after_a_minute_and_lost_in_the_end() -> None:
    sandbox = Sandbox()
    sandbox.flows.wake = lambda: None
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(seconds=59)
    assert acting.notices(sandbox.flows.view(view.token)) == []

    sandbox.clock.advance(seconds=1)
    assert acting.notices(sandbox.flows.view(view.token)) == ["code.delayed"]
    sandbox.clock.advance(minutes=10)
    sandbox.deliver()
    assert acting.notices(sandbox.flows.view(view.token)) == ["code.undelivered"]


def test_a_code_whose_message_is_kept_no_more_is_told_nothing_of() -> None:
    """A host may purge before a journey ends."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    now = sandbox.clock.now()
    leave_alone(sandbox.storage)
    sandbox.storage.purge(now, now + timedelta(seconds=1))

    assert sandbox.flows.view(view.token).state == "enter_code"
    assert acting.notices(sandbox.flows.view(view.token)) == []


def test_another_way_is_offered_only_where_the_order_holds_one() -> None:
    """A button that leads nowhere is not shown."""
    assert "Choisir un autre moyen" in acting.buttons(acting.awaiting_code(Sandbox()))
    only = acting.awaiting_code(Sandbox(), acting.AMELIE)
    assert "Choisir un autre moyen" not in acting.buttons(only)


def test_a_code_of_a_minute_and_a_link_of_half_an_hour_are_said_so() -> None:
    """Neither « 0 minutes » nor « 0 heures »."""
    policy = Policy(codes=CodePolicy(life=timedelta(seconds=45)))
    sandbox = Sandbox(policy)
    acting.awaiting_code(sandbox)

    assert "valable 45 secondes" in acting.newest(sandbox, "code").text


# --- addresses -----------------------------------------------------------------------------------


def test_the_last_screens_name_the_address() -> None:
    """Now, and to who looks again."""
    for make, address in (
        (acting.created, JOHN.email),
        (lambda box: acting.recovered(box, PAUL), OTHER_LOGIN),
    ):
        sandbox = Sandbox()
        view = make(sandbox)
        assert address in (view.screen.intro or "")
        assert address in (sandbox.flows.view(view.token).screen.intro or "")


def test_p2_the_address_that_was_typed_is_shown_so_that_a_typo_is_seen() -> None:
    """Known or not; and under it the screen offers to type another."""
    sandbox = Sandbox()
    view = acting.link_requested(sandbox, "typo@x.example")

    assert "typo@x.example" in (view.screen.intro or "")
    assert "typo@x.example" in (sandbox.flows.view(view.token).screen.intro or "")
    assert view.screen.again == "Une erreur dans l'adresse ?"


def test_the_channels_of_a_journey_are_still_there_after_going_back() -> None:
    """« Choisir un autre moyen » leads to the choice, and the other way works at once."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    view = sandbox.flows.submit(view.token, Back())

    view = sandbox.flows.submit(view.token, SendCode("email"))

    assert view.state == "enter_code"
    assert acting.newest(sandbox, "code").to == JOHN.email
