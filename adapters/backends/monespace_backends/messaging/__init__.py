"""The way out, by channel, and what settings say of the mail server.

Apart from the modules that write and hand over messages, which take long to import: settings are
read by every command.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Lock, Timer
from typing import Literal, Protocol, Self

from attrs import Attribute, field, frozen

from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Channel
from monespace_flows.ports import Message

__all__ = ["Messaging", "Sender", "SmtpOptions"]

WHOLE = timedelta(seconds=30)
"""How long one delivery may take, unless a policy says otherwise."""


def _address_of_sender(_: object, __: Attribute[str], address: str) -> None:
    from ..emails import ascii_address

    if ascii_address(address) is None:
        raise ValueError("is not an e-mail address")


@frozen
class Sender:
    """Whom e-mails come from."""

    address: str = field(validator=_address_of_sender)
    name: str = "Ordre des médecins"

    @property
    def domain(self) -> str:
        """The part after the at sign, in ASCII."""
        from ..emails import ascii_address

        return (ascii_address(self.address) or "").rpartition("@")[2]


@frozen(kw_only=True)
class SmtpOptions:
    """How to reach the mail server.

    Attributes:
        host: its name or address.
        port: where it listens.
        tls: ``"starttls"`` asks for protection once connected, ``"tls"`` connects protected,
            ``"none"`` goes without, for a server on the same machine.
        username: who signs in there; nobody, without.
        password: with what; better in the environment.
        ca_file: the authority to trust instead of the system's.
        timeout: the most that each wait for the server takes; the whole of a delivery is bounded by
            ``deliveries.deadline`` of the policy.
    """

    host: str
    port: int = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=10)


# --- until when ----------------------------------------------------------------------------------


class Deadline:
    """Ends the connections that it watches once its time is up, whatever they are waiting for.

    A server that sends a byte now and then never lets a timeout of single waits end: one such
    server stopped all delivery for ever.  The far end of a socket is shut through a copy, since
    what speaks TLS over it has taken the first one away.
    """

    def __init__(self, span: timedelta) -> None:
        self._timer = Timer(span.total_seconds(), self._end)
        self._timer.daemon = True
        self._lock = Lock()
        self._is_over = False
        self._watched: list[socket.socket] = []

    def watch(self, connected: socket.socket) -> None:
        """End this connection, too."""
        with self._lock:
            self._watched.append(connected.dup())
        if self._is_over:
            self._end()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            while self._watched:
                self._watched.pop().close()

    def _end(self) -> None:
        self._is_over = True
        with self._lock:
            for each in self._watched:
                with suppress(OSError):  # it ended by itself
                    each.shutdown(socket.SHUT_RDWR)


# --- by channel ----------------------------------------------------------------------------------


class Gateway(Protocol):
    """One way out."""

    def deliver(self, message: Message) -> None:
        """Hand one message over, or raise ``PortUnavailable``."""
        ...


class Messaging:
    """Hands each message to the gateway of its channel; without ``sms``, none leaves by SMS."""

    def __init__(self, *, email: Gateway, sms: Gateway | None) -> None:
        self._gateways = {Channel.EMAIL: email, Channel.SMS: sms}

    def deliver(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            PortUnavailable: it did not leave, and may later; :class:`DeliveryRefused` when it
                never will.
        """
        gateway = self._gateways[message.channel]
        if gateway is None:
            raise PortUnavailable(message.channel.value)
        gateway.deliver(message)
