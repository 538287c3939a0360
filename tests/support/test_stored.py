"""Whether a journal leads to the stored journey: yes for every one made, no for any change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monespace_flows.commands import Extend
from monespace_flows.journal.entry import Entry, read_journal
from monespace_flows.retelling.compiled import compiled_flow, retell
from monespace_flows.retelling.fold import leads_to
from monespace_flows.serialization import to_data
from tests.support.desk import Desk
from tests.support.people import Person

LATER = "2031-01-01T00:00:00.000000Z"


def read(desk: Desk, person: Person) -> tuple[tuple[Entry, ...], dict[str, Any]]:
    with desk.storage.reading() as unit:
        stored = unit.journeys.get(person.reference)
        assert stored is not None
        return read_journal(unit.journal.lines(person.reference)), to_data(stored.journey)


def leads(entries: tuple[Entry, ...], journey: dict[str, Any]) -> bool:
    flow = compiled_flow(entries[0].flow)
    assert flow is not None
    told = retell(flow, entries)
    assert told is not None
    assert told.divergence is None
    return leads_to(entries, told.end, json.loads(json.dumps(journey)))


@pytest.fixture
def halfway(desk: Desk) -> tuple[tuple[Entry, ...], dict[str, Any]]:
    """Somebody who asked for ten more minutes, then for a code."""
    person = desk.person("creation").waits(minutes=1).extends()
    return read(desk, person.identifies().waits(seconds=5).asks_code())


def test_a_journal_leads_to_its_journey(halfway: tuple[tuple[Entry, ...], dict[str, Any]]) -> None:
    assert leads(*halfway)


def test_a_refusal_and_an_end_are_led_to(desk: Desk) -> None:
    refused = desk.person("creation").identifies(("17/06/1976", "99000000002"))
    done = desk.person("creation").identifies().asks_code().types_code().activates()

    assert leads(*read(desk, refused))
    assert leads(*read(desk, done))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", "AAAA-AAAA"),
        ("flow", "recovery"),
        ("state", "choose_channel"),
        ("seq", 7),
        ("started_at", LATER),
        ("entered_at", LATER),
        ("shown_at", LATER),
        ("extended_at", LATER),
        ("subject", "k1:somebody-else"),
        ("role", "interne"),
        ("terms_version", "1999-01"),
        ("contacts", []),
        ("contacts", [{"id": "c9", "channel": "sms", "masked": "3399***99"}]),
        ("contact", {"id": "c9", "channel": "sms", "masked": "3399***99"}),
        ("contact", None),
        ("code", None),
        ("code", {"sent_at": LATER}),
        ("sent", [["sms", LATER]]),
        ("offer_recovery", False),
        ("notices", ["code.wrong"]),
        ("wait", 9),
    ],
)
def test_no_journal_leads_to_another_journey(
    field: str, value: object, halfway: tuple[tuple[Entry, ...], dict[str, Any]]
) -> None:
    entries, journey = halfway

    assert journey.get(field) != value
    assert not leads(entries, {**journey, field: value})


def test_what_the_guards_do_not_read_may_be_absent(desk: Desk) -> None:
    """A sign-in knows nobody yet."""
    entries, journey = read(desk, desk.person("signin").press(Extend()))

    assert "subject" not in journey
    assert leads(entries, journey)
