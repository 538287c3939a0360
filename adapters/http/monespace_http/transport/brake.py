"""The outer brake: how much one address may do, before anything is asked of the core.

It only slows machines down.  What counts against a doctor is counted by the journeys, on their
own clock and in their own store.

A doctor's successes never count: a hospital has one address.  But a place is taken before the work,
or a hundred tries at once would all be judged before the first was counted; it is given back when
the work ends well.  Starts and requests for a link cannot be judged at once, so their place is kept
until a later step proves them right.

A moving window has no refund: what was taken and what was given back are two windows, and their
difference is what is owed.  Both may be kept in a store that several processes share.  A refund
leaves its window a little after what it paid for: never more than good ends allow, so a machine
gains nothing by it.

Whoever has an IPv6 network has many /64: its /56 and its /48 are counted beside, with more room.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from ipaddress import ip_network
from threading import Lock
from typing import Literal

from attrs import define, frozen
from limits import RateLimitItem, parse

from monespace_flows.errors import MonespaceError, PortUnavailable

from .counts import Counts, away, kind_of, open_counts
from .headers import HttpProblem

__all__ = ["Brake", "Brakes", "Kind"]

Kind = Literal["identity", "sign_in", "link", "reset", "start", "strength"]

_NUMBERS = "identity_numbers"
_CEILING = 50
"""So many times its number a kind may be taken in all, good ends included."""
_NETWORKS = {56: 4, 48: 16}
"""So many times the number of a /64 those around it may take together."""

_log = logging.getLogger("monespace_http")


@frozen(kw_only=True)
class Brakes:
    """How much one IP address (or IPv6 /64) may do, as ``"20/hour"``.

    An IPv6 /56 may do four times as much in all, a /48 sixteen times.  An outer brake only: what
    one doctor may try is counted by the journeys themselves.  Refusals count, and what is under
    way, so that a hospital behind one address is not locked out by its successes.

    Attributes:
        identity: refused checks of identity.
        identity_numbers: different RPPS numbers among them.
        sign_in: refused sign-ins.
        link: refused links.
        reset: links that were asked for and not used (what one address may be sent, the journeys
            bound).
        start: journeys that were begun and have not moved on from their first screen.
        strength: looks at a password while it is typed.
        storage: where it is counted.  With ``memory://`` each process counts for itself, so that as
            many processes let as many times the number pass: several need a shared one,
            ``database``, which is the service's own, or an address that the ``limits`` library
            understands, such as ``redis://localhost:6379``.
    """

    identity: str = "20/hour"
    identity_numbers: str = "10/hour"
    sign_in: str = "60/hour"
    link: str = "30/hour"
    reset: str = "300/hour"
    start: str = "120/hour"
    strength: str = "60/minute"
    storage: str = "memory://"


@frozen
class _Counter:
    """What is counted for one client, or for a network around it, under their pseudonym."""

    limit: RateLimitItem
    name: str
    client: str

    @cached_property
    def wide(self) -> RateLimitItem:
        """The same limit, with room for good ends."""
        return type(self.limit)(self.limit.amount * _CEILING, self.limit.multiples)

    @cached_property
    def span(self) -> int:
        """The seconds of its window."""
        return self.limit.get_expiry()

    @cached_property
    def taken(self) -> str:
        """The key of what was taken."""
        return self.wide.key_for(self.name, self.client)

    @cached_property
    def returned(self) -> str:
        """The key of what was given back."""
        return self.wide.key_for(f"{self.name}_back", self.client)


@define
class Place:
    """A place that was taken before the work; it is given back unless the work keeps it."""

    counters: tuple[_Counter, ...]
    is_kept: bool = False
    number: str | None = None

    def keep(self, number: str | None = None) -> None:
        """Let it count; ``number`` is the RPPS number of a refused identity."""
        self.is_kept, self.number = True, number


class Brake:
    """Counts by kind and client; blocking, since its storage may be a shared one."""

    def __init__(
        self,
        brakes: Brakes | None,
        key: bytes,
        counts: Counts | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Open the store of counts.

        Args:
            brakes: what a client may do; ``None``: all.
            key: what pseudonyms are made with; processes that share a store share it.
            counts: the store that ``database`` means.
            tell: told which brake refused.

        Raises:
            ValueError: saying what to install or to write.
        """
        self._brakes = brakes
        self._tell = tell
        self._key = hmac.digest(key, b"monespace_http.transport.brake.v1", hashlib.sha256)
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()
        if brakes is not None:
            self._counted: Counts = open_counts(brakes.storage, counts)
            self._where = kind_of(brakes.storage)

    @property
    def is_at_hand(self) -> bool:
        """Whether it counts in the process's own memory: then asking it makes nobody wait."""
        return self._brakes is None or self._where == "memory"

    def check(self, kind: Kind, client: str) -> None:
        """Refuse when the client has used up what it may do; nothing is taken.

        Raises:
            HttpProblem: 429, with ``Retry-After``.
            PortUnavailable: the counts cannot be read; the brake fails closed.
        """
        for counter in self._counters(kind, client):
            if not self._may(counter, 0):
                raise self._throttled(counter)

    @contextmanager
    def place(self, kind: Kind | None, client: str) -> Iterator[Place]:
        """Take a place, and give it back at the end of the block unless the block keeps it.

        What ended by an error that tells of nothing judged is given back too; an error that nobody
        foresaw keeps it.

        Raises:
            HttpProblem: 429, with ``Retry-After``.
            PortUnavailable: the counts cannot be read; the brake fails closed.
        """
        place = Place(self._take(self._counters(kind, client) if kind else ()))
        try:
            yield place
        except MonespaceError:
            self._settle(place)
            raise
        except Exception:
            place.keep()
            self._settle(place)
            raise
        else:
            self._settle(place)

    def give_back(self, kind: Kind, client: str, journey: str) -> None:
        """Give back what a journey that ended well has taken, once for each reference.

        What cannot be given back is lost: the step is done, and its answer must not be.
        """
        for counter in self._counters(kind, client):
            with _forgiven():
                if self._is_new(counter, "journey", journey):
                    self._return(counter)

    def _counters(self, kind: Kind, client: str) -> tuple[_Counter, ...]:
        if self._brakes is None:
            return ()
        names = (kind, _NUMBERS) if kind == "identity" else (kind,)
        networks = [(self._pseudonym(network), room) for network, room in _networks(client)]
        return tuple(
            _Counter(_limit(getattr(self._brakes, name), room), name, network)
            for name in names
            for network, room in networks
        )

    def _pseudonym(self, value: str) -> str:
        """Whose address it is, no store of counts need know."""
        return hmac.digest(self._key, value.encode(), hashlib.sha256).hex()

    # --- what is taken, and what is owed -----------------------------------------------------

    def _take(self, counters: tuple[_Counter, ...]) -> tuple[_Counter, ...]:
        for place, counter in enumerate(counters):
            if not self._acquire(counter):
                refused = self._throttled(counter)
                self._settle(Place(counters[:place]))
                raise refused
            with self._lock:
                self._under_way[counter.taken] += 1
        return counters

    def _acquire(self, counter: _Counter) -> bool:
        """Take one in a single call of the store: nobody else can take the same one."""
        with self._as_port():
            most = counter.limit.amount + self._within(counter, counter.returned, counter.span)
            return self._counted.acquire_entry(
                counter.taken, min(most, counter.wide.amount), counter.span
            )

    def _settle(self, place: Place) -> None:
        for counter in place.counters:
            with self._lock:
                self._under_way[counter.taken] -= 1
                if not self._under_way[counter.taken]:
                    del self._under_way[counter.taken]
            with _forgiven():
                if not place.is_kept or not self._counts(counter, place.number):
                    self._return(counter)

    def _counts(self, counter: _Counter, number: str | None) -> bool:
        """Whether what is kept counts here: a number that was refused before is no other one."""
        return counter.name != _NUMBERS or self._is_new(counter, "once", number)

    def _return(self, counter: _Counter) -> None:
        with self._as_port():
            self._counted.acquire_entry(counter.returned, counter.wide.amount, counter.span)

    def _is_new(self, counter: _Counter, name: str, value: str | None) -> bool:
        if value is None:
            return False
        once = type(counter.limit)(1, counter.limit.multiples)
        key = once.key_for(f"{counter.name}_{name}", counter.client, self._pseudonym(value))
        with self._as_port():
            return self._counted.acquire_entry(key, 1, counter.span)

    def _may(self, counter: _Counter, wait: int, finished: int = 0) -> bool:
        """Whether one more would pass, that many seconds from now, once ``finished`` are back."""
        seconds = counter.span - wait
        with self._as_port():
            taken = self._within(counter, counter.taken, seconds)
            owed = taken - self._within(counter, counter.returned, seconds) - finished
        return taken < counter.wide.amount and owed < counter.limit.amount

    def _within(self, counter: _Counter, key: str, seconds: int) -> int:
        return self._counted.get_moving_window(key, counter.wide.amount, seconds)[1]

    @contextmanager
    def _as_port(self) -> Iterator[None]:
        """A store of counts that does not answer is a port that does not."""
        try:
            yield
        except Exception as error:
            raise away(self._where, error) from error

    def _throttled(self, counter: _Counter) -> HttpProblem:
        """How long to wait: a moment, where what is under way may still end well."""
        with self._lock:
            under_way = self._under_way[counter.taken]
        if self._tell is not None:
            self._tell(counter.name)
        if under_way and self._may(counter, 0, under_way):
            return _refusal(1)
        return _refusal(_first(lambda wait: self._may(counter, wait), counter.span))


@contextmanager
def _forgiven() -> Iterator[None]:
    try:
        yield
    except PortUnavailable:
        _log.warning("the brake's counts cannot be written")


@cache
def _limit(said: str, room: int) -> RateLimitItem:
    limit = parse(said)
    return type(limit)(limit.amount * room, limit.multiples)


def _networks(client: str) -> Iterator[tuple[str, int]]:
    """The networks under which a client is counted, each with the room that it has."""
    yield client, 1
    if ":" not in client:
        return
    with suppress(ValueError):
        network = ip_network(client)
        if network.version == 6:
            for prefix, room in _NETWORKS.items():
                yield str(network.supernet(new_prefix=prefix)), room


def _first(may: Callable[[int], bool], span: int) -> int:
    """Find a wait after which one more passes, to a hundredth of the span."""
    low, high = 0, span
    while high - low > max(1, span // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if may(middle) else (middle, high)
    return high


def _refusal(wait: int) -> HttpProblem:
    return HttpProblem(
        429,
        "throttled",
        "Too many requests from this address: wait before trying again.",
        headers={"Retry-After": str(max(1, wait))},
    )
