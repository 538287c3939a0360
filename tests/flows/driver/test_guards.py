"""What cannot happen through the flows: each hand-over is refused if something is missing."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from monespace_flows.commands import Activate, Command, ResendCode, Save, SendCode, SubmitCode
from monespace_flows.driver.acts import EffectContext, Findings, executors_of, gatherers_of
from monespace_flows.driver.acts.code import FoundContact
from monespace_flows.driver.acts.credentials import FoundCredentials
from monespace_flows.driver.acts.link import FoundLink
from monespace_flows.driver.case import Case, Dossier
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
from monespace_flows.errors import LostSwap
from monespace_flows.facts import (
    CodeFacts,
    CodeVerdict,
    CredentialsFacts,
    DoctorVerdict,
    Facts,
    SendFacts,
    SendVerdict,
)
from monespace_flows.flows import FLOWS
from monespace_flows.ports import Unit
from monespace_flows.testing import Sandbox
from tests.journeys import acting


def case_of(
    sandbox: Sandbox, command: Command, flow: str = "creation", state: str = "enter_code"
) -> Case[Any]:
    """A case whose dossier is empty, as no journey in this state can have it."""
    view = acting.PLACES[flow, state](sandbox)
    stored = acting.journey_of(sandbox, view)
    case = sandbox.flows._engine.case(FLOWS[flow], stored, command, sandbox.clock.now())
    case.dossier = Dossier()
    return case


def context_of(case: Case[Any], unit: Unit, found: Findings) -> EffectContext[Any]:
    return EffectContext(
        case=case, unit=unit, found=found, after=case.journey, account=None, key="key"
    )


def judged(sandbox: Sandbox, case: Case[Any]) -> Facts:
    """What the gatherer of the case's command brings."""
    gatherer = gatherers_of(case.flow)[case.command.facts]
    asked = gatherer.outside(case)
    with sandbox.storage.writing() as unit:
        facts: Facts = gatherer.inside(case, asked, unit)[0]
    return facts


LINK = FoundLink(email_digests=("digest",))

UNDONE: dict[str, tuple[Effect, Findings, str]] = {
    "a code without a destination": (SendCodeEffect(), FoundContact(), "its whole address"),
    "an account without a doctor": (CreateAccount(), FoundCredentials(), "a doctor"),
    "a recovery without an account": (RecoverAccount(), FoundCredentials(), "an account"),
    "a change without an account": (ChangeCredentials(), FoundCredentials(), "an account"),
    "a claim without an account": (ReleaseAddress(), FoundCredentials(), "an account that claims"),
    "a session without an account": (OpenSession(), Findings(), "an account"),
    "a link without an account": (SendResetLink(), LINK, "an account"),
    "a letter without an account": (SendLetter("account.created"), Findings(), "an account"),
}


@pytest.mark.parametrize(("effect", "found", "missing"), UNDONE.values(), ids=UNDONE)
def test_an_effect_without_what_it_needs_is_our_own_fault(
    effect: Effect, found: Findings, missing: str
) -> None:
    """Nothing is half done: the whole step is taken back, and no port is blamed for it."""
    sandbox = Sandbox()
    case = case_of(sandbox, ResendCode())
    before = acting.kept(sandbox)

    with (
        pytest.raises(RuntimeError, match=f"without {missing}"),
        sandbox.storage.writing() as unit,
    ):
        executors_of(case.flow)[type(effect)](context_of(case, unit, found), effect)

    assert acting.kept(sandbox) == before


def test_a_count_without_a_person_is_our_own_fault() -> None:
    """Who it is must be known before anything is counted."""
    with pytest.raises(RuntimeError, match="a pseudonym of the person"):
        _ = Findings().subject


def test_a_code_is_not_sent_without_the_number_of_the_doctor() -> None:
    """The contact passes for gone."""
    sandbox = Sandbox()
    case = case_of(sandbox, SendCode("sms"), state="choose_channel")

    assert judged(sandbox, case) == SendFacts(send=SendVerdict.CONTACT_GONE)


def test_a_code_is_worth_nothing_without_the_number_of_the_doctor() -> None:
    """The person asks for another."""
    sandbox = Sandbox()
    case = case_of(sandbox, SubmitCode("123456"))

    assert judged(sandbox, case) == CodeFacts(code=CodeVerdict.EXPIRED)


def test_credentials_are_worth_nothing_without_the_number_of_the_doctor() -> None:
    """The doctor passes for gone, and no password is hashed."""
    sandbox = Sandbox()
    command = acting.activation()
    assert isinstance(command, Activate)
    case = case_of(sandbox, command, state="choose_credentials")

    assert judged(sandbox, case) == CredentialsFacts(doctor=DoctorVerdict.GONE)
    assert sandbox.passwords.hashes == 0


def test_settings_change_nothing_without_an_account() -> None:
    """Whoever has lost it meanwhile is asked again, by the driver, for a session."""
    sandbox = Sandbox()
    command = acting.save()
    assert isinstance(command, Save)
    case = case_of(sandbox, command, "settings", "edit_settings")
    case.stored = evolve(case.stored, account_id=None)

    with pytest.raises(LostSwap):
        judged(sandbox, case)

    assert sandbox.passwords.verifications == 1


def test_a_letter_to_the_order_s_contacts_needs_a_doctor() -> None:
    """Without one there is nobody to write to, and without an old address neither."""
    sandbox = Sandbox()
    case = case_of(sandbox, ResendCode(), "recovery")

    with sandbox.storage.writing() as unit:
        for letter in ("account.recovered.order", "account.recovered.previous"):
            effect = SendLetter(letter)
            context = context_of(case, unit, FoundCredentials())
            context.account = unit.accounts.get(case.stored.account_id or "")
            executors_of(case.flow)[SendLetter](context, effect)

    assert len(acting.kept(sandbox)["outbox"]) == 1
