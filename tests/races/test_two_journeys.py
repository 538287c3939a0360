"""Two journeys, two people or two devices, at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

import pytest

from monespace_flows import Flows, RequestLink, SendCode, SignIn, SubmitCode
from monespace_flows.commands import Extend
from monespace_flows.driver import Erasure
from monespace_flows.effects import Budget
from monespace_flows.errors import LinkInvalid, MonespaceError, SessionRequired
from monespace_flows.ports import Storage
from monespace_flows.screens import View
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.journeys.acting import (
    JOHN,
    LOGIN,
    OTHER_LOGIN,
    OTHER_PASSWORD,
    PASSWORD,
    PAUL,
    WRONG_PASSWORD,
)
from tests.journeys.breaking import hook

from .contents import account_of, contents, count, counted, missed
from .together import split, together

ACCOUNT_EXISTS = (
    "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
    "récupération de mot de passe."
)
EMAIL_TAKEN = "Un compte est déjà associé à cette adresse mail"
REFUSALS = {"JourneyUnknown", "JourneyOver", "SessionRequired", "LinkInvalid"}


def signing_in(sandbox: Sandbox, password: str = PASSWORD) -> partial[View]:
    token = sandbox.flows.start("signin").token
    return partial(sandbox.flows.submit, token, SignIn(email=JOHN.email, password=password))


def test_rc_02_two_journeys_of_one_doctor_make_one_account(storage: Storage) -> None:
    """The loser reads the text of C4, and no exception reaches anyone."""
    sandbox = Sandbox(storage=storage)
    one = acting.code_accepted(sandbox)
    sandbox.clock.advance(minutes=2)
    two = acting.code_accepted(sandbox)

    views, refusals = split(
        together(
            [
                partial(sandbox.flows.submit, one.token, acting.activation(LOGIN)),
                partial(sandbox.flows.submit, two.token, acting.activation(OTHER_LOGIN)),
            ]
        )
    )

    assert refusals == []
    assert sorted(it.state for it in views) == ["choose_credentials", "created"]
    (loser,) = [it for it in views if it.state != "created"]
    assert acting.said(loser) == [ACCOUNT_EXISTS]
    assert count(storage, "accounts") == 1


def test_rc_03_two_doctors_who_choose_one_address_do_not_share_it(storage: Storage) -> None:
    """The loser reads the guide's sentence, and may choose another address at once."""
    sandbox = Sandbox(storage=storage)
    both = [acting.code_accepted(sandbox, person) for person in (JOHN, PAUL)]

    views, refusals = split(
        together([partial(sandbox.flows.submit, it.token, acting.activation(LOGIN)) for it in both])
    )

    assert refusals == []
    (loser,) = [it for it in views if it.state != "created"]
    assert acting.said(loser) == [EMAIL_TAKEN]
    assert count(storage, "accounts") == 1
    again = sandbox.flows.submit(loser.token, acting.activation(OTHER_LOGIN))
    assert again.state == "created"


def test_sd_02_eight_journeys_of_one_doctor_send_five_codes(storage: Storage) -> None:
    """The limit of an hour is one person's, however many browsers ask at the same moment."""
    sandbox = Sandbox(storage=storage)
    views = [acting.identified(sandbox) for _ in range(8)]

    together([partial(sandbox.flows.submit, it.token, SendCode("sms")) for it in views])

    assert len(sandbox.messages) == 5
    assert counted(sandbox, Budget.SEND, JOHN) == 5


def test_bf_01_wrong_pairs_in_many_journeys_are_five_tries(storage: Storage) -> None:
    """Twelve browsers at once get no more guesses at a birth date than one."""
    sandbox = Sandbox(storage=storage)
    tokens = [sandbox.flows.start("creation").token for _ in range(12)]

    views, refusals = split(
        together([partial(sandbox.flows.submit, it, acting.wrong_birth_date()) for it in tokens])
    )

    assert refusals == []
    said = sorted(acting.notices(it)[0] for it in views)
    assert said == 7 * ["identity.throttled"] + 5 * ["identity.unknown"]
    assert counted(sandbox, Budget.IDENTITY, JOHN) == 5


def test_rc_08_a_link_pressed_ten_times_opens_one_form(storage: Storage) -> None:
    """The others are told that it was used."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    acting.link_requested(sandbox)
    token = acting.link_received(sandbox)

    opened, refusals = split(together([partial(sandbox.flows.open_link, token)] * 10))

    assert [it.state for it in opened] == ["choose_new_password"]
    assert all(isinstance(it, LinkInvalid) for it in refusals)
    changed = sandbox.flows.submit(opened[0].token, acting.new_password())
    assert changed.state == "password_changed"


def test_rc_08_a_confirmation_pressed_ten_times_counts_once(storage: Storage) -> None:
    """One press confirms the address; the others find the link used."""
    sandbox = Sandbox(storage=storage)
    acting.created_by_sms(sandbox, email=LOGIN)
    session, token = acting.session_of(sandbox, LOGIN), acting.confirmation_received(sandbox)
    version = account_of(sandbox, JOHN).version

    confirmed, refusals = split(
        together([partial(sandbox.flows.confirm_email, token, session)] * 10)
    )

    assert [it.email_confirmed for it in confirmed] == [True]
    assert all(isinstance(it, LinkInvalid) for it in refusals)
    assert account_of(sandbox, JOHN).version == version + 1


def test_rc_09_a_reset_and_the_settings_do_not_both_win(storage: Storage) -> None:
    """The credentials change once, and the winner's are those that work."""
    sandbox = Sandbox(storage=storage)
    settings = sandbox.flows.start("settings", acting.member(sandbox))
    reset = acting.link_used(sandbox)

    by_settings, by_link = together(
        [
            partial(sandbox.flows.submit, settings.token, acting.save(email=LOGIN)),
            partial(sandbox.flows.submit, reset.token, acting.new_password()),
        ]
    )

    assert account_of(sandbox, JOHN).credential_epoch == 1
    assert isinstance(by_link, View)
    if by_link.state == "password_changed":
        assert isinstance(by_settings, SessionRequired)
        assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"
    else:
        assert acting.notices(by_link) == ["link.invalid"]
        assert isinstance(by_settings, View)
        # The new address waits for its proof: until then the earlier one signs in.
        assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "signed_in"


def test_rc_10_a_link_asked_for_while_the_address_changes_is_dead(storage: Storage) -> None:
    """Either nothing was sent to the former address, or what was sent is worth nothing."""
    sandbox = Sandbox(storage=storage)
    settings = sandbox.flows.start("settings", acting.member(sandbox))
    reset = sandbox.flows.start("reset")

    together(
        [
            partial(sandbox.flows.submit, settings.token, acting.save(email=LOGIN)),
            partial(sandbox.flows.submit, reset.token, RequestLink(JOHN.email)),
        ]
    )

    links = [it.link_token for it in sandbox.messages if it.purpose == "reset_link"]
    assert [sandbox.flows.link_purpose(it) for it in links] == [None] * len(links)


def test_rc_11_no_session_of_the_old_password_outlives_a_recovery(storage: Storage) -> None:
    """Who signed in a moment before is signed out; who comes a moment after is refused."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    view = acting.code_accepted(sandbox, flow="recovery")
    recover = partial(
        sandbox.flows.submit, view.token, acting.activation(OTHER_LOGIN, OTHER_PASSWORD)
    )

    recovered, *entered = together([recover, *(signing_in(sandbox) for _ in range(4))])

    assert isinstance(recovered, View)
    assert recovered.state == "recovered"
    sessions = [it.session for it in entered if isinstance(it, View) and it.session]
    assert [sandbox.flows.session(it) for it in sessions] == [None] * len(sessions)
    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_rc_14_no_session_outlives_a_new_password(storage: Storage) -> None:
    """A reset signs every browser out, whoever signs in at the same moment."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    view = acting.link_used(sandbox)
    reset = partial(sandbox.flows.submit, view.token, acting.new_password())

    changed, *entered = together([reset, *(signing_in(sandbox) for _ in range(4))])

    assert isinstance(changed, View)
    sessions = [it.session for it in entered if isinstance(it, View) and it.session]
    assert [sandbox.flows.session(it) for it in sessions] == [None] * len(sessions)


def test_bf_10_a_lock_does_not_outlive_a_reset_or_a_recovery(storage: Storage) -> None:
    """Whoever has just chosen a password signs in with it, under whatever key the misses lie."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    recovery = acting.code_accepted(sandbox, flow="recovery")
    for _ in range(3):
        acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD)
    acting.sign_in(sandbox, LOGIN, OTHER_PASSWORD)
    sandbox.secrets.rotate()
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "enter_credentials"

    acting.password_reset(sandbox)

    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"
    assert sandbox.flows.submit(recovery.token, acting.activation(LOGIN)).state == "expired"
    for email in (JOHN.email, LOGIN, LOGIN):
        acting.sign_in(sandbox, email, WRONG_PASSWORD)
    sandbox.clock.advance(minutes=2)
    assert acting.recovered(sandbox, email=LOGIN).state == "recovered"
    assert missed(sandbox, JOHN.email, LOGIN) == 0
    assert acting.sign_in(sandbox, LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_rc_11_of_two_recoveries_of_one_account_one_wins(storage: Storage) -> None:
    """Both were verified: the other is void, and the account has the winner's credentials."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    one = acting.code_accepted(sandbox, flow="recovery")
    sandbox.clock.advance(minutes=2)
    two = acting.code_accepted(sandbox, flow="recovery")
    pairs = [(LOGIN, PASSWORD), (OTHER_LOGIN, OTHER_PASSWORD)]

    views, refusals = split(
        together(
            [
                partial(sandbox.flows.submit, view.token, acting.activation(*pair))
                for view, pair in zip((one, two), pairs, strict=True)
            ]
        )
    )

    assert refusals == []
    assert sorted(it.state for it in views) == ["expired", "recovered"]
    assert account_of(sandbox, JOHN).credential_epoch == 1
    won = [pair for pair, it in zip(pairs, views, strict=True) if it.state == "recovered"]
    signed_in = [
        (email, password)
        for email in (LOGIN, OTHER_LOGIN)
        for password in (PASSWORD, OTHER_PASSWORD)
        if acting.sign_in(sandbox, email, password).state == "signed_in"
    ]
    assert signed_in == won


def test_rc_11_a_recovery_and_a_reset_by_link_do_not_both_win(storage: Storage) -> None:
    """The credentials change once, and the slower of the two is void."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    recovery = acting.code_accepted(sandbox, flow="recovery")
    reset = acting.link_used(sandbox)

    views, refusals = split(
        together(
            [
                partial(sandbox.flows.submit, recovery.token, acting.activation(LOGIN)),
                partial(sandbox.flows.submit, reset.token, acting.new_password()),
            ]
        )
    )

    assert refusals == []
    assert sum(it.state == "expired" for it in views) == 1
    assert account_of(sandbox, JOHN).credential_epoch == 1


def test_a_code_is_worth_nothing_in_the_other_journey(storage: Storage) -> None:
    """Two doctors press each other's code, and their own, at once: each his own counts."""
    sandbox = Sandbox(storage=storage)
    one = acting.awaiting_code(sandbox, JOHN)
    own = SubmitCode(acting.code_received(sandbox))
    two = acting.awaiting_code(sandbox, PAUL)
    other = SubmitCode(acting.code_received(sandbox))

    crossed = together(
        [
            partial(sandbox.flows.submit, one.token, other),
            partial(sandbox.flows.submit, two.token, own),
        ]
    )

    assert not [it for it in crossed if isinstance(it, MonespaceError)]
    assert {it.state for it in crossed if isinstance(it, View)} == {"enter_code"}


def left_of(sandbox: Sandbox, account_id: str) -> list[str]:
    """What still names an account, and what still waits to be sent to anyone."""
    rows = [row for table in contents(sandbox.storage).values() for row in table]
    with sandbox.storage.reading() as unit:
        letters = [it.id for it in unit.outbox.waiting() if it.channel in ("sms", "email")]
    return [row for row in rows if account_id in row and "AccountErased" not in row] + letters


BESIDE: dict[str, Callable[[Sandbox, str], Callable[[], object]]] = {
    "signing in": lambda box, session: signing_in(box),
    "changing the password": lambda box, session: partial(
        box.flows.submit,
        box.flows.start("settings", session).token,
        acting.save(password=OTHER_PASSWORD),
    ),
    "changing the address": lambda box, session: partial(
        box.flows.submit, box.flows.start("settings", session).token, acting.save(email=LOGIN)
    ),
    "asking for a link": lambda box, session: partial(
        box.flows.submit, box.flows.start("reset").token, RequestLink(JOHN.email)
    ),
    "using a link": lambda box, session: partial(
        box.flows.open_link, (acting.link_requested(box), acting.link_received(box))[1]
    ),
    "resetting": lambda box, session: partial(
        box.flows.submit, acting.link_used(box).token, acting.new_password()
    ),
    "starting the settings": lambda box, session: partial(
        box.flows.submit, box.flows.start("settings", session).token, Extend()
    ),
    "accepting the terms": lambda box, session: partial(box.flows.accept_terms, session),
}
"""What John may be doing at the moment when his account is erased."""


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
def test_pr_07_whoever_is_busy_with_an_account_leaves_nothing_of_it(
    beside: Callable[[Sandbox, str], Callable[[], object]], storage: Storage
) -> None:
    """What they do comes before the erasure, or finds no account: no session, no link, no letter.

    Nobody gets an error that is not a refusal, and one of two who erase finds nothing.
    """
    sandbox = Sandbox(storage=storage)
    session = acting.member(sandbox)
    former = account_of(sandbox, JOHN).id
    act = beside(sandbox, session)
    erase = partial(sandbox.flows.erase_account, rpps=JOHN.rpps)
    sandbox.flows.wake = lambda: None  # what is queued now waits
    acts: list[Callable[[], object]] = [erase, act, erase]

    one, outcome, other = together(acts)

    assert {type(one), type(other)} == {Erasure, type(None)}
    assert not isinstance(outcome, MonespaceError) or type(outcome).__name__ in REFUSALS
    assert left_of(sandbox, former) == []
    assert acting.sign_in(sandbox).session is None


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
def test_pr_07_an_erasure_just_before_a_commit_waits_for_it(
    beside: Callable[[Sandbox, str], Callable[[], object]], storage: Storage
) -> None:
    """All is written and nothing committed: what nobody else can see yet is erased too."""
    sandbox = Sandbox(storage=storage)
    session = acting.member(sandbox)
    former = account_of(sandbox, JOHN).id
    other = Flows(sandbox.ports)
    with ThreadPoolExecutor(1) as operator:
        erasing = list[Future[Erasure | None]]()

        def erase() -> None:
            erasing.append(operator.submit(other.erase_account, rpps=JOHN.rpps))
            wait(erasing, 0.05)

        committing = hook(sandbox, "storage", erase, on="commit")
        act = beside(sandbox, session)
        sandbox.flows.wake = lambda: None
        committing.arm()
        act()

        assert isinstance(erasing[0].result(), Erasure)
    assert left_of(sandbox, former) == []


def test_pr_07_a_recovery_beside_an_erasure_keeps_one_account_or_none(storage: Storage) -> None:
    """Recovered first, it is erased; erased first, the journey is gone."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    former = account_of(sandbox, JOHN).id
    view = acting.code_accepted(sandbox, flow="recovery")

    acts: list[Callable[[], object]] = [
        partial(sandbox.flows.erase_account, rpps=JOHN.rpps),
        partial(sandbox.flows.submit, view.token, acting.activation(LOGIN)),
    ]

    erased, recovered = together(acts)

    assert isinstance(erased, Erasure)
    assert isinstance(recovered, View) or type(recovered).__name__ in REFUSALS
    assert left_of(sandbox, former) == []


def test_pr_07_the_same_doctor_may_create_an_account_while_the_former_goes(
    storage: Storage,
) -> None:
    """Before the erasure the guide's text says that there is one; after it there is none."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    token = sandbox.flows.start("creation").token

    acts: list[Callable[[], object]] = [
        partial(sandbox.flows.erase_account, email=JOHN.email),
        partial(sandbox.flows.submit, token, acting.identity()),
    ]

    erased, identified = together(acts)

    assert isinstance(erased, Erasure)
    if isinstance(identified, View) and identified.state == "choose_channel":
        sandbox.clock.advance(minutes=5)
        sandbox.flows.submit(token, SendCode("email"))
        sandbox.flows.submit(token, SubmitCode(acting.code_received(sandbox)))
        assert sandbox.flows.submit(token, acting.creation()).state == "created"
    else:
        assert type(identified).__name__ in {*REFUSALS, "View"}
        assert count(storage, "accounts") == 0
