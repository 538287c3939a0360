"""E-mails as they leave, and handing them to a mail server."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
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
from monespace_flows.texts import read_words
from monespace_flows.wording import typeset

from ..emails import ascii_address
from . import WHOLE, Deadline, Sender, SmtpOptions
from .looks import Looks

__all__ = ["SmtpMail"]

Own = Mapping[str, Mapping[str, str]]
"""A host's own texts by id, by language."""


def compose(
    message: Message, sender: Sender, own: Own | None = None, looks: Looks | None = None
) -> EmailMessage:
    """Write a message as an e-mail.

    Args:
        message: what to write, in its own language.
        sender: whom it comes from.
        own: the host's own words, of which those around a letter are taken.
        looks: the host's own colours, and its name.

    Raises:
        DeliveryRefused: it is not addressed to exactly one person.
    """
    subject = message.subject or sender.name
    looks = looks or Looks()
    named = {} if looks.name is None else {"mail.banner": looks.name}
    said = {**read_words(message.language), **named, **(own or {}).get(message.language, {})}
    mail = EmailMessage(SMTP)
    mail["From"] = Address(sender.name, addr_spec=ascii_address(sender.address) or "")
    mail["To"] = _one_person(message.to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{quote(message.id, safe='')}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Monespace-Purpose"] = message.purpose
    # Quoted-printable: seven bits travel everywhere, and no line grows too long.
    mail.set_content("\n\n".join(_text(message, said)) + "\n", cte="quoted-printable")
    mail.add_alternative(
        _html(message, subject, said, looks), subtype="html", cte="quoted-printable"
    )
    # Last: what is about the content goes to its first part while there is but one.
    mail["Content-Language"] = message.language
    return mail


def _one_person(to: str) -> Address:
    # Given a text, the header would take "a@x.example,b@y.example" for two people.
    address = ascii_address(to)
    if address is None:
        raise DeliveryRefused("email")
    return Address(addr_spec=address)


def _text(message: Message, said: Mapping[str, str]) -> Iterator[str]:
    yield from message.paragraphs
    if message.link_url is not None:
        label = said["mail.link"].format(label=message.link_label)
        yield f"{label}\n{message.link_url}"


def _html(message: Message, subject: str, said: Mapping[str, str], looks: Looks) -> str:
    return _template().render(
        light=looks.light_shown,
        dark=looks.dark_shown,
        language=message.language,
        banner=said["mail.banner"],
        copy=said["mail.link.copy"],
        automatic=said["mail.automatic"],
        subject=subject,
        preheader=_preheader(message),
        paragraphs=message.paragraphs,
        code=message.code,
        link_label=message.link_label,
        link_url=message.link_url,
    )


def _preheader(message: Message) -> str:
    """What a list of mails shows beside the subject: the matter, not « Bonjour, », nor the code."""
    said = (text for text in message.paragraphs if text != message.code and text[-1:] != ",")
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
        self,
        options: SmtpOptions,
        sender: Sender,
        *,
        deadline: timedelta = WHOLE,
        own: Own | None = None,
        looks: Looks | None = None,
    ) -> None:
        self._options = options
        self._sender = sender
        self._deadline = deadline
        self._own = own
        self._looks = looks
        self._context = None if options.tls == "none" else _context(options.ca_file)

    def deliver(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            DeliveryRefused: the server refuses this message for good.
            PortUnavailable: it cannot be reached, or asks to come back later.
        """
        mail = compose(message, self._sender, self._own, self._looks)
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
