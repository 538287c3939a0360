"""The real back ends in one folder, and the far ends of the wires in another.

What may stand nowhere is looked for in the folder of the application.  What was delivered lies
outside: the doctors' own mailboxes and telephones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2.profiles import CHEAPEST

from monespace_backends.emails import Emails
from monespace_backends.keyring import open_keys
from monespace_backends.messaging import Messaging, Sender, SmtpOptions
from monespace_backends.messaging.demo import Catcher, FileSmsGateway, MessageFile
from monespace_backends.messaging.smtp import SmtpMail
from monespace_backends.passwords import Argon2Passwords, strength
from monespace_backends.registry.file import CsvRegistry
from monespace_backends.relay import make_relay
from monespace_backends.secrets import create_keys, read_keys
from monespace_backends.storage import open_storage
from monespace_cli.access.place import DemoFolder
from monespace_flows import Flows, Policy, View
from monespace_flows.commands import Command
from monespace_flows.errors import MonespaceError
from monespace_flows.policy import CodePolicy, EventPolicy
from monespace_flows.ports import Ports
from monespace_flows.testing.services import MemoryClock
from tests.servers.storages import sqlite_file

from .people import KNOWN, NOBODY, WEAK

COLUMNS = "rpps,birth_date,role,status,mobile,email,council,family_name,given_name"
POLICY = Policy(codes=CodePolicy(digits=8), events=EventPolicy(addresses=True))
"""Eight digits, which a hexadecimal digest does not hold by chance."""


class Passwords(Argon2Passwords):
    """Real ones, that judge each password once: these stories choose the same again and again."""

    def score(self, password: str, personal: Sequence[str]) -> int:
        return _scored(password, tuple(personal))


_scored = cache(strength)


class World:
    """An application, and the people who use it."""

    def __init__(self, folder: DemoFolder, ports: Ports, outside: MessageFile) -> None:
        self.folder = folder
        self.ports = ports
        self.outside = outside
        self.clock = ports.clock
        self.views: list[View] = []
        self.refusals: list[MonespaceError] = []
        self.typed: list[Command] = []
        self._secrets: dict[str, str] = {}
        self.relay = make_relay(ports.storage, ports.secrets, ports.messaging, ports.clock)
        self.flows = Flows(ports, POLICY, wake=self.deliver)

    def deliver(self) -> None:
        self.relay.run_once()

    def later(self, **by: float) -> None:
        assert isinstance(self.clock, MemoryClock)
        self.clock.advance(**by)

    def start(self, flow: str, session: str | None = None) -> View:
        return self._seen(self.flows.start(flow, session))

    def press(self, view: View, command: Command) -> View:
        """Press a button; what was shown, even by a refusal."""
        self.typed.append(command)
        try:
            return self._seen(self.flows.submit(view.token, command))
        except MonespaceError as refusal:
            self.refusals.append(refusal)
            return view

    def open_link(self, token: str) -> View:
        return self._seen(self.flows.open_link(token))

    def code(self) -> str:
        """The newest code, as it arrived."""
        (code,) = set(re.findall(r"\b[0-9]{8}\b", self._newest("code")))
        self._secrets[f"code {code}"] = str(code)
        return str(code)

    def link(self, purpose: str) -> str:
        """The secret part of the newest link, as it arrived."""
        (token,) = set(re.findall(r"[A-Za-z0-9_-]{43}", self._newest(purpose)))
        self._secrets[f"{purpose} {token[:4]}"] = str(token)
        return str(token)

    @property
    def markers(self) -> dict[str, str]:
        """Everything that may stand nowhere."""
        of_people = {
            f"{person.family_name}'s {name}": value
            for person in (*KNOWN, NOBODY)
            for name, value in person.markers().items()
        }
        # A view says its token once; the same journey keeps it.
        tokens = {
            f"token of {view.reference} {name}": value
            for view in self.views
            for name, value in (("", view.token), ("session", view.session))
            if value
        }
        return of_people | tokens | self._secrets | {"weak password": WEAK}

    def files(self) -> dict[str, bytes]:
        """Every file of the application but its keys and the registry that it was given."""
        given = {self.folder.keys, self.folder.registry}
        return {
            path.name: path.read_bytes()
            for path in sorted(self.folder.path.iterdir())
            if path not in given
        }

    def _seen(self, view: View) -> View:
        self.views.append(view)
        return view

    def _newest(self, purpose: str) -> str:
        """What the newest message for a purpose says."""
        return [it.text for it in self.outside.read() if it.purpose == purpose][-1]


@contextmanager
def opened(path: Path) -> Iterator[World]:
    """Open an application in a folder, with nobody in it yet."""
    folder = DemoFolder(path / "application")
    folder.path.mkdir()
    create_keys(folder.keys)
    folder.registry.write_text("\n".join([COLUMNS, *(it.row() for it in KNOWN), ""]), "utf-8")
    outside = MessageFile(path / "outside.jsonl")
    sqlite_file(folder.database)
    storage, clock = open_storage(folder.url), MemoryClock()
    try:
        with Catcher(outside) as catcher:
            options = SmtpOptions(host=catcher.host, port=catcher.port, tls="none")
            mail = SmtpMail(options, Sender("ne-pas-repondre@monespace.example"))
            ports = Ports(
                registry=CsvRegistry.read(folder.registry),
                storage=storage,
                secrets=open_keys(storage, read_keys(folder.keys), clock),
                passwords=Passwords(CHEAPEST),
                emails=Emails(),
                messaging=Messaging(email=mail, sms=FileSmsGateway(outside)),
                clock=clock,
            )
            yield World(folder, ports, outside)
    finally:
        storage.close()
