"""What Prometheus scrapes: steps, refusals, messages, lanes, latencies, and what is in force.

Every label is of a closed set, so that the number of series is bounded; nothing personal is among
them.  What a process does is counted in that process, and what stands in the storage is read when
somebody scrapes: each process is scraped on its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monespace_flows.driver import Watch
from monespace_flows.errors import MonespaceError, PortUnavailable
from monespace_flows.events import Alarm, AlarmKind
from monespace_flows.facts import Channel
from monespace_flows.ports import Clock, Storage

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

__all__ = ["Metrics", "MetricsMissing"]

_log = logging.getLogger(__name__)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 30.0)


class MetricsMissing(MonespaceError):
    """Metrics are asked for, and the extra that makes them is not installed.

    What to do: ``pip install 'monespace-flows[metrics]'``.
    """

    def __init__(self) -> None:
        super().__init__("metrics need prometheus-client: pip install monespace-flows[metrics]")


class Metrics:
    """Counts what it is told of: an ``observer`` of the journeys, and a ``meter`` of HTTP.

    Raises:
        MetricsMissing: the extra ``metrics`` is not installed.
    """

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
        except ImportError:
            raise MetricsMissing from None
        self.registry: CollectorRegistry = CollectorRegistry()
        ProcessCollector(registry=self.registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"monespace_{name}", text, labels, registry=self.registry)

        self._steps = counter("steps", "Steps of journeys.", "flow", "state", "outcome")
        self._refusals = counter("refusals", "Notices that refused a step.", "notice")
        self._alarms = counter("alarms", "Alarms that were raised here.", "kind")
        self._messages = counter("messages", "Messages, as a relay settled them.",
                                 "channel", "status")  # fmt: skip
        self._braked = counter("brake_refusals", "Requests that a brake refused.", "brake")
        self._seconds = Histogram(
            "monespace_http_seconds",
            "How long answers took, by class of route.",
            ("route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        # From 0 on: what appears at 1 is no increase to Prometheus, and would wake nobody.
        for kind in AlarmKind:
            self._alarms.labels(kind.value)
        for channel in Channel:
            for status in ("sent", "retried", "failed", "expired"):
                self._messages.labels(channel.value, status)
        self._lanes: dict[str, Callable[[], tuple[int, int, int]]] = {}
        self.registry.register(_Found(self._lane_metrics))

    # --- the journeys' observer ------------------------------------------------------------------

    def stepped(
        self, *, flow: str, state: str, command: str, outcome: str, notices: tuple[str, ...]
    ) -> None:
        """Count a step, and what refused it."""
        del command
        self._steps.labels(flow, state, outcome).inc()
        if outcome != "accepted":
            for notice in notices:
                self._refusals.labels(notice).inc()

    def alarmed(self, alarm: Alarm) -> None:
        """Count an alarm that begins."""
        if not alarm.is_over:
            self._alarms.labels(alarm.kind.value).inc()

    def delivered(self, channel: str, status: str) -> None:
        """Count what a relay settled; what goes to nobody is none of anybody's (``P2``)."""
        if channel != "none":
            self._messages.labels(channel, "retried" if status == "waiting" else status).inc()

    # --- the meter of HTTP -----------------------------------------------------------------------

    def answered(self, route: str, status: str, seconds: float) -> None:
        """Time an answer."""
        self._seconds.labels(route, status).observe(seconds)

    def braked(self, brake: str) -> None:
        """Count a refusal of a brake."""
        self._braked.labels(brake).inc()

    def watch_lane(self, name: str, look: Callable[[], tuple[int, int, int]]) -> None:
        """Show a lane: how many calls run and wait, and how many were refused so far."""
        self._lanes[name] = look

    def page(self) -> tuple[str, bytes]:
        """Write what is scraped: its content type, and itself."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return CONTENT_TYPE_LATEST, generate_latest(self.registry)

    # --- what is looked up when somebody scrapes -------------------------------------------------

    def watch_storage(self, storage: Storage, watch: Watch, clock: Clock) -> None:
        """Show what waits in the outbox, the counts of everybody, and what is in force."""

        def found() -> Iterator[Metric]:
            return iter(_stored(storage, watch, clock.now()))

        self.registry.register(_Found(found))

    def listen(self, host: str, port: int) -> Callable[[], None]:
        """Answer scrapes on a port of their own, in a thread; what ends it.

        Raises:
            OSError: the port is taken, or not ours to take.
        """
        from prometheus_client import start_http_server

        server, thread = start_http_server(port, host, registry=self.registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop

    def _lane_metrics(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        running = GaugeMetricFamily("monespace_lane_running", "Calls at work.", labels=["lane"])
        waiting = GaugeMetricFamily("monespace_lane_waiting", "Calls that wait.", labels=["lane"])
        refused = CounterMetricFamily("monespace_lane_refused", "Calls refused.", labels=["lane"])
        for name, look in self._lanes.items():
            at_work, queued, turned_away = look()
            running.add_metric([name], at_work)
            waiting.add_metric([name], queued)
            refused.add_metric([name], turned_away)
        yield from (running, waiting, refused)


class _Found:
    """Looks when it is scraped."""

    def __init__(self, look: Callable[[], Iterator[Metric]]) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        return self._look()

    def describe(self) -> list[Any]:
        return []  # so that registering it looks at nothing


def _stored(storage: Storage, watch: Watch, now: datetime) -> list[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"monespace_{name}", text, value=value)

    up = "Whether the storage answered this scrape."
    try:
        totals = watch.totals()
        with storage.reading() as unit:
            backlog = unit.outbox.backlog()
    except PortUnavailable as error:
        _log.warning("metrics without the storage: %s", error)
        return [gauge("storage_up", up, 0)]
    count = GaugeMetricFamily(
        "monespace_outbox_messages", "Messages that have not left.", labels=["channel", "status"]
    )
    oldest = GaugeMetricFamily(
        "monespace_outbox_oldest_seconds", "The age of the oldest.", labels=["channel", "status"]
    )
    for each in backlog:
        count.add_metric([each.channel, each.status], each.count)
        age = max(0.0, (now - each.oldest).total_seconds())
        oldest.add_metric([each.channel, each.status], age)
    return [
        gauge("storage_up", up, 1),
        gauge("slow_mode", "Whether checks of identity are slowed.", totals.slow_mode),
        gauge("sms_breaker_open", "Whether codes leave by e-mail only.", totals.sms_is_closed),
        gauge("identity_failures", "Wrong pairs of late, of everybody.", totals.identity_failures),
        gauge("sign_in_failures", "Wrong passwords of late.", totals.sign_in_failures),
        gauge("sms_today", "SMS since midnight.", totals.sms),
        gauge("sms_per_day", "SMS that a day's budget pays.", totals.sms_per_day),
        gauge("emails_today", "E-mails since midnight.", totals.emails),
        count,
        oldest,
    ]
