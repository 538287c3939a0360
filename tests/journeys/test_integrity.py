"""Steps skipped, mixed up, repeated or overtaken by events: what must not happen then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from attrs import evolve

from monespace_flows import Back, Create, Policy, ResendCode, SendCode, SubmitCode, View
from monespace_flows.commands import Command
from monespace_flows.effects import Budget
from monespace_flows.errors import CommandNotOffered, JourneyOver, JourneyUnknown
from monespace_flows.policy import CodePolicy, IdentityPolicy
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox

from . import acting
from .acting import CLAIRE, JOHN, LOGIN, PASSWORD, PAUL

UNKNOWN = ["identity.unknown"]
WEAK = "Ce mot de passe est trop faible : choisissez-en un plus long ou moins courant."


def steps(sandbox: Sandbox, view: View) -> list[str]:
    return [entry.command for entry in acting.journal_of(sandbox, view)]


# --- steps skipped -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["enter_identity", "choose_channel", "enter_code"])
@pytest.mark.parametrize("event", ["activate", "create"])
def test_fl_01_fl_03_the_last_step_is_not_offered_before_its_time(state: str, event: str) -> None:
    """Nobody creates an account without saying who they are and proving it."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", state](sandbox)

    with pytest.raises(CommandNotOffered) as refusal:
        sandbox.flows.submit(view.token, acting.pressing(sandbox, event))

    assert refusal.value.view.state == state
    assert acting.accounts(sandbox) == []


def test_fl_02_a_code_before_a_channel_is_refused_and_not_counted() -> None:
    """There is no code to compare with yet."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)

    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(view.token, SubmitCode("123456"))

    assert acting.counted(sandbox, Budget.CODE) == 0


DAMAGES: dict[str, Callable[[str], str]] = {
    "cut": lambda token: token[:-1],
    "another letter": lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
    "longer": lambda token: token + "=",
    "other case": lambda token: token.swapcase(),
    "empty": lambda _: "",
    "null": lambda _: "\x00",
    "a path": lambda _: "../../etc/passwd",
    "huge": lambda _: "a" * 10_000,
    "half a character": lambda _: "\ud800",
    "accent": lambda _: "é",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_fl_04_fl_05_only_the_whole_token_opens_a_journey(damage: Callable[[str], str]) -> None:
    """Any other text is no journey's token, whatever it looks like."""
    sandbox = Sandbox()
    other = damage(sandbox.flows.start("creation").token)

    with pytest.raises(JourneyUnknown):
        sandbox.flows.view(other)
    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(other, acting.identity())


def test_fl_04_the_reference_opens_nothing() -> None:
    """What is read over the phone is not a key."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")

    with pytest.raises(JourneyUnknown):
        sandbox.flows.view(view.reference)


def test_fl_06_a_recovery_does_not_take_the_commands_of_a_creation() -> None:
    """Each journey has its own table."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, JOHN, "email", "recovery")

    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(view.token, acting.creation())


def test_fl_06_no_flow_has_another_name() -> None:
    """A journey starts under the names of the contract only."""
    with pytest.raises(JourneyUnknown):
        Sandbox().flows.start("administration")
    with pytest.raises(JourneyUnknown):
        Sandbox().flows.preview("Creation")


# --- codes in the wrong place --------------------------------------------------------------------


def test_fl_07_a_code_works_in_its_own_journey_only() -> None:
    """The code of one journey is a wrong code in another of the same doctor."""
    sandbox = Sandbox()
    acting.awaiting_code(sandbox)
    elsewhere = acting.code_received(sandbox)
    view = acting.awaiting_code(sandbox, channel="email")

    view = sandbox.flows.submit(view.token, SubmitCode(elsewhere))

    assert acting.notices(view) == ["code.wrong"]
    assert acting.counted(sandbox, Budget.CODE) == 1


def test_fl_08_choosing_another_channel_kills_the_code() -> None:
    """The code sent by SMS is dead once one was sent by e-mail."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    by_sms = acting.code_received(sandbox)
    sandbox.flows.submit(view.token, Back())
    sandbox.flows.submit(view.token, SendCode("email"))

    refused = sandbox.flows.submit(view.token, SubmitCode(by_sms))
    accepted = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert acting.notices(refused) == ["code.wrong"]
    assert accepted.state == "choose_password"


def test_fl_09_an_old_code_is_refused_after_a_resend() -> None:
    """Only the newest works."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    old = acting.code_received(sandbox)
    sandbox.clock.advance(seconds=60)
    sandbox.flows.submit(view.token, ResendCode())

    view = sandbox.flows.submit(view.token, SubmitCode(old))

    assert acting.notices(view) == ["code.wrong"]


def test_fl_10_an_expired_code_is_not_a_guess() -> None:
    """The right digits, too late, are told so and not counted."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=9)
    sandbox.flows.submit(view.token, acting.pressing(sandbox, "extend"))
    sandbox.clock.advance(minutes=1, seconds=1)

    view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert acting.notices(view) == ["code.expired"]
    assert acting.counted(sandbox, Budget.CODE) == 0


@pytest.mark.parametrize("typed", ["123 456", "123\u00a0456", "123-456", " 123456 "])
def test_in_04_a_code_may_be_typed_with_spaces(typed: str) -> None:
    """What a person adds to read it better does not count."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    code = acting.code_received(sandbox)

    typed = typed.replace("123", code[:3]).replace("456", code[3:])

    assert sandbox.flows.submit(view.token, SubmitCode(typed)).state == "choose_credentials"


def test_fl_11_an_expired_journey_refuses_every_step_and_is_purged() -> None:
    """After thirty minutes the person must begin again, and nothing of theirs is kept."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    sandbox.clock.advance(minutes=30)

    last = acting.over(sandbox, view.token, acting.activation())
    assert (last.state, acting.notices(last)) == ("expired", ["journey.expired"])
    now = sandbox.clock.now()
    sandbox.storage.purge(now, now - timedelta(days=183))
    with pytest.raises(JourneyUnknown):
        sandbox.flows.view(view.token)


def test_fl_11_an_expired_journey_keeps_no_dossier_and_no_contact() -> None:
    """What could name the person goes with the last step, before any purge."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=30)

    acting.over(sandbox, view.token)

    stored = acting.journey_of(sandbox, view)
    assert (stored.dossier, stored.code_digest) == (None, None)
    assert (stored.journey.contacts, stored.journey.contact) == ((), None)


def test_fl_12_saying_one_is_someone_else_drops_the_code() -> None:
    """Back to the first screen, the code that was sent proves nothing for another doctor."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    mine = acting.code_received(sandbox)
    sandbox.flows.submit(view.token, Back())
    sandbox.flows.submit(view.token, Back())
    sandbox.flows.submit(view.token, acting.identity(PAUL))

    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(view.token, SubmitCode(mine))
    sandbox.flows.submit(view.token, SendCode("email"))
    refused = sandbox.flows.submit(view.token, SubmitCode(mine))
    assert acting.notices(refused) == ["code.wrong"]
    assert acting.newest(sandbox, "code").to == PAUL.email


def test_fl_12_the_account_is_that_of_the_last_identity() -> None:
    """Whoever went back ends with the account of the doctor that they proved to be."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)
    sandbox.flows.submit(view.token, Back())
    sandbox.flows.submit(view.token, acting.identity(PAUL))
    sandbox.flows.submit(view.token, SendCode("email"))
    sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    sandbox.flows.submit(view.token, acting.creation())

    assert acting.sign_in(sandbox, PAUL.email).state == "signed_in"
    assert acting.identified(sandbox).state == "choose_channel"


@pytest.mark.parametrize("name", ["rpps", "account_id", "is_admin", "contact", "email"])
def test_fl_13_fl_20_a_command_has_no_other_fields(name: str) -> None:
    """On the e-mail path the login is the Order's: no field can bring another."""
    with pytest.raises(TypeError, match=name):
        Create(password=PASSWORD, password_confirmation=PASSWORD, **{name: "x"})


def test_fl_14_the_contact_of_another_doctor_is_refused() -> None:
    """The id of an option is worth nothing in another journey."""
    sandbox = Sandbox()
    theirs = acting.field(acting.identified(sandbox, CLAIRE), "channel").options[0].value
    view = acting.identified(sandbox)

    view = sandbox.flows.submit(view.token, SendCode(theirs))

    assert list(acting.errors(view)) == ["channel"]
    assert not sandbox.messages


# --- what changed meanwhile ----------------------------------------------------------------------


@pytest.mark.parametrize("mobile", ["+33799999999", None])
def test_fl_15_a_contact_that_changed_meanwhile_is_not_used(mobile: str | None) -> None:
    """The registry is asked again before a code leaves, and nothing is sent."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)
    sandbox.registry.change(JOHN.rpps, mobile=mobile)

    view = sandbox.flows.submit(view.token, SendCode("sms"))

    assert (view.state, acting.notices(view)) == ("choose_channel", UNKNOWN)
    assert not sandbox.messages


def test_fl_15_nor_is_it_for_a_resend() -> None:
    """« Renvoyer le code » asks the registry too."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.registry.change(JOHN.rpps, mobile="+33799999999")
    sandbox.clock.advance(seconds=60)

    view = sandbox.flows.submit(view.token, ResendCode())

    assert (view.state, acting.notices(view)) == ("enter_code", UNKNOWN)
    assert len(sandbox.messages) == 1


@pytest.mark.parametrize("flow", ["creation", "recovery"])
@pytest.mark.parametrize("change", ["struck off", "forgotten"])
def test_fl_16_a_doctor_struck_off_meanwhile_gets_no_account(flow: str, change: str) -> None:
    """The last step asks the registry again, and answers as C3."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, flow=flow)
    if change == "forgotten":
        sandbox.registry.remove(JOHN.rpps)
    else:
        sandbox.registry.change(JOHN.rpps, status="radie")

    view = sandbox.flows.submit(view.token, acting.activation())

    assert (view.state, acting.notices(view)) == ("choose_credentials", UNKNOWN)
    assert acting.accounts(sandbox) == []


def test_fl_16_nor_by_email() -> None:
    """The same holds on the path of the Order's own address."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")
    sandbox.registry.change(JOHN.rpps, status="radie")

    view = sandbox.flows.submit(view.token, acting.creation())

    assert (view.state, acting.notices(view)) == ("choose_password", UNKNOWN)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_fl_17_an_account_made_meanwhile_is_not_overwritten(channel: str) -> None:
    """Whoever comes second reads the text of C4, and the account stays as it was."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, JOHN, channel)
    sandbox.clock.advance(minutes=5)
    acting.created_by_sms(sandbox, email=LOGIN)
    before = acting.accounts(sandbox)

    command = acting.creation() if channel == "email" else acting.activation("second@x.example")
    view = sandbox.flows.submit(view.token, command)

    assert acting.notices(view) == ["account.exists"]
    assert acting.accounts(sandbox) == before


def test_fl_17_the_order_s_address_may_be_someone_else_s_login() -> None:
    """On the e-mail path an address that is taken is told as in R7."""
    sandbox = Sandbox()
    acting.created(sandbox, PAUL)
    sandbox.registry.change(JOHN.rpps, email=PAUL.email)
    view = acting.code_accepted(sandbox, channel="email")

    view = sandbox.flows.submit(view.token, acting.creation())

    assert acting.said(view) == ["Un compte est déjà associé à cette adresse mail"]
    assert len(acting.accounts(sandbox)) == 1


# --- what is typed at the end --------------------------------------------------------------------


def test_fl_18_the_version_of_the_terms_is_kept_with_the_account() -> None:
    """The account says what was accepted, and when."""
    sandbox = Sandbox(Policy(identity=IdentityPolicy(terms_version="2027-02")))

    acting.created(sandbox)

    (account,) = acting.accounts(sandbox)
    assert (account.terms_version, account.terms_accepted_at) == ("2027-02", acting.START)


@pytest.mark.parametrize(
    "again", ["jean@cabinet.examples", "", "pas une adresse", "jean @cabinet.example"]
)
def test_fl_19_a_confirmation_that_differs_is_refused(again: str) -> None:
    """The confirmation is named, and nothing is created."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN, again=again))

    assert acting.notices(view) == ["confirmation.mismatch"]
    assert acting.errors(view) == {
        "email_confirmation": "Cette adresse n'est pas identique à la première."
    }
    assert acting.accounts(sandbox) == []


@pytest.mark.parametrize("again", [LOGIN.upper(), f" {LOGIN}", f"{LOGIN} "])
def test_fl_19_case_and_spaces_around_do_not_differ(again: str) -> None:
    """Two spellings of one address are one address."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN, again=again))

    assert view.state == "created"


def test_fl_19_a_password_that_differs_from_its_confirmation_is_refused() -> None:
    """Passwords are compared to the letter, spaces included."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)

    command = acting.activation(LOGIN, PASSWORD, password_again=f"{PASSWORD} ")
    view = sandbox.flows.submit(view.token, command)

    assert acting.notices(view) == ["confirmation.mismatch"]
    assert list(acting.errors(view)) == ["password_confirmation"]


@pytest.mark.parametrize(
    ("channel", "command"),
    [("sms", acting.activation(password="court")), ("email", acting.creation("court"))],
)
def test_fl_19_a_weak_password_is_refused(channel: str, command: Command) -> None:
    """The field says why, and nothing is created."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel=channel)

    view = sandbox.flows.submit(view.token, command)

    assert acting.said(view) == [WEAK]
    assert acting.errors(view) == {
        "password": "Choisissez un mot de passe d'au moins 15 caractères."
    }
    assert sandbox.passwords.hashes == 0


def test_fl_19_on_the_email_path_the_passwords_are_compared_too() -> None:
    """« Confirmation mot de passe » must be the same."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")

    view = sandbox.flows.submit(view.token, acting.creation(again="autre chose"))

    assert acting.notices(view) == ["confirmation.mismatch"]


@pytest.mark.parametrize(
    ("email", "password", "missing"),
    [("", PASSWORD, "email"), (LOGIN, "", "password"), ("jean", PASSWORD, "email")],
)
@pytest.mark.parametrize("flow", ["creation", "recovery"])
def test_fl_19_what_is_missing_is_named(flow: str, email: str, password: str, missing: str) -> None:
    """A field that is empty or ill-formed is named, and nothing is created."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, flow=flow)

    view = sandbox.flows.submit(view.token, acting.activation(email, password))

    assert (view.state, list(acting.errors(view))) == ("choose_credentials", [missing])
    assert view.outcome is Outcome.REFUSED


def test_fl_19_an_empty_password_is_named_on_the_email_path() -> None:
    """« Mot de passe » may not be empty."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="email")

    view = sandbox.flows.submit(view.token, acting.creation(""))

    assert acting.errors(view) == {"password": "Saisissez un mot de passe."}


def test_fl_21_fl_22_recovery_refuses_an_email_that_is_an_account_s() -> None:
    """Neither the account, nor its sessions, nor its password change."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    acting.created(sandbox, CLAIRE)
    view = acting.code_accepted(sandbox, flow="recovery")

    for email in (JOHN.email, CLAIRE.email):
        refused = sandbox.flows.submit(view.token, acting.activation(email))
        assert acting.notices(refused) == ["email.taken"]

    assert sandbox.flows.session(session) is not None
    assert acting.sign_in(sandbox).state == "signed_in"


# --- steps repeated ------------------------------------------------------------------------------


def test_fl_23_the_last_step_again_shows_the_last_screen() -> None:
    """Refreshing the page creates nothing more and sends nothing more."""
    sandbox = Sandbox()
    done = acting.created(sandbox)
    before = len(sandbox.messages), len(acting.accounts(sandbox))

    with pytest.raises(JourneyOver) as refusal:
        sandbox.flows.submit(done.token, acting.creation())

    assert refusal.value.view.screen == done.screen
    assert (len(sandbox.messages), len(acting.accounts(sandbox))) == before


def test_fl_23_sending_the_code_again_by_a_refresh_sends_no_other() -> None:
    """« Retour » and « Recevoir votre code » at once: the code that waits is still good."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.flows.submit(view.token, Back())

    view = sandbox.flows.submit(view.token, SendCode("sms"))

    assert (view.state, acting.notices(view)) == ("enter_code", ["code.too_soon"])
    assert len(sandbox.messages) == 1
    accepted = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))
    assert accepted.state == "choose_credentials"


def test_fl_23_a_dead_code_does_not_wait() -> None:
    """When the last code is too old and it is too soon for another, the person stays."""
    waits = (timedelta(minutes=20),)
    sandbox = Sandbox(Policy(codes=CodePolicy(resend_waits=waits)))
    view = acting.awaiting_code(sandbox)
    sandbox.flows.submit(view.token, Back())
    sandbox.clock.advance(minutes=10)

    view = sandbox.flows.submit(view.token, SendCode("sms"))

    assert (view.state, acting.notices(view)) == ("choose_channel", ["code.too_soon"])
    assert view.retry_after == timedelta(minutes=10)


def test_fl_02_no_code_is_awaited_after_it_was_used() -> None:
    """A journey tells each step once, in order."""
    sandbox = Sandbox()
    view = acting.created(sandbox)

    assert steps(sandbox, view) == [
        "start",
        "submit_identity",
        "send_code",
        "submit_code",
        "create",
    ]
    assert acting.journey_of(sandbox, view).code_digest is None


def test_fl_16_a_birth_date_corrected_by_the_order_counts_at_once() -> None:
    """The registry is asked at each try."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    command = evolve(acting.identity(), birth_date="18/06/1975")
    assert acting.notices(sandbox.flows.submit(token, command)) == UNKNOWN
    sandbox.registry.change(JOHN.rpps, birth_date=date(1975, 6, 18))

    view = sandbox.flows.submit(token, command)

    assert view.state == "choose_channel"
