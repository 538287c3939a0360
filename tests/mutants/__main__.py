"""`make mutants`: one change at a time in the code itself, and what no test noticed.

``python -m tests.mutants rules.codes`` asks about one module, ``rules`` about all of its folder,
nothing about what the ratchet names.  It fails when fewer changes are noticed than the ratchet
says, or when one that nothing noticed has no reason there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from mutmut.__main__ import cli as mutmut
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.runners.harness import PytestRunner
from mutmut.state import state

from .ratchet import RATCHET, Module, Survivor, judge, read, write

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "mutants" / "src"
NEAR = "tests/flows/"
SECONDS = 20.0
"""How long tests of journeys may take for one change: the quickest that go there are asked."""
UNNOTICED = {0, 5, 33}
"""How a run ends that noticed nothing: all passed, or no test goes there."""


def run(patterns: list[str]) -> None:
    """Make the changes of some functions, and let the tests that go there judge each."""
    PytestRunner.run_tests = _run_near_first  # type: ignore[method-assign]
    mutmut(["run", "--max-children", "2", *patterns], standalone_mode=False)


_run_tests = PytestRunner.run_tests


def _run_near_first(self: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """Run the tests of rules and charts, then the quickest of the others: most changes die at once.

    Tests are asked for by function: pytest does not find each of our ids again by its text.
    """
    wanted = set(tests)
    if not wanted:  # whether a change that always fails is noticed at all
        return _run_tests(self, mutant_name=mutant_name, tests=())
    near, code = {test for test in wanted if test.startswith(NEAR)}, 0
    for chosen in (near, _quickest(wanted - near)):
        asked = sorted({test.partition("[")[0] for test in chosen})
        code = code or (_run_tests(self, mutant_name=mutant_name, tests=asked) if asked else 0)
    return code


def _quickest(tests: set[str]) -> Iterator[str]:
    took = state().duration_by_test
    left = SECONDS
    for test in sorted(tests, key=lambda it: took.get(it, 0.0)):
        left -= took.get(test, 0.0)
        if left < 0:
            return
        yield test


def results(names: list[str]) -> Iterator[tuple[str, Module]]:
    """Read what came of it, module by module, where all were judged."""
    for source, codes in _judged(names):
        if codes and None not in codes.values():
            yield _name(source), _module(source, codes)


def lived(names: list[str]) -> list[str]:
    """Name the changes that nothing noticed in the last run."""
    return [it for _, codes in _judged(names) for it, code in codes.items() if code in UNNOTICED]


def _judged(names: list[str]) -> Iterator[tuple[Path, dict[str, int | None]]]:
    for path in sorted(SOURCES.rglob("*.py.meta")):
        source = path.relative_to(SOURCES.parent).with_suffix("")
        if any(f"{_name(source)}.".startswith(f"{wanted}.") for wanted in names):
            yield source, json.loads(path.read_text("utf-8"))["exit_code_by_key"]


def _name(source: Path) -> str:
    return ".".join(source.with_suffix("").parts[2:])


def _module(source: Path, codes: dict[str, int | None]) -> Module:
    found = [
        Survivor(_function(mutant), _change(source, mutant))
        for mutant, code in codes.items()
        if code in UNNOTICED
    ]
    return Module(mutants=len(codes), killed=len(codes) - len(found), survivors=tuple(found))


def _function(mutant: str) -> str:
    name = mutant.rpartition(".")[2].partition("__mutmut_")[0]
    return name.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")


def _change(source: Path, mutant: str) -> str:
    """The lines that differ: a number would be another's after the next change of the function."""
    lines = get_diff_for_mutant(mutant, path=source).splitlines()
    return "\n".join(
        f"{line[0]} {line[1:].strip()}"
        for line in lines
        if line[:1] in "+-" and not line.startswith(("+++", "---"))
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as rules.codes; all that are known")
    parser.add_argument("--write", action="store_true", help="write the numbers to the ratchet")
    parser.add_argument("--lived", action="store_true", help="ask again about those that lived")
    parser.add_argument("--read", action="store_true", help="judge what the last run left")
    wanted = parser.parse_args()
    os.chdir(ROOT)
    before = read(RATCHET)
    names = wanted.modules or sorted(before)
    if not wanted.read:
        run(lived(names) if wanted.lived else [f"monespace_flows.{name}.*" for name in names])
    found = dict(results(names))
    if wanted.write:
        before = write(RATCHET, {**before, **found})
    told = judge(before, found)
    shares = (
        f"{name}: {it.killed} of {it.mutants} noticed ({it.share:.1%})"
        for name, it in found.items()
    )
    sys.stdout.write("".join(f"{line}\n" for line in (*shares, *told)))
    return 1 if told or not found else 0


if __name__ == "__main__":
    raise SystemExit(main())
