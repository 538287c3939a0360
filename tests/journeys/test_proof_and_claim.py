"""Who keeps a login address: whoever has proved it (decision 0010)."""

from __future__ import annotations

import pytest

from monespace_flows import (
    Back,
    ChooseEmail,
    CredentialsChanged,
    RequestResetLink,
    SendCode,
    SubmitCode,
    View,
)
from monespace_flows.errors import CommandNotOffered, LinkInvalid
from monespace_flows.policy import LinkPolicy, Policy
from monespace_flows.ports import Account
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox

from . import acting
from .acting import CLAIRE, JOHN, LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, PAUL

TAKEN = "Un compte est déjà associé à cette adresse mail"


def account_of(sandbox: Sandbox, login: str) -> Account | None:
    """The account whose login is that address."""
    digests = sandbox.secrets.digests("email", login)
    return next((it for it in acting.accounts(sandbox) if it.email_digest in digests), None)


def shares(sandbox: Sandbox, person: acting.Person, address: str) -> None:
    """The Order holds the same address of someone else as well."""
    sandbox.registry.change(person.rpps, email=address)


# --- the account's own address, never confirmed and forgotten ------------------------------------


def own_address(sandbox: Sandbox, channel: str = "sms") -> View:
    """Created by SMS, never confirmed, password forgotten; the code of a recovery proven."""
    acting.created_by_sms(sandbox)
    view = acting.code_accepted(sandbox, channel=channel, flow="recovery")
    return sandbox.flows.submit(view.token, acting.activation(LOGIN, OTHER_PASSWORD))


def test_r7_one_s_own_address_is_refused_to_the_letter_and_nothing_changes() -> None:
    """The text of the guide, alone; the account is as it was."""
    sandbox = Sandbox()

    view = own_address(sandbox)

    assert acting.said(view) == [TAKEN]
    assert view.outcome is Outcome.REFUSED
    (account,) = acting.accounts(sandbox)
    assert (account.credential_epoch, account.email_confirmed_at) == (0, None)


def test_r7_beside_the_text_a_link_to_that_address_is_offered() -> None:
    """Only to whom it is the own address of."""
    sandbox = Sandbox()
    acting.created(sandbox, CLAIRE)
    first = acting.code_accepted(sandbox, flow="recovery")
    assert "Recevoir un lien à cette adresse" not in acting.buttons(first)

    other = sandbox.flows.submit(first.token, acting.activation(CLAIRE.email))
    assert acting.said(other) == [TAKEN]
    assert "Recevoir un lien à cette adresse" not in acting.buttons(other)
    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(other.token, RequestResetLink())

    assert "Recevoir un lien à cette adresse" in acting.buttons(own_address(Sandbox()))


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_r7_the_link_leaves_unconfirmed_and_using_it_confirms_the_address(channel: str) -> None:
    """The holder is back with their own address and a password of their choice."""
    sandbox = Sandbox()
    view = own_address(sandbox, channel)

    view = sandbox.flows.submit(view.token, RequestResetLink())
    assert (view.state, acting.notices(view)) == ("choose_credentials", ["link.sent"])
    assert acting.newest(sandbox, "reset_link").to == LOGIN

    reset = sandbox.flows.open_link(acting.link_received(sandbox))
    assert (reset.flow, reset.state) == ("reset", "choose_new_password")
    done = sandbox.flows.submit(reset.token, acting.new_password(OTHER_PASSWORD))
    assert done.state == "password_changed"
    account = account_of(sandbox, LOGIN)
    assert account is not None
    assert account.email_confirmed_at is not None
    assert acting.sign_in(sandbox, LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_r7_the_recovery_is_void_once_the_link_has_changed_the_password() -> None:
    """What was on its way cannot undo what came after (S13)."""
    sandbox = Sandbox()
    waiting = sandbox.flows.submit(own_address(sandbox).token, RequestResetLink())
    reset = sandbox.flows.open_link(acting.link_received(sandbox))
    sandbox.flows.submit(reset.token, acting.new_password(OTHER_PASSWORD))

    late = sandbox.flows.submit(waiting.token, acting.activation(OTHER_LOGIN))

    assert (late.state, acting.notices(late)) == ("expired", ["journey.expired"])


def test_r7_a_link_for_an_account_that_changed_meanwhile_is_not_sent() -> None:
    """The journey is void, as « Activer » would say."""
    sandbox = Sandbox()
    view = own_address(sandbox)
    other = acting.code_accepted(sandbox, flow="recovery")
    sandbox.flows.submit(other.token, acting.activation(OTHER_LOGIN, OTHER_PASSWORD))
    sent = len(sandbox.messages)

    view = sandbox.flows.submit(view.token, RequestResetLink())

    assert (view.state, acting.notices(view)) == ("expired", ["journey.expired"])
    assert len(sandbox.messages) == sent


def test_r7_a_disabled_account_receives_no_link() -> None:
    """Whoever was shut out is not let in by the side door."""
    sandbox = Sandbox()
    view = own_address(sandbox)
    acting.disable(sandbox)
    sent = len(sandbox.messages)

    view = sandbox.flows.submit(view.token, RequestResetLink())

    assert (view.state, len(sandbox.messages)) == ("expired", sent)


def test_lk_links_asked_for_in_a_recovery_count_as_all_others() -> None:
    """The mailbox is not flooded from here either, and the wait is told."""
    sandbox = Sandbox(Policy(links=LinkPolicy(requests_per_hour=2)))
    view = own_address(sandbox)
    for _ in range(2):
        view = sandbox.flows.submit(view.token, RequestResetLink())
        assert acting.notices(view) == ["link.sent"]
        view = sandbox.flows.submit(view.token, acting.activation(LOGIN))

    view = sandbox.flows.submit(view.token, RequestResetLink())

    assert (acting.notices(view), view.outcome) == (["identity.throttled"], Outcome.THROTTLED)
    assert "60 minutes" in acting.said(view)[0]


def test_a_press_that_is_sent_twice_sends_one_link() -> None:
    """The button goes with the first; the second finds the screen as it is."""
    sandbox = Sandbox()
    view = own_address(sandbox)
    sandbox.flows.submit(view.token, RequestResetLink())

    with pytest.raises(CommandNotOffered) as again:
        sandbox.flows.submit(view.token, RequestResetLink())

    assert acting.notices(again.value.view) == ["link.sent"]
    assert len([it for it in sandbox.messages if it.purpose == "reset_link"]) == 1


def test_lk_only_the_newest_link_works() -> None:
    """Asking twice kills the first."""
    sandbox = Sandbox()
    view = sandbox.flows.submit(own_address(sandbox).token, RequestResetLink())
    first = acting.link_received(sandbox)
    sandbox.flows.submit(view.token, acting.activation(LOGIN))
    sandbox.flows.submit(view.token, RequestResetLink())

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(first)
    assert sandbox.flows.open_link(acting.link_received(sandbox)).state == "choose_new_password"


def test_the_reset_that_a_recovery_begins_has_a_journal_of_its_own() -> None:
    """A start and « Valider », as if the person had typed the address there."""
    sandbox = Sandbox()
    sandbox.flows.submit(own_address(sandbox).token, RequestResetLink())

    reset = sandbox.flows.open_link(acting.link_received(sandbox))

    lines = [(it.command, it.after) for it in acting.journal_of(sandbox, reset)]
    assert lines == [
        ("start", "enter_email"),
        ("request_link", "link_sent"),
        ("use_link", "choose_new_password"),
    ]


# --- an address that is proved, and held by a claim ----------------------------------------------


def test_c9_who_proves_an_address_takes_it_from_an_unconfirmed_claim() -> None:
    """The second of two who share it has a space, with that address, confirmed."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, PAUL, JOHN.email)

    view = acting.created(sandbox)

    assert view.state == "created"
    account = account_of(sandbox, JOHN.email)
    assert account is not None
    assert account.email_confirmed_at is not None
    assert acting.sign_in(sandbox).state == "signed_in"


def test_the_account_that_only_claimed_keeps_everything_else() -> None:
    """It is told by the contacts of the Order, and gets another address by recovery."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, PAUL, JOHN.email)
    session = acting.session_of(sandbox)
    (before,) = acting.accounts(sandbox)

    acting.created(sandbox)

    after = next(it for it in acting.accounts(sandbox) if it.id == before.id)
    assert (after.password_hash, after.rpps_digest) == (before.password_hash, before.rpps_digest)
    assert sandbox.flows.session(session) is None
    told = [it for it in sandbox.messages if "prouvée par une autre personne" in it.text]
    assert {it.to for it in told} == {PAUL.mobile, PAUL.email}
    recovered = acting.recovered(sandbox, PAUL, OTHER_LOGIN)
    assert recovered.state == "recovered"
    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_the_host_is_told_that_the_other_account_changed() -> None:
    """One event for each account that is another than before."""
    sandbox = Sandbox()
    changed: list[str] = []
    sandbox.flows.on(CredentialsChanged, lambda event: changed.append(event.account_id))
    acting.created_by_sms(sandbox, PAUL, JOHN.email)
    (claimant,) = acting.accounts(sandbox)

    acting.created(sandbox)

    assert changed == [claimant.id]


def test_links_sent_to_a_claimed_address_die_with_the_claim() -> None:
    """Whoever reads that mailbox now must not confirm it for someone else."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, PAUL, JOHN.email)
    old = acting.confirmation_received(sandbox)
    acting.created(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(old, acting.session_of(sandbox))


def test_an_account_without_address_signs_in_by_none() -> None:
    """Neither the address it had nor emptiness opens it."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, PAUL, JOHN.email)
    acting.created(sandbox, JOHN, OTHER_PASSWORD)

    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "enter_credentials"
    for nothing in ("", " ", "@", f"@{acting.accounts(sandbox)[0].id}"):
        assert acting.sign_in(sandbox, nothing, PASSWORD).state == "enter_credentials"


def test_r6_a_recovery_takes_a_claimed_address_that_its_code_has_proved() -> None:
    """Whether the doctor had an account or not, the address is confirmed at once."""
    for has_account in (True, False):
        sandbox = Sandbox()
        if has_account:
            acting.created_by_sms(sandbox, JOHN, LOGIN)
        acting.created_by_sms(sandbox, PAUL, JOHN.email)
        view = acting.code_accepted(sandbox, channel="email", flow="recovery")

        view = sandbox.flows.submit(view.token, acting.activation(JOHN.email, OTHER_PASSWORD))

        assert view.state == "recovered"
        account = account_of(sandbox, JOHN.email)
        assert account is not None
        assert account.email_confirmed_at is not None
        assert len(acting.accounts(sandbox)) == 2
        assert any("prouvée par une autre personne" in it.text for it in sandbox.messages)


@pytest.mark.parametrize("has_account", [True, False])
def test_r6_an_address_that_the_code_proved_needs_no_confirmation(has_account: bool) -> None:
    """Its letter carries no link to confirm it."""
    sandbox = Sandbox()
    if has_account:
        acting.created_by_sms(sandbox, JOHN, LOGIN)
    view = acting.code_accepted(sandbox, channel="email", flow="recovery")

    view = sandbox.flows.submit(view.token, acting.activation(JOHN.email, OTHER_PASSWORD))

    account = account_of(sandbox, JOHN.email)
    assert account is not None
    assert account.email_confirmed_at is not None
    assert acting.newest(sandbox, "confirmation").link is None
    assert acting.notices(view) == []


def test_r6_an_address_that_is_only_typed_is_to_be_confirmed_and_says_so() -> None:
    """The last screen names it and what comes next."""
    sandbox = Sandbox()

    view = acting.recovered(sandbox)

    assert OTHER_LOGIN in (view.screen.intro or "")
    assert acting.notices(view) == ["email.to_confirm"]
    assert acting.newest(sandbox, "confirmation").link is not None


def test_r7_a_claim_takes_nothing_from_a_claim() -> None:
    """An address typed after a code by SMS stays that of who typed it first."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, PAUL, OTHER_LOGIN)
    before = acting.accounts(sandbox)
    view = acting.code_accepted(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(OTHER_LOGIN))

    assert acting.said(view) == [TAKEN]
    assert acting.accounts(sandbox) == before


def test_r7_a_proof_takes_nothing_from_a_proof() -> None:
    """Who confirmed a shared address first keeps it; the other has two ways on."""
    sandbox = Sandbox()
    acting.created(sandbox, PAUL)
    shares(sandbox, JOHN, PAUL.email)
    before = acting.accounts(sandbox)
    view = acting.code_accepted(sandbox, channel="email")
    assert "Choisir une autre adresse e-mail" not in acting.buttons(view)

    view = sandbox.flows.submit(view.token, acting.creation())

    assert (view.state, acting.said(view)) == ("choose_password", [TAKEN])
    assert {"Choisir une autre adresse e-mail", "Retour", "Recommencer"} <= {*acting.buttons(view)}
    assert acting.accounts(sandbox) == before


def test_c9_the_second_of_a_shared_address_types_another() -> None:
    """The space is made with an address of one's own, to be confirmed."""
    sandbox = Sandbox()
    acting.created(sandbox, PAUL)
    shares(sandbox, JOHN, PAUL.email)
    view = acting.code_accepted(sandbox, channel="email")
    view = sandbox.flows.submit(view.token, acting.creation())

    view = sandbox.flows.submit(view.token, ChooseEmail())
    assert view.screen.title == "Finaliser la création de votre espace"
    again = sandbox.flows.submit(view.token, acting.activation(PAUL.email))
    assert acting.said(again) == [TAKEN]
    view = sandbox.flows.submit(view.token, acting.activation(LOGIN))

    assert view.state == "created"
    account = account_of(sandbox, LOGIN)
    assert account is not None
    assert account.email_confirmed_at is None


@pytest.mark.parametrize("claimed", [True, False])
def test_c9_the_shared_address_may_become_free_or_a_claim_meanwhile(claimed: bool) -> None:
    """Then the proof that was given counts on that screen too."""
    sandbox = Sandbox()
    acting.created(sandbox, PAUL)
    shares(sandbox, JOHN, PAUL.email)
    view = acting.code_accepted(sandbox, channel="email")
    view = sandbox.flows.submit(view.token, acting.creation())
    view = sandbox.flows.submit(view.token, ChooseEmail())
    sandbox.flows.erase_account(rpps=PAUL.rpps)
    if claimed:
        acting.created_by_sms(sandbox, acting.AMELIE, PAUL.email)

    view = sandbox.flows.submit(view.token, acting.activation(PAUL.email))

    assert view.state == "created"
    account = account_of(sandbox, PAUL.email)
    assert account is not None
    assert account.email_confirmed_at is not None


@pytest.mark.parametrize(
    ("flow", "channel"), [("creation", "sms"), ("creation", "email"), ("recovery", "email")]
)
def test_from_the_last_screen_one_may_go_back_to_the_contacts(flow: str, channel: str) -> None:
    """« Retour » leads to the choice; another code, by another way, then ends it well."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel=channel, flow=flow)

    view = sandbox.flows.submit(view.token, Back())
    assert view.state == "choose_channel"
    other = "sms" if channel == "email" else "email"
    view = sandbox.flows.submit(view.token, SendCode(other))
    view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    if (flow, other) == ("creation", "email"):
        view = sandbox.flows.submit(view.token, acting.creation())
    else:
        view = sandbox.flows.submit(view.token, acting.activation(LOGIN))
    assert view.status == "done"


def test_a_proof_by_an_earlier_code_does_not_outlive_going_back() -> None:
    """After « Retour » and a code by SMS, the Order's address is only typed."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")
    view = sandbox.flows.submit(view.token, Back())
    view = sandbox.flows.submit(view.token, SendCode("sms"))
    view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    sandbox.flows.submit(view.token, acting.activation(JOHN.email))

    account = account_of(sandbox, JOHN.email)
    assert account is not None
    assert account.email_confirmed_at is None


def test_a_claim_that_comes_at_the_same_moment_is_released_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The step is taken again with fresh facts: the claimant is told as well."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")
    hash_password = sandbox.passwords.hash
    came: list[bool] = []

    def hash_slowly(password: str) -> str:
        if not came:
            came.append(True)
            acting.created_by_sms(sandbox, PAUL, JOHN.email)
        return hash_password(password)

    monkeypatch.setattr(sandbox.passwords, "hash", hash_slowly)
    view = sandbox.flows.submit(view.token, acting.creation())

    assert view.state == "created"
    assert len(acting.accounts(sandbox)) == 2
    assert any("prouvée par une autre personne" in it.text for it in sandbox.messages)
