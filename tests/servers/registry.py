"""A service that answers for a registry over HTTP, and may be told to misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from attrs import asdict, define, field

from monespace_flows.ports import Doctor, Registry

__all__ = ["KEY", "RegistryService", "serving"]

KEY = "hunter2"

Answer = tuple[int, bytes]


@define
class RegistryService:
    """Answers what ``registry`` knows, to who shows :data:`KEY`.

    Attributes:
        url: where it listens.
        registry: who is asked.
        asked: the lines of the requests so far.
        answer: what it answers instead, if anything.
    """

    url: str
    registry: Registry
    asked: list[str] = field(factory=list)
    answer: Callable[[], Answer] | None = None

    def told(self, path: str, key: str | None, body: bytes) -> Answer:
        """Answer one question."""
        self.asked.append(path)
        if self.answer is not None:
            return self.answer()
        if key != f"Bearer {KEY}":
            return 401, b"{}"
        question = json.loads(body)
        if path == "/v1/doctor":
            return 200, _written(doctor=_doctor(self.registry.doctor(question["rpps"])))
        born = date.fromisoformat(question["birth_date"])
        found = self.registry.verify(question["rpps"], born)
        return 200, _written(verdict=found.verdict.value, doctor=_doctor(found.doctor))


def _written(**values: object) -> bytes:
    return json.dumps(values).encode()


def _doctor(doctor: Doctor | None) -> dict[str, object] | None:
    # With a name that a client must pass over.
    return None if doctor is None else {**asdict(doctor), "role": doctor.role.value, "sector": 1}


@contextmanager
def serving(registry: Registry) -> Iterator[RegistryService]:
    """Serve a registry on this machine, for as long as the block lasts."""
    service = RegistryService("", registry)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = service.told(self.path, self.headers["Authorization"], body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False  # clients keep their connections open
        service.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
