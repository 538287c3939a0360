"""What CONTRIBUTING.md says of places and of codes is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.http.test_refusal_causes import PAGES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PLACES = PAGE.partition("## Where does a line live?")[2].partition("**A host's own**")[0]
ROOMS = re.findall(r"^\*\*The .+?\*\*, `(.+?)`|^\*\*HTTP\*\*, `(.+?)`", PLACES, re.MULTILINE)
TABLES = re.split(r"^\*\*.+\*\*, `.+`$", PLACES, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize(
    ("room", "table"),
    [(ROOT / (one or other), table) for (one, other), table in zip(ROOMS, TABLES, strict=True)],
    ids=["core", "http", "program", "backends"],
)
def test_each_place_of_a_line_is_there(room: Path, table: str) -> None:
    cells = "\n".join(row.rstrip(" |").rpartition("| ")[2] for row in table.splitlines())
    named = re.findall(r"`([a-z<][\w<>/]+(?:/|\.py))`", cells)

    assert [it for it in named if not any(room.glob(it.replace("<flow>", "creation")))] == []
    assert len(named) >= 6


def test_each_room_and_file_of_the_first_floor_has_its_line() -> None:
    """Of the adapters, where a line's place is not told by the subject alone."""
    for found, table in list(zip(ROOMS, TABLES, strict=True))[1:]:
        room = ROOT / (found[0] or found[1])
        rooms = {it.parent.name for it in room.glob("*/__init__.py")}

        assert {it for it in rooms if f"`{it}/`" not in table} == set()


def test_the_codes_of_a_409_are_those_that_are_given() -> None:
    section = PAGE.partition("**A 409**")[2].partition("\n\nThe last three")[0]

    assert {code for code, *_ in PAGES.values()} == {
        *re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE)
    }
