"""A way out that keeps what it delivers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from ..errors import PortUnavailable
from ..ports import Message
from .faults import Faults

__all__ = ["DeliveredMessage", "MemoryMessaging"]


@frozen(kw_only=True)
class DeliveredMessage:
    """A message as its receiver reads it; ``link`` is the whole address of a one-time link."""

    id: str
    at: datetime
    channel: str
    purpose: str
    to: str
    subject: str | None
    text: str
    code: str | None
    link: str | None

    @property
    def link_token(self) -> str:
        """The secret part of the link."""
        return (self.link or "").rpartition("/")[2]


class MemoryMessaging:
    """Delivers into a list: iterate, index and count it like one, newest last."""

    def __init__(self) -> None:
        self._delivered: list[DeliveredMessage] = []
        self._faults = Faults(lambda: PortUnavailable("messaging"))

    def fail_next(self, times: int = 1) -> None:
        """Make the next deliveries fail."""
        self._faults.order(times)

    def deliver(self, message: Message) -> None:
        """Keep one message."""
        self._faults.strike()
        lines = (*message.paragraphs, message.link_url)
        self._delivered.append(
            DeliveredMessage(
                id=message.id,
                at=message.at,
                channel=message.channel.value,
                purpose=message.purpose,
                to=message.to,
                subject=message.subject,
                text="\n".join(line for line in lines if line),
                code=message.code,
                link=message.link_url,
            )
        )

    def to(self, destination: str) -> list[DeliveredMessage]:
        """What one mobile number or address received, newest last."""
        return [message for message in self._delivered if message.to == destination]

    def __iter__(self) -> Iterator[DeliveredMessage]:
        return iter(self._delivered)

    def __len__(self) -> int:
        return len(self._delivered)

    def __getitem__(self, place: int) -> DeliveredMessage:
        return self._delivered[place]
