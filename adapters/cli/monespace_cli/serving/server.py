"""The web app of a program, served until asked to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from hmac import digest
from typing import Any

import uvicorn
from attrs import asdict
from starlette.applications import Starlette
from starlette.types import ASGIApp

from monespace_backends.relay import RelayThread
from monespace_backends.secrets import Keys
from monespace_backends.settings.service import LegalSettings
from monespace_flows.driver import Flows
from monespace_http import HttpSettings, Legal, create_app

from ..errors import Exit, Stop

__all__ = ["legal_of"]

_PURPOSE = b"monespace-flows/1/form"


def make_app(flows: Flows, keys: Keys, **settings: Any) -> Starlette:
    """Make the app.

    Args:
        flows: the journeys.
        keys: what the keys of form tokens are derived from, so that no key has two uses.
        settings: further fields of :class:`~monespace_http.HttpSettings`.
    """
    settings["keys"] = tuple(digest(key, _PURPOSE, sha256) for key in keys.values)
    return create_app(flows, HttpSettings(**settings))


def legal_of(settings: LegalSettings) -> Legal:
    """What the legal pages name, as settings say it."""
    return Legal(**asdict(settings))


_GRACE = 5  # seconds for answers under way; the longest floor of an answer is half a second


@contextmanager
def delivering(relay: RelayThread) -> Iterator[None]:
    """Deliver messages while the block runs."""
    relay.start()  # what an earlier run left behind leaves now
    try:
        yield
    finally:
        relay.stop()


def listen(host: str, port: int) -> socket.socket:
    """Take a port, so that its number is known before anything else begins.

    Raises:
        Stop: it is taken, or not ours to take.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        hint = "; choose another one, or --port 0 for any that is free" if port else ""
        raise Stop(Exit.USAGE, f"port {port} of {host}: {error.strerror}{hint}") from None


def serve_until_stopped(
    app: ASGIApp, listening: socket.socket, ready: Callable[[], None], *, access_log: bool = False
) -> None:
    """Serve on a port that was taken, until SIGINT or SIGTERM; then finish what was begun.

    Args:
        app: what to serve.
        listening: the port.
        ready: called once connections are accepted.
        access_log: whether to log each request.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=access_log,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # the app judges by itself which proxy it believes
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    _Server(config, ready).run(sockets=[listening])


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
