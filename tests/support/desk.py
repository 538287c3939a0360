"""A help desk: a folder of real data, people going through journeys, and the program to ask."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve
from click.testing import CliRunner, Result

from monespace_backends.secrets import KeyedSecrets, read_keys
from monespace_backends.storage import open_storage
from monespace_cli.access.place import DemoFolder
from monespace_cli.main import cli
from monespace_flows import Flows, Policy
from monespace_flows.driver.relay import Relay
from monespace_flows.testing import Sandbox
from tests.servers.storages import sqlite_file

from .people import Person

WHY = ("--purpose", "test", "--ticket", "SD-1423")


class _Drawn(KeyedSecrets):
    """Draws the same each time: nothing drawn holds by chance what a test looks for."""

    def __init__(self, path: Path) -> None:
        super().__init__(read_keys(path))
        self._dice = Random(1990)  # noqa: S311 - chance that a test can know

    def token(self) -> str:
        return urlsafe_b64encode(self._dice.randbytes(32)).decode().rstrip("=")

    def digits(self, count: int) -> str:
        return str(self._dice.randrange(10**count)).zfill(count)


class Desk:
    """Everything in one folder, as ``monespace demo`` leaves it."""

    def __init__(self, path: Path, policy: Policy | None = None) -> None:
        self.path = path
        self.folder = DemoFolder(path)
        path.mkdir(parents=True, exist_ok=True)
        self.folder.keys.touch(0o600)
        self.folder.keys.write_bytes(b64encode(b"k" * 32))
        if not self.folder.database.exists():
            sqlite_file(self.folder.database)
        self.storage = open_storage(self.folder.url)
        self.sandbox = Sandbox(policy, storage=self.storage)
        secrets = _Drawn(self.folder.keys)
        ports = evolve(self.sandbox.ports, secrets=secrets)
        sandbox = self.sandbox
        sandbox.relay = Relay(self.storage, secrets, sandbox.messages, sandbox.clock)
        sandbox.flows = Flows(ports, policy, wake=sandbox.deliver)
        self.runner = CliRunner()

    def person(self, flow: str, session: str | None = None) -> Person:
        """Someone who starts a journey."""
        return Person(self.sandbox, flow, session)

    def run(self, *args: str, typed: str = "") -> Result:
        """Run the program on the desk's data."""
        place = () if "--file" in args else ("--dir", str(self.path))
        return self.runner.invoke(cli, [*args, *place], input=typed)

    def ask(self, command: str, *args: str, typed: str = "") -> Result:
        """Run a command that must say why it reads."""
        return self.run(command, *args, *WHY, typed=typed)

    def data(self, command: str, *args: str, typed: str = "") -> dict[str, Any]:
        """What a command answers to ``--json``."""
        result = self.ask(command, *args, "--json", typed=typed)
        answered: dict[str, Any] = json.loads(result.stdout)
        return answered

    def run_ahead(self, **of_now: float) -> None:
        """Have the clock of this demo run ahead, as ``--clock`` does."""
        ahead = self.path / "ahead"
        ahead.write_text(str(timedelta(**of_now).total_seconds()), "utf-8")
        self.folder.clock.write_text(str(ahead), "utf-8")

    def keep_time(self) -> None:
        """Have it be the present for who presses, too."""
        present = datetime.now(UTC).replace(microsecond=0)
        self.sandbox.clock.advance(seconds=(present - self.sandbox.clock.now()).total_seconds())

    def close(self) -> None:
        """Let the database go."""
        self.storage.close()
