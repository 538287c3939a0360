"""Calls into the core: each in a worker thread, a bounded number at once."""

from __future__ import annotations

import logging
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

from monespace_flows.errors import JourneyUnreadable, PortUnavailable

__all__ = ["Workers", "floor"]

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

_chance = random.SystemRandom()
_log = logging.getLogger("monespace_http")
_AGAIN = 60.0  # seconds: what lasts is told once a minute, whoever asks meanwhile


class Workers:
    """A limiter of our own: anyio's default one is shared with the whole host application.

    It is made inside the running event loop, at first use, so that the app needs no lifespan
    and works under any host.
    """

    def __init__(self, count: int) -> None:
        self._count = count
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
        """
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = anyio.CapacityLimiter(self._count)
            self._limiter.set(limiter)
        try:
            return await anyio.to_thread.run_sync(
                partial(function, *args, **kwargs), limiter=limiter
            )
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


@asynccontextmanager
async def floor(least: timedelta, jitter: timedelta) -> AsyncIterator[None]:
    """Let a block take at least ``least``, plus a random part of ``jitter``, however it ends.

    An answer about a person must not tell by its speed what the registry knows.
    """
    end = anyio.current_time() + least.total_seconds()
    end += _chance.uniform(0, jitter.total_seconds())
    try:
        yield
    finally:
        await anyio.sleep(max(0.0, end - anyio.current_time()))
