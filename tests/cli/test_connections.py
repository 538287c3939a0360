"""What one stranger may hold of a server: raw sockets against ``serve``'s own protocol (IN-08)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread
from time import sleep
from typing import Any

import anyio
import pytest
import uvicorn
from attrs import evolve, frozen

from monespace_cli.serving.server import Limits, listen, server_config

SHORT, LONG = timedelta(milliseconds=60), timedelta(seconds=60)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: "
UNREAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
PATIENT = Limits(head_wait=LONG, answer_wait=LONG)


@frozen
class _App:
    """Answers all at once, and ``/slow`` once it is let go."""

    asked: Event
    free: Event

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            self.asked.set()
            await anyio.to_thread.run_sync(self.free.wait)
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@frozen
class _Served:
    port: int
    app: _App

    def connect(self, sent: bytes = b"") -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        made.sendall(sent)
        return made


@contextmanager
def _serving(limits: Limits) -> Iterator[_Served]:
    app = _App(Event(), Event())
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(server_config(app, limits))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield _Served(listening.getsockname()[1], app)
    finally:
        app.free.set()
        server.should_exit = server.force_exit = True
        thread.join(30)


def _read(made: socket.socket) -> bytes:
    """One answer, or nothing from who closed."""
    with suppress(ConnectionError):
        return made.recv(65536)
    return b""


def _is_closed(made: socket.socket) -> bool:
    return _read(made) == b""


@pytest.mark.parametrize("sent", [b"", b"G", HALF, GET + HALF], ids=["silence", "one", "half", "2"])
def test_a_head_that_does_not_end_is_given_up(sent: bytes) -> None:
    with _serving(evolve(PATIENT, head_wait=SHORT)) as served, served.connect(sent) as made:
        if sent.startswith(GET):
            assert b"200 OK" in _read(made)

        assert _is_closed(made)


@pytest.mark.parametrize("sent", [HALF, UNREAD], ids=["a head", "a body that nobody reads"])
def test_one_byte_now_and_then_puts_nothing_off(sent: bytes) -> None:
    """The server's own limit ends with the next byte."""
    with _serving(evolve(PATIENT, head_wait=SHORT)) as served, served.connect(sent) as made:
        ended = False
        while not ended:
            try:
                made.sendall(b"x")
            except ConnectionError:
                ended = True
            sleep(0.005)

        assert ended


def test_a_head_of_any_length_is_not_kept() -> None:
    """It is told so, however fast it comes; so is who ends it, and what follows is not read."""
    with _serving(PATIENT) as served, served.connect(GET[:-2]) as made:
        with suppress(ConnectionError):
            for _ in range(200):
                made.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
        assert b"400" in _read(made).partition(b"\r\n")[0]


def test_nor_is_what_stands_around_a_body() -> None:
    """Chunks may carry words for nobody, and may be followed by a second head."""
    chunked = UNREAD.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked")
    slow = chunked.replace(b"/", b"/slow", 1)
    with _serving(PATIENT) as served, served.connect(slow + b"0\r\n") as made:
        ended = False
        while not ended:
            try:
                made.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
            except ConnectionError:
                ended = True

        assert ended


def test_bodies_are_read_on_one_connection_whatever_their_sum() -> None:
    """How much of one an app takes is the app's affair."""
    with _serving(PATIENT) as served, served.connect() as made:
        for _ in range(3):
            made.sendall(UNREAD + b"x" * 100_000)
            assert b"200 OK" in _read(made)


def test_an_answer_that_does_not_end_is_given_up() -> None:
    """Whatever held it up: nobody keeps a connection for ever."""
    asked = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
    with _serving(evolve(PATIENT, answer_wait=SHORT)) as served, served.connect(asked) as made:
        assert _is_closed(made)
        assert served.app.asked.is_set()


def test_honest_requests_follow_each_other_on_one_connection() -> None:
    with _serving(PATIENT) as served, served.connect() as made:
        for _ in range(3):
            made.sendall(GET)
            assert b"200 OK" in _read(made)


def test_half_heads_make_room_for_who_asks() -> None:
    """However many there are, and however long they may wait."""
    with _serving(evolve(PATIENT, connections=5)) as served:
        halves = [served.connect(HALF) for _ in range(60)]
        with served.connect(GET) as made:
            answer = _read(made)
        closed = [_is_closed(half) for half in halves[:50]]
        for half in halves:
            half.close()

    assert b"200 OK" in answer
    assert all(closed)


def test_who_comes_while_all_are_being_answered_is_told_503() -> None:
    slow = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
    with _serving(evolve(PATIENT, connections=1)) as served, served.connect(slow) as first:
        assert served.app.asked.wait(30)
        with served.connect(GET) as second:
            refused = _read(second)
        served.app.free.set()

        assert b"503" in refused.partition(b"\r\n")[0]
        assert b"200 OK" in _read(first)


def test_an_answer_leaves_at_once() -> None:
    """Its body does not wait until the client has acknowledged its head: 40 ms, each time."""
    with listen("127.0.0.1", 0) as listening:
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
        with accepted:
            named = accepted.proto

    assert named == socket.IPPROTO_TCP  # asyncio asks for that before it sets TCP_NODELAY
