"""`monespace relay`: deliver the messages that wait, in a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event

import click
from attrs import asdict, evolve

from monespace_backends.relay import Attendant, make_relay
from monespace_backends.serving import metrics_of
from monespace_backends.settings.service import Settings
from monespace_backends.wiring import hand_webhooks_over, relay_of, webhooks_of
from monespace_flows.driver.dispatcher import Dispatcher
from monespace_flows.driver.relay import Relay, RelayCount
from monespace_flows.ports import Ports

from ..access.place import config_option, load_settings, opened_ports, telling_all, warn_of_files
from ..command import operator_command
from ..output import log_to_stderr, print_json, print_lines
from .server import measuring

__all__ = ["relay"]


@operator_command("relay")
@config_option
@click.option("--once", is_flag=True, help="Deliver what is due now, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: JSON (monespace/relay/1).")
def relay(config: Path | None, once: bool, as_json: bool) -> None:
    """Deliver the messages that wait, until stopped.

    For services that set relay = false, so that their web servers only serve. Several may run:
    each message is taken by one of them. SMS, e-mail and webhooks leave in lanes of their own.
    What fails is tried again until it is worth nothing any more, and logged without its recipient;
    a code that would come too late is dropped. SIGTERM or Ctrl+C gives the messages at hand a few
    seconds.

    Examples:
        monespace relay --config monespace.toml
        monespace relay --once --config monespace.toml

    Next: monespace outbox list --config monespace.toml, to see what waits.
    """
    log_to_stderr()
    settings = load_settings(config)
    log_to_stderr(as_json=settings.logging.format == "json")
    warn_of_files(settings, config)
    with telling_all():
        metrics = None if once else metrics_of(settings)
    private = settings.metrics.relay_port if settings.metrics else None
    with opened_ports(settings) as ports, measuring(metrics, settings, ports, private):
        if once:
            _tell(_run_once(ports, settings), as_json)
        else:
            if settings.logging.format == "text":
                click.echo("Delivering. Stop with Ctrl+C.", err=True)
            _run(evolve(ports, observer=metrics), settings)


def _run_once(ports: Ports, settings: Settings) -> RelayCount:
    policy = settings.policy
    one = make_relay(
        ports.storage, ports.secrets, ports.messaging, ports.clock, policy=policy.relaying
    )
    with telling_all():
        webhooks = webhooks_of(settings, ports)
    total = RelayCount()
    attend = Attendant(policy.deliveries).attend
    runs: list[Relay | Dispatcher] = [one, *webhooks.values()]
    for each in runs:
        while (count := each.run_once(attend=attend)).total:
            sums = {name: value + asdict(count)[name] for name, value in asdict(total).items()}
            total = evolve(total, **sums)
    return total


def _tell(count: RelayCount, as_json: bool) -> None:
    if as_json:
        print_json("monespace/relay/1", **asdict(count))
    else:
        print_lines([f"{name:<8}{value:>6}" for name, value in asdict(count).items()])


def _run(ports: Ports, settings: Settings) -> None:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    thread = relay_of(ports, settings.policy)
    with telling_all():
        hand_webhooks_over(thread, webhooks_of(settings, ports))
    thread.start()
    stopped.wait()
    thread.stop()
