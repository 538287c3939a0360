"""What the pages show is run, and what is generated is current."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from monespace_backends.settings.texts import read_texts
from monespace_backends.settings.theme import read_theme
from monespace_flows.flows import STANDARD
from monespace_flows.policy import Policy
from monespace_flows.texts import Catalogue
from monespace_http import Theme

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)[^)]*\)")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


WITH_CODE = [page for page in PAGES if PYTHON.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", WITH_CODE, ids=names(WITH_CODE))
@pytest.mark.usefixtures("alone")
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path) -> None:
    code = "\n".join(PYTHON.findall(page.read_text(encoding="utf-8")))

    exec(compile(code, str(page), "exec"), {"__name__": "page"})  # noqa: S102 - our own pages


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.slow
def test_the_generated_pages_are_current_and_every_demand_has_its_test() -> None:
    """The flows as data are among them: if a chart was changed, run `make maps`."""
    check = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.stderr == ""
    assert check.returncode == 0


def test_the_texts_that_the_how_to_changes_are_the_ones_of_today(tmp_path: Path) -> None:
    """Its file can be used, and nothing in it is old."""
    page = (ROOT / "docs" / "how-to" / "own-texts.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n(language = .*?)```", page, re.DOTALL)
    file = tmp_path / "texts.toml"
    file.write_text(block, "utf-8")
    own = read_texts(file)

    assert len(own.texts) == 2
    assert list(own.stale(STANDARD)) == []
    said = Catalogue(STANDARD, {own.language: own.texts}, Policy()).language("fr")
    assert said.texts == own.texts


def test_the_theme_that_the_how_to_shows_can_be_read(tmp_path: Path) -> None:
    """Its colours, with the files that it names put beside it."""
    page = (ROOT / "docs" / "how-to" / "theme.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n(\[theme\].*?)```", page, re.DOTALL)
    (tmp_path / "mine.toml").write_text(block, "utf-8")
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    (tmp_path / "exemple-sans.woff2").write_bytes(b"wOF2")
    theme = Theme(**attrs.asdict(read_theme(tmp_path / "mine.toml")))

    assert {*theme.files} == {"logo.svg", "font-1.woff2", "theme.css"}
