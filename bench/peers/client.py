"""Who drives every peer alike: so many clients, each with one kept connection, one after the other.

HTTP is written by hand: the client shares the machine with what it measures, and must be light.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import define, field, frozen

from ..people import Doctor

__all__ = ["Caller", "Ended", "Journey", "drive", "drive_by"]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LOOK_AGAIN = 0.002  # seconds
_PATIENCE = 60.0


@define
class Caller:
    """One client: its connection, the mails that it may read, and what each request bears."""

    port: int
    mails: Path
    borne: Mapping[str, str] = field(factory=dict)
    requests: int = 0
    _stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None)

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        expect: int = 200,
        **how: Mapping[str, str] | None,
    ) -> Any:
        """Send one request, and give the JSON of its answer, which must be as expected.

        ``how`` is what :meth:`answer` may be told besides.
        """
        status, answer = await self.answer(method, path, body, **how)
        if status != expect:
            raise RuntimeError(f"{method} {path} answered {status}: {answer!r}"[:600])
        return answer

    async def answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Send one request; its status and its JSON, whatever they are."""
        content, kind = b"", "json"
        if form is not None:
            content, kind = urlencode(form).encode(), "x-www-form-urlencoded"
        elif body is not None:
            content = json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in {**self.borne, **(headers or {})}.items()]
        if method != "GET":
            lines += [f"Content-Type: application/{kind}", f"Content-Length: {len(content)}"]
        self.requests += 1
        return await self._exchange("\r\n".join([*lines, "", ""]).encode() + content)

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        if self._stream is None:
            self._stream = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._stream
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        content = await reader.readexactly(int(length[1])) if length else b""
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return int(head[9:12]), json.loads(content) if content else None

    async def mail(self, address: str, wanted: re.Pattern[str]) -> str:
        """Wait for the mail in which something is found, and give that."""
        path, end = self.mails / address, time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if path.exists() and (found := wanted.search(path.read_text(encoding="utf-8"))):
                path.unlink()
                return found[1]
            await asyncio.sleep(_LOOK_AGAIN)
        raise RuntimeError(f"no mail came to {address}")

    def close(self) -> None:
        """Leave the connection."""
        if self._stream is not None:
            self._stream[1].close()
            self._stream = None


Journey = Callable[[Caller, Doctor], Awaitable[None]]
"""One person's way through a peer; it raises at the first answer that it did not expect."""


@frozen
class Ended:
    """What became of a turn."""

    journeys: int
    requests: int
    seconds: float


def drive(port: int, mails: Path, journey: Journey, people: list[Doctor], clients: int) -> Ended:
    """Take everybody through a journey, so many at once."""
    return asyncio.run(drive_by([Caller(port, mails) for _ in range(clients)], journey, people))


async def drive_by(callers: Sequence[Caller], journey: Journey, people: list[Doctor]) -> Ended:
    """Let these clients take everybody through a journey."""
    waiting = iter(people)

    async def work(caller: Caller) -> None:
        with closing(caller):
            for person in waiting:
                await journey(caller, person)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for caller in callers:
            group.create_task(work(caller))
    seconds = time.perf_counter() - began
    return Ended(len(people), sum(it.requests for it in callers), seconds)
