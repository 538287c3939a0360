"""The glossary names what there is, and nothing else."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROWS = re.findall(r"^\| (?!word \|)(?!-)([^|]+) \|", GLOSSARY, re.MULTILINE)
NAMED = sorted({*re.findall(r"`(monespace_[\w.]+)`", GLOSSARY)})
IN_CODE = re.compile(r"`([a-z]\w*\.py)`")


def _found(dotted: str) -> object:
    """What a dotted name leads to: a module, or what stands in one."""
    parts = dotted.split(".")
    found: object = import_module(parts[0])
    for number, part in enumerate(parts[1:], start=2):
        if isinstance(found, ModuleType) and not hasattr(found, part):
            found = import_module(".".join(parts[:number]))
        else:
            found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", NAMED)
def test_a_name_of_the_glossary_exists(name: str) -> None:
    assert _found(name) is not None


def test_a_name_that_is_gone_is_told() -> None:
    """The test above would pass for nothing else."""
    for gone in ("monespace_flows.shapes", "monespace_flows.chart.Gone", "monespace_nowhere"):
        with pytest.raises((ImportError, AttributeError)):
            _found(gone)


def test_the_files_that_it_names_exist() -> None:
    core = ROOT / "src" / "monespace_flows"

    assert [name for name in IN_CODE.findall(GLOSSARY) if not any(core.rglob(name))] == []


def test_its_words_are_sorted_and_each_stands_once() -> None:
    words = [word.casefold() for word in ROWS]

    assert words == sorted({*words})
    assert len(words) > 60


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/index.md"])
def test_it_is_found_from_where_strangers_begin(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")

    assert "docs/glossary.md" in text or "\nglossary\n" in text
