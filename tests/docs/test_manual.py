"""The manual as it is built: `make docs` runs this, and what has Sphinx beside the tests."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from fcntl import LOCK_EX, flock
from importlib.util import find_spec
from pathlib import Path

import pytest
from writing.api import public_names

DOCS = Path(__file__).resolve().parents[2] / "docs"
BUILT = DOCS / "_build" / "html"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def manual() -> Path:
    """Build it without a warning, or only what has changed; where it lies."""
    if find_spec("sphinx") is None:
        pytest.skip("what builds the manual is not installed: make docs")
    BUILT.parent.mkdir(exist_ok=True)
    with (BUILT.parent / "lock").open("w") as lock:
        # Where tests run in several processes, the first one builds.
        flock(lock, LOCK_EX)
        build = subprocess.run(
            [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", DOCS, BUILT],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (build.returncode, build.stderr) == (0, "")
    return BUILT


def test_other_manuals_find_each_public_name(manual: Path) -> None:
    """By ``objects.inv``, which intersphinx reads."""
    _, _, _, _, packed = (manual / "objects.inv").read_bytes().split(b"\n", 4)
    listed = {
        line.split(" ")[0]
        for line in zlib.decompress(packed).decode().splitlines()
        if " py:" in line
    }
    named = {f"{module}.{name}" for module, names in public_names().items() for name in names}

    assert named - listed == set()


def test_a_reader_loads_nothing_from_elsewhere(manual: Path) -> None:
    """No script, style sheet, font or picture: only links may lead away."""
    loads = re.compile(
        r'<(?:script|img|iframe|source)\b[^>]*\bsrc="(https?:)?//|<link\b[^>]*"https?://'
    )
    pages = {path: path.read_text("utf-8") for path in manual.rglob("*.html")}

    assert [str(path) for path, text in pages.items() if loads.search(text)] == []
    assert len(pages) > 60


def test_each_journey_is_drawn_and_none_is_shown_as_source(manual: Path) -> None:
    for page in (manual / "reference" / "journeys").glob("*.html"):
        text = page.read_text("utf-8")

        assert page.name == "README.html" or f'_images/{page.stem}.svg"' in text
        assert "stateDiagram" not in text


def test_contents_are_grouped(manual: Path) -> None:
    """What is to be learnt, done, looked up and understood."""
    captions = re.findall(r'caption-text">([^<]+)<', (manual / "index.html").read_text("utf-8"))

    assert list(dict.fromkeys(captions)) == [
        "Tutorial",
        "How to embed it",
        "How to run it",
        "How to help people",
        "Reference",
        "The guide and the attacks",
        "Explanation",
    ]
