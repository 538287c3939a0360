"""Procrastinate's workers in the place of our relay, for hosts that run them anyway.

The outbox stays what says which message waits, whose turn it is and when it is given up: a job
names a lane and says no more than that somebody should look.  So it may be lost, or come twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from math import ceil

from attrs import frozen
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.types import TimeDeltaParams

from monespace_flows.driver.dispatcher import Dispatcher
from monespace_flows.driver.relay import LANES, Relay, RelayCount
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Ports, Storage

from .relay import Attendant, make_relay, of_events
from .settings.service import Settings
from .wiring import webhooks_of

__all__ = ["DeliveryJobs"]

_BATCH = 20
_EVERY_MINUTE = "* * * * *"


@frozen
class _Lane:
    """How to deliver a batch of what goes by a lane, and by which channels that is."""

    run: Callable[[], RelayCount]
    channels: tuple[str, ...]


class DeliveryJobs:
    """Gives an app of procrastinate the tasks that deliver messages and call webhooks.

    A lane is a job of its own, run by any worker of ``queue``; several may run at once.  Whoever
    queues messages calls :meth:`wake`.  Should that be lost, a job of each minute looks.

    Args:
        app: the host's; its connector must be open where :meth:`wake` is called.
        relay: what delivers.
        storage: where it waits.
        webhooks: what else is told of events, by the names of the lanes.
        queue: the queue of the jobs.
    """

    def __init__(
        self,
        app: App,
        relay: Relay,
        storage: Storage,
        *,
        webhooks: Mapping[str, Dispatcher] | None = None,
        queue: str = "monespace",
    ) -> None:
        self._storage = storage
        self._again = ceil(relay.policy.first_wait.total_seconds())
        attend = Attendant(relay.policy).attend
        self._lanes = {
            name: _Lane(partial(relay.run_once, _BATCH, channels=channels, attend=attend), channels)
            for name, channels in LANES.items()
        }
        for name, dispatcher in (webhooks or {}).items():
            events = Attendant(of_events(dispatcher.policy)).attend
            run = partial(dispatcher.run_once, _BATCH, attend=events)
            self._lanes[f"webhook {name}"] = _Lane(run, ("event",))
        self._task = app.task(name="monespace:deliver", queue=queue)(self._deliver)
        look = app.task(name="monespace:look", queue=queue, queueing_lock="monespace:look")
        app.periodic(cron=_EVERY_MINUTE)(look(self._look))

    @classmethod
    def of(
        cls, app: App, settings: Settings, ports: Ports, *, queue: str = "monespace"
    ) -> DeliveryJobs:
        """Deliver what settings say to deliver, by these ports.

        Raises:
            SettingsInvalid: a webhook cannot be used.
        """
        relay = make_relay(
            ports.storage,
            ports.secrets,
            ports.messaging,
            ports.clock,
            policy=settings.policy.relaying,
            observer=ports.observer,
        )
        webhooks = webhooks_of(settings, ports)
        return cls(app, relay, ports.storage, webhooks=webhooks, queue=queue)

    def wake(self) -> None:
        """Have a worker look at once for what waits, in each lane.

        Raises:
            PortUnavailable: the jobs' database cannot be told; what waits leaves within a minute.
        """
        for lane in self._lanes:
            self._defer(lane)

    def _defer(self, lane: str, *, later: bool = False) -> None:
        wait: TimeDeltaParams | None = {"seconds": self._again} if later else None
        # One that waits is enough.  Those for later have a lock of their own: they must not stand
        # before one that is to look now.
        lock = f"monespace:{lane}{':later' if later else ''}"
        job = self._task.configure(queueing_lock=lock, schedule_in=wait)
        try:
            with suppress(AlreadyEnqueued):
                job.defer(lane=lane)
        except ConnectorException as error:
            raise PortUnavailable("relay") from error

    def _look(self, timestamp: int) -> None:
        del timestamp
        self.wake()

    def _deliver(self, lane: str) -> None:
        known = self._lanes.get(lane)
        if known is None:
            return  # a webhook that settings name no more
        while known.run().total == _BATCH:
            pass
        with self._storage.reading() as unit:
            waits = {it.channel for it in unit.outbox.backlog() if it.status == "waiting"}
        if waits.intersection(known.channels):
            self._defer(lane, later=True)
