"""Heads: what the journals held, and what is told where they hold something else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from attrs import evolve

from monespace_flows.errors import JournalDamaged, JournalFault
from monespace_flows.journal.entry import SealFault, judge_line, read_hash
from monespace_flows.journal.heads import (
    Covering,
    Head,
    check_heads,
    compare_exported,
    compare_heads,
    may_lack_seal,
    read_head,
    seal_anew,
    vouched,
    write_head,
)
from monespace_flows.testing import Sandbox
from monespace_flows.testing.services import MemorySecrets
from tests.journeys import acting

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECRETS = MemorySecrets()
HEADS = partial(SECRETS.digests, "head")
OTHERS = partial(MemorySecrets("other").digests, "journal")


def a_head(number: int, lines: int = 2, previous: str = "") -> str:
    covering = Covering()
    for seq in range(lines):
        covering.add(number, NOW, ("2345-6789", seq, "x"))
    head = Head(
        number=number,
        at=NOW,
        purged_before=NOW - timedelta(days=183),
        covers=covering.covers(number),
        previous=previous,
    )
    return write_head(head, HEADS)[0]


def chained(count: int) -> list[tuple[int, str]]:
    heads: list[tuple[int, str]] = []
    previous = ""
    for number in range(count):
        heads.append((number, a_head(number, previous=previous)))
        previous = read_head(heads[-1][1]).hash
    return heads


def faults(heads: list[tuple[int, str]]) -> list[tuple[int, JournalFault]]:
    return [(number, error.reason) for number, error in check_heads(heads, HEADS)]


def test_a_head_comes_back_as_it_was() -> None:
    """Whatever a log writes before it."""
    head = read_head(f"Nov 28 03:17:00 host monespace: {a_head(3)}")

    assert (head.number, head.lines, head.at) == (3, 2, NOW)


@pytest.mark.parametrize(
    "line", ["", "nothing", "{", "{}", "[]{}", '{"head":2}', '{"head":1,"number":0}']
)
def test_what_is_no_head_is_told(line: str) -> None:
    with pytest.raises(JournalDamaged) as told:
        read_head(line)

    assert told.value.reason is JournalFault.HEAD_NOT_ONE


def test_a_number_that_is_none_is_told() -> None:
    data = json.loads(a_head(0)) | {"number": "0"}
    with pytest.raises(JournalDamaged) as told:
        read_head(json.dumps(data))

    assert told.value.reason is JournalFault.HEAD_EDITED


def test_heads_follow_each_other_from_the_first() -> None:
    heads = chained(4)

    assert faults(heads) == []
    assert faults(heads[1:]) == [(0, JournalFault.HEAD_MISSING)]
    assert faults([*heads[:1], *heads[2:]]) == [(1, JournalFault.HEAD_MISSING)]
    assert faults([heads[0], (1, heads[2][1])]) == [(1, JournalFault.HEAD_UNCHAINED)]
    assert faults([heads[0], (1, "{}"), *heads[2:]]) == [(1, JournalFault.HEAD_NOT_ONE)]
    assert faults([heads[0], (1, a_head(1)), heads[2]])[0] == (1, JournalFault.HEAD_UNCHAINED)


def test_a_number_far_away_does_not_name_a_billion() -> None:
    far = 10**9

    assert len(faults([(far, a_head(far))])) == 100


def test_seals_of_others_are_told_and_need_keys() -> None:
    other = partial(MemorySecrets("other").digests, "head")
    head = read_head(a_head(0))
    foreign = write_head(head, other)[0]

    assert faults([(0, foreign)]) == [(0, JournalFault.HEAD_OTHER_KEY)]
    assert list(check_heads([(0, foreign)], None)) == []
    assert list(compare_exported({0: head}, [foreign], None)) == []


def test_days_of_before_the_purge_are_not_compared() -> None:
    heads = {0: read_head(a_head(0))}

    found = [error.reason for _, error in compare_heads(heads, Covering(), NOW - timedelta(days=2))]
    assert found == [JournalFault.LINES_DIFFER]
    assert list(compare_heads(heads, Covering(), NOW)) == []


def test_every_line_of_a_journey_is_sealed() -> None:
    """With the service's key, and what is no line has no seal."""
    sandbox = Sandbox()
    view = acting.begun(sandbox)
    with sandbox.storage.reading() as unit:
        line, _ = unit.journal.lines(view.reference)
    digests = partial(sandbox.ports.secrets.digests, "journal")
    bare = json.dumps({key: it for key, it in json.loads(line).items() if key != "seal"})

    assert judge_line(line, digests) is None
    assert judge_line(bare, digests) is SealFault.NONE
    assert judge_line("[]", digests) is SealFault.FORGED
    assert judge_line(line, OTHERS) is SealFault.OTHER_KEY
    assert len(read_hash("no line")) == len(read_hash('{"hash":1}')) == len(read_hash(line)) == 64


# --- from where a press came ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("testclient", None),
        (None, None),
    ],
)
def test_lines_hold_a_pseudonym_and_a_network(address: str | None, network: str | None) -> None:
    """Never the address itself; two presses from one are seen to be."""
    sandbox = Sandbox()
    view = sandbox.flows.start("signin")
    from monespace_flows.commands import SignIn

    pressed = SignIn(email="cabinet@exemple.example", password="neuf tasses de thé vert")
    sandbox.flows.submit(view.token, pressed, client=address)
    with sandbox.storage.reading() as unit:
        lines = [json.loads(line) for line in unit.journal.lines(view.reference)]

    assert [line.get("network") for line in lines] == [network] * 2
    assert len({line.get("client") for line in lines}) == 1
    assert address is None or address not in json.dumps(lines)


def test_a_head_is_sealed_anew_under_another_key() -> None:
    """Its hash stays, so the chain holds; the seal is of the key that is written under now."""
    other = partial(MemorySecrets("other").digests, "head")
    line = a_head(0)

    anew = seal_anew(line, other)

    assert read_head(anew).hash == read_head(line).hash
    assert list(check_heads([(0, anew)], other)) == []
    assert faults([(0, anew)]) == [(0, JournalFault.HEAD_OTHER_KEY)]


def test_lines_that_name_a_head_that_is_gone_are_told() -> None:
    covering = Covering()
    covering.add(7, NOW, ("2345-6789", 0, "x"))

    found = [(number, it.reason) for number, it in compare_heads({}, covering, NOW)]

    assert found == [(7, JournalFault.HEAD_MISSING)]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([("2345-6789", 0, "x"), ("2345-6789", 1, "x")], []),
        ([("2345-6789", 0, "x"), ("2345-6789", 1, "y")], [JournalFault.LINES_CHANGED]),
        ([("2345-6789", 0, "x")], [JournalFault.LINES_DIFFER]),
    ],
)
def test_lines_are_compared_by_their_number_and_by_what_they_say(
    lines: list[tuple[str, int, str]], told: list[JournalFault]
) -> None:
    covering = Covering()
    for line in lines:
        covering.add(0, NOW, line, doubtful=True)
    heads = {0: read_head(a_head(0))}

    found = compare_heads(heads, covering, NOW - timedelta(days=2))

    assert [error.reason for _, error in found] == told


def test_a_line_of_a_day_that_no_head_knew_is_told() -> None:
    covering = Covering()
    for at in (NOW, NOW, NOW + timedelta(days=1)):
        covering.add(0, at, ("2345-6789", 0, "x"))
    heads = {0: evolve(read_head(a_head(0)), covers=())}

    found = [error.reason for _, error in compare_heads(heads, covering, NOW - timedelta(days=2))]

    assert found == [JournalFault.LINES_DIFFER] * 2


def test_a_copy_tells_what_the_database_has_lost_or_changed() -> None:
    """What stands between heads in a log is left out, what was edited in the copy is told."""
    (_, first), (_, second), (_, third) = chained(3)
    heads = {0: read_head(first), 1: read_head(a_head(1, lines=3))}
    edited = first.replace('"lines":2', '"lines":9')
    forged = seal_anew(first, lambda _: (f"{HEADS('x')[0].partition(':')[0]}:{'0' * 64}",))

    found = compare_exported(heads, ["no head", first, edited, second, third, forged], HEADS)

    assert [(number, error.reason) for number, error in found] == [
        (-1, JournalFault.HEAD_EDITED),
        (1, JournalFault.HEAD_DIFFERS),
        (2, JournalFault.HEAD_MISSING),
        (0, JournalFault.HEAD_FORGED),
    ]


def test_a_line_without_a_seal_may_be_of_before_there_were_seals() -> None:
    """By the head that covers it, whatever it says of itself; for a while after the first head."""
    first = read_head(a_head(0))
    heads = {0: first, 1: evolve(first, number=1, at=NOW + timedelta(days=90))}

    assert may_lack_seal({}, None, NOW)
    assert may_lack_seal(heads, 0, NOW + timedelta(days=90))
    assert not may_lack_seal(heads, 1, NOW)
    assert not may_lack_seal(heads, None, NOW + timedelta(days=90))


def test_a_head_vouches_for_the_lines_of_its_days() -> None:
    """Whose seals held as it covered them."""
    doubted = Covering()
    doubted.add(1, NOW, ("2345-6789", 0, "x"), doubtful=True)
    sound = read_head(a_head(0))
    heads = {0: sound, 1: evolve(sound, number=1, covers=doubted.covers(1))}

    assert vouched(heads, 0, NOW)
    assert not vouched(heads, 0, NOW + timedelta(days=1))
    assert not vouched(heads, 1, NOW)
    assert not vouched(heads, None, NOW)
