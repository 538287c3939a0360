"""E-mails as they leave, and handing them to a mail server."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.ports import Message
from monespace_flows.wording import typeset

from ..emails import ascii_address
from . import WHOLE, Deadline, Sender, SmtpOptions

__all__ = ["SmtpMail"]

_BANNER = "ORDRE DES MÉDECINS"
_GREETING = "Bonjour,"


def compose(message: Message, sender: Sender) -> EmailMessage:
    """Write a message as an e-mail.

    Raises:
        DeliveryRefused: it is not addressed to exactly one person.
    """
    subject = message.subject or sender.name
    mail = EmailMessage(SMTP)
    mail["From"] = Address(sender.name, addr_spec=ascii_address(sender.address) or "")
    mail["To"] = _one_person(message.to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{quote(message.id, safe='')}@{sender.domain}>"
    mail["Content-Language"] = "fr"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Monespace-Purpose"] = message.purpose
    # Quoted-printable: seven bits travel everywhere, and no line grows too long.
    mail.set_content("\n\n".join(_text(message)) + "\n", cte="quoted-printable")
    mail.add_alternative(_html(message, subject), subtype="html", cte="quoted-printable")
    return mail


def _one_person(to: str) -> Address:
    # Given a text, the header would take "a@x.example,b@y.example" for two people.
    address = ascii_address(to)
    if address is None:
        raise DeliveryRefused("email")
    return Address(addr_spec=address)


def _text(message: Message) -> Iterator[str]:
    yield from message.paragraphs
    if message.link_url is not None:
        yield f"{message.link_label} :\n{message.link_url}"


def _html(message: Message, subject: str) -> str:
    return _template().render(
        banner=_BANNER,
        subject=subject,
        preheader=_preheader(message),
        paragraphs=message.paragraphs,
        code=message.code,
        link_label=message.link_label,
        link_url=message.link_url,
    )


def _preheader(message: Message) -> str:
    """What a list of mails shows beside the subject: the matter, not « Bonjour », nor the code."""
    said = (text for text in message.paragraphs if text not in (_GREETING, message.code))
    return next(said, "")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("monespace_backends"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["typeset"] = typeset
    return environment.get_template("mail.html")


# --- to the server -------------------------------------------------------------------------------
# A server that does not offer the protection asked for gets nothing: there is no way back to plain
# text.  What it refuses for good (a 5xx answer about this person or this text) is told apart from
# what may work later.  Errors are raised without their cause, whose text may hold the address.


class SmtpMail:
    """Delivers messages as e-mails, each over a connection of its own."""

    def __init__(
        self, options: SmtpOptions, sender: Sender, *, deadline: timedelta = WHOLE
    ) -> None:
        self._options = options
        self._sender = sender
        self._deadline = deadline
        self._context = None if options.tls == "none" else _context(options.ca_file)

    def deliver(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            DeliveryRefused: the server refuses this message for good.
            PortUnavailable: it cannot be reached, or asks to come back later.
        """
        mail = compose(message, self._sender)
        with Deadline(self._deadline) as deadline:
            self._hand_over(mail, deadline)

    def _hand_over(self, mail: EmailMessage, deadline: Deadline) -> None:
        try:
            connection = self._connected(deadline)
        except OSError:  # those of smtplib and ssl are OSErrors too
            raise PortUnavailable("email") from None
        try:
            _send(connection, mail)
        finally:
            # The message was accepted or refused already: a bad goodbye changes nothing.
            with suppress(OSError):
                connection.quit()
            connection.close()

    def _connected(self, deadline: Deadline) -> smtplib.SMTP:
        options = self._options
        connection = _Connection(options, self._sender.domain, self._context, deadline)
        try:
            if options.tls == "starttls":
                connection.starttls(context=self._context)
            if options.username is not None:
                connection.login(options.username, options.password or "")
        except BaseException:
            connection.close()
            raise
        return connection


class _Connection(smtplib.SMTP):
    """A connection that is watched from its first byte on: before any greeting or handshake."""

    def __init__(
        self,
        options: SmtpOptions,
        name: str,
        context: ssl.SSLContext | None,
        deadline: Deadline,
    ) -> None:
        self._deadline = deadline
        self._wrapping = context if options.tls == "tls" else None
        # Named, since smtplib would look up this machine's name, which may take long.
        super().__init__(options.host, options.port, name, timeout=options.timeout.total_seconds())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # As smtplib.SMTP_SSL does it.
        connected = socket.create_connection((host, port), timeout)
        self._deadline.watch(connected)
        if self._wrapping is None:
            return connected
        return self._wrapping.wrap_socket(connected, server_hostname=host)


def _send(connection: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        (sender,) = mail["From"].addresses
        (recipient,) = mail["To"].addresses
        connection.send_message(mail, sender.addr_spec, [recipient.addr_spec])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refusal(max(codes)) from None
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code) from None
    except OSError:
        # A refused sender is our own mistake, not this message's: it waits until we mend it.
        raise PortUnavailable("email") from None


def _refusal(code: int) -> PortUnavailable:
    return DeliveryRefused("email") if 500 <= code < 600 else PortUnavailable("email")


def _context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
