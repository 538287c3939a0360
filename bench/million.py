"""Support, a purge and a registry among a million: `python -m bench million --journeys 1000000`.

Real journals are copied under new references, each journey with a person of its own; their hashes
are made anew, so that they are whole.  Then support's questions are asked of a thousand and of all,
in one process and without its start, which would hide what grows.
"""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
from attrs import frozen
from click.testing import CliRunner

from monespace_backends.secrets import KeyedSecrets, create_keys, read_keys
from monespace_backends.storage import sqlite_url, upgrade
from monespace_cli.main import cli
from monespace_flows.commands import Extend, SendCode, SubmitCode, SubmitIdentity
from monespace_flows.journal.text import read_instant, write_instant
from monespace_flows.testing import Sandbox
from tests.servers import postgres

__all__ = ["measure"]

_FEW = 1_000
_ROUNDS = 5
_SPAN = timedelta(days=170)
"""Over so long the journeys began: less than a purge takes away."""
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_RPPS = "99000000002"
_HEAD = "rpps,birth_date,role,status,mobile,email,council\n"
_WHY = ("--purpose", "test", "--ticket", "BENCH-1")
_QUESTIONS: dict[str, tuple[str, ...]] = {
    "find": ("find", *_WHY, "--json"),
    "show": ("show", "{middle}", *_WHY, "--json"),
    "why": ("why", "{middle}", *_WHY, "--json"),
    "list": ("list", "--json"),
    "list --sort oldest": ("list", "--json", "--sort", "oldest"),
    "list --sort last-newest": ("list", "--json", "--sort", "last-newest"),
    "list --sort last-oldest": ("list", "--json", "--sort", "last-oldest"),
    "list --flow recovery": ("list", "--json", "--flow", "recovery"),
    "list --state enter_code": ("list", "--json", "--state", "enter_code"),
    "list --blocked": ("list", "--json", "--blocked"),
    "list --cause code.differs": ("list", "--json", "--cause", "code.differs"),
    "list --version 1": ("list", "--json", "--version", "1"),
    "list of one day": ("list", "--json", "--since", "{day}", "--until", "{day}"),
}


# --- a million journals --------------------------------------------------------------------------

_Row = tuple[str, int, int, str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class _Line:
    """A line to copy: what stands before its ``previous``, and how long after the start it came."""

    body: str
    after: timedelta
    at: str


@frozen
class _Original:
    """A journal to copy."""

    reference: str
    subject: str
    lines: tuple[_Line, ...]

    def copy(self, reference: str, subject: str, start: datetime) -> Iterator[_Row]:
        """Write its lines for another journey of another person at another time."""
        previous = ""
        for seq, line in enumerate(self.lines):
            at = start + line.after
            body = line.body.replace(self.reference, reference).replace(line.at, write_instant(at))
            if self.subject:
                body = body.replace(self.subject, subject)
            body = f'{body}"previous":"{previous}"'
            previous = sha256(f"{body}}}".encode()).hexdigest()
            yield (
                reference, seq, (at - _EPOCH) // timedelta(microseconds=1),
                f'{body},"hash":"{previous}"}}',
            )  # fmt: skip


def _originals() -> Sequence[_Original]:
    return [_original(flow, presses) for flow in ("creation", "recovery") for presses in range(5)]


def _original(flow: str, presses: int) -> _Original:
    """Go so far: refused, a code asked for, mistyped, typed."""
    box = Sandbox()
    view = box.flows.start(flow)
    reference = view.reference

    def press(command: Any) -> None:
        box.clock.advance(seconds=20)
        box.flows.submit(view.token, command)

    if not presses:
        press(Extend())
    steps: list[Any] = [
        lambda: press(SubmitIdentity(birth_date="01/01/1970", rpps=_RPPS, accept_terms=True)),
        lambda: press(SubmitIdentity(birth_date="17/06/1975", rpps=_RPPS, accept_terms=True)),
    ]
    if flow == "creation":
        steps += [
            lambda: press(SendCode("sms")),
            lambda: press(SubmitCode(f"{(int(box.messages[-1].code or '') + 1) % 1_000_000:06}")),
        ]
    for step in steps[:presses]:
        step()
    with box.storage.reading() as unit:
        lines = [json.loads(line) for line in unit.journal.lines(reference)]
    start = read_instant(lines[0]["at"])
    subject = next((it["facts"]["subject"] for it in lines if "subject" in it["facts"]), "")
    return _Original(
        reference,
        subject,
        tuple(_Line(_body(line), read_instant(line["at"]) - start, line["at"]) for line in lines),
    )


def _body(line: dict[str, Any]) -> str:
    kept = {name: it for name, it in line.items() if name not in {"previous", "hash"}}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))[:-1] + ","


def _reference(number: int) -> str:
    letters = ""
    for _ in range(8):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return f"{letters[:4]}-{letters[4:]}"


def _journals(count: int, wanted: str, *, ago: timedelta) -> Iterator[_Row]:
    """Every line of so many journeys; the one in the middle is of the person who is looked for."""
    originals = _originals()
    first = datetime.now(UTC) - ago
    for number in range(count):
        one = originals[number % len(originals)]
        if number == count // 2:
            one = originals[3]
        key = wanted.partition(":")[0]
        subject = f"{key}:{sha256(str(number).encode()).hexdigest()}"
        if number == count // 2:
            subject = wanted
        yield from one.copy(_reference(number), subject, first + _SPAN * (number / count))


def _fill(url: str, rows: Iterable[_Row]) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute("PRAGMA synchronous = OFF")
            while batch := list(islice(rows := iter(rows), 50_000)):
                file.executemany(
                    "INSERT INTO journal (reference, seq, at, line) VALUES (?, ?, ?, ?)", batch
                )
                file.commit()
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        with server.cursor().copy("COPY journal (reference, seq, at, line) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        server.execute("VACUUM ANALYZE journal")


# --- what is asked of it -------------------------------------------------------------------------


@frozen
class _Service:
    config: Path
    count: int

    def asked(self, words: Sequence[str], typed: str = "") -> float:
        """Ask once; how long it took."""
        filled = [
            it.format(middle=_reference(self.count // 2), day=f"{datetime.now(UTC) - _SPAN / 2:%F}")
            for it in words
        ]
        began = time.perf_counter()
        ended = CliRunner().invoke(
            cli, [*filled, "--config", str(self.config)], input=typed, prog_name="monespace"
        )
        taken = time.perf_counter() - began
        if ended.exit_code not in {0, 1}:
            raise RuntimeError(f"{words}: {ended.output[-500:]}")
        return taken


def _service(folder: Path, url: str, count: int, *, ago: timedelta = _SPAN) -> _Service:
    folder.mkdir()
    keys = folder / "keys"
    create_keys(keys)
    upgrade(url)
    wanted = KeyedSecrets(read_keys(keys)).digests("subject", _RPPS)[0]
    _fill(url, _journals(count, wanted, ago=ago))
    (folder / "registry.csv").write_text(
        f"{_HEAD}{_RPPS},1975-06-17,medecin,inscrit,,,\n",
        "utf-8",
    )
    config = folder / "monespace.toml"
    config.write_text(
        f"""
base_url = "http://127.0.0.1:8000"
database = "{url}"
keys_file = "keys"
registry = "registry.csv"

[smtp]
host = "127.0.0.1"
sender = "ordre@monespace.example"

[http.brakes]
start = "1000000/second"
""",
        "utf-8",
    )
    return _Service(config, count)


def _ratios(few: _Service, many: _Service) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, words in _QUESTIONS.items():
        taken: dict[_Service, list[float]] = {few: [], many: []}
        for _ in range(_ROUNDS + 1):
            for service in (few, many):
                taken[service].append(service.asked(words, f"{_RPPS}\n"))
        low, high = (statistics.median(taken[it][1:]) for it in (few, many))
        found[f"{name} ms"] = round(1000 * high, 1)
        found[f"{name} ratio"] = round(high / low, 2)
    return found


# --- a purge beside a server ---------------------------------------------------------------------


@contextmanager
def _serving(config: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "monespace_cli", "serve", "--config", str(config), "--port"]
    with subprocess.Popen(
        [*command, "0"], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        ready = re.search(r":(\d+)/", server.stdout.readline())
        assert ready is not None
        try:
            yield server, int(ready[1])
        finally:
            server.terminate()


_BEGIN = '{"flow":"creation","command":"extend"}'  # a start alone would write nothing


def _purged(service: _Service) -> dict[str, float]:
    """Take all journals away while journeys are started; how the starts were answered."""
    statuses: Counter[int] = Counter()
    ends = Event()
    with _serving(service.config) as (_, port):

        def start() -> None:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            while not ends.is_set():
                # Another host would be refused: the port is not the one of the settings.
                head = {"Content-Type": "application/json", "Host": "127.0.0.1:8000"}
                client.request("POST", "/api/journeys", _BEGIN, head)
                answer = client.getresponse()
                answer.read()
                statuses[answer.status] += 1
                time.sleep(0.02)

        thread = Thread(target=start)
        thread.start()
        began = time.perf_counter()
        purge = [sys.executable, "-m", "monespace_cli", "purge", "--config", str(service.config)]
        done = subprocess.run([*purge, "--json"], check=True, capture_output=True, text=True)
        taken = time.perf_counter() - began
        ends.set()
        thread.join()
    told = json.loads(done.stdout)["deleted"]["journal"]
    wal = Path(f"{service.config.parent}.db-wal")
    return {
        "purge lines": told,
        "purge seconds": round(taken, 1),
        "purge log left, bytes": wal.stat().st_size if wal.exists() else 0,
        **{f"purge starts answered {it}": count for it, count in sorted(statuses.items())},
        "purge starts answered 503": statuses[503],
    }


# --- a registry ----------------------------------------------------------------------------------


def _registry(folder: Path, people: int = 350_000) -> dict[str, float]:
    """The memory of a server whose registry holds every doctor of the country."""
    service = _service(folder, sqlite_url(folder.with_suffix(".db")), 10)
    text = service.config.read_text("utf-8").replace("registry.csv", "registry.sqlite")
    service.config.write_text(text, "utf-8")
    export = folder / "export.csv"
    with export.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for number in range(people):
            file.write(
                f"{_luhn(9_900_000_000 + number)},1975-06-17,medecin,inscrit,"
                f"+336{number:08},d{number}@x.example,\n"
            )
    program = [sys.executable, "-m", "monespace_cli"]
    command = [*program, "registry", "import", str(export), "--config", str(service.config)]
    subprocess.run(command, check=True, capture_output=True)
    with _serving(service.config) as (server, port):
        for _ in range(200):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            client.request("GET", "/creation", headers={"Host": "127.0.0.1:8000"})
            client.getresponse().read()
            client.close()
        status = Path(f"/proc/{server.pid}/status").read_text()
    rss = re.search(r"VmRSS:\s+(\d+)", status)
    return {"registry people": people, "registry server MB": int(rss[1]) // 1000 if rss else 0}


def _luhn(number: int) -> str:
    digits = f"{number}"
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def measure(journeys: int, *, postgresql: bool) -> dict[str, float]:
    """Ask on a file, and on a server too if that is wanted; then purge, then load a registry."""
    found: dict[str, float] = {"journeys": journeys}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found |= _told("sqlite", _on_files(folder, journeys))
        if postgresql:
            found |= _told("postgresql", _on_a_server(folder, journeys))
        found |= _registry(folder / "registry")
    return found


def _told(engine: str, found: dict[str, float]) -> dict[str, float]:
    return {f"{engine} {name}": value for name, value in found.items()}


def _on_files(folder: Path, journeys: int) -> dict[str, float]:
    few, many = (
        _service(folder / name, sqlite_url(folder / f"{name}.db"), count)
        for name, count in (("few", _FEW), ("many", journeys))
    )
    found = _ratios(few, many)
    found["stats seconds"] = round(few.asked(("stats", "--json")), 1)
    late = _service(folder / "late", sqlite_url(folder / "late.db"), journeys, ago=3 * _SPAN)
    return found | _purged(late)


def _on_a_server(folder: Path, journeys: int) -> dict[str, float]:
    with (
        postgres.running() as server,
    ):
        if server is None:
            raise RuntimeError(postgres.NO_SERVER)
        few, many = (
            _service(folder / f"pg-{name}", postgres.create_database(server, name), count)
            for name, count in (("few", _FEW), ("many", journeys))
        )
        found = _ratios(few, many)
        late = _service(
            folder / "pg-late", postgres.create_database(server, "late"), journeys, ago=3 * _SPAN
        )
        return found | _purged(late)
