"""Journals in files: the same bytes back, damage found, old formats still read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from monespace_flows.errors import JournalDamaged, JournalVersionUnknown
from monespace_flows.facts import AccountVerdict, CredentialsFacts
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import FORMAT, UPCASTERS, read_entry, upcast
from monespace_flows.journal.export import (
    StoredJournal,
    damage,
    decode_each,
    decode_journeys,
    read_each,
    read_journeys,
    write_journeys,
)
from monespace_flows.support.gate import Gate, judge, read_waivers
from monespace_flows.support.invariants import INVARIANTS, broken_invariants
from monespace_flows.testing import Sandbox
from tests.support.make_corpus import CORPUS, people, write
from tests.support.people import Person

Raw = dict[str, Any]
FORMATS = sorted(CORPUS.glob("format-*.jsonl"))


def a_journal() -> StoredJournal:
    return Person(Sandbox(), "creation").identifies().asks_code().types_code().recorded()


def schema() -> Raw:
    text = files("monespace_flows.journal").joinpath("journal.schema.json").read_text("utf-8")
    loaded: Raw = json.loads(text)
    return loaded


# --- the stored corpus ---------------------------------------------------------------------------


def test_the_present_format_has_a_stored_corpus() -> None:
    assert f"format-{FORMAT}.jsonl" in [path.name for path in FORMATS]


@pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
def test_every_stored_corpus_is_read_whole(path: Path) -> None:
    """From now on: a line that was ever written stays readable, and its chain holds."""
    journeys = list(read_journeys(path.read_text("utf-8").splitlines(keepends=True)))

    assert len(journeys) > 20
    for recorded in journeys:
        assert damage(recorded) is None
        assert list(broken_invariants(recorded.entries())) == []


@pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
def test_the_gate_lets_every_stored_corpus_pass(path: Path) -> None:
    """A change of a chart that touches stored journeys needs a waiver, with reason and end."""
    from datetime import UTC, datetime

    waivers = read_waivers((CORPUS / "waivers.toml").read_text("utf-8"))
    with path.open(encoding="utf-8") as lines:
        report = Gate(FLOWS).judge_all(decode_journeys(lines))

    assert judge(report.ranked(), waivers, datetime.now(UTC).date()).open == ()


def test_export_and_import_give_the_same_bytes() -> None:
    for path in FORMATS:
        text = path.read_text("utf-8")
        assert "".join(write_journeys(read_journeys(text.splitlines(keepends=True)))) == text


def test_the_maker_of_the_corpus_still_runs(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl")

    assert len({person.flow for person in people()}) == len(FLOWS)
    assert (tmp_path / "corpus.jsonl").read_text("utf-8").count("\n") > 90


# --- the schema ----------------------------------------------------------------------------------


def test_every_line_fits_the_published_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    for person in people():
        for line in person.recorded().lines:
            validator.validate(json.loads(line))


@pytest.mark.parametrize(
    "change", [{"typed": "17/06/1975"}, {"facts": {"birth_date": "17/06/1975"}}, {"format": 2}]
)
def test_the_schema_has_no_room_for_what_was_typed(change: Raw) -> None:
    line = {**json.loads(a_journal().lines[1]), **change}

    assert not jsonschema.Draft202012Validator(schema()).is_valid(line)


def test_the_schema_knows_every_verdict() -> None:
    """What the facts can say is what the schema allows, no more and no less."""
    from monespace_flows.commands import COMMANDS
    from monespace_flows.support.whatif import closed_sets

    defs = schema()["$defs"]
    allowed = defs["facts"]["properties"]
    known: dict[str, set[Any]] = {}
    for command in COMMANDS.values():
        for name, values in closed_sets(command.facts).items():
            known.setdefault(name, set()).update(values)
    for name, all_values in known.items():
        entry = allowed[name]
        if "$ref" in entry:
            entry = defs[entry["$ref"].rpartition("/")[2]]
        if "enum" in entry:
            assert set(entry["enum"]) == {value.value for value in all_values}


# --- damage --------------------------------------------------------------------------------------


def test_a_whole_journal_has_no_damage() -> None:
    recorded = a_journal()

    assert damage(recorded) is None
    assert damage(recorded, recorded.entries()[-1].hash) is None


def test_every_edit_of_every_line_is_found() -> None:
    recorded = a_journal()
    for place, line in enumerate(recorded.lines):
        for name, value in json.loads(line).items():
            edited = json.dumps(
                {**json.loads(line), name: _other(value)}, ensure_ascii=False, separators=(",", ":")
            )
            lines = (*recorded.lines[:place], edited, *recorded.lines[place + 1 :])
            with pytest.raises((JournalDamaged, JournalVersionUnknown)):
                StoredJournal(recorded.reference, lines).entries()


def _other(value: object) -> object:
    match value:
        case str():
            return value + "x"
        case int():
            return value + 1
        case list():
            return [*value, "x"]
        case _:
            return {"identity": "match"} if value != {"identity": "match"} else {}


def test_every_gap_and_every_cut_is_found() -> None:
    recorded = a_journal()
    head = recorded.entries()[-1].hash
    for place in range(len(recorded.lines)):
        gapped = (*recorded.lines[:place], *recorded.lines[place + 1 :])
        assert damage(StoredJournal(recorded.reference, gapped), head) is not None
        if place:
            cut = StoredJournal(recorded.reference, recorded.lines[:place])
            assert damage(cut, head) == f"the journal is cut after line {place - 1}"
            assert damage(cut) is None
    assert damage(StoredJournal(recorded.reference, ())) == "the journal is empty"


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (lambda lines: [lines[0], "17/06/1975", *lines[2:]], "a line is not a journal line"),
        (lambda lines: [lines[0], '{"format":1,"reference":"B"}'], "a line is not a journal line"),
        (lambda lines: [lines[0], *lines[2:]], "line 1 of B is missing"),
        (
            lambda lines: [line.replace('"format":1', '"format":9') for line in lines],
            "a line has format 9, this reads 1",
        ),
    ],
    ids=["no line", "half a line", "missing", "newer"],
)
def test_one_journey_that_is_damaged_stops_no_other(
    spoilt: Callable[[list[str]], list[str]], why: str
) -> None:
    """It is named, with what is wrong; those before and after it are read."""
    recorded = a_journal()
    of = {
        name: [line.replace(recorded.reference, name) for line in recorded.lines] for name in "ABC"
    }
    lines = [*of["A"], *spoilt(of["B"]), *of["C"]]

    told = dict(decode_each(lines))
    assert list(told) == ["A", "B", "C"]
    assert [len(told["A"]), str(told["B"])] == [len(of["A"]), why]  # type: ignore[arg-type]
    assert isinstance(told["C"], list)
    assert [it.reference for it in read_each(lines)] == ["A", "B", "C"]


def test_what_belongs_to_no_journey_is_damage_by_itself() -> None:
    recorded = a_journal()
    lines = [*recorded.lines, recorded.lines[0].replace(recorded.reference, "B"), recorded.lines[0]]
    *_, (reference, scattered) = decode_each(lines)

    assert (reference, str(scattered)) == (
        recorded.reference,
        f"the lines of {recorded.reference} are not together",
    )
    assert [reference for reference, _ in decode_each(["null", "17/06/1975"])] == ["?"]
    assert [it.reference for it in read_each(['{"reference":1}', "null"])] == ["?"]
    assert list(decode_each([])) == []


@pytest.mark.parametrize(
    "line", ["", "17/06/1975", "[]", '{"format":1}', '{"reference":"7K3Q-F9M2"}', "null"]
)
def test_a_line_that_is_none_is_damage_and_is_not_repeated(line: str) -> None:
    with pytest.raises(JournalDamaged, match=r"^a line is not a journal line$") as damaged:
        read_entry(line)

    assert damaged.value.__suppress_context__


@pytest.mark.parametrize("line", ["", "17/06/1975", "[]", '{"format":1}', "null"])
def test_a_file_of_something_else_is_damage(line: str) -> None:
    for read in (read_journeys, decode_journeys):
        with pytest.raises(JournalDamaged, match=r"^a line is not a journal line$"):
            list(read([line]))


def test_a_format_that_is_no_number_is_unknown() -> None:
    with pytest.raises(JournalVersionUnknown):
        read_entry('{"format":"x","reference":"7K3Q-F9M2"}')
    for read in (read_journeys, decode_journeys):
        with pytest.raises(JournalVersionUnknown):
            list(read(['{"format":"x","reference":"7K3Q-F9M2"}']))


def test_lines_that_are_not_together_are_damage() -> None:
    first, second = a_journal(), Person(Sandbox(), "creation").identifies().recorded()
    odd = second.lines[0].replace(second.reference, "ZZZZ-ZZZZ")
    mixed = [first.lines[0], odd, first.lines[1]]
    for read in (read_journeys, decode_journeys):
        with pytest.raises(JournalDamaged, match="not together"):
            list(read(mixed))


def test_a_missing_line_stops_the_decoding() -> None:
    lines = a_journal().lines
    with pytest.raises(JournalDamaged, match=r"line 1 of .* is missing"):
        list(decode_journeys([lines[0], lines[2]]))


def test_an_empty_file_holds_no_journey() -> None:
    assert list(read_journeys([])) == []
    assert list(decode_journeys([])) == []


# --- older formats -------------------------------------------------------------------------------


def zeroth(line: str) -> str:
    """The line as an older format might have written it: one effect a string, no screen."""
    raw = {**json.loads(line), "format": 0}
    raw["effects"] = [f"{wish['kind']} {wish['key']}" for wish in raw["effects"]]
    del raw["screen"], raw["hash"]
    text = json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    raw["hash"] = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


def from_zero(raw: Raw) -> Raw:
    effects = [dict(zip(("kind", "key"), text.split(), strict=True)) for text in raw["effects"]]
    return {**raw, "format": 1, "effects": effects, "screen": f"{raw['flow']}.{raw['after']}"}


def test_an_older_line_is_checked_by_its_own_hash_then_brought_up_to_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(UPCASTERS, 0, from_zero)
    line = a_journal().lines[1]
    old, new = read_entry(zeroth(line)), read_entry(line)

    assert (old.facts, old.effects, old.screen) == (new.facts, new.effects, new.screen)
    assert old.hash == json.loads(zeroth(line))["hash"]
    decoded = next(decode_journeys([zeroth(a_journal().lines[0])]))
    assert decoded[0]["format"] == FORMAT
    with pytest.raises(JournalDamaged, match="line 1 was edited"):
        read_entry(zeroth(line).replace('"match"', '"throttled"'))


def test_a_newer_line_says_which_format_it_has() -> None:
    raw = {**json.loads(a_journal().lines[0]), "format": 9}
    del raw["hash"]
    text = json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    signed = {**raw, "hash": hashlib.sha256(text.encode()).hexdigest()}

    with pytest.raises(JournalVersionUnknown, match="format 9"):
        read_entry(json.dumps(signed, ensure_ascii=False))


def test_upcasters_follow_each_other() -> None:
    steps = {1: lambda raw: {**raw, "format": 2}, 2: lambda raw: {**raw, "format": 3}}

    assert upcast({"format": 1}, steps, newest=3) == {"format": 3}
    assert upcast({"format": FORMAT}) == {"format": FORMAT}


# --- invariants ----------------------------------------------------------------------------------


def test_real_journeys_break_no_invariant() -> None:
    for person in people():
        assert list(broken_invariants(person.entries())) == []


def test_every_invariant_can_be_seen_broken() -> None:
    from datetime import timedelta

    from attrs import evolve

    sandbox = Sandbox()
    done = list(
        Person(sandbox, "creation").identifies().asks_code().types_code().activates().entries()
    )
    end = done[-1]
    signed = list(Person(sandbox, "signin").signs_in().entries())
    overtaken = CredentialsFacts(account=AccountVerdict.CHANGED)
    spoiled = [
        [done[0], evolve(done[1], at=done[0].at - timedelta(seconds=1))],
        [done[0], evolve(done[1], flow="reset")],
        [*done, evolve(end, before="created")],
        [done[0], end],
        [*done[:-1], evolve(end, facts=overtaken)],
        [signed[0], evolve(signed[1], facts=done[0].facts)],
    ]
    found = {name for entries in spoiled for name, _ in broken_invariants(entries)}

    assert found == set(INVARIANTS)
