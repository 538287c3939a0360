"""What is tried against it: each attack, and the tests named after it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache

import attrs

from .common import GENERATED, REFERENCE, ROOT, Pages

__all__ = ["idle", "pages", "untested"]

ATTACK_ID = re.compile(r"[A-Z]{2}-[0-9]{2}")


def pages() -> Pages:
    """Write the page of the attacks and their tests."""
    yield ROOT / "docs" / "explanation" / "security.md", _security_page()


def untested() -> list[str]:
    """Name the attacks that have neither a test nor a reason for none."""
    return [it.id for it in _attacks() if not (it.tests or it.reason)]


def idle() -> list[str]:
    """Name the attacks whose reason for no test is idle: they have one."""
    return [it.id for it in _attacks() if it.tests and it.reason]


@attrs.frozen
class Attack:
    """A row of the table of attacks, with the tests named after it or the reason for none."""

    group: str
    id: str
    tried: str
    wanted: str
    tests: tuple[str, ...] = ()
    reason: str = ""


@cache
def _attacks() -> tuple[Attack, ...]:
    tests: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                named = re.match(r"test_((?:[a-z]{2}_?[0-9]{2}_)+)", node.name)
                for kind, number in re.findall("([a-z]{2})_?([0-9]{2})", named[1]) if named else ():
                    where = f"`{path.relative_to(ROOT)}::{node.name}`"
                    tests[f"{kind.upper()}-{number}"].append(where)
    rows, reasons = [], {}
    group = ""
    for line in (REFERENCE / "attacks.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("## "):
            group = line[3:]
        elif ATTACK_ID.fullmatch(cells[0]) and len(cells) == 3:
            row, tried, wanted = cells
            mine = tuple(sorted(tests.pop(row, ())))
            rows.append(Attack(group, row, tried, wanted, tests=mine))
        elif ATTACK_ID.fullmatch(cells[0]):
            reasons[cells[0]] = cells[1]
    if strange := set(tests).difference(row.id for row in rows):
        raise SystemExit(f"tests are named after rows that there are not: {sorted(strange)}")
    return tuple(attrs.evolve(row, reason=reasons.get(row.id, "")) for row in rows)


def _security_page() -> str:
    rows = _attacks()
    lines = [
        GENERATED + "# What is tried against it",
        "",
        (
            "Each row of [the attacks](../reference/attacks.md) and the tests named after it. "
            "Those of `tests/journeys` that need a store run in memory there, and on SQLite and "
            "PostgreSQL by `tests/attacks/test_on_each_store.py`. What no test can cover: "
            "[threats](threats.md)."
        ),
        "",
        f"{len(rows)} rows, {sum(bool(row.tests) for row in rows)} with tests.",
    ]
    for group, row in zip(["", *(row.group for row in rows)], rows, strict=False):
        if row.group != group:
            lines += ["", f"## {row.group}"]
        lines += ["", f"### {row.id}", "", f"{row.tried}: {row.wanted}.", ""]
        lines += [f"- {test}" for test in row.tests] or [f"- No test. {row.reason}"]
    return "\n".join(lines) + "\n"
