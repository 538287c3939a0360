"""The demo's mailboxes and telephones: one file, and the mail server that fills it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import socket
from collections.abc import Awaitable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast
from urllib.parse import unquote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from attrs import asdict, field, frozen

from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Message

from .sms import sms_text

__all__ = ["Catcher", "FileSmsGateway", "MessageFile"]


@frozen(kw_only=True)
class DeliveredMessage:
    """A message as it arrived; ``at`` is ISO 8601, UTC."""

    id: str
    at: str
    channel: Literal["sms", "email"]
    purpose: str
    to: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)

    @staticmethod
    def written(at: datetime) -> str:
        """Write an instant as ``at`` holds it."""
        return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class MessageFile:
    """Appends whole lines, whoever else does so at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, message: DeliveredMessage) -> None:
        """Add one message.

        Raises:
            OSError: the file cannot be written.
        """
        rest = (json.dumps(asdict(message), ensure_ascii=False) + "\n").encode()
        # It holds codes and links: for the owner's eyes.
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # In one piece: a buffer's worth at a time, and who follows the file would see half a line.
        with os.fdopen(handle, "ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            while rest:
                rest = rest[file.write(rest) :]

    def read(self) -> list[DeliveredMessage]:
        """Read all messages, oldest first; none when there is no file yet."""
        try:
            with self._path.open(encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                return [DeliveredMessage(**json.loads(line)) for line in file]
        except FileNotFoundError:
            return []


# --- the mail server -----------------------------------------------------------------------------

_HOST = "127.0.0.1"


class Catcher:
    """A mail server for as long as it is entered; ``host`` and ``port`` say where."""

    def __init__(self, file: MessageFile, port: int = 0) -> None:
        self._socket = socket.create_server((_HOST, port))
        self._controller = _Controller(_Handler(file), self._socket)

    @property
    def host(self) -> str:
        """The address it listens on: this machine only."""
        return _HOST

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._controller.port

    def start(self) -> None:
        """Take mail from now on."""
        self._controller.start()

    def stop(self) -> None:
        """Take no more mail."""
        self._controller.stop()
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Controller(Controller):
    """Listens on a socket that is bound already: so nobody takes its free port meanwhile."""

    def __init__(self, handler: _Handler, listening: socket.socket) -> None:
        self._listening = listening
        # Named, since the library would look up this machine's name, which may take long.
        super().__init__(
            handler,
            hostname=_HOST,
            port=listening.getsockname()[1],
            server_hostname="localhost",
        )

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


class _Handler:
    def __init__(self, file: MessageFile) -> None:
        self._file = file

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        try:
            for delivered in _delivered(envelope):
                self._file.append(delivered)
        except OSError:
            return "451 The file cannot be written"
        return "250 OK"


def _delivered(envelope: Envelope) -> list[DeliveredMessage]:
    mail = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
    return [
        DeliveredMessage(
            id=unquote(str(mail["Message-ID"] or "").strip("<> ").partition("@")[0]),
            at=DeliveredMessage.written(_sent_at(mail)),
            channel="email",
            purpose=str(mail["X-Monespace-Purpose"] or "notice"),
            to=str(to),
            subject=str(mail["Subject"] or ""),
            text=_body(mail, "plain") or "",
            html=_body(mail, "html"),
        )
        for to in envelope.rcpt_tos
    ]


def _sent_at(mail: EmailMessage) -> datetime:
    # The date of the message follows the demo's clock, which may run ahead of the machine's.
    try:
        return parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return datetime.now(UTC)


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")


class FileSmsGateway:
    """Writes each SMS into a file, where the demo's inbox shows it."""

    def __init__(self, file: MessageFile) -> None:
        self._file = file

    def deliver(self, message: Message) -> None:
        """Add one message to the file.

        Raises:
            PortUnavailable: the file cannot be written.
        """
        delivered = DeliveredMessage(
            id=message.id,
            at=DeliveredMessage.written(message.at),
            channel="sms",
            purpose=message.purpose,
            to=message.to,
            text=sms_text(message),
        )
        try:
            self._file.append(delivered)
        except OSError:
            raise PortUnavailable("sms") from None
