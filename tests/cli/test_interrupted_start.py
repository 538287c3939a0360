"""Ctrl+C while the program is still being imported: it ends at once, and says nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from monespace_cli.errors import Exit

from .running import clean_environment

INTERRUPTED = """
import runpy, sys
from importlib.abc import MetaPathFinder

unlucky = sys.argv.pop(1)

class Interrupt(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == unlucky:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
"""
MODULE = "runpy.run_module('monespace_cli', run_name='__main__', alter_sys=True)"
SCRIPT = "from monespace_cli.main import main; sys.exit(main())"


@pytest.mark.parametrize("way_in", [MODULE, SCRIPT], ids=["module", "script"])
@pytest.mark.parametrize(
    "name",
    [
        "click",
        "monespace_cli.program",
        "monespace_cli.command",
        "monespace_cli.support.why",
        "monespace_flows",
        "rich_click",
        "monespace_cli.errors",
    ],
)
def test_an_interrupted_import_ends_the_program_quietly(name: str, way_in: str) -> None:
    words = {"rich_click": ["explain", "--help"], "monespace_cli.errors": ["explain"]}
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED + way_in, name, *words.get(name, ["explain", "all"])],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )

    assert done.returncode == Exit.INTERRUPTED
    assert (done.stdout, done.stderr.strip()) == ("", "")


def test_the_way_in_imports_nothing() -> None:
    """Whatever it imported before it watches for Ctrl+C would show a traceback."""
    code = (
        "import sys\nbefore = set(sys.modules)\nimport monespace_cli.main\n"
        "print(sorted(set(sys.modules) - before - {'__future__'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )

    assert done.stdout.strip() == "['monespace_cli', 'monespace_cli.main']"
