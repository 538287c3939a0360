"""A sandbox served on a port of this machine, and the messages it delivered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from monespace_flows import Site
from monespace_http import inbox_page
from tests.http.visiting import Served


@contextmanager
def running() -> Iterator[Served]:
    """Serve until the block ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        held: list[Served] = []
        inbox = inbox_page(lambda: _delivered(held[0]))
        served = Served(site=Site(base_url=base_url), extra_routes=(inbox,))
        held.append(served)
        config = uvicorn.Config(served.app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield served
        finally:
            server.should_exit = True
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
