"""Changing one's settings, sentence by sentence of the guide (``T1``, ``T2``)."""

from __future__ import annotations

import pytest

from monespace_flows.errors import SessionRequired
from monespace_flows.screens import Place
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD, Person


def test_t1_the_screen_has_the_titles_and_the_fields_of_the_guide() -> None:
    """« Paramètres », « INFORMATIONS CONNEXION » and four fields, « Enregistrer »."""
    view = acting.settings(Sandbox())

    assert (view.screen.title, view.screen.section) == ("Paramètres", "INFORMATIONS CONNEXION")
    assert acting.labels(view) == [
        "Mot de passe actuel",
        "Nouveau mot de passe",
        "Confirmer votre nouveau mot de passe",
        "Adresse de courriel *",
    ]
    assert acting.buttons(view)[0] == "Enregistrer"
    assert acting.field(view, "password").new_secret


def test_t1_the_present_password_says_what_it_is_for() -> None:
    """The guide's sentence stands beside « Mot de passe actuel »."""
    view = acting.settings(Sandbox())

    assert acting.field(view, "current_password").hint == (
        "Saisissez votre mot de passe actuel pour changer votre Adresse de courriel ou nouveau "
        "mot de passe. Demander un nouveau mot de passe"
    )


def test_t1_the_address_is_filled_in() -> None:
    """« Adresse de courriel * » shows the present login; « Ne sera pas rendue publique. »."""
    login = acting.field(acting.settings(Sandbox()), "email")

    assert (login.value, login.kind) == (JOHN.email, "email")
    assert login.hint == "Ne sera pas rendue publique."


def test_t2_a_new_password_may_be_asked_for() -> None:
    """« Demander un nouveau mot de passe » leads to the reset screen."""
    view = acting.settings(Sandbox())

    (link,) = acting.field(view, "current_password").links
    assert (link.label, link.to) == ("Demander un nouveau mot de passe", Place.RESET)
    assert link.label in (acting.field(view, "current_password").hint or "")


def test_t1_only_a_signed_in_person_has_settings() -> None:
    """Without a live session no settings journey begins."""
    sandbox = Sandbox()

    with pytest.raises(SessionRequired):
        sandbox.flows.start("settings")
    with pytest.raises(SessionRequired):
        sandbox.flows.start("settings", "unknown")


def test_t1_the_password_may_be_changed() -> None:
    """The new password signs in, the old one no longer does, and the holder is told."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    view = sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))

    assert acting.said(view) == ["Vos paramètres sont enregistrés."]
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "enter_credentials"
    assert acting.newest(sandbox, "notice").to == JOHN.email


def test_t1_the_address_may_be_changed() -> None:
    """Once it is confirmed the new login signs in, and the old one no longer does (decision 0017).

    The form shows the new one at once.
    """
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    view = sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))

    assert acting.notices(view) == ["settings.saved", "email.confirmation_sent"]
    assert OTHER_LOGIN in acting.said(view)[1]
    assert acting.field(view, "email").value == OTHER_LOGIN
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), view.session)
    assert acting.sign_in(sandbox, OTHER_LOGIN).state == "signed_in"
    assert acting.sign_in(sandbox, JOHN.email).state == "enter_credentials"


def test_t1_both_addresses_are_told_of_a_change() -> None:
    """The old address receives a notice, the new one a confirmation with its link (D7)."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))

    assert acting.newest(sandbox, "notice").to == JOHN.email
    assert acting.newest(sandbox, "confirmation").to == OTHER_LOGIN
    assert acting.newest(sandbox, "confirmation").link is not None


def test_t1_both_may_be_changed_at_once() -> None:
    """One « Enregistrer » changes e-mail and password; the e-mail once it is confirmed."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)

    command = acting.save(email=OTHER_LOGIN, password=OTHER_PASSWORD)
    view = sandbox.flows.submit(view.token, command)
    assert acting.sign_in(sandbox, JOHN.email, OTHER_PASSWORD).state == "signed_in"
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), view.session)

    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_t1_saving_the_same_values_changes_nothing() -> None:
    """The person is told that nothing changed; no session ends and no message leaves."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    before = acting.accounts(sandbox), len(sandbox.messages)

    view = sandbox.flows.submit(view.token, acting.save(email=JOHN.email.upper()))

    assert acting.notices(view) == ["settings.unchanged"]
    assert view.session is None
    assert (acting.accounts(sandbox), len(sandbox.messages)) == before


def test_t1_the_person_stays_signed_in_under_a_new_session() -> None:
    """A change gives this browser a new session and ends every other."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    elsewhere = acting.session_of(sandbox)
    view = sandbox.flows.start("settings", session)

    view = sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))

    alive = [sandbox.flows.session(it) for it in (session, elsewhere, view.session or "")]
    assert [it is not None for it in alive] == [False, False, True]


def test_t1_several_changes_follow_each_other() -> None:
    """The journey stays open under the new session."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))

    view = sandbox.flows.submit(view.token, acting.save(OTHER_PASSWORD, email=OTHER_LOGIN))

    assert acting.notices(view) == ["settings.saved", "email.confirmation_sent"]
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), view.session)
    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_t2_nothing_changes_without_the_right_present_password() -> None:
    """A wrong present password is refused, whatever else is typed."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    before = acting.accounts(sandbox)

    command = acting.save(WRONG_PASSWORD, email=OTHER_LOGIN, password=OTHER_PASSWORD)
    view = sandbox.flows.submit(view.token, command)

    assert acting.said(view) == ["Le mot de passe actuel n'est pas le bon. Rien n'a été modifié."]
    assert acting.accounts(sandbox) == before


def test_t2_the_present_password_is_asked_for() -> None:
    """An empty present password is named, and not counted as wrong."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    verified = sandbox.passwords.verifications

    view = sandbox.flows.submit(view.token, acting.save("", password=OTHER_PASSWORD))

    assert acting.errors(view) == {"current_password": "Saisissez votre mot de passe actuel."}
    assert sandbox.passwords.verifications == verified


@pytest.mark.parametrize(
    ("email", "password", "again", "notice", "at_fault"),
    [
        (JOHN.email, "trop court", None, ["password.weak"], ["password"]),
        (JOHN.email, OTHER_PASSWORD, "autre", ["confirmation.mismatch"], ["password_confirmation"]),
        (JOHN.email, "", OTHER_PASSWORD, [], ["password"]),
        ("pas une adresse", "", None, [], ["email"]),
        ("", "", None, [], ["email"]),
        ("pas une adresse", OTHER_PASSWORD, None, [], ["email"]),
    ],
)
def test_t1_what_is_ill_formed_is_named(
    email: str, password: str, again: str | None, notice: list[str], at_fault: list[str]
) -> None:
    """The field to correct is named and nothing changes."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    before = acting.accounts(sandbox)

    command = acting.save(email=email, password=password, again=again)
    view = sandbox.flows.submit(view.token, command)

    assert acting.notices(view) == notice
    assert list(acting.errors(view)) == at_fault
    assert acting.accounts(sandbox) == before


def test_t1_an_email_that_is_another_account_s_is_refused() -> None:
    """The sentence is that of R7, and nothing changes."""
    sandbox = Sandbox()
    acting.created(sandbox, acting.CLAIRE)
    view = acting.settings(sandbox)

    view = sandbox.flows.submit(view.token, acting.save(email=acting.CLAIRE.email))

    assert acting.said(view) == ["Un compte est déjà associé à cette adresse mail"]
    assert acting.sign_in(sandbox, JOHN.email).state == "signed_in"


@pytest.mark.parametrize("person", acting.ROLES.values(), ids=acting.ROLES)
def test_w1_every_role_has_settings(person: Person) -> None:
    """A doctor, an intern and a junior doctor all change their password."""
    sandbox = Sandbox()
    view = acting.settings(sandbox, person)

    command = acting.save(email=person.email, password=OTHER_PASSWORD)
    view = sandbox.flows.submit(view.token, command)

    assert acting.notices(view) == ["settings.saved"]
