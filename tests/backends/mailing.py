"""A real mail server for tests, and messages to send to it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, evolve, field

from monespace_flows.facts import Channel
from monespace_flows.ports import Message

HOST = "127.0.0.1"
AT = datetime(2026, 11, 22, 13, 5, 7, tzinfo=UTC)

MAIL = Message(
    id="7K3Q-F9M2.4.0",
    at=AT,
    channel=Channel.EMAIL,
    purpose="code",
    to="john.medecin@cn.example",
    subject="Votre code à usage unique",
    paragraphs=("Bonjour,", "123456", "Ne communiquez <jamais> ce code & rien d’autre."),
    code="123456",
)
LINK = evolve(
    MAIL,
    id="7K3Q-F9M2.5.0",
    purpose="reset_link",
    subject="Réinitialiser",
    paragraphs=("Bonjour,",),
    code=None,
    link_label="Choisir un mot de passe",
    link_url="https://monespace.example/lien/abc_DEF-123",
)
SMS = evolve(
    MAIL,
    id="7K3Q-F9M2.6.0",
    channel=Channel.SMS,
    to="+33612345678",
    subject=None,
    paragraphs=("Votre code est 123456.", "@monespace.example #123456"),
)


@define
class Server:
    """What a mail server took, and what it answers instead of taking it."""

    port: int = 0
    mails: list[EmailMessage] = field(factory=list)
    envelopes: list[Envelope] = field(factory=list)
    to_sender: str = ""
    to_recipient: str = ""
    to_data: str = "250 OK"
    to_quit: str = "221 Bye"
    wait: float = 0

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if not self.to_recipient:
            envelope.rcpt_tos.append(address)
        return self.to_recipient or "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        await asyncio.sleep(self.wait)
        if self.to_data.startswith("250"):
            content = cast("bytes", envelope.content)
            self.mails.append(message_from_bytes(content, policy=policy.default))
            self.envelopes.append(envelope)
        return self.to_data

    async def handle_QUIT(self, _: SMTP, __: Session, ___: Envelope) -> str:  # noqa: N802 - the library's name
        return self.to_quit


class Listening(Controller):
    """Listens on a socket that is bound already."""

    def __init__(self, server: Server, listening: socket.socket, **options: Any) -> None:
        self.listening = listening
        port = listening.getsockname()[1]
        super().__init__(server, hostname=HOST, port=port, server_hostname="localhost", **options)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(
            self._factory_invoker, sock=self.listening, ssl=self.ssl_context
        )


@contextmanager
def serving(
    server: Server, *, starttls: ssl.SSLContext | None = None, **options: Any
) -> Iterator[Server]:
    """Serve mail on this machine."""
    with socket.create_server((HOST, 0)) as listening:
        controller = Listening(server, listening, tls_context=starttls, **options)
        server.port = controller.port
        controller.start()
        try:
            yield server
        finally:
            controller.stop()


@contextmanager
def dripping(said: bytes = b"") -> Iterator[int]:
    """Listen on a port where something is said at once, and then a byte now and then."""
    over = Event()

    def drip() -> None:
        with listening.accept()[0] as connected, suppress(OSError):
            connected.sendall(said)
            while not over.wait(0.02):
                connected.sendall(b"2")

    with socket.create_server((HOST, 0)) as listening:
        thread = Thread(target=drip)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def let_in(_: SMTP, __: Session, ___: Envelope, ____: str, login: LoginPassword) -> AuthResult:
    """Let the one user in."""
    return AuthResult(success=login == LoginPassword(b"relay", b"right"), handled=False)
