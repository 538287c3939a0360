"""Calls into the core: each in a worker thread, a bounded number at once.

What is dear has workers of its own, and a short queue before them: who finds it full is told so at
once.  What is light never waits behind it.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from attrs import define, frozen

from monespace_flows.errors import JourneyUnreadable, PortBusy, PortUnavailable

__all__ = ["Floor", "LaneFull", "Lanes", "SlowMode", "Workers", "floor"]

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

_chance = random.SystemRandom()
_log = logging.getLogger("monespace_http")
_AGAIN = 60.0  # seconds: what lasts is told once a minute, whoever asks meanwhile


class LaneFull(PortBusy):
    """All workers of a lane are at it, and its queue is full: nothing was begun.

    What to do: come back in a moment.
    """


class Workers:
    """A limiter of our own: anyio's default one is shared with the whole host application.

    It is made inside the running event loop, at first use, so that the app needs no lifespan
    and works under any host.

    Args:
        count: how many calls run at once.
        queue: how many more may wait; any number, unless it is given.
        name: what is told to be busy, for the log.
    """

    def __init__(self, count: int, *, queue: int | None = None, name: str = "workers") -> None:
        self._count = count
        self._most = None if queue is None else count + queue
        self._name = name
        self._entered = 0
        self._refused = 0
        self._limiter: RunVar[anyio.CapacityLimiter] = RunVar(f"monespace_http.{id(self)}")
        self._told: dict[tuple[str, str], float] = {}

    async def call(
        self,
        function: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run a blocking function and wait for it.

        A client that goes away does not interrupt it: a step is done whole or not begun.

        Raises:
            LaneFull: as many wait already as may.
        """
        self.admit()
        self._entered += 1
        try:
            return await self._run(partial(function, *args, **kwargs))
        finally:
            self._entered -= 1

    def admit(self) -> None:
        """Refuse at once when one more could not even wait.

        Raises:
            LaneFull: as many wait already as may.
        """
        if self._most is not None and self._entered >= self._most:
            self._refused += 1
            raise LaneFull(self._name)

    def look(self) -> tuple[int, int, int]:
        """How many calls run and wait now, and how many were refused so far."""
        running = min(self._entered, self._count)
        return running, self._entered - running, self._refused

    async def _run(self, call: Callable[[], Answer]) -> Answer:
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = anyio.CapacityLimiter(self._count)
            self._limiter.set(limiter)
        try:
            return await anyio.to_thread.run_sync(call, limiter=limiter)
        except PortUnavailable as error:
            self._tell((error.port, error.kind), f"{error} ({error.kind})")
            raise
        except JourneyUnreadable as error:
            self._tell(("journey", ""), f"a journey was answered by 409: {error}")
            raise

    def _tell(self, key: tuple[str, str], told: str) -> None:
        """Log what does not answer: each kind at most once a minute."""
        now = time.monotonic()
        if now - self._told.get(key, -_AGAIN) >= _AGAIN:
            self._told[key] = now
            _log.error("%s", told)


@frozen(kw_only=True)
class Lanes:
    """Who does what: each kind of work has its own workers, and waits for none of the others.

    ``light`` looks and takes the steps that cost little, ``hashing`` those whose command carries a
    password, ``scoring`` tells how strong one is while it is typed, ``watching`` says whether the
    service is ready.
    """

    light: Workers
    hashing: Workers
    scoring: Workers
    watching: Workers


@define
class Floor:
    """The least time of an answer, counted from its beginning; a thread may raise it meanwhile."""

    least: timedelta

    def raise_to(self, least: timedelta) -> None:
        """Let it be no less than that."""
        self.least = max(self.least, least)


@asynccontextmanager
async def floor(least: timedelta, jitter: timedelta) -> AsyncIterator[Floor]:
    """Let a block take at least ``least``, plus a random part of ``jitter``, however it ends.

    An answer about a person must not tell by its speed what the registry knows.  That nobody was
    asked, since a lane is full, is told at once.
    """
    begun, held = anyio.current_time(), Floor(least)
    try:
        yield held
    except LaneFull:
        held.least = jitter = timedelta(0)
        raise
    finally:
        end = begun + held.least.total_seconds() + _chance.uniform(0, jitter.total_seconds())
        await anyio.sleep(max(0.0, end - anyio.current_time()))


_LOOKED_UP = 1.0  # seconds


class SlowMode:
    """Whether some answers take longer for everybody for now, looked up once a second at most."""

    def __init__(self, look: Callable[[], bool], least: timedelta) -> None:
        self._look = look
        self._least = least
        self._known: tuple[float, bool] = -math.inf, False

    def hold(self, floor: Floor) -> None:
        """Raise an answer's floor, whatever the answer will be; blocking, as its look is."""
        now = time.monotonic()
        if now - self._known[0] >= _LOOKED_UP:
            self._known = now, self._look()
        if self._known[1]:
            floor.raise_to(self._least)
