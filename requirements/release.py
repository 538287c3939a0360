"""Look at what would be published: `make wheel` and `make floors` run this.

`wheel` builds both files, has them judged, and installs the wheel in a clean environment for each
Python that is here and each extra, as a stranger's `pip install` would; what an extra promises is
then imported. `floors` installs the oldest versions that pyproject.toml declares and runs tests on
them. Both ask the package index, so neither is among the tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
PYTHONS = ("3.11", "3.12", "3.13")

PROMISES = {
    "": ["monespace_flows", "monespace_flows.testing"],
    "http": ["monespace_http"],
    "sql": ["monespace_backends", "monespace_backends.wiring", "monespace_backends.storage.sql"],
    "postgres": ["psycopg", "psycopg_pool"],
    "metrics": ["prometheus_client"],
    "redis": ["redis"],
    "client": ["monespace_flows.client"],
    "sms": ["httpx2"],
    "webhooks": ["httpx2"],
    "cli": ["monespace_cli.main", "monespace_cli.serving.server", "monespace_http.asgi"],
    "demo": ["monespace_cli.main", "aiosmtpd"],
    "tui": ["textual"],
    "all": ["monespace_cli.main", "monespace_flows.client", "monespace_backends.metrics"],
}
"""What can be imported once an extra is installed."""

FLOOR_TESTS = "tests/flows tests/journeys tests/stories tests/backends tests/http tests/cli"


def main(verb: str, *arguments: str) -> int:
    return {"wheel": wheel, "floors": floors}[verb](*arguments)


def wheel() -> int:
    """Build, judge, install; 1 when anything is amiss."""
    extras = _project()["optional-dependencies"]
    if missing := {"", *extras} ^ PROMISES.keys():
        print(f"PROMISES does not say what these bring: {', '.join(sorted(missing))}")
        return 1
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    _run(UV, "build", "--quiet", "--out-dir", dist)
    built = sorted(dist.glob("monespace_flows-*"))
    _run(UV.with_name("twine"), "check", "--strict", *built)
    _run(UV.with_name("pyroma"), "--min=10", ROOT)
    (file,) = dist.glob("*.whl")
    failed = [name for name in _installs(file) if name]
    print(f"{len(failed)} failed" if failed else f"{file.name}: every extra, on every Python here")
    return int(bool(failed))


def floors(*arguments: str) -> int:
    """Run tests on the oldest versions declared, on the oldest Python; what pytest ends with."""
    folder = ROOT / "build" / "floors"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    oldest = folder / "oldest.txt"
    declared = ["pyproject.toml", "--extra", "all", "--no-header", "--no-annotate"]
    wanted = ["--resolution", "lowest-direct", "--python-version", PYTHONS[0]]
    _run(UV, "pip", "compile", "--quiet", *declared, *wanted, "-o", oldest)
    environment = folder / "venv"
    _run(UV, "venv", "--quiet", "--python", PYTHONS[0], environment)
    # Of the tools that test, any version will do, also one that asks for a newer one of ours.
    tools = ["--group", "dev", "--group", "build", "--override", oldest]
    _install(environment, "--quiet", *tools, "-e", ".[all]")
    pins = [line.split(" ")[0] for line in oldest.read_text().splitlines() if "==" in line]
    print("\n".join(pins))
    tests = arguments or FLOOR_TESTS.split()
    command = [environment / "bin" / "pytest", "-q", "-n", "2", "--dist", "worksteal"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *tests], cwd=ROOT, check=False
    ).returncode


def _installs(file: Path) -> Iterator[str]:
    """Install a wheel with each extra on each Python; the name of each that failed, else ""."""
    folder = ROOT / "build" / "wheel"
    for python in PYTHONS:
        if subprocess.run(
            [UV, "python", "find", python], capture_output=True, check=False
        ).returncode:
            print(f"Python {python} is not here: not tried")
            continue
        for extra, promised in PROMISES.items():
            shutil.rmtree(folder, ignore_errors=True)
            _run(UV, "venv", "--quiet", "--python", python, folder)
            _install(folder, "--quiet", f"{file}[{extra}]" if extra else str(file))
            statements = "; ".join(f"import {module}" for module in promised)
            command = [folder / "bin" / "python", "-W", "error", "-c", statements]
            done = subprocess.run(command, check=False)
            name = f"Python {python}, {extra or 'no extra'}"
            print(f"{name}: {'imports' if done.returncode == 0 else 'FAILS'}", flush=True)
            yield name if done.returncode else ""


def _is_here(python: str) -> bool:
    find = [UV, "python", "find", "--no-python-downloads", python]
    return subprocess.run(find, capture_output=True, check=False).returncode == 0


def _install(environment: Path, *what: object) -> None:
    _run(UV, "pip", "install", "--python", environment / "bin" / "python", *what)


def _project() -> dict[str, dict[str, list[str]]]:
    project: dict[str, dict[str, list[str]]] = tomllib.loads(
        (ROOT / "pyproject.toml").read_text("utf-8")
    )["project"]
    return project


def _run(*command: object) -> None:
    environment = {k: v for k, v in os.environ.items() if not re.match("VIRTUAL_ENV|PYTHONPATH", k)}
    subprocess.run([str(it) for it in command], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
