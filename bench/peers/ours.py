"""We as a peer, as `monespace serve` would serve us: `python -m bench.peers.ours PORT FOLDER`.

Real stores, real registry file, real keys, and the relay in threads of the process.  What differs
from `serve`: no brakes, since one address is everybody; no least time of an answer; hashes as cheap
as the run wants them, which settings refuse; and mail goes where the other peers' goes.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from argon2 import Parameters, Type
from attrs import evolve

from monespace_backends.keyring import keys_in_use
from monespace_backends.messaging import Messaging
from monespace_backends.messaging.sms import sms_text
from monespace_backends.passwords import Argon2Passwords
from monespace_backends.serving import make_app
from monespace_backends.settings.service import Settings, SmtpSettings
from monespace_backends.storage import upgrade
from monespace_backends.wiring import from_settings, ports_from_settings, relay_of
from monespace_cli.serving.server import (
    bound_heaps,
    delivering,
    listen,
    serve_until_stopped,
)
from monespace_flows.ports import Message, Ports

from .inside import count_hashes, counting_asgi, hand_over

__all__ = ["parameters"]

_HOST = "127.0.0.1"


def parameters(told: str) -> Parameters:
    """Read argon2id's parameters: memory in KiB, times, lanes."""
    memory, times, lanes = map(int, told.split(","))
    return Parameters(
        type=Type.ID, version=19, salt_len=16, hash_len=32,
        memory_cost=memory, time_cost=times, parallelism=lanes,
    )  # fmt: skip


class _Mails:
    def deliver(self, message: Message) -> None:
        hand_over(message.to, sms_text(message))


def _settings(port: int, folder: Path) -> Settings:
    return Settings(
        base_url=f"http://{_HOST}:{port}",
        database=os.environ["PEER_DATABASE"],
        keys_file=folder / "keys",
        registry=folder / "registry.csv",
        smtp=SmtpSettings(host=_HOST, tls="none", sender="monespace@site.example"),
    )


def _ports(settings: Settings) -> Ports:
    upgrade(settings.database.url)
    return evolve(
        ports_from_settings(settings),
        passwords=Argon2Passwords(
            parameters(os.environ["PEER_HASH"]), concurrency=settings.argon2.concurrency
        ),
        messaging=Messaging(email=_Mails(), sms=None),
    )


def main(port: int, folder: Path) -> None:
    """Serve until asked to stop."""
    bound_heaps()
    count_hashes()
    settings = _settings(port, folder)
    ports = _ports(settings)
    relay = relay_of(ports, settings.policy)
    app = make_app(
        from_settings(settings, ports=ports, relay=relay),
        keys_in_use(ports.secrets, settings.keys_file),
        answer_floor=timedelta(0),
        answer_jitter=timedelta(0),
        brakes=None,
        hashing=min(settings.argon2.concurrency, os.cpu_count() or 1),
    )

    def waiting() -> int:
        with ports.storage.reading() as unit:
            return len(unit.outbox.waiting())

    with listen(_HOST, port) as listening, delivering(relay):
        serve_until_stopped(counting_asgi(app, waiting), listening, lambda: None)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
