"""The cold start of `monespace show`, beside an interpreter that does nothing."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from monespace_backends.keys import create_keys
from monespace_backends.storage import open_storage
from monespace_cli.folder import DemoFolder
from monespace_flows.commands import SubmitIdentity
from monespace_flows.testing import Sandbox

__all__ = ["measure"]

_WHY = ("--purpose", "test", "--ticket", "BENCH-1")


def measure() -> dict[str, float]:
    """CPU milliseconds of a process: doing nothing, saying its version, showing a journey."""
    with tempfile.TemporaryDirectory() as place:
        folder = DemoFolder(Path(place))
        create_keys(folder.keys)
        reference = _refused(folder)
        program = [sys.executable, "-m", "monespace_cli"]
        works = {
            "nothing": [sys.executable, "-c", "pass"],
            "help": [*program, "--help"],
            "show": [*program, "show", reference, "--dir", place, *_WHY],
        }
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(9):
            for name, command in works.items():
                taken[name].append(_cpu_ms(command))
    told = {f"{name}_ms": round(statistics.median(times), 1) for name, times in taken.items()}
    return {**told, "ratio": round(told["show_ms"] / told["nothing_ms"], 1)}


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
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * spent
