"""Facts as the journal holds them: exactly, and readable for years."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import fields

from monespace_flows.commands import COMMANDS
from monespace_flows.facts import (
    FACTS_OF,
    Channel,
    Contact,
    Facts,
    IdentityFacts,
    IdentityVerdict,
    NoFacts,
    Problem,
    Role,
    SendFacts,
    TickFacts,
)
from monespace_flows.journal import text as recorded
from monespace_flows.journal.text import read_facts, write_facts
from monespace_flows.serialization import structure, to_data
from tests.support.explore import worlds

# A host's tests may have been read before, with facts of its own.
OURS = {kind for kind in FACTS_OF.values() if kind.__module__ == Facts.__module__}
KINDS = sorted(OURS, key=lambda kind: kind.__name__)

SMS = Contact("c1", Channel.SMS, "3378***22")
FULL = IdentityFacts(
    problems=(Problem.RPPS_SHAPE, Problem.BIRTH_DATE_RANGE),
    subject="k1:abc",
    wait=60,
    identity=IdentityVerdict.MATCH,
    role=Role.INTERN,
    contacts=(SMS, Contact("c2", Channel.EMAIL, "é***@médecin.example")),
    terms_version="2026-01",
    offer_recovery=True,
)


def test_every_kind_is_read_by_the_types_of_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of a kind is worked out at its first reading, here once more."""
    monkeypatch.setattr(recorded, "_KNOWN", {})

    assert read_facts(write_facts(FULL), IdentityFacts) == FULL


def test_every_command_has_its_facts() -> None:
    """And no event has facts without a command; those of hosts, declared later, follow."""
    known = list(FACTS_OF.items())[: len(COMMANDS)]

    assert [(event, command.facts) for event, command in COMMANDS.items()] == known


@pytest.mark.parametrize("kind", KINDS)
def test_facts_come_back_as_they_were(kind: type[Facts]) -> None:
    for facts in worlds(kind):
        assert read_facts(write_facts(facts), kind) == facts


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_are_those_of_the_general_converter(kind: type[Facts]) -> None:
    """Journals were written with it: not a byte may change, nor the order of names."""
    for facts in worlds(kind):
        data = to_data(facts)
        assert write_facts(facts) == data
        assert list(write_facts(facts)) == list(data)
        assert structure(data, kind) == facts


def test_all_that_facts_can_hold_is_kept() -> None:
    assert write_facts(FULL) == {
        "problems": ["rpps.shape", "birth_date.range"],
        "subject": "k1:abc",
        "wait": 60,
        "identity": "match",
        "role": "interne",
        "contacts": [
            {"id": "c1", "channel": "sms", "masked": "3378***22"},
            {"id": "c2", "channel": "email", "masked": "é***@médecin.example"},
        ],
        "terms_version": "2026-01",
        "offer_recovery": True,
    }
    assert read_facts(write_facts(FULL), IdentityFacts) == FULL


def test_a_contact_is_kept() -> None:
    facts = SendFacts(contact=SMS, code_is_live=True)

    assert read_facts(write_facts(facts), SendFacts) == facts


def test_what_is_at_its_default_is_left_out() -> None:
    assert write_facts(NoFacts()) == {}
    assert read_facts({"contact": None}, SendFacts) == SendFacts()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (None, NoFacts),
        ([], NoFacts),
        ({"unheard": 1}, NoFacts),
        ({"wait": "60"}, NoFacts),
        ({"wait": True}, NoFacts),
        ({"subject": 3}, NoFacts),
        ({"problems": "rpps.shape"}, NoFacts),
        ({"problems": ["rpps.mood"]}, NoFacts),
        ({"problems": [["rpps.shape"]]}, NoFacts),
        ({}, TickFacts),
        ({"deadline": None}, TickFacts),
        ({"deadline": "noon"}, TickFacts),
        ({"identity": 3}, IdentityFacts),
        ({"offer_recovery": 1}, IdentityFacts),
        ({"contacts": {}}, IdentityFacts),
        ({"contacts": ["c1"]}, IdentityFacts),
        ({"contact": {"id": "c1", "channel": "sms"}}, SendFacts),
        ({"contact": {"id": "c1", "channel": "sms", "masked": "x", "more": 1}}, SendFacts),
        ({"contact": {"id": "c1", "channel": "fax", "masked": "x"}}, SendFacts),
        ({"contact": {"id": 1, "channel": "sms", "masked": "x"}}, SendFacts),
    ],
)
def test_anything_else_is_refused_and_not_repeated(data: Any, kind: type[Facts]) -> None:
    with pytest.raises(ValueError, match=f"^not {kind.__name__}$"):
        read_facts(data, kind)


def test_every_kind_of_field_is_known() -> None:
    """A new kind of fact must be given a way to be read before it is ever written."""
    for kind in KINDS:
        known = {one.name: one.default for one in fields(kind) if one.name != "deadline"}
        needed = {"deadline": "entry"} if kind is TickFacts else {}
        assert {name: getattr(read_facts(needed, kind), name) for name in known} == known
