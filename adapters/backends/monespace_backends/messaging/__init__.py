"""The way out, by channel, and what settings say of the mail server.

Apart from the modules that write and hand over messages, which take long to import: settings are
read by every command.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol

from attrs import Attribute, field, frozen

from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Channel
from monespace_flows.ports import Message

__all__ = ["Messaging", "Sender", "SmtpOptions"]


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

    ``tls``: ``"starttls"`` asks for protection once connected, ``"tls"`` connects protected,
    ``"none"`` goes without, for a server on the same machine.  ``ca_file`` holds the authority to
    trust instead of the system's.  ``timeout`` bounds each wait for the server.
    """

    host: str
    port: int = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=10)


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
