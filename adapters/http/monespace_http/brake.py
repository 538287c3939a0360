"""The outer brake: how much one address may do, before anything is asked of the core.

It only slows machines down.  What counts against a doctor is counted by the journeys, on their
own clock and in their own store.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from typing import Literal

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from monespace_flows.errors import PortUnavailable

from .problems import HttpProblem
from .settings import Brakes

__all__ = ["Brake", "Kind"]

Kind = Literal["identity", "sign_in", "link", "reset", "start", "strength"]


_NUMBERS = "identity_numbers"


class Brake:
    """Counts by kind and client; blocking, since its storage may be a shared one."""

    def __init__(self, brakes: Brakes | None, key: bytes) -> None:
        self._brakes = brakes
        self._key = hmac.digest(key, b"monespace_http.brake.v1", hashlib.sha256)
        if brakes is not None:
            self._limiter = MovingWindowRateLimiter(storage_from_string(brakes.storage))

    def check(self, kind: Kind, client: str) -> None:
        """Refuse when the client has used up what it may do.

        Raises:
            HttpProblem: 429, with ``Retry-After``.
            PortUnavailable: the counts cannot be read; the brake fails closed.
        """
        for limit, name in self._limits(kind):
            if not self._ask("test", limit, name, client):
                raise self._throttled(limit, name, client)

    def count(self, kind: Kind, client: str, number: str | None = None) -> None:
        """Count one; ``number`` is the RPPS number of a refused identity."""
        for limit, name in self._limits(kind):
            if name != _NUMBERS or self._is_new(limit, client, number):
                self._ask("hit", limit, name, client)

    def _limits(self, kind: Kind) -> list[tuple[RateLimitItem, str]]:
        if self._brakes is None:
            return []
        names = [kind, _NUMBERS] if kind == "identity" else [kind]
        return [(parse(getattr(self._brakes, name)), name) for name in names]

    def _is_new(self, limit: RateLimitItem, client: str, number: str | None) -> bool:
        if number is None:
            return False
        digest = hmac.digest(self._key, number.encode(), hashlib.sha256).hex()
        once = type(limit)(1, limit.multiples)
        return self._ask("hit", once, "identity_number", client, digest)

    def _ask(self, verb: Literal["test", "hit"], limit: RateLimitItem, *names: str) -> bool:
        try:
            return bool(getattr(self._limiter, verb)(limit, *names))
        except Exception as error:
            raise PortUnavailable("brake") from error

    def _throttled(self, limit: RateLimitItem, *names: str) -> HttpProblem:
        end = self._limiter.get_window_stats(limit, *names).reset_time
        wait = max(1, math.ceil(end - time.time()))
        return HttpProblem(
            429,
            "throttled",
            "Too many requests from this address: wait before trying again.",
            headers={"Retry-After": str(wait)},
        )
