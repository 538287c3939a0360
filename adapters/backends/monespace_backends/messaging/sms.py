"""Handing SMS to a provider over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2

from monespace_flows.errors import DeliveryRefused, DeliveryUnknown, PortUnavailable
from monespace_flows.ports import Message

from . import WHOLE, Deadline

__all__ = ["HttpSmsGateway"]

# Before these nothing was said to the provider; after any other error it may have heard us.
_UNHEARD = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
# A gateway before the provider gave up on it: what the provider does meanwhile, nobody knows.
_UNKNOWN = frozenset({502, 504})
# What says that this very message is wrong.  A wrong key or address (401, 403, 404) is our own
# mistake: the messages wait until we mend it.
_REFUSALS = frozenset({400, 413, 422})


def sms_text(message: Message) -> str:
    """Write a message as an SMS: a paragraph a line, the last one for the browser's autofill.

    A link is its bare address: there is no room for more.
    """
    link = () if message.link_url is None else (message.link_url,)
    return "\n".join((*message.paragraphs, *link))


class HttpSmsGateway:
    """Posts ``{"to", "text", "sender"?}`` as JSON to a provider.

    The message's id goes along as ``Idempotency-Key``, so that a provider that heard us although
    we did not hear it does not send twice.  Not every provider minds it, so what may have left is
    told apart from what has not.

    Each message has a connection of its own: ``deadline`` ends it, however slowly it is answered.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        sender: str | None = None,
        timeout: timedelta = timedelta(seconds=10),
        deadline: timedelta = WHOLE,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._sender = {} if sender is None else {"sender": sender}
        self._deadline = deadline
        self._client = httpx2.Client(
            limits=httpx2.Limits(max_keepalive_connections=0),
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout.total_seconds(),
            transport=transport,
        )

    def deliver(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            DeliveryRefused: the provider refuses this message for good.
            DeliveryUnknown: it was told, and did not say what became of it.
            PortUnavailable: it cannot be reached, or asks to come back later.
        """
        with Deadline(self._deadline) as deadline:
            try:
                status = self._post(message, deadline)
            except _UNHEARD:
                raise PortUnavailable("sms") from None
            except httpx2.HTTPError:
                raise DeliveryUnknown("sms") from None
        if status in _REFUSALS:
            raise DeliveryRefused("sms")
        if status in _UNKNOWN:
            raise DeliveryUnknown("sms")
        if not httpx2.codes.is_success(status):
            raise PortUnavailable("sms")

    def _post(self, message: Message, deadline: Deadline) -> int:
        def watch(event: str, info: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                deadline.watch(info["return_value"].get_extra_info("socket"))

        answer = self._client.post(
            self._url,
            json={"to": message.to, "text": sms_text(message)} | self._sender,
            headers={"Idempotency-Key": message.id},
            extensions={"trace": watch},
        )
        return answer.status_code

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()
