"""A flow is named in its own folder and nowhere else: whoever adds one writes its name once."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from monespace_flows.flows import FLOWS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for folder in ("src", "adapters") for path in (ROOT / folder).rglob("*.py")]
TEMPLATES = list((ROOT / "adapters").rglob("*.html"))

OTHERWISE = {
    ("notices.py", "creation"),  # where a screen's links lead: a fixed vocabulary of the JSON
    ("notices.py", "recovery"),
    ("notices.py", "reset"),
    ("notices.py", "settings"),
    ("notices.py", "signin"),
    ("storage.py", "reset"),  # what a one-time link is for
    ("link.html", "reset"),
    ("forgotten.html", "recovery"),  # the page of S3 leads to both in the guide's own words
    ("forgotten.html", "reset"),
    ("brake.py", "reset"),  # what the outer brake counts: requests for a link
    ("async_flows.py", "reset"),
    ("doctor.py", "settings"),  # the settings file of a service
    ("service.py", "settings"),
}
"""The same words for something else, and the one page that must name two flows."""


def named(path: Path) -> set[str]:
    """The flows' names that stand as texts in a file."""
    text = path.read_text("utf-8")
    if path.suffix == ".html":
        return {it for it in FLOWS if re.search(rf"""hrefs\.{it}\b|["']{it}["']""", text)}
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in FLOWS
    }


def place(path: Path) -> str:
    """What a file is called here: a package by its folder."""
    return f"{path.parent.name}/{path.name}" if path.name == "__init__.py" else path.name


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_named_in_its_own_folder_alone(name: str) -> None:
    places = {place(path) for path in [*SOURCES, *TEMPLATES] if name in named(path)}
    meant_otherwise = {file for file, word in OTHERWISE if word == name}

    assert places == {f"{name}/__init__.py", *meant_otherwise}
