"""A receiver of webhooks, over HTTP on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from attrs import define, field, frozen

__all__ = ["Crm", "Got", "receiving"]

HOST = "127.0.0.1"


@frozen
class Got:
    """One delivery."""

    path: str
    headers: dict[str, str]
    body: bytes


@define
class Crm:
    """What came, and what is answered to what comes next: 200 once ``statuses`` is empty."""

    port: int
    statuses: list[int] = field(factory=list)
    got: list[Got] = field(factory=list)
    came: Event = field(factory=Event)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/hooks"


@contextmanager
def receiving() -> Iterator[Crm]:
    """Receive webhooks while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            crm.got.append(Got(self.path, dict(self.headers), body))
            status = crm.statuses.pop(0) if crm.statuses else 200
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"x" * 10_000)
            if status == 200:
                crm.came.set()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        crm = Crm(server.server_address[1])
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield crm
        finally:
            server.shutdown()
            thread.join()
