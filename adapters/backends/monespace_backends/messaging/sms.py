"""Handing SMS to a provider over HTTP."""

from __future__ import annotations

from datetime import timedelta

import httpx2

from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.ports import Message

__all__ = ["HttpSmsGateway"]

# What says that this very message is wrong.  A wrong key or address (401, 403, 404) is our own
# mistake: the messages wait until we mend it.
_REFUSALS = frozenset({400, 413, 422})


def sms_text(message: Message) -> str:
    """Write a message as an SMS: a paragraph a line, the last one for the browser's autofill."""
    return "\n".join(message.paragraphs)


class HttpSmsGateway:
    """Posts ``{"to", "text", "sender"?}`` as JSON to a provider.

    The message's id goes along as ``Idempotency-Key``, so that a provider that heard us although
    we did not hear it does not send twice.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        sender: str | None = None,
        timeout: timedelta = timedelta(seconds=10),
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._sender = {} if sender is None else {"sender": sender}
        self._client = httpx2.Client(
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout.total_seconds(),
            transport=transport,
        )

    def deliver(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            DeliveryRefused: the provider refuses this message for good.
            PortUnavailable: it cannot be reached, or asks to come back later.
        """
        body = {"to": message.to, "text": sms_text(message)} | self._sender
        try:
            answer = self._client.post(
                self._url, json=body, headers={"Idempotency-Key": message.id}
            )
        except httpx2.HTTPError:
            raise PortUnavailable("sms") from None
        if answer.status_code in _REFUSALS:
            raise DeliveryRefused("sms")
        if not answer.is_success:
            raise PortUnavailable("sms")

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()
