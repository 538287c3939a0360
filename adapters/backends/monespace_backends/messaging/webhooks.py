"""Events told over HTTP, in the form of Standard Webhooks: signed, and known by their id."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from hmac import digest
from typing import Any

import httpx2
from attrs import asdict

from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.events import Event
from monespace_flows.ports import Clock

from . import WHOLE, Deadline

__all__ = ["Webhook"]

_PORT = "webhook"
_GONE = 410
_PATIENCE = timedelta(days=3)


def body_of(event: Event) -> bytes:
    """Write an event as the JSON that is posted: its kind, and each field that is known."""
    kind = type(event).__name__
    known = {name: it for name, it in asdict(event).items() if it not in (None, "")}
    if "kind" in known:  # an alarm has a kind of its own
        known[kind.lower()] = known.pop("kind")
    return json.dumps({"kind": kind, **known}, ensure_ascii=False, default=_plain).encode()


def _plain(value: datetime | Enum) -> Any:
    return value.value if isinstance(value, Enum) else value.isoformat()


def signatures(keys: Sequence[bytes], identity: str, seconds: int, body: bytes) -> str:
    """Sign a body under each key: a receiver accepts any, so that keys can be changed."""
    signed = b".".join((identity.encode(), str(seconds).encode(), body))
    return " ".join(f"v1,{b64encode(digest(it, signed, sha256)).decode()}" for it in keys)


class Webhook:
    """Posts events to one address: a handler like any of the host's own.

    ``webhook-id`` is the event's, the same at each try; ``webhook-timestamp`` the time of the try.
    Redirects are not followed, and what is answered is not read: its status says all.

    Args:
        url: where to.
        keys: those that sign; several while one follows another.
        clock: the time.
        timeout: how long to wait for each answer.
        patience: after so long an event is given up; an operator may put it back.
        deadline: ends each delivery, however slowly it is answered.
        transport: what stands for the network in tests.
    """

    def __init__(
        self,
        url: str,
        keys: Sequence[bytes],
        clock: Clock,
        *,
        timeout: timedelta = timedelta(seconds=10),
        patience: timedelta = _PATIENCE,
        deadline: timedelta = WHOLE,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._keys = tuple(keys)
        self._clock = clock
        self._patience = patience
        self._deadline = deadline
        self._client = httpx2.Client(
            limits=httpx2.Limits(max_keepalive_connections=0),
            headers={"Content-Type": "application/json"},
            timeout=timeout.total_seconds(),
            transport=transport,
        )

    def __call__(self, event: Event) -> None:
        """Post one event.

        Raises:
            DeliveryRefused: the receiver is gone for good (410), or has failed for too long.
            PortUnavailable: it cannot be reached, or does not answer that it has the event.
        """
        status = self._post(event)
        if status is not None and httpx2.codes.is_success(status):
            return
        if status == _GONE or self._clock.now() - event.at >= self._patience:
            raise DeliveryRefused(_PORT)
        raise PortUnavailable(_PORT)

    def _post(self, event: Event) -> int | None:
        body, seconds = body_of(event), int(self._clock.now().timestamp())
        headers = {
            "webhook-id": event.id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signatures(self._keys, event.id, seconds, body),
        }
        with Deadline(self._deadline) as deadline:

            def watch(step: str, info: Mapping[str, Any]) -> None:
                if step == "connection.connect_tcp.complete":
                    deadline.watch(info["return_value"].get_extra_info("socket"))

            try:
                with self._client.stream(
                    "POST", self._url, content=body, headers=headers, extensions={"trace": watch}
                ) as answer:
                    return answer.status_code
            except httpx2.HTTPError:
                return None
