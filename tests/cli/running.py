"""The program as its users run it: a process of its own, and a browser's worth of JSON."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from attrs import define, field, frozen

from .warm import Fork, Warm

__all__ = [
    "Answer",
    "Demo",
    "Ended",
    "Person",
    "Warmed",
    "clean_environment",
    "demo",
    "run",
    "wait_for",
]

PROGRAM = (sys.executable, "-m", "monespace_cli")
_PATIENCE = 30.0


@frozen
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON it wrote."""
        return json.loads(self.out)


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment without what would tell the program where to look."""
    kept = {name: it for name, it in os.environ.items() if not name.startswith("MONESPACE_")}
    return kept | {"NO_COLOR": "1", "COLUMNS": "80"} | variables


def run(
    *arguments: str | Path, typed: str = "", directory: Path | None = None, **variables: str
) -> Ended:
    """Run the program to its end."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_PATIENCE,
        check=False,
        cwd=directory,
        env=clean_environment(**variables),
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def wait_for(found: Callable[[], Any], what: str) -> Any:
    """Ask again and again until there is an answer."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


@frozen
class Answer:
    """An answer of the JSON interface."""

    status: int
    body: Any = field(repr=False)


@define
class Demo:
    """A running demo: its address, its data, its process."""

    process: subprocess.Popen[str] | Fork
    url: str
    path: Path

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ""
    ) -> Answer:
        """Ask the JSON interface."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        raw = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, raw, headers, method=method)  # noqa: S310 - loopback
        try:
            with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - loopback
                return Answer(answer.status, json.loads(answer.read() or b"null"))
        except HTTPError as error:
            with error:
                return Answer(error.code, json.loads(error.read() or b"null"))

    def page(self, path: str) -> str:
        """Read a page."""
        with urlopen(self.url + path, timeout=_PATIENCE) as answer:  # noqa: S310 - loopback
            text: str = answer.read().decode()
            return text

    def start(self, flow: str, token: str = "") -> Person:
        """Start a journey."""
        view = self.call("POST", "api/journeys", {"flow": flow}, token).body
        return Person(self, view["reference"], view["token"])

    def messages(self) -> list[dict[str, Any]]:
        """What was delivered so far."""
        file = self.path / "messages.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]

    def message(self, count: int, **wanted: str) -> dict[str, Any]:
        """Wait until ``count`` such messages have arrived; the newest."""

        def found() -> dict[str, Any] | None:
            fit = [it for it in self.messages() if wanted.items() <= it.items()]
            return fit[-1] if len(fit) >= count else None

        message: dict[str, Any] = wait_for(found, f"message {count} like {wanted}")
        return message

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)


@define
class Person:
    """Someone on a journey; ``seen`` is the last view."""

    demo: Demo
    reference: str
    token: str = field(repr=False)
    seen: Any = field(default=None, repr=False)

    def press(self, command: str, **fields: Any) -> Answer:
        """Press a button."""
        path = f"api/journeys/{self.reference}/{command}"
        answer = self.demo.call("POST", path, fields, self.token)
        self.seen = answer.body
        return answer

    def identify(self, rpps: str, birth_date: str) -> Answer:
        """Say who one is."""
        return self.press("submit_identity", birth_date=birth_date, rpps=rpps, accept_terms=True)

    def code(self, channel: str, count: int = 1) -> str:
        """Read the code received, the newest of ``count``."""

        def found() -> dict[str, Any] | None:
            mine = [
                it
                for it in self.demo.messages()
                if it["id"].startswith(self.reference)
                and (it["purpose"], it["channel"]) == ("code", channel)
            ]
            return mine[-1] if len(mine) >= count else None

        message = wait_for(found, f"code {count} by {channel}")
        digits = re.search(r"\b[0-9]{6}\b", message["text"])
        assert digits is not None
        return digits[0]


@contextmanager
def demo(path: Path, *arguments: str | Path) -> Iterator[Demo]:
    """Run a demo on a free port until the block ends."""
    with subprocess.Popen(
        [*PROGRAM, "demo", "--port", "0", "--dir", str(path), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment(),
    ) as process:
        try:
            yield Demo(process, _address(process), path)
        finally:
            process.kill()


@frozen
class Warmed:
    """The program for runs that need not be seen to import anything: they cost far less."""

    program: Warm

    def run(self, *arguments: str | Path) -> Ended:
        """Run the program to its end."""
        return Ended(*self.program.run(*arguments, environment=clean_environment()))

    @contextmanager
    def demo(self, path: Path, *arguments: str | Path) -> Iterator[Demo]:
        """Run a demo on a free port until the block ends."""
        with self.program.start(
            "demo", "--port", "0", "--dir", path, *arguments, environment=clean_environment()
        ) as fork:
            yield Demo(fork, _address(fork), path)

    @contextmanager
    def serve(self, config: Path) -> Iterator[Demo]:
        """Serve by a settings file until the block ends."""
        with self.program.start(
            "serve", "--config", config, environment=clean_environment()
        ) as fork:
            yield Demo(fork, _address(fork), config.parent)


def _address(process: subprocess.Popen[str] | Fork) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _PATIENCE)
    line = process.stdout.readline() if ready else ""
    assert line.startswith("Ready: http://127.0.0.1:"), line
    return line.removeprefix("Ready: ").strip()
