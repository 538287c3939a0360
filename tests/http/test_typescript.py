"""What openapi-typescript makes of the JSON's description holds for all five journeys."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.http.visiting import Served

HERE = Path(__file__).parent / "typescript"
PACKAGES = HERE / "node_modules"
STRICT = ("--strict", "--noEmit", "--target", "es2022", "--module", "nodenext")

pytestmark = pytest.mark.slow


@pytest.fixture
def node() -> str:
    """The program that runs what is locked there."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("no node: apt-get install npm, then make typescript")
    if not (PACKAGES / ".stamp").exists():
        pytest.skip("openapi-typescript is not installed: make typescript")
    return found


def test_e18_generated_types_take_the_journeys_and_refuse_each_slip(
    node: str, served: Served, tmp_path: Path
) -> None:
    """A program of all five journeys is right; a misspelt field, command, flow or state is not."""
    document = tmp_path / "openapi.json"
    document.write_bytes(served.client.get("/openapi.json").content)
    generator, compiler = (
        PACKAGES / "openapi-typescript/bin/cli.js",
        PACKAGES / "typescript/bin/tsc",
    )
    subprocess.run(
        [node, generator, document, "--output", tmp_path / "api.ts"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for name in ("journeys.ts", "misspelt.ts"):
        shutil.copy(HERE / name, tmp_path)

    told = subprocess.run(
        [node, compiler, *STRICT, "misspelt.ts"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    ).stdout  # fmt: skip

    slips = (HERE / "misspelt.ts").read_text("utf-8").splitlines()
    first = next(n for n, line in enumerate(slips, 1) if line.startswith("press"))
    found = re.findall(r"^(\S+)\((\d+),", told, re.MULTILINE)
    assert found == [("misspelt.ts", str(n)) for n in range(first, len(slips) + 1)]
