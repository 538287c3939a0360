"""Handing e-mails to a mail server.

A server that does not offer the protection asked for gets nothing: there is no way back to plain
text.  What it refuses for good (a 5xx answer about this person or this text) is told apart from
what may work later.  Errors are raised without their cause, whose text may hold the address.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.ports import Message

from .mail import compose
from .mailing import Sender, SmtpOptions

__all__ = ["SmtpMail", "SmtpOptions"]


class SmtpMail:
    """Delivers messages as e-mails, each over a connection of its own."""

    def __init__(self, options: SmtpOptions, sender: Sender) -> None:
        self._options = options
        self._sender = sender
        self._context = None if options.tls == "none" else _context(options.ca_file)

    def deliver(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            DeliveryRefused: the server refuses this message for good.
            PortUnavailable: it cannot be reached, or asks to come back later.
        """
        mail = compose(message, self._sender)
        try:
            connection = self._connected()
        except OSError:  # those of smtplib and ssl are OSErrors too
            raise PortUnavailable("email") from None
        try:
            _send(connection, mail)
        finally:
            # The message was accepted or refused already: a bad goodbye changes nothing.
            with suppress(OSError):
                connection.quit()
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        options = self._options
        timeout = options.timeout.total_seconds()
        # Named, since smtplib would look up this machine's name, which may take long.
        name = self._sender.domain
        connection: smtplib.SMTP
        if options.tls == "tls":
            connection = smtplib.SMTP_SSL(
                options.host, options.port, name, timeout=timeout, context=self._context
            )
        else:
            connection = smtplib.SMTP(options.host, options.port, name, timeout=timeout)
        try:
            if options.tls == "starttls":
                connection.starttls(context=self._context)
            if options.username is not None:
                connection.login(options.username, options.password or "")
        except BaseException:
            connection.close()
            raise
        return connection


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
