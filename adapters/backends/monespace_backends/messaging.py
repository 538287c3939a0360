"""The way out, by channel."""

from __future__ import annotations

from typing import Protocol

from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Channel
from monespace_flows.ports import Message

__all__ = ["Gateway", "Messaging"]


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
