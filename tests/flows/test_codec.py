"""Frozen records to JSON and back, exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import frozen, resolve_types
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.commands import COMMANDS
from monespace_flows.events import EVENTS, Event
from monespace_flows.facts import Channel, Contact, Deadline, Facts, IdentityFacts, TickFacts
from monespace_flows.journal.text import read_instant
from monespace_flows.journey import Journey, SentCode
from monespace_flows.serialization import from_json, structure, to_data, to_json

START = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.integers(0, 2**53).map(lambda count: START + timedelta(microseconds=count))
FACTS = sorted({command.facts for command in COMMANDS.values()}, key=lambda kind: kind.__name__)

for record in (Journey, SentCode, Contact, *EVENTS.values()):
    # Hypothesis reads the types of fields as attrs has them: words, until they are resolved.
    resolve_types(record)


@frozen
class Dated:
    at: datetime
    note: str = ""


@pytest.mark.parametrize("kind", FACTS, ids=[kind.__name__ for kind in FACTS])
@given(data=st.data())
def test_every_kind_of_facts_comes_back_as_it_was(kind: type[Facts], data: st.DataObject) -> None:
    """Through text, and the same facts give the same bytes."""
    facts = data.draw(st.from_type(kind))

    text = to_json(facts)

    assert from_json(text, kind) == facts
    assert to_json(from_json(text, kind)) == text


@given(
    st.builds(
        Journey,
        started_at=instants,
        entered_at=instants,
        shown_at=instants,
        extended_at=st.none() | instants,
        code=st.none() | st.builds(SentCode, sent_at=instants),
        sent=st.lists(st.tuples(st.sampled_from(Channel), instants)).map(tuple),
    )
)
def test_a_journey_comes_back_as_it_was(journey: Journey) -> None:
    """With its times to the microsecond."""
    assert from_json(to_json(journey), Journey) == journey


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
@given(data=st.data())
def test_an_event_comes_back_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    """What waits in the outbox is what happened."""
    event = data.draw(st.builds(kind, at=instants))

    assert from_json(to_json(event), kind) == event


def test_a_record_is_one_line_of_sorted_keys_without_its_defaults() -> None:
    """Accents stay readable, and nothing is said that is not known."""
    contact = Contact("id", Channel.EMAIL, "é***@x.example")
    facts = IdentityFacts(contacts=(contact,), subject="s:1")

    assert to_json(facts) == (
        '{"contacts":[{"channel":"email","id":"id","masked":"é***@x.example"}],"subject":"s:1"}'
    )
    assert to_data(TickFacts(deadline=Deadline.ENTRY)) == {"deadline": "entry"}


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "2026-11-22T09:00:00.000000Z"),
        (
            datetime(2026, 11, 22, 10, 0, 0, 1, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-22T09:00:00.000001Z",
        ),
    ],
)
def test_an_instant_is_written_in_utc_to_the_microsecond(at: datetime, text: str) -> None:
    """However it was given."""
    assert to_data(Dated(at)) == {"at": text}
    assert read_instant(text) == at


@given(instants)
def test_an_instant_comes_back_as_it_was(at: datetime) -> None:
    """Aware, and in UTC."""
    back = from_json(to_json(Dated(at)), Dated).at

    assert (back, back.utcoffset()) == (at, timedelta(0))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "null",
        "[]",
        "1",
        "{}",
        '{"at": 12}',
        '{"at": "yesterday"}',
        '{"at": "2026-11-22T09:00:00Z", "more": 1}',
        '{"deadline": "ENTRY"}',
    ],
)
@pytest.mark.parametrize("kind", [Dated, TickFacts])
def test_what_is_not_of_the_kind_is_refused(text: str, kind: type[object]) -> None:
    """Extra keys included: a newer record is not half read."""
    with pytest.raises(ValueError, match=r"not a |Expecting"):
        from_json(text, kind)


def test_an_error_does_not_repeat_the_data() -> None:
    """They may be a person's."""
    with pytest.raises(ValueError, match="not a Dated") as refusal:
        structure(json.loads('{"at": "99000000002"}'), Dated)

    assert "99000000002" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
