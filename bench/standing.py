"""A service that is stood up for a soak, catches what it sends, and is killed again and again.

PostgreSQL, two servers and two relays are processes; what leaves them comes to this one.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from aiosmtpd.controller import Controller
from attrs import define, field, frozen

from tests.servers import postgres, storages

BASE = "127.0.0.1:8000"
"""What people type: a proxy would stand there, and lead to either server."""

KEY = b"s" * 32
REFERENCE = len("7K3Q-F9M2")
SERVERS = 2
RELAYS = 2


# --- what leaves ---------------------------------------------------------------------------------


@frozen
class Arrived:
    """One message, when it came, and the code or the link in it."""

    at: float
    what: str


@define
class Catcher:
    """A mail server and an SMS provider that keep what a journey sent, by its reference."""

    arrived: dict[str, list[Arrived]] = field(factory=dict)
    ids: dict[str, int] = field(factory=dict)
    changed: Condition = field(factory=Condition)

    def take(self, message: str, text: str) -> None:
        """Keep a message; the same one again is only counted."""
        found = re.search(r"/lien/(\S+?)[\s\"<]", f"{text} ") or re.search(
            r"(?<![0-9#])([0-9]{6})\b", text
        )
        with self.changed:
            self.ids[message] = self.ids.get(message, 0) + 1
            if self.ids[message] == 1 and found is not None:
                mine = self.arrived.setdefault(message[:REFERENCE], [])
                mine.append(Arrived(time.time(), found[1]))
            self.changed.notify_all()

    def wait(self, reference: str, wanted: re.Pattern[str], seconds: float) -> Arrived | None:
        """The newest of what a journey sent, such as it is wanted; none if none comes."""

        def newest() -> Arrived | None:
            mine = self.arrived.get(reference, ())
            return next((it for it in reversed(mine) if wanted.fullmatch(it.what)), None)

        with self.changed:
            self.changed.wait_for(newest, seconds)
            return newest()

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail: aiosmtpd calls this."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        text = "" if body is None else body.get_content()
        self.take(str(mail["Message-ID"]).strip("<> ").partition("@")[0], text)
        return "250 OK"


@contextmanager
def catching(catcher: Catcher) -> Iterator[tuple[int, int]]:
    """Listen for mails and SMS: both ports."""

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sms = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            catcher.take(self.headers["Idempotency-Key"], sms["text"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Many(ThreadingHTTPServer):
        request_queue_size = 256

        def handle_error(self, *_: object) -> None:
            """A relay that was killed while it spoke."""

    provider = Many(("127.0.0.1", 0), Provider)
    mails = Controller(catcher, hostname="127.0.0.1", port=free_port())
    Thread(target=provider.serve_forever, daemon=True).start()
    mails.start()
    try:
        yield mails.port, provider.server_port
    finally:
        mails.stop()
        provider.shutdown()


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


# --- what is stood up ----------------------------------------------------------------------------


@define
class Part:
    """A process of the service, its log, and how to start it again."""

    name: str
    words: tuple[str, ...]
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    more: Mapping[str, str] = field(factory=dict)
    """What stands in its environment beside what is in ours."""

    def start(self) -> None:
        """Start it, and wait until it serves."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "monespace_cli", *self.words],
                stdout=subprocess.PIPE if self.port else log, stderr=log, cwd=self.folder,
                env={k: v for k, v in os.environ.items() if not k.startswith("MONESPACE_")}
                | dict(self.more),
            )  # fmt: skip
        if self.process.stdout is not None:
            self.process.stdout.readline()

    def kill(self) -> None:
        """End it as the machine's lack of memory would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        """Ask it to end, with all that it began."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    @property
    def is_alive(self) -> bool:
        """Whether it runs: it must, unless it was killed here."""
        return self.process is not None and self.process.poll() is None

    @property
    def memory(self) -> float:
        """What it holds, in MB."""
        if not self.is_alive or self.process is None:
            return 0
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+([0-9]+)", status)
        return round(int(found[1]) / 1024, 1) if found else 0


@define
class Standing:
    """The whole service."""

    url: str
    folder: Path
    catcher: Catcher
    parts: list[Part]
    kills: dict[str, int] = field(factory=dict)
    died: list[str] = field(factory=list)
    refused: int = 0

    @property
    def servers(self) -> list[Part]:
        """The parts that people reach."""
        return [it for it in self.parts if it.port]

    def disturb(self, dice: random.Random, *, servers: bool) -> None:
        """Kill one part, and start it again after a moment; servers may be left alone."""
        parts = [it for it in self.parts if servers or not it.port]
        self.look_after()
        victim = dice.choice([*parts, None])
        name = "postgresql" if victim is None else victim.name
        self.kills[name] = self.kills.get(name, 0) + 1
        if victim is None:
            postgres.crash(self.url)
            time.sleep(dice.uniform(0, 2))
            postgres.restart(self.url)
        else:
            victim.kill()
            time.sleep(dice.uniform(0, 2))
            victim.start()

    def look_after(self) -> None:
        """Start what ended by itself, and remember that it did."""
        for part in self.parts:
            if not part.is_alive:
                # Code 2: a start that was refused, with the reason: PostgreSQL was away just then.
                if part.process is not None and part.process.returncode == 2:
                    self.refused += 1
                else:
                    self.died.append(part.name)
                part.start()


@contextmanager
def standing(folder: Path, people: list[str]) -> Iterator[Standing]:
    """Stand the service up with the lines of its registry."""
    catcher = Catcher()
    with postgres.running(durable=True) as url, catching(catcher) as ports:
        if url is None:
            raise SystemExit(postgres.NO_SERVER)
        with storages.postgres_database(url) as database:
            write_files(folder, people)
            parts = []
            for number in range(SERVERS):
                port = free_port()
                config = _settings(folder / f"server{number}.toml", port, database, ports)
                words = ("serve", "--config", str(config))
                parts.append(Part(f"server{number}", words, folder, port))
            config = _settings(folder / "relay.toml", 0, database, ports)
            for number in range(RELAYS):
                words = ("relay", "--config", str(config))
                parts.append(Part(f"relay{number}", words, folder))
            found = Standing(database, folder, catcher, parts)
            try:
                for part in parts:
                    part.start()
                yield found
            finally:
                for part in parts:
                    part.kill()


def write_files(folder: Path, people: list[str]) -> None:
    """Write the registry that holds these lines, and the keys."""
    head = "rpps,birth_date,role,status,mobile,email,council,family_name,given_name"
    (folder / "registry.csv").write_text("\n".join([head, *people, ""]))
    keys = folder / "keys"
    keys.touch(0o600)
    keys.write_bytes(b64encode(KEY) + b"\n")


def _settings(path: Path, port: int, database: str, ports: tuple[int, int]) -> Path:
    mail, sms = ports
    path.write_text(
        f"""
        base_url = "http://{BASE}"
        database = "{database}"
        keys_file = "keys"
        registry = "registry.csv"
        relay = false
        http = {{ port = {port}, trusted_proxies = ["127.0.0.1"], answer_floor = "50ms" }}
        smtp = {{ host = "127.0.0.1", port = {mail}, tls = "none", sender = "x@site.example" }}
        sms = {{ url = "http://127.0.0.1:{sms}/", key = "soak" }}
        argon2 = {{ memory_cost = 19456, time_cost = 2, parallelism = 1 }}
        policy.totals = {{ sms_budget = 1000000000, emails_per_day = 1000000000 }}
        """
    )
    return path
