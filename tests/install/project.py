"""What the project says of its own requirements, and what `make lock` makes of it."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from packaging.requirements import Requirement

from .locks import Wants

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))


def roots(lock: str) -> list[str]:
    """Give the requirements that `make lock` writes a lock for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    words = _words(lock)
    found: list[str] = []
    if "pyproject.toml" in words:
        found += project["project"]["dependencies"]
    for option, name in pairwise(words):
        if option == "--extra":
            found += _extra(project["project"]["optional-dependencies"], name)
        if option == "--group":
            found += project["dependency-groups"][name]
    return found


def wants() -> dict[str, Wants]:
    """Give what `make lock` read of every locked distribution."""
    stored = json.loads((REQUIREMENTS / "wants.json").read_text(encoding="utf-8"))
    return {pin: Wants(said["python"], tuple(said["requires"])) for pin, said in stored.items()}


def _words(lock: str) -> list[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (command,) = re.findall(
        rf"\$\(LOCK\) (.*) -o requirements/{lock}\.txt$", makefile, re.MULTILINE
    )
    return shlex.split(command)


def _extra(extras: dict[str, list[str]], name: str) -> Iterator[str]:
    for line in extras[name]:
        requirement = Requirement(line)
        if requirement.name == "monespace-flows":
            for extra in requirement.extras:
                yield from _extra(extras, extra)
        else:
            yield line
