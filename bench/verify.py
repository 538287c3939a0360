"""`monespace verify` on a database of many journeys: how many a second, and how much it holds.

The process is measured from outside, twice: with a tenth of the journeys and with all of them, so
that what grows with their number shows.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from attrs import evolve

from monespace_backends.secrets import KeyedSecrets, create_keys, read_keys
from monespace_backends.storage import open_storage, write_heads
from monespace_backends.storage.tables import from_instant
from monespace_cli.access.place import DemoFolder
from monespace_flows.commands import Activate, SendCode, SubmitCode, SubmitIdentity
from monespace_flows.driver.case import seal_of
from monespace_flows.journal.entry import Entry, read_entry, write_entry
from monespace_flows.testing import Sandbox

__all__ = ["measure"]

_JOURNEYS = int(os.environ.get("MONESPACE_BENCH_JOURNEYS", "100000"))


def measure() -> dict[str, float]:
    """Journeys a second and peak megabytes, and what reading the same lines as JSON takes."""
    few, many = _measured(_JOURNEYS // 10), _measured(_JOURNEYS)
    return {
        "journeys": _JOURNEYS,
        "journeys_a_second": round(_JOURNEYS / many["seconds"]),
        "json_ratio": round(many["seconds"] / many["json"], 1),
        "peak_mb": round(many["peak"], 1),
        "peak_ratio_of_ten_times": round(many["peak"] / few["peak"], 2),
        "cost_ratio_of_ten_times": round(many["seconds"] / few["seconds"], 1),
    }


def _measured(count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = DemoFolder(Path(place))
        create_keys(folder.keys)
        _fill(folder, count)
        program = str(Path(sys.executable).with_name("monespace"))
        process = subprocess.Popen(
            [program, "verify", "--dir", place], stdout=subprocess.PIPE, text=True
        )
        told = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        if status or "Tout tient" not in told:
            raise SystemExit(f"verify: {told}")
        return {
            "seconds": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss / 1024,
            "json": _decoding(folder),
        }


def _decoding(folder: DemoFolder) -> float:
    began = perf_counter()
    with closing(sqlite3.connect(folder.database)) as connection:
        for (line,) in connection.execute("SELECT line FROM journal"):
            json.loads(line)
    return perf_counter() - began


def _fill(folder: DemoFolder, count: int) -> None:
    secrets = KeyedSecrets(read_keys(folder.keys))
    entries = tuple(_a_journey())
    now = datetime.now(UTC)
    storage = open_storage(folder.url)
    storage.pause = lambda _: None
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.executemany(
            "INSERT INTO journal (reference, seq, at, line) VALUES (?, ?, ?, ?)",
            _rows(entries, count, secrets, now - timedelta(hours=3)),
        )
    for _ in write_heads(storage, secrets, now, now - timedelta(days=183)):
        pass
    storage.close()


def _a_journey() -> Iterator[Entry]:
    """A creation of six lines, with a code that was mistyped."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    known = SubmitIdentity(birth_date="17/06/1975", rpps="99000000002", accept_terms=True)
    for command in (known, SendCode("sms")):
        sandbox.flows.submit(view.token, command)
    code = sandbox.messages[-1].code or ""
    for typed in (f"{(int(code) + 1) % 1_000_000:06}", code):
        sandbox.flows.submit(view.token, SubmitCode(typed))
    address, password = "cabinet@exemple.example", "neuf tasses de thé vert"
    last = Activate(
        email=address,
        email_confirmation=address,
        password=password,
        password_confirmation=password,
    )
    sandbox.flows.submit(view.token, last)
    with sandbox.storage.reading() as unit:
        yield from map(read_entry, unit.journal.lines(view.reference))


_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _reference(number: int) -> str:
    signs = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(35, -5, -5))
    return f"{signs[:4]}-{signs[4:]}"


def _rows(
    entries: tuple[Entry, ...], count: int, secrets: KeyedSecrets, at: datetime
) -> Iterator[tuple[str, int, int, str]]:
    digests, began = seal_of(secrets), entries[0].at
    for number in range(count):
        reference, previous = _reference(number), ""
        for entry in entries:
            when = at + (entry.at - began)
            told = evolve(
                entry,
                reference=reference,
                at=when,
                previous=previous,
                effects=tuple(
                    evolve(it, key=it.key.replace(entry.reference, reference))
                    for it in entry.effects
                ),
            )
            line, previous = write_entry(told, digests)
            yield reference, entry.seq, from_instant(when), line
