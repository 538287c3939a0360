"""Accounts of an earlier site: taken over once, each with a line, opened by the same password."""

from __future__ import annotations

import pytest
from attrs import evolve

from monespace_flows import AccountCreated
from monespace_flows.driver import Candidate, Importer, Standing
from monespace_flows.events import Event
from monespace_flows.facts import Role
from monespace_flows.retelling.compiled import compiled_flow
from monespace_flows.support.diagnosis import diagnose
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, PASSWORD


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def importer(sandbox: Sandbox) -> Importer:
    return Importer.of(sandbox.ports, sandbox.flows.policy)


def candidate(sandbox: Sandbox, rpps: str = JOHN.rpps, email: str = JOHN.email) -> Candidate:
    address = sandbox.ports.emails.read(email)
    assert address is not None
    kept = sandbox.ports.passwords.hash(PASSWORD)
    return Candidate(
        rpps=rpps, email=address, password_hash=kept, role=Role.DOCTOR, is_confirmed=True
    )


def test_who_is_imported_signs_in_as_ever(sandbox: Sandbox, importer: Importer) -> None:
    heard: list[Event] = []
    sandbox.flows.on(AccountCreated, heard.append)
    assert importer.judge([candidate(sandbox)]) == [Standing.NEW]
    assert importer.add([candidate(sandbox)]) == [Standing.NEW]

    view = acting.sign_in(sandbox)
    assert view.session is not None
    assert [(type(it), it.account_id) for it in heard] == [
        (AccountCreated, acting.accounts(sandbox)[0].id)
    ]
    session = sandbox.flows.session(view.session)
    assert session is not None
    assert session.terms_version == ""  # so that they are asked to accept those of this site


def test_it_may_be_repeated(sandbox: Sandbox, importer: Importer) -> None:
    importer.add([candidate(sandbox)])
    before = acting.accounts(sandbox)

    assert importer.add([candidate(sandbox, email="autre@cabinet.example")]) == [Standing.THERE]
    assert acting.accounts(sandbox) == before


def test_an_address_is_one_person_s(sandbox: Sandbox, importer: Importer) -> None:
    importer.add([candidate(sandbox)])
    other = candidate(sandbox, rpps="99000000010")

    assert importer.judge([other]) == [Standing.EMAIL_TAKEN]
    assert importer.add([other]) == [Standing.EMAIL_TAKEN]
    assert len(acting.accounts(sandbox)) == 1


def test_nothing_is_shown_of_a_candidate(sandbox: Sandbox) -> None:
    shown = repr(candidate(sandbox))

    assert JOHN.rpps not in shown
    assert JOHN.email not in shown
    assert "password" not in shown


def test_it_is_a_line_of_the_account_s_own_journal(sandbox: Sandbox, importer: Importer) -> None:
    importer.add([evolve(candidate(sandbox), is_confirmed=False)])
    kept = sandbox.flows.disable_account(rpps=JOHN.rpps)
    assert kept is not None
    assert kept.reference is not None
    view = evolve(sandbox.flows.preview("signin"), reference=kept.reference)

    entries = acting.journal_of(sandbox, view)
    assert [it.command for it in entries] == ["start", "import", "disable"]
    assert acting.accounts(sandbox)[0].email_confirmed_at is None
    flow = compiled_flow("account")
    assert flow is not None
    assert diagnose(flow, entries[:2]).cause_id == "waiting.imported"
