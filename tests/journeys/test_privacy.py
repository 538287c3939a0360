"""What is kept of a person, and where: verdicts in the journal, sealed values in the store."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from monespace_flows import Policy, View
from monespace_flows.errors import CommandNotOffered, JourneyOver, JourneyUnknown, MonespaceError
from monespace_flows.policy import CodePolicy
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD

BIRTH_DATES = ("17/06/1975", "1975-06-17", "18/06/1975")
NAMES = ("Médecin", "John")
TYPED = (PASSWORD, OTHER_PASSWORD, WRONG_PASSWORD, LOGIN, OTHER_LOGIN)
HELD = (JOHN.rpps, JOHN.mobile, JOHN.mobile[1:], JOHN.email, "john.medecin")


def with_long_codes() -> Sandbox:
    """Codes that no hash holds by chance."""
    return Sandbox(Policy(codes=CodePolicy(digits=8)))


def whole_life(sandbox: Sandbox) -> list[View]:
    """Everything that can happen to one doctor, mistakes included; the views of it."""
    views = [sandbox.flows.start("creation")]
    first = views[0].token
    views.append(sandbox.flows.submit(first, acting.wrong_birth_date()))
    views.append(acting.awaiting_code(sandbox))
    wrong = acting.pressing(sandbox, "submit_code")
    views.append(sandbox.flows.submit(views[-1].token, wrong))
    views.append(sandbox.flows.submit(views[-1].token, acting.activation(LOGIN, "court")))
    views.append(sandbox.flows.submit(views[-1].token, acting.activation(LOGIN)))
    views.append(acting.sign_in(sandbox, LOGIN, WRONG_PASSWORD))
    views.append(acting.sign_in(sandbox, LOGIN))
    session = views[-1].session or ""
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    views.append(sandbox.flows.start("settings", session))
    views.append(sandbox.flows.submit(views[-1].token, acting.save(email=OTHER_LOGIN)))
    session = views[-1].session or ""
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    views.append(acting.link_used(sandbox, OTHER_LOGIN))
    views.append(sandbox.flows.submit(views[-1].token, acting.new_password()))
    sandbox.clock.advance(minutes=5)
    views.append(acting.recovered(sandbox, email=LOGIN))
    return views


def secrets_of(sandbox: Sandbox, views: list[View]) -> set[str]:
    """Every code, link and token that was handed to anyone."""
    handed = {view.token for view in views} | {view.session for view in views}
    sent = {message.code for message in sandbox.messages}
    sent |= {message.link_token for message in sandbox.messages}
    return {secret for secret in handed | sent if secret}


def dump(sandbox: Sandbox) -> str:
    """Everything stored, as whoever steals the store would read it."""
    rows = (row for table in acting.kept(sandbox).values() for row in table.items())
    return "\n".join(_tell(row) for row in rows)


def _tell(value: object) -> str:
    if hasattr(value, "__attrs_attrs__"):
        return " ".join(_tell(getattr(value, it.name)) for it in value.__attrs_attrs__)
    if isinstance(value, tuple):
        return " ".join(map(_tell, value))
    return str(value)


def test_pr_01_a_journal_holds_nothing_that_was_typed_or_is_secret() -> None:
    """Not a birth date, a number, an address, a password, a code, a link or a token."""
    sandbox = with_long_codes()
    views = whole_life(sandbox)

    lines = "\n".join(line for view in views for line in acting.journal_lines(sandbox, view))

    known = (*BIRTH_DATES, *NAMES, *TYPED, *HELD, *secrets_of(sandbox, views))
    assert [secret for secret in known if secret in lines] == []
    assert "birth_date_differs" in lines


def test_pr_01_the_store_holds_nothing_in_clear() -> None:
    """What can be read again is sealed; what can be compared is digested."""
    sandbox = with_long_codes()
    views = whole_life(sandbox)

    kept = dump(sandbox)

    known = (*BIRTH_DATES, *NAMES, *TYPED, *HELD, *secrets_of(sandbox, views))
    assert [secret for secret in known if secret in kept] == []


def test_pr_01_logs_and_errors_hold_nothing_either(caplog: pytest.LogCaptureFixture) -> None:
    """Not even when every library logs all that it can."""
    sandbox = with_long_codes()
    with caplog.at_level(logging.DEBUG):
        views = whole_life(sandbox)

    known = (*BIRTH_DATES, *NAMES, *TYPED, *HELD, *secrets_of(sandbox, views))
    assert [secret for secret in known if secret in caplog.text] == []


@pytest.mark.parametrize(("flow", "state"), acting.PLACES)
def test_pr_01_a_refusal_repeats_nothing(flow: str, state: str) -> None:
    """The text of an error may be logged by any host."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    known = (*BIRTH_DATES, *TYPED, *HELD, *secrets_of(sandbox, [view]))
    for event in ("submit_identity", "submit_code", "activate", "sign_in", "use_link"):
        for token in (view.token, f"{view.token}x"):
            try:
                sandbox.flows.submit(token, acting.pressing(sandbox, event))
            except (CommandNotOffered, JourneyOver, JourneyUnknown) as error:
                told = f"{error} {error!r} {vars(error)}"
                assert [secret for secret in known if secret in told] == []


def test_pr_02_the_root_of_all_errors_is_one() -> None:
    """A host catches what is ours by one name."""
    assert issubclass(CommandNotOffered, MonespaceError)
    assert issubclass(JourneyOver, MonespaceError)
    assert issubclass(JourneyUnknown, MonespaceError)


def test_pr_03_a_person_is_a_keyed_pseudonym() -> None:
    """Under another key it is another; under the same key it is found again."""
    one, other = Sandbox(), Sandbox()
    other.secrets.rotate()
    subjects = []
    for sandbox in (one, one, other):
        view = acting.identified(sandbox)
        subjects.append(acting.journey_of(sandbox, view).journey.subject)

    assert subjects[0] == subjects[1] != subjects[2]
    assert one.secrets.digests("subject", JOHN.rpps)[0] == subjects[0]
    assert one.secrets.digests("email", JOHN.rpps)[0] != subjects[0]


@pytest.mark.parametrize(("flow", "state"), acting.PLACES)
def test_pr_08_a_view_shows_no_more_than_masks_and_one_s_own_login(flow: str, state: str) -> None:
    """The login is shown to who has proven to hold it, and to nobody else."""
    sandbox = Sandbox()
    view = acting.PLACES[flow, state](sandbox)
    mine = {"choose_password", "choose_new_password", "edit_settings", "created"}
    mine |= {"password_changed", "link_sent"}  # the last as it was typed, whoever's it is

    shown = _tell((view.screen, view.notices))

    assert (JOHN.email in shown) is (state in mine)
    assert [it for it in (JOHN.mobile[1:], *BIRTH_DATES[1:], *NAMES) if it in shown] == []


def test_pr_05_a_message_is_blanked_once_it_left() -> None:
    """The code and the link are nowhere afterwards."""
    sandbox = Sandbox()
    acting.awaiting_code(sandbox)

    (message,) = acting.kept(sandbox)["outbox"].values()
    assert (message.status, message.sealed) == ("sent", None)


def test_pr_05_everything_of_a_journey_goes_in_time() -> None:
    """Journeys first, then links and sessions, and the journal after its 183 days."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    acting.session_of(sandbox)
    sizes = []
    for days in (1, 5, 180):
        now = sandbox.clock.advance(hours=24 * days)
        sandbox.storage.purge(now, now - timedelta(days=183))
        sizes.append({name: len(rows) for name, rows in acting.kept(sandbox).items()})

    assert [size["journeys"] for size in sizes] == [0, 0, 0]
    assert [size["links"] + size["sessions"] for size in sizes] == [0, 0, 0]
    assert [size["journal"] > 0 for size in sizes] == [True, True, False]
    assert [size["accounts"] for size in sizes] == [1, 1, 1]


def test_pr_03_what_identifies_is_bound_to_its_journey() -> None:
    """The ids of contacts are drawn anew for each journey."""
    sandbox = Sandbox()

    ids = [acting.field(acting.identified(sandbox), "channel").options for _ in range(2)]

    assert not {option.value for option in ids[0]} & {option.value for option in ids[1]}
