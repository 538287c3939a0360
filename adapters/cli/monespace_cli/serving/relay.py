"""`monespace relay`: deliver the messages that wait, in a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event

import click
from attrs import asdict, evolve

from monespace_backends.relay import Attendant, make_relay
from monespace_backends.wiring import relay_of
from monespace_flows.driver.relay import RelayCount
from monespace_flows.policy import Policy
from monespace_flows.ports import Ports

from ..access.place import config_option, load_settings, opened_ports, warn_of_files
from ..command import operator_command
from ..output import log_to_stderr, print_json, print_lines
from .server import measuring, open_metrics

__all__ = ["relay"]


@operator_command("relay")
@config_option
@click.option("--once", is_flag=True, help="Deliver what is due now, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: JSON (monespace/relay/1).")
def relay(config: Path | None, once: bool, as_json: bool) -> None:
    """Deliver the messages that wait, until stopped.

    For services that set relay = false, so that their web servers only serve. Several may run:
    each message is taken by one of them. SMS and e-mail leave in lanes of their own. What fails is
    tried again until it is worth nothing any more, and logged without its recipient; a code that
    would come too late is dropped. SIGTERM or Ctrl+C gives the messages at hand a few seconds.

    Examples:
        monespace relay --config monespace.toml
        monespace relay --once --config monespace.toml

    Next: monespace outbox list --config monespace.toml, to see what waits.
    """
    log_to_stderr()
    settings = load_settings(config)
    log_to_stderr(as_json=settings.logging.format == "json")
    warn_of_files(settings, config)
    metrics = None if once else open_metrics(settings)
    private = settings.metrics.relay_port if settings.metrics else None
    with opened_ports(settings) as ports, measuring(metrics, settings, ports, private):
        if once:
            _tell(_run_once(ports, settings.policy), as_json)
        else:
            if settings.logging.format == "text":
                click.echo("Delivering. Stop with Ctrl+C.", err=True)
            _run(evolve(ports, observer=metrics), settings.policy)


def _run_once(ports: Ports, policy: Policy) -> RelayCount:
    one = make_relay(
        ports.storage, ports.secrets, ports.messaging, ports.clock, policy=policy.relaying
    )
    total = RelayCount()
    attend = Attendant(policy.deliveries).attend
    while (count := one.run_once(attend=attend)).total:
        sums = {name: value + asdict(count)[name] for name, value in asdict(total).items()}
        total = evolve(total, **sums)
    return total


def _tell(count: RelayCount, as_json: bool) -> None:
    if as_json:
        print_json("monespace/relay/1", **asdict(count))
    else:
        print_lines([f"{name:<8}{value:>6}" for name, value in asdict(count).items()])


def _run(ports: Ports, policy: Policy) -> None:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    thread = relay_of(ports, policy)
    thread.start()
    stopped.wait()
    thread.stop()
