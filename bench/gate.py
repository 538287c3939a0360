"""The gate on 100 000 twelve-line journeys, beside a JSON decode of the same file; `--nearest`."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from monespace_flows.commands import Command, Extend, SendCode, SubmitCode, SubmitIdentity
from monespace_flows.flows import FLOWS
from monespace_flows.journal.export import StoredJournal, decode_journeys
from monespace_flows.policy import IdentityPolicy, Policy
from monespace_flows.support.gate import Drift, Gate
from monespace_flows.support.nearest import nearest
from monespace_flows.testing import Sandbox

__all__ = ["measure"]

_LINES = 12
_JOURNEYS = int(os.environ.get("MONESPACE_BENCH_JOURNEYS", "100000"))
_LENIENT = Policy(identity=IdentityPolicy(failures=50, failures_per_day=50))


class _Walk:
    """Someone on their way through a sandbox."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(_LENIENT)
        self.view = self.sandbox.flows.start("creation")

    def press(self, command: Command) -> None:
        self.sandbox.clock.advance(seconds=20)
        self.view = self.sandbox.flows.submit(self.view.token, command)

    def identify(self, birth_date: str) -> None:
        self.press(SubmitIdentity(birth_date=birth_date, rpps="99000000002", accept_terms=True))

    def lines(self) -> list[str]:
        with self.sandbox.storage.reading() as unit:
            return list(unit.journal.lines(self.view.reference))


def _walks() -> Iterator[_Walk]:
    """Real journeys of twelve lines: wrong dates, wrong codes, both channels."""
    for dates in range(4):
        for codes in range(4):
            for channel in ("sms", "email"):
                walk = _Walk()
                for day in range(dates):
                    walk.identify(f"0{day + 1}/01/1970")
                walk.identify("17/06/1975")
                walk.press(SendCode(channel))
                code = walk.sandbox.messages[-1].code or ""
                for _ in range(codes):
                    walk.press(SubmitCode(f"{(int(code) + 1) % 1_000_000:06}"))
                while len(walk.lines()) < _LINES - 1:
                    walk.press(Extend())
                walk.press(SubmitCode(code))
                yield walk


def _write(path: Path) -> None:
    """Each journey under its own reference, as in a real file (so its hashes are wrong)."""
    originals = [(walk.view.reference, "\n".join(walk.lines()) + "\n") for walk in _walks()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(_JOURNEYS):
            reference, text = originals[number % len(originals)]
            file.write(text.replace(reference, f"J{number:08}"))


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def measure() -> dict[str, float]:
    """CPU seconds of one process for the whole file, and what they come to per journey."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "corpus.jsonl")
        _write(path)
        decoded = _seconds(lambda: _decode(path))
        gate = Gate(FLOWS)
        gated = _seconds(lambda: _judge(gate, path))
    report = gate.report
    assert report.by_drift[Drift.SAME] == report.journeys == _JOURNEYS
    assert report.steps == _JOURNEYS * _LINES
    return {
        "journeys": _JOURNEYS,
        "decode_seconds": round(decoded, 2),
        "gate_seconds": round(gated, 2),
        "ratio": round(gated / decoded, 2),
        "journeys_per_second": round(_JOURNEYS / gated),
        "nearest_ms": round(_nearest(), 2),
    }


def _decode(path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            json.loads(line)


def _judge(gate: Gate, path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        gate.judge_all(decode_journeys(lines))


def _nearest() -> float:
    walk = _Walk()
    for day in range(3):
        walk.identify(f"0{day + 1}/01/1970")
    entries = StoredJournal(walk.view.reference, tuple(walk.lines())).entries()
    return 1000 * min(_seconds(lambda: nearest(FLOWS["creation"], entries)) for _ in range(5))
