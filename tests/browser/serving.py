"""Sandboxes served on a port of this machine, and the messages they delivered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from monespace_flows import Site
from monespace_flows.chart import Flow
from monespace_flows.flows import STANDARD
from monespace_http import inbox_page, theme_page
from tests.http.visiting import Served


class Server:
    """Serves one sandbox after the other at the same address: a server takes long to stop."""

    app: ASGIApp

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def serve(self, flows: tuple[Flow, ...] = STANDARD, **changes: Any) -> Served:
        """Serve a new sandbox from now on."""
        extra = (inbox_page(lambda: _delivered(served)), theme_page())
        site = Site(base_url=self.base_url)
        served = Served(site=site, extra_routes=extra, flows=flows, **changes)
        self.app = served.app
        return served


@contextmanager
def running() -> Iterator[Server]:
    """Listen until the block ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
        config = uvicorn.Config(server, log_level="warning", lifespan="off", ws="none")
        listening = uvicorn.Server(config)
        thread = threading.Thread(target=listening.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not listening.started:
            time.sleep(0.01)
        try:
            yield server
        finally:
            listening.should_exit = True
            thread.join(10)


def _delivered(served: Served) -> list[dict[str, Any]]:
    return [
        {
            "id": message.id,
            "at": message.at.isoformat(),
            "channel": message.channel,
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "html": None,
        }
        for message in served.sandbox.messages
    ]
