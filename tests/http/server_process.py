"""What a server process does on a folder that it may share: database, keys and messages."""

from __future__ import annotations

import json
import socket
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
from attrs import evolve, frozen

from monespace_backends.secrets import KeyedSecrets, Keys, read_keys
from monespace_backends.storage import open_storage
from monespace_flows import Flows, Site
from monespace_flows.driver.relay import Relay
from monespace_flows.ports import Message
from monespace_flows.testing import Sandbox
from monespace_http import create_app
from tests.http.visiting import settings

PUBLIC = "http://127.0.0.1:8000"


@frozen
class MessageFile:
    """Appends what it delivers to a file that tests read."""

    path: Path

    def deliver(self, message: Message) -> None:
        line = {"to": message.to, "code": message.code, "link": message.link_url}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def make_flows(folder: Path, keys: Keys) -> Flows:
    """Put the journeys together: the store and the keys are real, the doctors invented."""
    sandbox = Sandbox(storage=open_storage(f"sqlite:///{folder}/monespace.db"))
    messaging = MessageFile(folder / "messages.jsonl")
    ports = evolve(sandbox.ports, secrets=KeyedSecrets(keys), messaging=messaging)
    relay = Relay(ports.storage, ports.secrets, messaging, ports.clock)

    def deliver() -> None:
        relay.run_once()

    return Flows(ports, site=Site(base_url=PUBLIC), wake=deliver)


def main(folder: Path, told: Connection[int, None]) -> None:
    """Serve; the port is told once requests can wait there."""
    keys = read_keys(folder / "keys")
    app = create_app(make_flows(folder, keys), settings(keys=keys.values))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        told.send(listener.getsockname()[1])
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        uvicorn.Server(config).run(sockets=[listener])
