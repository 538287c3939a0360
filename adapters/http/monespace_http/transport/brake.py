"""The outer brake: how much one address may do, before anything is asked of the core.

It only slows machines down.  What counts against a doctor is counted by the journeys, on their
own clock and in their own store.

A doctor's successes never count: a hospital has one address.  Most kinds count refusals only.
Starts and requests for a link cannot wait to be judged, since a flood of them is what the brake
is for, so each counts at once and is given back when it ends well.  A moving window has no refund:
what was taken and what was given back are two windows, and their difference is what is owed.
Both may be kept in a store that several processes share.  A refund leaves its window a little after
what it paid for: never more than good ends allow, so a machine gains nothing by it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import time
from collections.abc import Callable
from typing import Literal, cast

from attrs import frozen
from limits import RateLimitItem, parse
from limits.errors import ConfigurationError
from limits.storage import MovingWindowSupport, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from monespace_flows.errors import PortUnavailable

from .headers import HttpProblem

__all__ = ["Brake", "Brakes"]

_Kind = Literal["identity", "sign_in", "link", "reset", "start", "strength"]

_NUMBERS = "identity_numbers"
_GIVEN_BACK: frozenset[_Kind] = frozenset({"start", "reset"})
_CEILING = 50
"""So many times its number a kind that is given back may be taken in all, good ends included."""

_PACKAGES = {
    "redis": "redis",
    "rediss": "redis",
    "valkey": "valkey",
    "memcached": "pymemcache",
    "mongodb": "pymongo",
}
"""What a shared store of counts needs besides, by the beginning of its address."""

_log = logging.getLogger("monespace_http")


@frozen(kw_only=True)
class Brakes:
    """How much one IP address (or IPv6 /64) may do, as ``"20/hour"``.

    An outer brake only: what one doctor may try is counted by the journeys themselves.
    ``identity``, ``identity_numbers`` (different RPPS numbers), ``sign_in`` and ``link`` count
    refusals, so that a hospital behind one address is not locked out by its successes.  ``start``
    counts journeys that were begun and have not moved on from their first screen, ``reset`` links
    that were asked for and not used (what one address may be sent, the journeys bound);
    ``strength`` counts looks at a password.
    ``storage`` is an address that the ``limits`` library understands; several processes need a
    shared one.
    """

    identity: str = "20/hour"
    identity_numbers: str = "10/hour"
    sign_in: str = "60/hour"
    link: str = "30/hour"
    reset: str = "300/hour"
    start: str = "120/hour"
    strength: str = "240/minute"
    storage: str = "memory://"


class Brake:
    """Counts by kind and client; blocking, since its storage may be a shared one."""

    def __init__(self, brakes: Brakes | None, key: bytes) -> None:
        self._brakes = brakes
        self._key = hmac.digest(key, b"monespace_http.transport.brake.v1", hashlib.sha256)
        if brakes is not None:
            self._limiter = MovingWindowRateLimiter(_counts(brakes.storage))

    def check(self, kind: _Kind, client: str) -> None:
        """Refuse when the client has used up what it may do.

        Raises:
            HttpProblem: 429, with ``Retry-After``.
            PortUnavailable: the counts cannot be read; the brake fails closed.
        """
        for limit, name in self._limits(kind):
            if kind in _GIVEN_BACK:
                self._check_owed(limit, name, client)
            elif not self._ask("test", limit, name, client):
                raise _throttled(self._end(limit, name, client) - time.time())

    def count(self, kind: _Kind, client: str, number: str | None = None) -> None:
        """Count one; ``number`` is the RPPS number of a refused identity."""
        for limit, name in self._limits(kind):
            if kind in _GIVEN_BACK:
                limit = _widened(limit)  # noqa: PLW2901 - the same limit, with room for good ends
            if name != _NUMBERS or self._is_new(limit, name, client, number):
                self._ask("hit", limit, name, client)

    def give_back(self, kind: _Kind, client: str, journey: str) -> None:
        """Give back what a journey that ended well has taken, once for each reference.

        What cannot be given back is lost: the step is done, and its answer must not be.
        """
        for limit, name in self._limits(kind):
            try:
                if self._is_new(limit, f"{name}_journey", client, journey):
                    self._ask("hit", _widened(limit), f"{name}_back", client)
            except PortUnavailable:
                _log.warning("the brake's counts cannot be written")

    def _limits(self, kind: _Kind) -> list[tuple[RateLimitItem, str]]:
        if self._brakes is None:
            return []
        names = [kind, _NUMBERS] if kind == "identity" else [kind]
        return [(parse(getattr(self._brakes, name)), name) for name in names]

    def _is_new(self, limit: RateLimitItem, name: str, client: str, value: str | None) -> bool:
        if value is None:
            return False
        digest = hmac.digest(self._key, value.encode(), hashlib.sha256).hex()
        once = type(limit)(1, limit.multiples)
        return self._ask("hit", once, f"{name}_once", client, digest)

    # --- what is owed ------------------------------------------------------------------------

    def _check_owed(self, limit: RateLimitItem, name: str, client: str) -> None:
        wide = _widened(limit)

        def count(which: str, seconds: int) -> int:
            return self._within(wide, seconds, which, client)

        def may(wait: int) -> bool:
            """Whether one more would pass, that many seconds from now."""
            seconds = limit.get_expiry() - wait
            taken = count(name, seconds)
            return taken < wide.amount and taken - count(f"{name}_back", seconds) < limit.amount

        if not may(0):
            raise _throttled(_first(may, limit.get_expiry()))

    def _within(self, limit: RateLimitItem, seconds: int, *names: str) -> int:
        storage = cast("MovingWindowSupport", self._limiter.storage)
        try:
            return storage.get_moving_window(limit.key_for(*names), limit.amount, seconds)[1]
        except Exception as error:
            raise PortUnavailable("brake") from error

    def _ask(self, verb: Literal["test", "hit"], limit: RateLimitItem, *names: str) -> bool:
        try:
            return bool(getattr(self._limiter, verb)(limit, *names))
        except Exception as error:
            raise PortUnavailable("brake") from error

    def _end(self, limit: RateLimitItem, *names: str) -> float:
        return self._limiter.get_window_stats(limit, *names).reset_time


def _counts(address: str) -> Storage:
    """Open the store of counts; the address, which may hold a password, is not repeated.

    Raises:
        ValueError: saying what to install or to write.
    """
    kind = address.partition(":")[0]
    package = _PACKAGES.get(kind.partition("+")[0])
    try:
        found = storage_from_string(address)
    except ConfigurationError as error:
        if package is None or "scheme" in str(error):
            known = ", ".join(f"{name}://" for name in ("memory", *_PACKAGES))
            raise ValueError(f"brakes.storage must begin with one of {known}") from None
        raise ValueError(
            f"brakes.storage = {kind}://… needs the package {package}: pip install {package}, "
            "where the server runs"
        ) from None
    if not isinstance(found, Storage):
        raise ValueError("brakes.storage must not begin with async+")  # noqa: TRY004 - a setting
    return found


def _widened(limit: RateLimitItem) -> RateLimitItem:
    return type(limit)(limit.amount * _CEILING, limit.multiples)


def _first(may: Callable[[int], bool], span: int) -> int:
    """Find a wait after which one more passes, to a hundredth of the span."""
    low, high = 0, span
    while high - low > max(1, span // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if may(middle) else (middle, high)
    return high


def _throttled(wait: float) -> HttpProblem:
    return HttpProblem(
        429,
        "throttled",
        "Too many requests from this address: wait before trying again.",
        headers={"Retry-After": str(max(1, math.ceil(wait)))},
    )
