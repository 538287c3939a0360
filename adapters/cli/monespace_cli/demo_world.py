"""Everything that the demo embeds, put together and taken apart again.

Nothing is pretended but the far ends: e-mails really travel by SMTP to a catcher on this machine,
and SMS to a file; both show in the inbox.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from monespace_backends.clock import ShiftedClock, SystemClock, paris
from monespace_backends.emails import Emails
from monespace_backends.messaging import Messaging, Sender, SmtpOptions
from monespace_backends.messaging.demo import Catcher, FileSmsGateway, MessageFile
from monespace_backends.messaging.smtp import SmtpMail
from monespace_backends.registry.file import CsvRegistry, write_demo_registry
from monespace_backends.secrets import KeyedSecrets, Keys, create_keys, read_keys
from monespace_backends.settings.service import Argon2Settings, read_policy
from monespace_backends.storage import open_storage
from monespace_backends.wiring import make_passwords, relay_of
from monespace_flows.driver import Flows, Site
from monespace_flows.policy import Policy
from monespace_flows.ports import Ports

from .folder import DemoFolder

__all__ = ["DemoWorld", "open_world"]

_SENDER = Sender("ne-pas-repondre@monespace.example")


@frozen(kw_only=True)
class DemoWorld:
    """The demo's journeys on their ports."""

    flows: Flows
    keys: Keys
    messages: MessageFile


@contextmanager
def open_world(
    folder: DemoFolder, base_url: str, *, policy: Path | None = None, clock: Path | None = None
) -> Iterator[DemoWorld]:
    """Open the demo's data, made if need be, and deliver messages until the block ends.

    Args:
        folder: where the data are.
        base_url: the address that messages name.
        policy: a TOML file of policy fields to change.
        clock: a file that holds by how many seconds the clock runs ahead.

    Raises:
        MonespaceError: the policy, the keys, the registry or the database cannot be used.
        OSError: the folder cannot be written.
    """
    chosen = Policy() if policy is None else read_policy(policy)
    _furnish(folder, policy)
    keys = read_keys(folder.keys)
    registry = CsvRegistry.read(folder.registry)
    messages = MessageFile(folder.messages)
    storage = open_storage(folder.url, session_life=chosen.sessions.absolute)
    try:
        with Catcher(messages) as catcher:
            options = SmtpOptions(host=catcher.host, port=catcher.port, tls="none")
            ports = Ports(
                registry=registry,
                storage=storage,
                secrets=KeyedSecrets(keys),
                passwords=make_passwords(Argon2Settings()),
                emails=Emails(),
                messaging=Messaging(email=SmtpMail(options, _SENDER), sms=FileSmsGateway(messages)),
                clock=SystemClock() if clock is None else ShiftedClock(clock),
            )
            relay = relay_of(ports)
            relay.start()  # what an earlier run left behind leaves now
            try:
                site = Site(base_url=base_url, zone=paris())
                flows = Flows(ports, chosen, site, wake=relay.wake)
                yield DemoWorld(flows=flows, keys=keys, messages=messages)
            finally:
                relay.stop()
    finally:
        storage.close()


def _furnish(folder: DemoFolder, policy: Path | None) -> None:
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not folder.keys.exists():
        create_keys(folder.keys)
    write_demo_registry(folder.registry)
    folder.messages.touch(mode=0o600)  # there from the start, for whoever follows it
    if policy is None:
        folder.policy.unlink(missing_ok=True)
    elif not folder.policy.exists() or not policy.samefile(folder.policy):
        shutil.copyfile(policy, folder.policy)
