"""Confirming an address that nobody has proven yet (``C10``, ``D7``)."""

from __future__ import annotations

import pytest

from monespace_flows.errors import LinkInvalid, SessionRequired
from monespace_flows.ports import LinkPurpose
from monespace_flows.testing import Sandbox

from . import acting
from .acting import CLAIRE, LOGIN, OTHER_LOGIN


def unconfirmed(sandbox: Sandbox) -> str:
    """A signed-in person whose address is not confirmed: the session's token."""
    acting.created_by_sms(sandbox, email=LOGIN)
    return acting.session_of(sandbox, LOGIN)


def is_confirmed(sandbox: Sandbox, session: str) -> bool:
    view = sandbox.flows.session(session)
    assert view is not None
    return view.email_confirmed


def test_d7_the_login_typed_after_an_sms_code_is_not_proven() -> None:
    """The account exists, and its address is not confirmed."""
    sandbox = Sandbox()

    session = unconfirmed(sandbox)

    assert not is_confirmed(sandbox, session)


def test_d7_the_order_s_own_address_is_proven_by_the_code() -> None:
    """After a code by e-mail there is nothing left to confirm."""
    sandbox = Sandbox()

    session = acting.member(sandbox)

    assert is_confirmed(sandbox, session)


def test_d7_the_link_confirms_the_address_of_who_is_signed_in() -> None:
    """From then on the address receives reset links."""
    sandbox = Sandbox()
    session = unconfirmed(sandbox)

    view = sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)

    assert (view.email, view.email_confirmed) == (LOGIN, True)
    acting.link_requested(sandbox, LOGIN)
    assert acting.newest(sandbox, "reset_link").to == LOGIN


@pytest.mark.parametrize("session", [None, "", "unknown"])
def test_d7_the_link_needs_a_signed_in_session(session: str | None) -> None:
    """Whoever is not signed in must sign in first, and the link stays good."""
    sandbox = Sandbox()
    mine = unconfirmed(sandbox)
    token = acting.confirmation_received(sandbox)

    with pytest.raises(SessionRequired):
        sandbox.flows.confirm_email(token, session)

    assert sandbox.flows.confirm_email(token, mine).email_confirmed


def test_d7_the_link_of_another_account_is_worth_nothing() -> None:
    """Someone signed in to another account cannot use it, and it stays good."""
    sandbox = Sandbox()
    other = acting.member(sandbox, CLAIRE)
    mine = unconfirmed(sandbox)
    token = acting.confirmation_received(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, other)

    assert sandbox.flows.confirm_email(token, mine).email_confirmed


def test_d7_the_link_works_once_and_for_a_week() -> None:
    """It is worth nothing once used, nor at seven days."""
    sandbox = Sandbox()
    unconfirmed(sandbox)
    token = acting.confirmation_received(sandbox)

    sandbox.clock.advance(hours=7 * 24, seconds=-1)
    assert sandbox.flows.link_purpose(token) is LinkPurpose.CONFIRM
    session = acting.session_of(sandbox, LOGIN)
    sandbox.clock.advance(seconds=1)
    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, session)


def test_d7_a_used_link_is_refused() -> None:
    """The second use finds nothing, and the address stays confirmed."""
    sandbox = Sandbox()
    session = unconfirmed(sandbox)
    token = acting.confirmation_received(sandbox)
    sandbox.flows.confirm_email(token, session)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, session)

    assert is_confirmed(sandbox, session)


@pytest.mark.parametrize("token", ["", "unknown", "é\x00", "\ud800"])
def test_d7_an_unknown_link_is_refused(token: str) -> None:
    """Whatever is not a link is told the same."""
    sandbox = Sandbox()
    session = unconfirmed(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, session)


def test_d7_another_link_may_be_asked_for() -> None:
    """The new link works, and the older one no longer does."""
    sandbox = Sandbox()
    session = unconfirmed(sandbox)
    older = acting.confirmation_received(sandbox)

    sandbox.flows.resend_confirmation(session)

    newer = acting.newest(sandbox, "confirmation")
    assert (newer.to, newer.subject) == (LOGIN, "Confirmez votre adresse e-mail")
    assert sandbox.flows.link_purpose(older) is None
    assert sandbox.flows.confirm_email(newer.link_token, session).email_confirmed


def test_d7_nothing_more_is_sent_once_confirmed() -> None:
    """Asking again for a confirmed address sends nothing."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    before = len(sandbox.messages)

    sandbox.flows.resend_confirmation(session)

    assert len(sandbox.messages) == before


def test_d7_nobody_asks_for_a_link_without_being_signed_in() -> None:
    """The address is that of the account signed in to."""
    with pytest.raises(SessionRequired):
        Sandbox().flows.resend_confirmation(None)


def test_d7_a_new_address_must_be_confirmed_again() -> None:
    """A new address is the login only once it is confirmed, and then it is."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    session = sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN)).session or ""

    before = sandbox.flows.session(session)
    assert (before and before.email) == acting.JOHN.email
    after = sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    assert (after.email, after.email_confirmed) == (OTHER_LOGIN, True)
    assert is_confirmed(sandbox, session)


def test_d7_a_recovered_login_must_be_confirmed() -> None:
    """The login typed at the end of a recovery is not proven either."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.recovered(sandbox)
    session = acting.session_of(sandbox, OTHER_LOGIN, acting.OTHER_PASSWORD)

    assert not is_confirmed(sandbox, session)
    token = acting.confirmation_received(sandbox)
    assert sandbox.flows.confirm_email(token, session).email_confirmed
