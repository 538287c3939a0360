"""The host's handlers: called for what waits for them, after the commit, at least once."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock

from ..errors import DeliveryRefused, PortUnavailable
from ..events import EVENTS, Event
from ..policy import DeliveryPolicy
from ..ports import Listener, OutboxMessage, Ports
from ..ports.outbox import address_of
from ..serialization import from_json
from .queueing import forget_listener
from .relay import Attend, RelayCount, after_failure, alone, always, counted, finished, overdue

__all__ = ["Dispatcher", "Handler"]

Handler = Callable[[Event], None]
"""Is told of one event; raises when it could not do its work, and is then called again."""

_logger = logging.getLogger("monespace_flows")
_BATCH = 20
_LONGEST_NAME = 200


class Dispatcher:
    """Hands events from the outbox to the handlers of this process.

    A listener is a name: its event is settled when all handlers of that name returned.  Listeners
    are remembered in the store, so that events wait for them while their process is away.
    """

    def __init__(self, ports: Ports, policy: DeliveryPolicy) -> None:
        self._ports = ports
        self.policy = policy
        self._turn = Lock()
        self._handlers: Mapping[str, tuple[Handler, ...]] = {}
        self._unknown: tuple[Listener, ...] = ()

    def on(self, kind: type[Event], handler: Handler, name: str | None = None) -> None:
        """Add a handler; :meth:`.Flows.on` says how."""
        _require_kind(kind)
        _require_handler(handler)
        name = _named(handler) if name is None else _checked(name)
        listener = Listener(kind=kind.__name__, name=name, since=self._ports.clock.now())
        with self._turn:
            mine = self._handlers.get(listener.address, ())
            self._handlers = {**self._handlers, listener.address: (*mine, handler)}
            self._unknown = (*self._unknown, *(() if mine else (listener,)))
        try:
            self._remember()
        except PortUnavailable as error:
            _logger.warning(
                "the %s port is down: %s events are kept for %s once it is up again",
                error.port,
                listener.kind,
                name,
            )

    def off(self, kind: type[Event], name: str) -> int | None:
        """Forget a listener; :meth:`.Flows.off` says how."""
        _require_kind(kind)
        gone = address_of(kind.__name__, name)
        with self._turn:
            self._handlers = {at: own for at, own in self._handlers.items() if at != gone}
            self._unknown = tuple(it for it in self._unknown if it.address != gone)
        with self._ports.storage.writing() as unit:
            return forget_listener(unit, name, kind.__name__, self._ports.clock.now())

    def run(self) -> int:
        """Hand over what is due; how many events were handled."""
        return self.run_once(_BATCH).sent

    def run_once(
        self,
        limit: int = _BATCH,
        *,
        attend: Attend = alone,
        goes_on: Callable[[], bool] = always,
    ) -> RelayCount:
        """Hand over up to ``limit`` events; the failure of one handler stops no other listener.

        Arguments and errors are those of :meth:`.Relay.run_once`.
        """
        count = RelayCount()
        if not self._handlers:
            return count
        self._remember()
        for place, message in enumerate(self._take(limit)):
            if place and not (goes_on() and self._renew(message)):
                continue  # it comes back when its lease ends
            settled = self._settled(message, attend)
            with self._ports.storage.writing() as unit:
                unit.outbox.settle(settled)
            count = counted(count, settled)
        return count

    def _remember(self) -> None:
        """Have the store know who listens here; what it cannot be told now is told next time."""
        with self._turn:
            unknown = self._unknown
            if not unknown:
                return
            with self._ports.storage.reading() as unit:
                known = {it.address for it in unit.listeners.everyone()}
            new = [it for it in unknown if it.address not in known]
            if new:
                with self._ports.storage.writing() as unit:
                    for listener in new:
                        unit.listeners.add(listener)
            self._unknown = ()

    def _take(self, limit: int) -> Sequence[OutboxMessage]:
        now, addresses = self._ports.clock.now(), tuple(self._handlers)
        # A release before named nobody: such an event is for whoever listens to its kind.
        kinds = {it.partition(":")[0] for it in addresses}
        with self._ports.storage.writing() as unit:
            return unit.outbox.lease(
                ("event",),
                now,
                now + self.policy.event_lease,
                limit,
                listeners=(*addresses, *sorted(kinds)),
            )

    def _renew(self, message: OutboxMessage) -> bool:
        until = self._ports.clock.now() + self.policy.event_lease
        with self._ports.storage.writing() as unit:
            return unit.outbox.renew(message, until)

    def _settled(self, message: OutboxMessage, attend: Attend) -> OutboxMessage:
        now = self._ports.clock.now()
        if (late := overdue(message, now)) is not None:
            return late
        try:
            attend(lambda: self._call(message), lambda: self._renew(message))
        except Exception as error:  # noqa: BLE001 - the host's code must not undo what is committed
            failed = after_failure(
                message, error, self._ports.clock.now(), self.policy, blamed="handler"
            )
            _tell(failed, error)
            return failed
        return finished(message, "sent", self._ports.clock.now())

    def _call(self, message: OutboxMessage) -> None:
        event = from_json(self._ports.secrets.unseal(message.sealed or ""), EVENTS[message.purpose])
        for handler in self._of(message):
            answer: object = handler(event)
            if inspect.iscoroutine(answer):
                answer.close()
                raise TypeError("a handler returned a coroutine, which nobody awaits")

    def _of(self, message: OutboxMessage) -> list[Handler]:
        mine = message.listener
        return [
            handler
            for address, handlers in self._handlers.items()
            for handler in handlers
            if address == mine or (mine is None and address.startswith(f"{message.purpose}:"))
        ]


def _tell(message: OutboxMessage, error: Exception) -> None:
    """Log a failure without a traceback: one may hold what the host knows of a person."""
    if message.status == "waiting":
        _logger.error("a handler of %s failed; it will be called again", message.purpose)
    else:
        why = "refused it" if isinstance(error, DeliveryRefused) else "failed to the end"
        _logger.error("a handler of %s %s: see monespace outbox list", message.purpose, why)


# --- what may listen, and what it is called ------------------------------------------------------


def _require_kind(kind: type[Event]) -> None:
    name = getattr(kind, "__name__", "")
    if EVENTS.get(name) is not kind:
        raise TypeError(f"{kind!r} is no kind of event: take one of {', '.join(EVENTS)}")


def _require_handler(handler: Handler) -> None:
    if not callable(handler):
        raise TypeError("a handler must be callable with one event")
    bare = _bare(handler)
    called = getattr(type(bare), "__call__", None)  # noqa: B004 - what it is, not whether it is
    if any(
        is_async(each)
        for is_async in (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
        for each in (bare, called)
    ):
        raise TypeError(
            "a handler must be a plain function: nobody would await a coroutine; have it hand the "
            "event to your loop, by asyncio.run_coroutine_threadsafe say"
        )


def _bare(handler: object) -> object:
    while isinstance(handler, partial):
        handler = handler.func
    return handler


def _named(handler: Handler) -> str:
    """Name a handler as its module does: the same in every process that runs the same code."""
    bare = _bare(handler)
    it = bare if hasattr(bare, "__qualname__") else type(bare)
    module = getattr(it, "__module__", None)
    return f"{module or type(getattr(it, '__self__', it)).__module__}.{it.__qualname__}"[
        -_LONGEST_NAME:
    ]


def _checked(name: str) -> str:
    if not name.isprintable() or not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise ValueError(
            f"name: a listener's name is 1 to {_LONGEST_NAME} characters that can be printed"
        )
    return name
