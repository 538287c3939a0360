"""What cannot happen through the flows: each hand-over is refused if something is missing."""

from __future__ import annotations

import pytest
from attrs import evolve

from monespace_flows.commands import Activate, Command, ResendCode, Save, SendCode, SubmitCode
from monespace_flows.driver.case import Case, Dossier
from monespace_flows.driver.executors import execute
from monespace_flows.driver.gatherers.code import CodeGatherer, SendGatherer
from monespace_flows.driver.gatherers.credentials import CredentialsGatherer
from monespace_flows.driver.gatherers.settings import SettingsGatherer
from monespace_flows.effects import (
    ChangeCredentials,
    CreateAccount,
    Effect,
    OpenSession,
    RecoverAccount,
    ReleaseAddress,
    SendLetter,
    SendResetLink,
)
from monespace_flows.effects import SendCode as SendCodeEffect
from monespace_flows.errors import LostSwap, PortUnavailable
from monespace_flows.facts import CodeVerdict, CredentialsFacts, DoctorVerdict, SendVerdict
from monespace_flows.flows import FLOWS
from monespace_flows.testing import Sandbox
from tests.journeys import acting


def case_of(
    sandbox: Sandbox, command: Command, flow: str = "creation", state: str = "enter_code"
) -> Case:
    """A case whose dossier is empty, as no journey in this state can have it."""
    view = acting.PLACES[flow, state](sandbox)
    stored = acting.journey_of(sandbox, view)
    case = sandbox.flows._engine.case(FLOWS[flow], stored, command, sandbox.clock.now())
    case.dossier = Dossier()
    return case


UNDONE: dict[str, tuple[Effect, str]] = {
    "a code without a destination": (SendCodeEffect(), "registry"),
    "an account without a doctor": (CreateAccount(), "registry"),
    "a recovery without an account": (RecoverAccount(), "storage"),
    "a change without an account": (ChangeCredentials(), "storage"),
    "a claim without an account": (ReleaseAddress(), "storage"),
    "a session without an account": (OpenSession(), "storage"),
    "a link without an account": (SendResetLink(), "storage"),
    "a letter without an account": (SendLetter("account.created"), "storage"),
}


@pytest.mark.parametrize(("effect", "port"), UNDONE.values(), ids=UNDONE)
def test_an_effect_without_what_it_needs_is_an_outage(effect: Effect, port: str) -> None:
    """Nothing is half done: the whole step is taken back."""
    sandbox = Sandbox()
    case = case_of(sandbox, ResendCode())
    case.email_digests = ("digest",)
    before = acting.kept(sandbox)

    with pytest.raises(PortUnavailable) as outage, sandbox.storage.writing() as unit:
        execute(case, unit, effect, "key")

    assert outage.value.port == port
    assert acting.kept(sandbox) == before


def test_a_count_without_a_person_is_an_outage() -> None:
    """Who it is must be known before anything is counted."""
    sandbox = Sandbox()

    with pytest.raises(PortUnavailable):
        case_of(sandbox, ResendCode()).subject()


def test_a_code_is_not_sent_without_the_number_of_the_doctor() -> None:
    """The contact passes for gone."""
    sandbox = Sandbox()
    case = case_of(sandbox, SendCode("sms"), state="choose_channel")

    SendGatherer().outside(case)
    with sandbox.storage.writing() as unit:
        found = SendGatherer().inside(case, unit)

    assert found.send is SendVerdict.CONTACT_GONE


def test_a_code_is_worth_nothing_without_the_number_of_the_doctor() -> None:
    """The person asks for another."""
    sandbox = Sandbox()
    case = case_of(sandbox, SubmitCode("123456"))

    with sandbox.storage.writing() as unit:
        found = CodeGatherer().inside(case, unit)

    assert found.code is CodeVerdict.EXPIRED


def test_credentials_are_worth_nothing_without_the_number_of_the_doctor() -> None:
    """The doctor passes for gone, and no password is hashed."""
    sandbox = Sandbox()
    command = acting.activation()
    assert isinstance(command, Activate)
    case = case_of(sandbox, command, state="choose_credentials")

    CredentialsGatherer().outside(case)
    with sandbox.storage.writing() as unit:
        found = CredentialsGatherer().inside(case, unit)

    assert found == CredentialsFacts(doctor=DoctorVerdict.GONE)
    assert sandbox.passwords.hashes == 0


def test_settings_change_nothing_without_an_account() -> None:
    """Whoever has lost it meanwhile is asked again, by the driver, for a session."""
    sandbox = Sandbox()
    command = acting.save()
    assert isinstance(command, Save)
    case = case_of(sandbox, command, "settings", "edit_settings")
    case.stored = evolve(case.stored, account_id=None)

    SettingsGatherer().outside(case)
    with pytest.raises(LostSwap), sandbox.storage.writing() as unit:
        SettingsGatherer().inside(case, unit)

    assert sandbox.passwords.verifications == 1


def test_a_letter_to_the_order_s_contacts_needs_a_doctor() -> None:
    """Without one there is nobody to write to, and without an old address neither."""
    sandbox = Sandbox()
    case = case_of(sandbox, ResendCode(), "recovery")

    with sandbox.storage.writing() as unit:
        for letter in ("account.recovered.order", "account.recovered.previous"):
            execute(case, unit, SendLetter(letter), "key")

    assert len(acting.kept(sandbox)["outbox"]) == 1
