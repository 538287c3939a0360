"""The cold start of `monespace show`, beside an interpreter that does nothing.

Modules are compiled beforehand, as they are where the program is installed.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from monespace_backends.secrets import create_keys
from monespace_backends.storage import open_storage
from monespace_cli.access.place import DemoFolder
from monespace_flows.commands import SubmitIdentity
from monespace_flows.testing import Sandbox

__all__ = ["measure"]

_UNLIKE_INSTALLED = {"PYTHONDONTWRITEBYTECODE"}
_WHY = ("--purpose", "test", "--ticket", "BENCH-1")


def measure() -> dict[str, float]:
    """CPU milliseconds of a process: doing nothing, helping, showing a journey of two places."""
    with tempfile.TemporaryDirectory() as place:
        folder = DemoFolder(Path(place))
        create_keys(folder.keys)
        reference = _refused(folder)
        program = [str(Path(sys.executable).with_name("monespace"))]
        works = {
            "nothing": [sys.executable, "-c", "pass"],
            "help": [*program, "--help"],
            "show": [*program, "show", reference, "--dir", place, *_WHY],
            "show_by_settings": [*program, "show", reference, "--config", _settings(folder), *_WHY],
        }
        taken: dict[str, list[float]] = {name: [] for name in works}
        for command in works.values():
            _cpu_ms(command)  # compiles the modules
        for _ in range(15):
            for name, command in works.items():
                taken[name].append(_cpu_ms(command))
    told = {f"{name}_ms": round(statistics.median(times), 1) for name, times in taken.items()}
    nothing = told["nothing_ms"]
    return {
        **told,
        "ratio": round(told["show_ms"] / nothing, 1),
        "ratio_by_settings": round(told["show_by_settings_ms"] / nothing, 1),
    }


def _settings(folder: DemoFolder) -> str:
    """Write the settings that `monespace serve` would have, on the same data."""
    path = folder.path / "monespace.toml"
    path.write_text(
        f"""
base_url = "https://monespace.example"
database = "{folder.url}"
keys_file = "{folder.keys}"
registry = "{folder.registry}"

[smtp]
host = "127.0.0.1"
sender = "ordre@monespace.example"
""",
        "utf-8",
    )
    return str(path)


def _refused(folder: DemoFolder) -> str:
    storage = open_storage(folder.url)
    sandbox = Sandbox(storage=storage)
    view = sandbox.flows.start("creation")
    wrong = SubmitIdentity(birth_date="16/07/1975", rpps="99000000002", accept_terms=True)
    for _ in range(3):
        view = sandbox.flows.submit(view.token, wrong)
    storage.close()
    return view.reference


def _cpu_ms(command: list[str]) -> float:
    environment = {name: it for name, it in os.environ.items() if name not in _UNLIKE_INSTALLED}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * spent
