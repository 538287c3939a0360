"""What runs in the process of every peer: argon2 is counted, and mail is handed over.

Each peer has a virtualenv of its own, so nothing but argon2 and the standard library is needed.
What it costs a peer is to compare the path of each request, and two clock readings a hash.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any

import argon2._password_hasher
import argon2.low_level

__all__ = ["COUNTS", "count_hashes", "counting_asgi", "counting_wsgi", "hand_over"]

COUNTS = "/counts"
"""Where the counts are asked for, between two turns."""

_MAILS = Path(os.environ.get("PEER_MAILS", "."))
_counts: dict[str, float] = {"hashes": 0, "hash_seconds": 0.0, "mails": 0}
_lock = Lock()


def count_hashes() -> None:
    """From now on, count each hash and comparison with the CPU seconds of its thread."""
    for name in ("hash_secret", "verify_secret"):
        counted = _counted(getattr(argon2.low_level, name))
        setattr(argon2.low_level, name, counted)
        setattr(argon2._password_hasher, name, counted)  # noqa: SLF001 - it has names of its own


def _counted(work: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args: Any, **settings: Any) -> Any:
        began = time.thread_time()
        try:
            return work(*args, **settings)
        finally:
            taken = time.thread_time() - began
            with _lock:
                _counts["hashes"] += 1
                _counts["hash_seconds"] += taken

    return counted


def hand_over(address: str, text: str) -> None:
    """Take a mail: one file an address, whole as soon as it can be seen."""
    draft = _MAILS / f".{address}"
    draft.write_text(text, encoding="utf-8")
    draft.replace(_MAILS / address)
    with _lock:
        _counts["mails"] += 1


def _told(waiting: Callable[[], int]) -> bytes:
    return json.dumps(_counts | {"waiting": waiting()}).encode()


def _nothing() -> int:
    return 0


# --- around the application ----------------------------------------------------------------------

Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def counting_asgi(app: Asgi, waiting: Callable[[], int] = _nothing) -> Asgi:
    """Answer the counts, and leave the rest to an application; ``waiting`` mails are its own."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != COUNTS:
            await app(scope, receive, send)
            return
        body = _told(waiting)
        head = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    return answer


def counting_wsgi(app: Wsgi) -> Wsgi:
    """The same for WSGI."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != COUNTS:
            return app(environ, start)
        body = _told(_nothing)
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return answer
