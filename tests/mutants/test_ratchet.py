"""What is known of the changes that nothing noticed only gets better, and each has its reason."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from .ratchet import RATCHET, Module, Survivor, judge, read, write

LIVED = Survivor("judge_code", '- "a"\n+ "é"', "no code is that old")
KNOWN = Module(mutants=10, killed=9, survivors=(LIVED,))


def test_every_change_that_nothing_noticed_has_a_reason() -> None:
    modules = read(RATCHET)

    unexplained = [it for module in modules.values() for it in module.survivors if not it.reason]
    assert modules
    assert unexplained == []


def test_the_numbers_are_those_of_the_list() -> None:
    for name, module in read(RATCHET).items():
        assert module.mutants - module.killed == len(module.survivors), name


def test_a_share_may_not_fall() -> None:
    worse = evolve(KNOWN, killed=8, survivors=(LIVED, LIVED))

    assert judge({"rules.codes": KNOWN}, {"rules.codes": KNOWN}) == []
    assert judge({"rules.codes": KNOWN}, {"rules.codes": worse}) == [
        "rules.codes: 80.0% are noticed, where 90.0% were"
    ]


def test_a_change_that_nothing_notices_wants_a_reason() -> None:
    other = evolve(KNOWN, survivors=(Survivor("judge_code", "- a\n+ b"),))

    assert judge({"rules.codes": KNOWN}, {"rules.codes": other}) == [
        "rules.codes.judge_code: nothing noticed, and no reason is given:\n- a\n+ b"
    ]


def test_a_module_that_is_not_known_is_told() -> None:
    assert judge({}, {"rules.codes": KNOWN}) == [
        "rules.codes: the ratchet does not know this module: --write"
    ]


def test_the_numbers_are_written_and_the_reasons_stay(tmp_path: Path) -> None:
    ratchet = tmp_path / "ratchet.toml"
    ratchet.write_text("", "utf-8")
    write(ratchet, {"rules.codes": KNOWN})
    found = evolve(KNOWN, mutants=12, killed=11, survivors=(evolve(LIVED, reason=""),))

    write(ratchet, {"rules.codes": found})

    assert read(ratchet) == {"rules.codes": evolve(KNOWN, mutants=12, killed=11)}
