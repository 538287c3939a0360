"""`monespace serve`: the pages and the JSON of a real service."""

from __future__ import annotations

import logging
import signal
from functools import partial
from pathlib import Path
from socket import socket
from threading import Thread
from urllib.parse import urlsplit

import click
from attrs import evolve

from monespace_backends.keyring import keys_in_use
from monespace_backends.registry.file import CsvRegistry
from monespace_backends.registry.index import IndexedRegistry
from monespace_backends.registry.rows import RegistryFileInvalid
from monespace_backends.serving import app_of, metrics_of
from monespace_backends.settings.service import Settings, proxy_doubt, require_fit_for_workers
from monespace_backends.wiring import from_settings, relay_of
from monespace_flows.ports import Registry
from monespace_http import Prefixed, hide_link_tokens, request_id

from ..access.place import config_option, load_settings, opened_ports, telling_all, warn_of_files
from ..command import operator_command
from ..output import log_to_stderr
from .server import (
    Limits,
    bound_heaps,
    delivering,
    listen,
    measuring,
    serve_until_stopped,
)
from .workers import Supervisor, Worker

__all__ = ["serve"]

_log = logging.getLogger(__name__)


@operator_command("serve")
@config_option
@click.option("--host", metavar="ADDRESS", help="Instead of http.host in the settings.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT", help="Instead of http.port; 0: any."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="So many processes on one port, instead of http.workers (1).",
)
def serve(config: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the pages and the JSON, by a settings file.

    Refuses to start without keys, a public address, a database and a registry, and tells all that
    is missing at once. Prints "Ready: ..." once it accepts connections; SIGTERM or Ctrl+C lets it
    finish what it has begun; SIGHUP makes it read the registry again. Stand a proxy that speaks
    TLS before it.

    Several workers serve on one port, each of them as one process does by itself, and one that
    dies is replaced. They need brakes that are counted for all of them.

    Examples:
        monespace serve --config monespace.toml
        monespace serve --config monespace.toml --workers 4   (http.brakes.storage = "database")
        MONESPACE_DATABASE=postgresql://... monespace serve --config monespace.toml

    A file to begin with:
        base_url = "https://monespace.example"
        database = "sqlite:////var/lib/monespace/monespace.db"
        keys_file = "keys"          (umask 077; head -c 32 /dev/urandom | base64 > keys)
        registry = "registry.csv"
        smtp = { host = "smtp.example", sender = "ne-pas-repondre@monespace.example" }

    Next: monespace doctor --config monespace.toml
    """
    log_to_stderr(logging.INFO)
    bound_heaps()
    hide_link_tokens()
    settings = load_settings(config)
    http = settings.http
    settings = evolve(
        settings,
        http=evolve(
            http,
            host=host or http.host,
            port=http.port if port is None else port,
            workers=http.workers if workers is None else workers,
        ),
    )
    log_to_stderr(
        logging.INFO, as_json=settings.logging.format == "json", request=request_id
    )  # fmt: skip
    warn_of_files(settings, config)
    doubt = proxy_doubt(settings)
    if doubt is not None:
        _log.warning("%s", doubt)
    with telling_all():
        require_fit_for_workers(settings)
    if settings.http.workers == 1:
        _open(settings, None, None)
        return
    with _listen(settings) as listening:
        worker = Supervisor(settings.http.workers, partial(_tell, settings, listening)).run()
        if worker is not None:
            _open(settings, listening, worker)


def _open(settings: Settings, listening: socket | None, worker: Worker | None) -> None:
    """Open what is served, and serve it; the port is taken last unless it was before."""
    with telling_all():
        metrics = metrics_of(settings)
    private = None if settings.metrics is None else settings.metrics.port
    if private is not None and worker is not None:
        private += worker.number
    with opened_ports(settings) as opened, measuring(metrics, settings, opened, private):
        ports = evolve(opened, observer=metrics)
        relay = relay_of(ports, settings.policy, delivers=settings.relay)
        with telling_all():
            flows = from_settings(settings, ports=ports, relay=relay)
        with telling_all():
            app = app_of(flows, settings, keys_in_use(ports.secrets, settings.keys_file), metrics)
        with _listen(settings) if listening is None else listening as taken:
            _read_again_on_hangup(ports.registry)
            ready = partial(_tell, settings, taken) if worker is None else worker.is_ready
            with delivering(relay):
                serve_until_stopped(
                    Prefixed(app, settings.base_url),
                    taken,
                    ready,
                    access_log=True,
                    limits=Limits(
                        connections=settings.http.connections, head_wait=settings.http.head_wait
                    ),
                )


def _listen(settings: Settings) -> socket:
    return listen(settings.http.host, settings.http.port)


def _tell(settings: Settings, listening: socket) -> None:
    """Say where it is served, once connections are accepted."""
    host, port = settings.http.host, listening.getsockname()[1]
    prefix = urlsplit(settings.base_url).path.strip("/")
    click.echo(f"Ready: {_url(host, port)}{prefix and f'{prefix}/'}")


def _url(address: str, port: int) -> str:
    return f"http://[{address}]:{port}/" if ":" in address else f"http://{address}:{port}/"


def _read_again_on_hangup(registry: Registry) -> None:
    if isinstance(registry, CsvRegistry | IndexedRegistry):
        # In a thread of its own: a whole registry takes seconds, and nobody should wait for it.
        signal.signal(
            signal.SIGHUP, lambda *_: Thread(target=_read_again, args=(registry,)).start()
        )


def _read_again(registry: CsvRegistry | IndexedRegistry) -> None:
    try:
        registry.reload()
    except RegistryFileInvalid as error:
        _log.error("the registry stays as it was: %s", error)
    else:
        _log.info("the registry was read again: %d people", len(registry))
