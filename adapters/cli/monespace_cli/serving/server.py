"""The web app of a program, served until asked to stop."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import uvicorn
from attrs import frozen
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from monespace_backends.relay import RelayThread
from monespace_backends.settings.service import Settings
from monespace_flows.driver import Watch
from monespace_flows.ports import Ports

from ..errors import Exit, Stop

if TYPE_CHECKING:
    from monespace_backends.metrics import Metrics

__all__ = ["measuring"]

_IDLE = 5  # seconds between two requests on one connection
_GRACE = 5  # seconds for answers under way; the longest floor of an answer is half a second


_M_ARENA_MAX = -8
_HEAPS = 2


def bound_heaps() -> bool:
    """Keep what the C library holds for threads to a few heaps; before there are threads.

    A hash takes megabytes from the heap of its thread, and that heap keeps them: with a heap a
    thread, as glibc has it, a server grew by tens of megabytes an hour to no end that one could
    name.

    Returns:
        Whether the C library could be told; those that cannot (musl) have one heap anyway.
    """
    told = getattr(ctypes.CDLL(None), "mallopt", None)
    return told is not None and bool(told(_M_ARENA_MAX, _HEAPS))


@contextmanager
def delivering(relay: RelayThread) -> Iterator[None]:
    """Deliver messages while the block runs."""
    relay.start()  # what an earlier run left behind leaves now
    try:
        yield
    finally:
        relay.stop()


@contextmanager
def measuring(
    metrics: Metrics | None, settings: Settings, ports: Ports, port: int | None
) -> Iterator[None]:
    """Show what is counted on a private port, if there is one, while the block runs.

    Raises:
        Stop: the port is taken, or not ours to take.
    """
    if metrics is None or settings.metrics is None:
        yield
        return
    watch = Watch(
        storage=ports.storage,
        secrets=ports.secrets,
        clock=ports.clock,
        policy=settings.policy,
        zone=settings.zone,
    )
    metrics.watch_storage(ports.storage, watch, ports.clock)
    stop: Callable[[], None] | None = None
    if port is not None:
        host = settings.metrics.host
        try:
            stop = metrics.listen(host, port)
        except OSError as error:
            raise Stop(Exit.USAGE, f"metrics: port {port} of {host}: {error.strerror}") from None
    try:
        yield
    finally:
        if stop is not None:
            stop()


def listen(host: str, port: int) -> socket.socket:
    """Take a port, so that its number is known before anything else begins.

    Raises:
        Stop: it is taken, or not ours to take.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.create_server((host, port), family=family)
    except OSError as error:
        hint = "; choose another one, or --port 0 for any that is free" if port else ""
        raise Stop(Exit.USAGE, f"port {port} of {host}: {error.strerror}{hint}") from None
    # asyncio sends at once what is written only where the protocol is named: else the body of each
    # answer waits up to 40 ms for the client to acknowledge its head.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())


@frozen(kw_only=True)
class Limits:
    """What strangers may hold: so many connections, and how long each may make us wait.

    ``head_wait`` is for the head of a request, its last byte included, and for what follows an
    answer; ``answer_wait`` for a whole request and for the reading of its answer: no honest one
    comes near it.
    """

    connections: int = 500
    head_wait: timedelta = timedelta(seconds=10)
    answer_wait: timedelta = timedelta(seconds=60)


def serve_until_stopped(
    app: ASGIApp,
    listening: socket.socket,
    ready: Callable[[], None],
    *,
    access_log: bool = False,
    limits: Limits | None = None,
) -> None:
    """Serve on a port that was taken, until SIGINT or SIGTERM; then finish what was begun.

    Args:
        app: what to serve.
        listening: the port.
        ready: called once connections are accepted.
        access_log: whether to log each request.
        limits: how many connections there may be, and how long each may take.
    """
    config = server_config(app, limits or Limits(), access_log=access_log)
    _Server(config, ready).run(sockets=[listening])


def server_config(app: ASGIApp, limits: Limits, *, access_log: bool = False) -> uvicorn.Config:
    """Say how an app is served; see :func:`serve_until_stopped`."""
    return uvicorn.Config(
        app,
        http=_protocol_within(limits),
        # One more than there may be: it is told 503, where even the oldest are being answered.
        limit_concurrency=limits.connections + 1,
        timeout_keep_alive=_IDLE,
        log_config=None,
        access_log=access_log,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # the app judges by itself which proxy it believes
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again at the end, which would kill the process before it
        # has put its things away.
        handlers = {
            it: signal.signal(it, self.handle_exit) for it in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


# --- what one connection may take ----------------------------------------------------------------


_LONGEST_HEAD = 64 * 1024  # bytes


class _Bounded(HttpToolsProtocol):
    """uvicorn's protocol, with an end to all that it waits for.

    Its own limit ends with the first byte of the next head: whoever sends one byte now and then
    would hold a connection for ever, and a thousand of them the service.  Its parser keeps a head
    of any length, and what surrounds a body that comes in chunks.
    """

    limits: Limits
    waiting: dict[_Bounded, None]
    """Those that answer nothing, the longest first: the first to go when there are too many."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._around = 0  # bytes of this request that are not its body
        self._end: asyncio.TimerHandle | None = None
        self._set_end()
        if len(self.connections) > self.limits.connections:
            longest = next(iter(self.waiting))
            if longest is not self:
                longest.give_up()

    def on_body(self, body: bytes) -> None:
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._around = 0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        self._around += len(data)
        super().data_received(data)
        if self._around > _LONGEST_HEAD:
            if self._answers_nothing():
                self.send_400_response("The head of this request is too long.")
            else:
                self.give_up()
        # While nothing is answered, no further byte puts the end off.
        if self in self.waiting and not self._answers_nothing():
            self._set_end()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._set_end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_end()
        super().connection_lost(exc)

    def give_up(self) -> None:
        """Close at once; what was to be sent is lost, since nobody reads it."""
        self._forget_end()
        self.connections.discard(self)  # the loop says that it is lost when it comes to that
        self.transport.abort()

    def _answers_nothing(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        return cycle is None or cycle.response_complete

    def _set_end(self) -> None:
        self._forget_end()
        wait = self.limits.answer_wait
        if self._answers_nothing():
            self.waiting[self] = None
            wait = self.limits.head_wait
        self._end = self.loop.call_later(wait.total_seconds(), self.give_up)

    def _forget_end(self) -> None:
        self.waiting.pop(self, None)
        if self._end is not None:
            self._end.cancel()
            self._end = None


def _protocol_within(given: Limits) -> type[_Bounded]:
    class Protocol(_Bounded):
        limits = given
        waiting: dict[_Bounded, None] = {}  # noqa: RUF012 - of one server, as its connections are

    return Protocol
