"""Resetting a forgotten password, sentence by sentence of the guide (``P1``-``P4``, ``D6``)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monespace_flows import Policy, RequestLink
from monespace_flows.errors import JourneyUnknown, LinkInvalid
from monespace_flows.policy import LinkPolicy
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Place
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, OTHER_PASSWORD, PASSWORD, Person

USED = (
    "Vous venez d'utiliser votre lien de connexion unique. Il n'est désormais plus nécessaire "
    "d'utiliser ce lien pour vous connecter."
)
SENT = (
    "Si cette adresse est celle d'un compte, un e-mail contenant un lien valable 24 heures "
    "vient d'y être envoyé."
)


def test_p1_the_screen_has_the_title_the_sentence_and_the_field_of_the_guide() -> None:
    """« Réinitialiser votre mot de passe » asks for the login e-mail."""
    view = Sandbox().flows.start("reset")

    assert view.screen.title == "Réinitialiser votre mot de passe"
    assert view.screen.intro == (
        "Pour réinitialiser votre mot de passe, veuillez saisir votre adresse email de connexion."
    )
    assert acting.labels(view) == ["E-mail"]
    assert acting.buttons(view)[0] == "Valider"


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", "Saisissez une adresse e-mail."),
        ("john", "Saisissez une adresse e-mail complète, par exemple nom@exemple.fr."),
    ],
)
def test_p1_what_is_not_an_address_is_named(email: str, error: str) -> None:
    """The person stays on the screen and reads what to correct."""
    sandbox = Sandbox()
    token = sandbox.flows.start("reset").token

    view = sandbox.flows.submit(token, RequestLink(email))

    assert (view.state, acting.errors(view)) == ("enter_email", {"email": error})


def test_p2_the_holder_of_the_account_receives_a_link() -> None:
    """One e-mail leaves, with a link under the site's own address, and says when it ends."""
    sandbox = Sandbox()
    acting.created(sandbox)

    view = acting.link_requested(sandbox)

    message = acting.newest(sandbox, "reset_link")
    assert (message.channel, message.to) == ("email", JOHN.email)
    assert (message.link or "").startswith("https://monespace.example/lien/")
    assert "valable jusqu'au 23 novembre 2026 à 9 h 00 (UTC)" in message.text
    assert acting.said(view) == [SENT]


def test_p2_an_unknown_address_sees_the_same_screen_and_nothing_is_sent() -> None:
    """Nobody learns here whether an address is an account's."""
    sandbox = Sandbox()
    acting.created(sandbox)
    known = acting.link_requested(sandbox)
    before = len(sandbox.messages)

    unknown = acting.link_requested(sandbox, "personne@ailleurs.example")

    assert acting.but_for(unknown, "personne@ailleurs.example") == acting.but_for(known, JOHN.email)
    assert (unknown.state, unknown.outcome) == (known.state, known.outcome)
    assert len(sandbox.messages) == before


def test_p2_the_link_goes_to_the_account_s_own_spelling() -> None:
    """The message goes to the address that is stored, never to the one typed."""
    sandbox = Sandbox()
    acting.created(sandbox)

    acting.link_requested(sandbox, JOHN.email.upper())

    assert acting.newest(sandbox, "reset_link").to == JOHN.email


def test_p2_the_link_expires_after_24_hours() -> None:
    """A second before it works; at 24 hours it does not."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    token = acting.link_received(sandbox)

    sandbox.clock.advance(hours=24, seconds=-1)
    assert sandbox.flows.link_purpose(token) is LinkPurpose.RESET
    sandbox.clock.advance(seconds=1)
    assert sandbox.flows.link_purpose(token) is None
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(token)


def test_p3_whoever_used_the_link_may_choose_a_password() -> None:
    """The sentence of the guide stands above « Paramètres », « INFORMATIONS CONNEXION »."""
    sandbox = Sandbox()
    acting.created(sandbox)

    view = acting.link_used(sandbox)

    assert acting.said(view) == [USED]
    assert (view.screen.title, view.screen.section) == ("Paramètres", "INFORMATIONS CONNEXION")
    assert acting.labels(view) == [
        "Nouveau mot de passe",
        "Confirmer votre nouveau mot de passe",
        "Adresse de courriel *",
    ]
    assert acting.field(view, "password").new_secret


def test_p3_the_address_is_shown_and_cannot_be_changed() -> None:
    """« Adresse de courriel * » shows the login; « Ne sera pas rendue publique. »."""
    sandbox = Sandbox()
    acting.created(sandbox)

    login = acting.field(acting.link_used(sandbox), "email")

    assert (login.value, login.kind) == (JOHN.email, "fixed")
    assert login.hint == "Ne sera pas rendue publique."


def test_p3_the_link_works_once() -> None:
    """A second use finds nothing, and the person who used it goes on undisturbed."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))

    assert sandbox.flows.submit(view.token, acting.new_password()).state == "password_changed"


def test_p3_the_link_hands_the_journey_to_the_browser_that_used_it() -> None:
    """The browser that asked for the link cannot go on with it."""
    sandbox = Sandbox()
    acting.created(sandbox)
    asked = acting.link_requested(sandbox)

    used = sandbox.flows.open_link(acting.link_received(sandbox))

    assert used.reference == asked.reference
    with pytest.raises(JourneyUnknown):
        sandbox.flows.view(asked.token)


def test_p4_after_the_new_password_the_person_is_signed_in() -> None:
    """A session is open, and « MonEspace » leads to the home page."""
    sandbox = Sandbox()
    acting.created(sandbox)

    view = acting.password_reset(sandbox)

    assert (view.state, view.status) == ("password_changed", "done")
    assert acting.links(view) == {"MonEspace": Place.HOME}
    session = sandbox.flows.session(view.session or "")
    assert session is not None
    assert session.email == JOHN.email


def test_p4_only_the_new_password_signs_in() -> None:
    """The old password is dead."""
    sandbox = Sandbox()
    acting.created(sandbox)

    acting.password_reset(sandbox)

    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "enter_credentials"
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"


def test_p4_the_holder_is_told_of_the_new_password() -> None:
    """A notice, without the password, goes to the account's address."""
    sandbox = Sandbox()
    acting.created(sandbox)

    acting.password_reset(sandbox)

    message = acting.newest(sandbox, "notice")
    assert (message.to, message.subject) == (JOHN.email, "Votre mot de passe a été modifié")
    assert OTHER_PASSWORD not in message.text


@pytest.mark.parametrize(
    ("password", "again", "notice"),
    [
        ("trop court", None, "password.weak"),
        ("motdepasse2026", None, "password.weak"),
        (OTHER_PASSWORD, OTHER_PASSWORD + "e", "confirmation.mismatch"),
    ],
)
def test_p3_a_refused_password_leaves_the_person_there(
    password: str, again: str | None, notice: str
) -> None:
    """The link stays used, its sentence stays above the form, and another try is possible."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)

    refused = sandbox.flows.submit(view.token, acting.new_password(password, again=again))

    assert acting.notices(refused) == ["link.used", notice]
    assert sandbox.flows.submit(view.token, acting.new_password()).state == "password_changed"


def test_p3_an_empty_password_is_named() -> None:
    """The field that is missing is named."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)

    view = sandbox.flows.submit(view.token, acting.new_password(""))

    assert acting.errors(view) == {"password": "Saisissez un mot de passe."}
    assert acting.notices(view) == ["link.used"]


def test_d6_looking_at_a_link_changes_nothing() -> None:
    """A mail scanner may open the page as often as it likes: only the button uses the link up."""
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.link_requested(sandbox)
    token = acting.link_received(sandbox)
    before = acting.kept(sandbox)

    looks = [sandbox.flows.link_purpose(token) for _ in range(5)]

    assert looks == [LinkPurpose.RESET] * 5
    assert acting.kept(sandbox) == before
    assert sandbox.flows.open_link(token).state == "choose_new_password"


def test_d7_an_unconfirmed_address_receives_no_link() -> None:
    """The login typed after an SMS code gets no reset link until it is confirmed."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    before = len(sandbox.messages)

    view = acting.link_requested(sandbox, LOGIN)

    assert acting.said(view) == [SENT]
    assert len(sandbox.messages) == before


def test_d7_a_host_may_do_without_confirmation() -> None:
    """With ``require_confirmed_email`` off, an unconfirmed address receives its link."""
    sandbox = Sandbox(Policy(links=LinkPolicy(require_confirmed_email=False)))
    acting.created_by_sms(sandbox, email=LOGIN)

    acting.link_requested(sandbox, LOGIN)

    assert acting.newest(sandbox, "reset_link").to == LOGIN


def test_p4_a_used_link_proves_the_address() -> None:
    """Whoever received a link at an address holds it: a reset confirms it."""
    sandbox = Sandbox(Policy(links=LinkPolicy(require_confirmed_email=False)))
    acting.created_by_sms(sandbox, email=LOGIN)

    acting.password_reset(sandbox, LOGIN)

    (account,) = acting.accounts(sandbox)
    assert account.email_confirmed_at == sandbox.clock.now()


def test_p2_the_life_of_the_link_is_the_host_s() -> None:
    """A shorter life shows in the sentence, in the message and in the link."""
    sandbox = Sandbox(Policy(links=LinkPolicy(life=timedelta(hours=2))))
    acting.created(sandbox)

    view = acting.link_requested(sandbox)

    assert "un lien valable 2 heures" in acting.said(view)[0]
    assert "à 11 h 00 (UTC)" in acting.newest(sandbox, "reset_link").text
    sandbox.clock.advance(hours=2)
    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None


@pytest.mark.parametrize("person", acting.ROLES.values(), ids=acting.ROLES)
def test_w1_every_role_resets_its_password(person: Person) -> None:
    """A doctor, an intern and a junior doctor all end signed in."""
    sandbox = Sandbox()
    acting.created(sandbox, person)

    view = acting.password_reset(sandbox, person.email)

    assert view.state == "password_changed"
