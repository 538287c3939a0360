"""The code or the link did not come, or came to nothing: the desk says whose fault that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from attrs import evolve

from monespace_flows.errors import JournalDamaged, JournalVersionUnknown, LinkInvalid
from monespace_flows.journal.deliveries import (
    Delivery,
    by_message,
    note_fate,
    read_delivered,
    read_deliveries,
)
from monespace_flows.journal.entry import key_of
from monespace_flows.journal.export import decode_journeys, read_each, read_journeys, write_journeys
from monespace_flows.ports import OutboxMessage
from monespace_flows.support.diagnosis import Status
from monespace_flows.testing import Sandbox
from tests.stories.told import told
from tests.support.people import Person, an_account


def _fates(person: Person) -> list[list[str]]:
    """What became of each message, from the lines that are stored."""
    return [
        [it.fate.value for it in each] for each in read_deliveries(person.recorded().deliveries)
    ]


def _asked(sandbox: Sandbox) -> Person:
    return Person(sandbox, "creation").identifies().asks_code()


def _asked_link(sandbox: Sandbox) -> Person:
    an_account(sandbox)
    return Person(sandbox, "reset").asks_link()


def test_the_code_arrived() -> None:
    person = _asked(Sandbox())

    assert told(person)[1] == "Code envoyé, pas encore saisi."
    assert _fates(person) == [["queued", "handed_over"]]


def test_the_sms_are_down_while_he_waits() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(9)
    person = _asked(sandbox)

    status, cause, _ = told(person)
    assert person.diagnosis().cause_id == "message.waiting"
    assert status == "EN COURS"
    assert cause.startswith("Le message attendu n'est pas encore parti")
    assert "SMS mis en attente d'envoi à 09:00, refusé pour l'instant à 09:00 (" not in cause
    assert "SMS mis en attente d'envoi à 09:00, refusé pour l'instant à 09:00." in cause


def test_that_the_same_was_refused_again_is_no_news() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(9)
    person = _asked(sandbox)
    for _ in range(3):
        sandbox.clock.advance(seconds=20)
        sandbox.deliver()

    assert _fates(person) == [["queued", "refused_temporarily"]]


def test_nothing_takes_the_messages_while_he_waits() -> None:
    sandbox = Sandbox()
    sandbox.flows.wake = lambda: None
    person = _asked(sandbox)

    assert person.diagnosis().cause_id == "waiting.enter_code"
    assert person.waits(minutes=2).diagnosis().cause_id == "message.waiting"


def test_the_sms_was_given_up_and_no_code_that_he_types_is_to_blame() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(99)
    person = _asked(sandbox).waits(minutes=11)
    sandbox.deliver()
    person.types_code("123456")

    found = person.diagnosis()
    assert (found.cause_id, found.status) == ("message.given_up", Status.BLOCKED)
    assert "jamais parti" in found.cause.fr
    assert "périmé" not in found.cause.fr
    assert _fates(person) == [["queued", "refused_temporarily", "given_up"]]


def test_a_code_that_died_while_its_message_waited_was_never_sent() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(99)
    person = _asked(sandbox).waits(minutes=11).types_code("123456")

    assert person.diagnosis().cause_id == "message.given_up"


def test_nobody_came_for_the_message_in_time() -> None:
    sandbox = Sandbox()
    sandbox.flows.wake = lambda: None
    person = _asked(sandbox).waits(minutes=11)
    sandbox.deliver()

    assert _fates(person) == [["queued", "expired"]]
    assert person.diagnosis().cause_id == "message.given_up"


def test_the_mail_was_refused_for_good() -> None:
    sandbox = Sandbox()
    sandbox.messages.refuse_next()
    person = Person(sandbox, "creation").identifies().asks_code("email")

    found = person.diagnosis()
    assert (found.cause_id, found.status) == ("message.refused", Status.BLOCKED)
    assert "E-mail mis en attente d'envoi à 09:00, refusé définitivement à 09:00." in found.cause.fr
    assert "E-mail queued at 09:00, refused for good at 09:00." in found.cause.en


def test_a_mail_that_was_put_off_and_left_late_blames_nobody_any_more() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(1)
    person = Person(sandbox, "creation").identifies().asks_code("email").waits(minutes=4)
    sandbox.deliver()

    assert person.diagnosis().cause_id == "waiting.enter_code"
    assert _fates(person) == [["queued", "refused_temporarily", "handed_over"]]


def test_a_code_that_died_since_its_mail_left_late_is_told_with_the_hours() -> None:
    sandbox = Sandbox()
    sandbox.messages.fail_next(1)
    person = Person(sandbox, "creation").identifies().asks_code("email").waits(minutes=8)
    sandbox.deliver()
    person.extends().waits(minutes=3).types_code()

    assert told(person)[1] == (
        "Code refusé 1 fois : il est périmé. E-mail mis en attente d'envoi à 09:00, refusé pour "
        "l'instant à 09:00, remis pour acheminement à 09:08 (2 essais)."
    )


def test_a_code_that_is_wrong_while_its_message_arrived_is_his_own() -> None:
    person = _asked(Sandbox()).types_code("000000")

    assert person.diagnosis().cause_id == "code.differs"


def test_he_opens_the_link_too_late() -> None:
    sandbox = Sandbox()
    person = _asked_link(sandbox).waits(hours=30)

    assert sandbox.flows.link_purpose(person.link) is None
    assert sandbox.flows.link_purpose(person.link) is None  # once more is no news
    assert sandbox.flows.link_reference(person.link) == person.reference
    assert person.diagnosis().cause_id == "link.expired"
    assert _fates(person) == [["queued", "handed_over", "link_expired"]]
    assert "lien ouvert trop tard le 23/11/2026 à 15:00." in person.diagnosis().cause.fr
    assert "link opened too late on 23/11/2026 at 15:00." in person.diagnosis().cause.en


def test_two_visits_of_a_dead_link_in_one_instant_are_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is told is that it was dead as it was opened, not how often."""
    sandbox = Sandbox()
    person = _asked_link(sandbox).waits(hours=30)
    begun: list[bool] = []

    def visited_meanwhile(*asked: Any) -> OutboxMessage:
        told = note_fate(*asked)
        if not begun:
            begun.append(True)
            sandbox.flows.link_purpose(person.link)
        return told

    monkeypatch.setattr("monespace_flows.driver.links.note_fate", visited_meanwhile)
    sandbox.flows.link_purpose(person.link)

    assert _fates(person) == [["queued", "handed_over", "link_expired"]]


def test_software_that_checks_his_mail_used_the_link_first() -> None:
    sandbox = Sandbox()
    person = _asked_link(sandbox)
    link = person.link
    sandbox.flows.open_link(link)

    with suppress(LinkInvalid):
        sandbox.flows.open_link(link)
    assert sandbox.flows.link_purpose(link) is None
    assert person.diagnosis().cause_id == "link.used"
    assert "rouvert après avoir servi" in person.diagnosis().cause.fr


def test_a_link_that_was_done_with_is_no_matter() -> None:
    sandbox = Sandbox()
    person = _asked_link(sandbox)
    link = person.link
    person.opens().saves_password("onze bols de soupe au potiron")
    sandbox.flows.link_purpose(link)

    assert person.diagnosis().cause_id == "done.password_changed"


def test_a_link_that_nobody_was_sent_names_no_journey() -> None:
    assert Sandbox().flows.link_reference("inconnu") is None


# --- the lines themselves ------------------------------------------------------------------------


def test_an_export_carries_what_became_of_messages() -> None:
    person = _asked(Sandbox())
    lines = [*write_journeys([person.recorded()])]

    assert [*read_journeys(lines)] == [*read_each(lines)] == [person.recorded()]
    assert len(next(decode_journeys(lines))) == len(person.recorded().lines)


def test_lines_hold_nothing_of_the_person() -> None:
    person = _asked(Sandbox())
    line = json.loads(person.recorded().deliveries[-1])

    assert line.keys() == {
        "format", "reference", "message", "seq", "at", "channel", "purpose", "fate", "by",
        "attempts", "previous", "seal", "hash",
    }  # fmt: skip


def _lines() -> list[str]:
    return [*_asked(Sandbox()).recorded().deliveries]


def _edited(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("handed_over", "given_up")]


def _followed_by_another(lines: list[str]) -> list[str]:
    other = Person(sandbox := Sandbox(), "creation").identifies()
    sandbox.clock.advance(seconds=1)
    return [other.asks_code().recorded().deliveries[0], lines[1]]


@pytest.mark.parametrize(
    "damaged",
    [
        _edited,
        _followed_by_another,
        lambda lines: lines[1:],
        lambda lines: [lines[0], "{}"],
        lambda lines: ["no line", lines[1]],
    ],
    ids=["edited", "another's", "cut before", "empty", "no line"],
)
def test_damage_is_found(damaged: Callable[[list[str]], list[str]]) -> None:
    with pytest.raises(JournalDamaged):
        read_deliveries(damaged(_lines()))


def _row(lines: list[str], **row: str) -> tuple[Delivery, ...]:
    """Read the lines of the code's message, as its row has them."""
    first = read_deliveries(_lines())[0][0]
    known = {"message": first.message, "reference": first.reference, "status": "sent"}
    return read_delivered(lines, **{**known, **row})


def test_the_lines_of_a_row_are_those_of_its_message_and_tell_its_end() -> None:
    assert [it.fate.value for it in _row(_lines())] == ["queued", "handed_over"]
    assert len(_row(_lines()[:1], status="waiting")) == 1


@pytest.mark.parametrize(
    ("lines", "row", "why"),
    [
        (slice(None), {"message": "other"}, "lines of another message"),
        (slice(None), {"reference": "AAAA-AAAA"}, "lines of another journey"),
        (slice(1), {}, "its lines are cut after line 0"),
        (slice(None), {"status": "failed"}, "its lines are cut after line 1"),
    ],
    ids=["message", "journey", "cut", "otherwise"],
)
def test_lines_that_are_not_of_their_row_are_found(
    lines: slice, row: dict[str, str], why: str
) -> None:
    with pytest.raises(JournalDamaged, match=why):
        _row(_lines()[lines], **row)


def test_lines_that_an_earlier_release_did_not_begin_need_not_tell_the_end() -> None:
    """They begin when its link is opened in vain."""
    sandbox = Sandbox()
    person = _asked_link(sandbox)
    with sandbox.storage.writing() as unit:
        (sent,) = unit.outbox.of_journey(person.reference)
        unit.outbox.settle(evolve(sent, history=None))
    sandbox.flows.link_purpose(person.waits(hours=30).link)

    told = read_delivered(
        person.recorded().deliveries, message=sent.id, reference=person.reference, status="sent"
    )
    assert [it.fate.value for it in told] == ["queued", "link_expired"]


def test_lines_of_a_file_are_grouped_by_the_message_that_they_name() -> None:
    lines = [*_lines(), "{}", "no line"]

    (name, whole), (unnamed, others) = by_message(lines).items()
    assert (name, whole) == (json.loads(lines[0])["message"], lines[:2])
    assert (unnamed, others) == ("?", lines[2:])


def test_a_line_names_the_key_that_sealed_it() -> None:
    line = _lines()[0]

    assert key_of(line) == json.loads(line)["seal"].partition(":")[0] != ""


def test_a_format_of_later_is_not_guessed_at() -> None:
    with pytest.raises(JournalVersionUnknown):
        read_deliveries([line.replace("delivery/1", "delivery/2") for line in _lines()])
