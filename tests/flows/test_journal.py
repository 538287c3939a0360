"""The journal: verdicts only, chained, and whatever is done to it shows."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from monespace_flows.effects import Effect
from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
from monespace_flows.facts import CodeFacts, CodeVerdict, NoFacts
from monespace_flows.flows.creation import CREATION
from monespace_flows.journal.entry import (
    FORMAT,
    START,
    Entry,
    Wish,
    check_chain,
    read_entry,
    read_journal,
    write_entry,
)
from monespace_flows.testing import Sandbox
from tests.journeys import acting

from .charts import NOW

ENTRY = Entry(
    seq=4,
    at=NOW,
    reference="2345-6789",
    flow="creation",
    flow_version=1,
    fingerprint="0123456789abcdef",
    before="enter_code",
    command="submit_code",
    facts=CodeFacts(code=CodeVerdict.DIFFERS),
    effects=(Wish(kind="CountFailure", key="2345-6789-4-0"),),
    after="enter_code",
    notices=("code.wrong",),
    screen="creation.enter_code",
    previous="abc",
)


def a_journal() -> list[str]:
    """The lines of a whole creation, with a wrong code on the way."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, channel="email")
    sandbox.clock.advance(minutes=1)
    wrong = acting.pressing(sandbox, "submit_code")
    sandbox.flows.submit(view.token, evolve(wrong, code=acting.wrong_code(sandbox)))  # type: ignore[call-arg]
    sandbox.flows.submit(view.token, acting.pressing(sandbox, "submit_code"))
    sandbox.flows.submit(view.token, acting.creation())
    return acting.journal_lines(sandbox, view)


LINES = a_journal()


def rewritten(line: str, **changes: object) -> str:
    """A line with other values and a hash that fits them, as a clever forger would write."""
    data = {**json.loads(line), **changes}
    data.pop("hash")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    digest = sha256(text.encode()).hexdigest()
    return json.dumps({**data, "hash": digest}, ensure_ascii=False, separators=(",", ":"))


# --- one line ------------------------------------------------------------------------------------


def test_a_line_comes_back_as_it_was() -> None:
    """With its hash, which is that of the line without it."""
    line, digest = write_entry(ENTRY)

    assert read_entry(line) == evolve(ENTRY, hash=digest)
    assert write_entry(read_entry(line)) == (line, digest)


def test_a_line_is_compact_json_that_names_its_format() -> None:
    """One line, accents as they are."""
    line, digest = write_entry(evolve(ENTRY, reference="é"))
    data = json.loads(line)

    assert (data["format"], data["hash"], data["at"]) == (
        FORMAT, digest, "2026-11-22T09:00:00.000000Z",
    )  # fmt: skip
    assert "\n" not in line
    assert "é" in line


def test_the_first_line_is_a_start() -> None:
    """It has no command and no facts but a pseudonym."""
    start = evolve(ENTRY, command=START, facts=NoFacts(subject="s:1"), effects=(), previous="")

    assert read_entry(write_entry(start)[0]).facts == NoFacts(subject="s:1")


@settings(max_examples=300)
@given(st.data())
def test_any_edited_byte_is_found(data: st.DataObject) -> None:
    """Wherever it is, in whichever line."""
    place = data.draw(st.integers(0, len(LINES) - 1))
    line = LINES[place]
    at = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda it: it != line[at]))
    edited = [*LINES[:place], line[:at] + other + line[at + 1 :], *LINES[place + 1 :]]

    if _means_the_same(edited[place], line):
        return
    with pytest.raises((JournalDamaged, JournalVersionUnknown)):
        read_journal(edited)


def _means_the_same(edited: str, line: str) -> bool:
    """Another way to write the same JSON is no edit of what it says."""
    try:
        return bool(json.loads(edited) == json.loads(line))
    except ValueError:
        return False


@pytest.mark.parametrize(
    "line",
    ["", "x", "[]", "null", "3", '"text"', "{}", '{"format": 1}', '{"hash": "x"}', LINES[0][:-1]],
)
def test_what_is_no_line_is_damaged(line: str) -> None:
    """Cut, empty or something else."""
    with pytest.raises(JournalDamaged, match="not a journal line"):
        read_entry(line)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_an_unknown_format_is_told_before_anything_else(version: object) -> None:
    """A newer line may have another hash, so its version comes first."""
    line = json.dumps({**json.loads(LINES[1]), "format": version})

    with pytest.raises(JournalVersionUnknown, match="format"):
        read_entry(line)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"command": "fly"}, "unknown command fly"),
        ({"command": 3}, "unknown command 3"),
        ({"command": ["start"]}, "unknown command"),
        ({"facts": []}, "unknown facts"),
        ({"facts": {"verdict": "new"}}, "unknown facts"),
        ({"facts": {"identity": "perhaps"}}, "unknown facts"),
        ({"facts": None}, "unknown facts"),
        ({"effects": [{"kind": "Fly"}]}, "unknown facts"),
        ({"effects": 3}, "unknown facts"),
        ({"at": "noon"}, "unknown facts"),
    ],
)
def test_words_of_another_release_are_told(changes: dict[str, object], words: str) -> None:
    """The line is whole, yet this release cannot read it."""
    with pytest.raises(JournalVersionUnknown, match=words):
        read_entry(rewritten(LINES[1], **changes))


def test_a_field_that_is_missing_is_told() -> None:
    """A whole line always has all of them; of its seal, keys tell."""
    data = json.loads(LINES[1])
    for name in set(data) - {"format", "hash", "seal"}:
        less = {key: value for key, value in data.items() if key != name}
        with pytest.raises((JournalDamaged, JournalVersionUnknown)):
            read_entry(rewritten(json.dumps(less)))


# --- the chain -----------------------------------------------------------------------------------


def test_a_whole_journal_is_read() -> None:
    """From the start to the end of the journey."""
    entries = read_journal(LINES)

    assert [entry.seq for entry in entries] == list(range(len(LINES)))
    assert (entries[0].command, entries[-1].after) == (START, "created")
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]


@pytest.mark.parametrize("place", range(len(LINES) - 1))
def test_a_missing_line_is_found(place: int) -> None:
    """Every one but the last, which nobody follows."""
    with pytest.raises(JournalDamaged, match=f"line {place} is missing"):
        read_journal([*LINES[:place], *LINES[place + 1 :]])


@pytest.mark.parametrize("place", range(len(LINES) - 1))
def test_swapped_lines_are_found(place: int) -> None:
    """Neighbours do not change places."""
    swapped = [*LINES]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]

    with pytest.raises(JournalDamaged):
        read_journal(swapped)


@pytest.mark.parametrize("place", range(len(LINES)))
def test_a_truncated_line_is_found(place: int) -> None:
    """A write that stopped half-way is no line."""
    cut = [*LINES[:place], LINES[place][: len(LINES[place]) // 2], *LINES[place + 1 :]]

    with pytest.raises(JournalDamaged):
        read_journal(cut)


@pytest.mark.parametrize("place", range(len(LINES)))
def test_a_repeated_line_is_found(place: int) -> None:
    """A step is told once."""
    with pytest.raises(JournalDamaged):
        read_journal([*LINES[: place + 1], *LINES[place:]])


@pytest.mark.parametrize("place", range(len(LINES) - 1))
def test_a_line_rewritten_with_its_own_hash_is_found_by_the_next(place: int) -> None:
    """Each line holds the hash of the one before."""
    later = (NOW + timedelta(days=1)).isoformat()
    forged = [*LINES[:place], rewritten(LINES[place], at=later), *LINES[place + 1 :]]

    with pytest.raises(JournalDamaged, match=f"line {place + 1} does not follow line {place}"):
        read_journal(forged)


def test_a_line_that_begins_where_the_one_before_did_not_end_is_found() -> None:
    """Even if every hash fits."""
    first, second = read_journal(LINES)[:2]
    moved = evolve(second, before="enter_code")

    with pytest.raises(JournalDamaged, match="line 1 begins where line 0 did not end"):
        check_chain([first, moved])


def test_every_line_names_its_journey_and_the_table_that_decided() -> None:
    """So that another release knows what it reads."""
    entries = read_journal(LINES)

    told = {(it.reference, it.flow, it.flow_version, it.fingerprint) for it in entries}
    assert told == {(entries[0].reference, "creation", CREATION.version, CREATION.fingerprint)}
    assert [entry.screen for entry in entries] == [f"creation.{it.after}" for it in entries]


def test_every_effect_has_a_key_of_its_own() -> None:
    """The same step can never do it twice."""
    keys = [wish.key for entry in read_journal(LINES) for wish in entry.effects]

    assert len(keys) == len(set(keys))
    assert keys[0] == f"{read_journal(LINES)[0].reference}-2-0"


def test_an_empty_journal_has_no_fault() -> None:
    """Its lines may have been purged."""
    assert read_journal([]) == ()


def test_an_effect_tells_the_journal_names_of_the_program_s_only() -> None:
    """Whatever else an effect of a host's holds brings nobody into a line."""

    @frozen
    class Write(Effect):
        letter: str
        to: str
        urgent: bool = False

    written = Write("account.created", "Jean.Dupont@exemple.example", urgent=True)

    assert written.told == "Write(account.created,urgent)"
    assert Write("99000000002", "rue des Lilas").told == "Write"


def test_a_line_of_before_contents_were_kept_is_read() -> None:
    """And one whose contents are not those of its effects is not a line of ours."""
    line = json.loads(
        write_entry(evolve(ENTRY, effects=(Wish(kind="CountFailure", key="k", told="X"),)))[0]
    )
    older = {name: it for name, it in line.items() if name != "told"}
    odd = {**older, "told": ["X", "Y"]}

    assert read_entry(rewritten(json.dumps(older))).told is None
    with pytest.raises(JournalVersionUnknown):
        read_entry(rewritten(json.dumps(odd)))
