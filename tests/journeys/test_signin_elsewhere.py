"""Another service says who somebody is, a host vouches for it (``Flows.open_session``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from monespace_flows import Policy, SignedIn
from monespace_flows.driver.acts.accounts import disabled
from monespace_flows.errors import PortUnavailable, SignInFault, SignInRefused
from monespace_flows.events import AccountDisabled, Event
from monespace_flows.facts import Role
from monespace_flows.journal.entry import ACCOUNT_JOURNAL, read_entry
from monespace_flows.policy import SessionPolicy
from monespace_flows.ports import JourneyQuery, Storage
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, NOBODY


@pytest.fixture
def sandbox() -> Sandbox:
    """Give a world where John has an account."""
    sandbox = Sandbox()
    acting.created(sandbox)
    return sandbox


def heard(sandbox: Sandbox) -> list[Event]:
    told: list[Event] = []
    for kind in (SignedIn, AccountDisabled):
        sandbox.flows.on(kind, told.append)
    return told


def acts(sandbox: Sandbox) -> list[tuple[str, str]]:
    """What the account's own journal tells."""
    with sandbox.storage.reading() as unit:
        for stored in unit.journeys.search(JourneyQuery(flow=ACCOUNT_JOURNAL, limit=1)):
            lines = unit.journal.lines(stored.journey.reference)
            return [(it.command, it.after) for it in map(read_entry, lines)]
    return []


def refusal(ask: Callable[[], object]) -> SignInFault:
    with pytest.raises(SignInRefused) as refused:
        ask()
    return refused.value.reason


def test_who_is_vouched_for_is_signed_in(sandbox: Sandbox) -> None:
    """By the number or by the account's id; the host hears of it, the journal tells it."""
    told = heard(sandbox)
    session = sandbox.flows.open_session(rpps=JOHN.rpps)
    (account,) = acting.accounts(sandbox)
    other = sandbox.flows.open_session(account_id=account.id, how="annuaire")

    views = [sandbox.flows.session(it) for it in (session, other)]
    assert [it and (it.account_id, it.email) for it in views] == [(account.id, JOHN.email)] * 2
    assert [(type(it), it.account_id, getattr(it, "how", "")) for it in told] == [
        (SignedIn, account.id, "psc"),
        (SignedIn, account.id, "annuaire"),
    ]
    assert acts(sandbox)[-2:] == [("sign_in_elsewhere", "signed_in")] * 2


def test_a_password_is_how_people_sign_in_here(sandbox: Sandbox) -> None:
    told = heard(sandbox)
    acting.sign_in(sandbox)

    assert [getattr(it, "how", "") for it in told] == ["password"]


def test_the_session_ends_as_any_other(sandbox: Sandbox) -> None:
    """Left alone for half an hour, signed out, or when the password changes."""
    idle, closed, changed = (sandbox.flows.open_session(rpps=JOHN.rpps) for _ in range(3))
    sandbox.flows.sign_out(closed)
    assert sandbox.flows.session(closed) is None
    acting.password_reset(sandbox)
    assert sandbox.flows.session(changed) is None

    idle = sandbox.flows.open_session(rpps=JOHN.rpps)
    sandbox.clock.advance(minutes=31)
    assert sandbox.flows.session(idle) is None


def test_who_has_no_account_creates_one_first(sandbox: Sandbox) -> None:
    assert refusal(partial(sandbox.flows.open_session, rpps=NOBODY.rpps)) is SignInFault.UNKNOWN
    assert refusal(partial(sandbox.flows.open_session, account_id="x")) is SignInFault.UNKNOWN


def test_a_disabled_account_opens_to_nobody(sandbox: Sandbox) -> None:
    sandbox.flows.disable_account(rpps=JOHN.rpps)

    assert refusal(partial(sandbox.flows.open_session, rpps=JOHN.rpps)) is SignInFault.DISABLED


def test_a_frozen_account_opens_to_nobody(sandbox: Sandbox) -> None:
    (account,) = acting.accounts(sandbox)
    with sandbox.storage.writing() as unit:
        disabled(unit, account, sandbox.clock.now(), frozen=True)

    assert refusal(partial(sandbox.flows.open_session, rpps=JOHN.rpps)) is SignInFault.FROZEN


def test_s4_who_was_struck_off_is_disabled(sandbox: Sandbox) -> None:
    """The registry is asked again, whoever vouches; what was open is over."""
    told, session = heard(sandbox), acting.session_of(sandbox)
    told.clear()
    sandbox.registry.remove(JOHN.rpps)

    assert refusal(partial(sandbox.flows.open_session, rpps=JOHN.rpps)) is SignInFault.NOT_ADMITTED
    assert sandbox.flows.session(session) is None
    assert [(type(it), getattr(it, "by", "")) for it in told] == [(AccountDisabled, "registry")]
    assert acts(sandbox)[-1] == ("strike_off", "disabled")


def test_the_role_is_the_registry_s_of_today(sandbox: Sandbox) -> None:
    sandbox.registry.change(JOHN.rpps, role=Role.INTERN)
    session = sandbox.flows.open_session(rpps=JOHN.rpps)

    view = sandbox.flows.session(session)
    assert view is not None
    assert view.role is Role.INTERN


@pytest.mark.parametrize("policy", ["admit", "refuse"])
def test_while_the_registry_is_away_the_policy_decides(policy: str) -> None:
    sessions = SessionPolicy(without_registry=policy)  # type: ignore[arg-type]  # one of both
    sandbox = Sandbox(Policy(sessions=sessions))
    acting.created(sandbox)
    sandbox.registry.fail_next()

    if policy == "admit":
        assert sandbox.flows.open_session(rpps=JOHN.rpps)
    else:
        with pytest.raises(PortUnavailable):
            sandbox.flows.open_session(rpps=JOHN.rpps)


@pytest.mark.parametrize(
    "named", [{}, {"rpps": JOHN.rpps, "account_id": "x"}, {"rpps": "12"}], ids=str
)
def test_one_person_is_named(sandbox: Sandbox, named: dict[str, str]) -> None:
    """And the message repeats nothing of whom."""
    with pytest.raises(ValueError, match=r"^(name one account|not an RPPS number)") as error:
        sandbox.flows.open_session(**named)

    assert JOHN.rpps not in str(error.value)


@pytest.mark.parametrize("how", ["", "PSC", "a b", "é", "x" * 33, "1a"])
def test_how_is_a_short_name(sandbox: Sandbox, how: str) -> None:
    with pytest.raises(ValueError, match=r"^how: "):
        sandbox.flows.open_session(rpps=JOHN.rpps, how=how)


def test_an_account_erased_meanwhile_opens_no_more(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the writing, while the registry was asked."""
    asked = sandbox.registry.doctor

    def slow(rpps: str) -> object:
        sandbox.flows.erase_account(rpps=JOHN.rpps)
        return asked(rpps)

    monkeypatch.setattr(sandbox.registry, "doctor", slow)

    assert refusal(partial(sandbox.flows.open_session, rpps=JOHN.rpps)) is SignInFault.UNKNOWN


def test_it_is_the_same_on_each_store(storage: Storage) -> None:
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)
    session = sandbox.flows.open_session(rpps=JOHN.rpps)

    assert sandbox.flows.session(session) is not None
    sandbox.clock.advance(hours=13)
    assert sandbox.flows.session(session) is None
