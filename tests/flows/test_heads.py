"""Heads: what the journals held, and what is told where they hold something else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from monespace_flows.errors import JournalDamaged, JournalFault
from monespace_flows.journal.entry import SealFault, judge_line, read_hash
from monespace_flows.journal.heads import (
    Covering,
    Head,
    check_heads,
    compare_exported,
    compare_heads,
    read_head,
    write_head,
)
from monespace_flows.testing import Sandbox
from monespace_flows.testing.services import MemorySecrets

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
    view = sandbox.flows.start("creation")
    with sandbox.storage.reading() as unit:
        (line,) = unit.journal.lines(view.reference)
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
    view = sandbox.flows.start("signin", client=address)
    from monespace_flows.commands import SignIn

    pressed = SignIn(email="cabinet@exemple.example", password="neuf tasses de thé vert")
    sandbox.flows.submit(view.token, pressed, client=address)
    with sandbox.storage.reading() as unit:
        lines = [json.loads(line) for line in unit.journal.lines(view.reference)]

    assert [line.get("network") for line in lines] == [network] * 2
    assert len({line.get("client") for line in lines}) == 1
    assert address is None or address not in json.dumps(lines)
