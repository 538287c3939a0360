"""Traceability: each demand of the guide, what keeps it, and the tests named after it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .common import FLOW_FOLDERS, GENERATED, REFERENCE, ROOT, Pages

__all__ = ["pages", "untested"]

ROW_ID = re.compile(r"\b(?:[CDPRSTW][0-9]{1,2})\b")
QUOTED_ID = re.compile(r"(?:``|\{# )([CDPRSTW][0-9]{1,2})(?:``| #\})")


def pages() -> Pages:
    """Write the page of the demands."""
    yield REFERENCE / "guide.md", _guide_page()


def untested() -> list[str]:
    """Name the demands that no test is named after."""
    return [row for row, places in _traces().items() if not places["test"]]


def _guide_page() -> str:
    demands = _demands()
    lines = [
        GENERATED + "# Traceability of the guide",
        "",
        (
            "Each demand of [the guide](requirements.md), the rows and screens that keep it, and "
            "the tests named after it."
        ),
        "",
    ]
    for row, places in _traces().items():
        lines += [f"## {row}", "", demands[row], ""]
        lines += [f"- {kind}: {what}" for kind in places for what in sorted(places[kind])]
        lines.append("")
    return "\n".join(lines)


def _demands() -> dict[str, str]:
    """Each row of the requirements by its id, in their order."""
    text = (REFERENCE / "requirements.md").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if ROW_ID.fullmatch(cells[0]):
            found[cells[0]] = " — ".join(cells[1:])
    return found


@cache
def _traces() -> dict[str, dict[str, set[str]]]:
    traces: dict[str, dict[str, set[str]]] = {
        row: {"transition": set(), "screen": set(), "also kept in": set(), "test": set()}
        for row in _demands()
    }
    for path in _sources():
        for row in QUOTED_ID.findall(path.read_text(encoding="utf-8")):
            if row in traces:
                traces[row]["also kept in"].add(f"`{path.relative_to(ROOT)}`")
    for path in sorted(FLOW_FOLDERS.glob("*/*.py")):
        for row, kind, what in _marked(path):
            if row in traces:
                traces[row][kind].add(what)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for row, name in _tests(path):
            if row in traces:
                traces[row]["test"].add(f"`{path.relative_to(ROOT)}::{name}`")
    return traces


def _sources() -> Iterator[Path]:
    """What keeps a demand outside the tables: the driver, the rules, the pages."""
    for folder in ("src/monespace_flows/driver", "src/monespace_flows/rules", "adapters"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html"):
                yield path


def _marked(path: Path) -> Iterator[tuple[str, str, str]]:
    """Rows and screens of a journey file that carry a guide number in a comment on their line."""
    source = path.read_text(encoding="utf-8")
    comments = _comments(source)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if _is_screen(node):
            for row in comments[node.lineno]:
                yield row, "screen", f"`{_keyword(node, 'id')}`"
        elif _is_row(node):
            for row in comments[node.end_lineno or node.lineno]:
                yield row, "transition", f"`{path.parent.name}`: `{_short(node)}`"


def _comments(source: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            found[token.start[0]] += ROW_ID.findall(token.string)
    return found


def _is_screen(node: ast.Call) -> bool:
    """Whether a call makes a screen, of its own or the one that flows share."""
    function = node.func
    return (isinstance(function, ast.Name) and function.id == "Screen") or (
        isinstance(function, ast.Attribute) and function.attr == "enter_code"
    )


def _is_row(node: ast.Call) -> bool:
    function = node.func
    return (isinstance(function, ast.Name) and function.id == "stay") or (
        isinstance(function, ast.Attribute) and function.attr == "to"
    )


def _keyword(node: ast.Call, name: str) -> str:
    for keyword in node.keywords:
        if keyword.arg == name and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return "?"


def _short(node: ast.Call) -> str:
    return " ".join(ast.unparse(node).split())


def _tests(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named = re.match(r"test_((?:[cdprstw][0-9]{1,2}_)+)", node.name)
            for row in named[1].strip("_").split("_") if named else ():
                yield row.upper(), node.name
