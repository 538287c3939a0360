"""An agent at the console: what is pressed, and what the page says."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from attrs import define, field
from httpx2 import Response
from starlette.testclient import TestClient

from monespace_cli.access.log import AccessLog, AccessRecord
from monespace_cli.console import create_console, find_place

__all__ = ["AGENT", "Desk", "as_typed"]

AGENT = "agent.huit"
_TYPED = str.maketrans("\u00a0\u202f’", "  '")
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def as_typed(text: str) -> str:
    """A text with the spaces and apostrophes that one types."""
    return text.translate(_TYPED)


@define
class Desk:
    """A console on a folder, or on settings, behind a sign-in that knows ``agent``; its clock."""

    path: Path
    config: Path | None = None
    acts: bool = False
    agent: str | None = AGENT
    seconds: float = 0.0
    client: TestClient = field(init=False)
    token: str = ""

    def __attrs_post_init__(self) -> None:
        app = create_console(
            find_place(self.config, None if self.config else self.path),
            lambda _: self.agent,
            acts_too=self.acts,
            secure=False,
            clock=lambda: self.seconds,
        )
        self.client = TestClient(app, base_url="http://127.0.0.1")

    def look(self, path: str) -> str:
        """Open a page, and read it."""
        return self.read(self.client.get(path))

    def send(self, path: str, **fields: str) -> str:
        """Send the form of the page that was opened last, and read the answer."""
        return self.read(self.client.post(path, data={"form_token": self.token, **fields}))

    def read(self, response: Response) -> str:
        """Take a page's words as they are seen, and what its form needs."""
        found = _TOKEN.search(response.text)
        self.token = found[1] if found else self.token
        return as_typed(unescape(response.text))

    def give_grounds(self) -> str:
        """Say why."""
        self.look("/motif")
        return self.send("/motif", purpose="caller", ticket="SD-1423")

    def records(self) -> tuple[AccessRecord, ...]:
        """What the log of accesses holds."""
        return AccessLog(self.path / "access.jsonl").read()
