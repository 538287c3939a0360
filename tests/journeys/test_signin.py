"""Signing in, sentence by sentence of the guide (``S1``-``S4``)."""

from __future__ import annotations

import pytest

from monespace_flows import Flows, Policy, SignIn
from monespace_flows.errors import SessionRequired
from monespace_flows.facts import Role
from monespace_flows.policy import IdentityPolicy
from monespace_flows.screens import Place
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, PASSWORD, WRONG_PASSWORD, Person

REFUSED = (
    "Adresse e-mail ou mot de passe incorrect. Vérifiez votre saisie ; après plusieurs essais, un "
    "délai s'impose avant le suivant."
)


def test_s1_the_screen_has_the_title_the_fields_and_the_button_of_the_guide() -> None:
    """« Connectez-vous à votre espace » asks for e-mail and password."""
    view = Sandbox().flows.preview("signin")

    assert view.screen.title == "Connectez-vous à votre espace"
    assert acting.labels(view) == ["E-mail", "Mot de passe"]
    assert acting.buttons(view)[0] == "Se connecter"


def test_s1_a_password_manager_knows_both_fields() -> None:
    """The fields say what they are for (WCAG 1.3.5)."""
    view = Sandbox().flows.preview("signin")

    assert acting.field(view, "email").autocomplete == "username"
    assert acting.field(view, "password").autocomplete == "current-password"


def test_s2_the_screen_links_to_creation_and_to_forgotten_credentials() -> None:
    """« Créer votre espace » and « Identifiants oubliés ? » stand under the form."""
    view = Sandbox().flows.preview("signin")

    assert acting.links(view) == {
        "Créer votre espace": Place.CREATION,
        "Identifiants oubliés ?": Place.FORGOTTEN,
    }


@pytest.mark.parametrize("flow", ["reset", "recovery"])
def test_s3_both_ways_out_of_forgetting_begin_without_signing_in(flow: str) -> None:
    """Reset and recovery start for anyone, and lead back to « Identifiants oubliés ? »."""
    view = Sandbox().flows.start(flow)

    assert view.status == "open"
    assert acting.links(view)["Identifiants oubliés ?"] is Place.FORGOTTEN


def test_s4_a_right_email_and_password_open_monespace() -> None:
    """The journey ends with a session, and its last screen leads home."""
    sandbox = Sandbox()
    acting.created(sandbox)

    view = acting.sign_in(sandbox)

    assert (view.state, view.status) == ("signed_in", "done")
    assert acting.links(view) == {"MonEspace": Place.HOME}
    session = sandbox.flows.session(view.session or "")
    assert session is not None
    assert (session.email, session.role) == (JOHN.email, Role.DOCTOR)


def test_s4_the_home_page_may_greet_by_name() -> None:
    """The session gives the names that the registry knows."""
    sandbox = Sandbox()

    session = sandbox.flows.session(acting.member(sandbox))

    assert session is not None
    assert (session.given_name, session.family_name) == ("John", "Médecin")
    assert session.since == sandbox.clock.now()


def test_s4_every_refusal_has_one_neutral_text() -> None:
    """An unknown e-mail, a wrong password and a malformed e-mail are told the same."""
    sandbox = Sandbox()
    acting.created(sandbox)

    views = [
        acting.sign_in(sandbox, JOHN.email, WRONG_PASSWORD),
        acting.sign_in(sandbox, "personne@ailleurs.example", PASSWORD),
        acting.sign_in(sandbox, "pas une adresse", PASSWORD),
    ]

    assert [acting.said(view) for view in views] == [[REFUSED]] * 3
    assert {view.screen for view in views} == {views[0].screen}
    assert {view.session for view in views} == {None}


def test_s4_the_email_is_read_without_regard_to_case_or_spaces_around() -> None:
    """A phone that writes a capital first does not keep anyone out."""
    sandbox = Sandbox()
    acting.created(sandbox)

    view = acting.sign_in(sandbox, f" {JOHN.email.upper()} ")

    assert view.state == "signed_in"


@pytest.mark.parametrize(
    ("email", "password", "missing"),
    [
        ("", PASSWORD, {"email": "Saisissez une adresse e-mail."}),
        (JOHN.email, "", {"password": "Saisissez un mot de passe."}),
    ],
)
def test_s1_an_empty_field_is_named(email: str, password: str, missing: dict[str, str]) -> None:
    """What is missing is said beside its field, and no try is counted."""
    sandbox = Sandbox()
    acting.created(sandbox)
    token = sandbox.flows.start("signin").token

    view = sandbox.flows.submit(token, SignIn(email=email, password=password))

    assert acting.errors(view) == missing
    assert sandbox.passwords.verifications == 0


@pytest.mark.parametrize(("role", "person"), acting.ROLES.items())
def test_w1_every_role_signs_in(role: str, person: Person) -> None:
    """The session says which role the registry gave."""
    sandbox = Sandbox()

    session = sandbox.flows.session(acting.member(sandbox, person))

    assert session is not None
    assert session.role.value == role


def test_s4_a_hash_of_older_parameters_is_renewed() -> None:
    """Signing in with a right password writes a hash made under the present parameters."""
    sandbox = Sandbox()
    acting.created(sandbox)
    sandbox.passwords.change_parameters()

    acting.session_of(sandbox)

    (account,) = acting.accounts(sandbox)
    assert not sandbox.passwords.is_outdated(account.password_hash)
    assert acting.sign_in(sandbox).state == "signed_in"


def test_s4_a_right_guess_at_a_locked_account_costs_no_second_hash() -> None:
    """Renewing the hash would tell, by its time, that the guess was right (TM-02)."""
    sandbox = Sandbox()
    acting.created(sandbox)
    for _ in range(sandbox.flows.policy.passwords.failures_before_delay):
        acting.sign_in(sandbox, password=WRONG_PASSWORD)
    sandbox.passwords.change_parameters()
    hashes = sandbox.passwords.hashes

    acting.sign_in(sandbox)

    assert sandbox.passwords.hashes == hashes


def test_s4_a_right_guess_at_a_closed_account_costs_no_second_hash() -> None:
    sandbox = Sandbox()
    acting.created(sandbox)
    acting.disable(sandbox)
    sandbox.passwords.change_parameters()
    hashes = sandbox.passwords.hashes

    acting.sign_in(sandbox)

    assert sandbox.passwords.hashes == hashes


def test_c1_new_terms_are_accepted_by_who_is_signed_in() -> None:
    """The session says which version was accepted; accepting records the present one."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    newer = Flows(
        sandbox.ports, Policy(identity=IdentityPolicy(terms_version="2027-01")), sandbox.flows.site
    )
    before = newer.session(session)

    newer.accept_terms(session)

    after = newer.session(session)
    assert before is not None
    assert before.terms_version != "2027-01"
    assert after is not None
    assert after.terms_version == "2027-01"


def test_c1_nobody_accepts_terms_without_being_signed_in() -> None:
    with pytest.raises(SessionRequired):
        Sandbox().flows.accept_terms(None)
