"""A whole service by its settings: the one place where HTTP and the backends meet.

Who serves by something else than ``monespace serve`` gets the same app from here.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from attrs import asdict, evolve, fields, frozen
from starlette.applications import Starlette

from monespace_flows.driver import Flows
from monespace_flows.ports import Messaging, Ports, Registry
from monespace_http import Brakes, HttpSettings, Legal, Theme, create_app

from .housekeeping import Housekeeper
from .keyring import keys_in_use
from .relay import RelayThread
from .secrets import Keys
from .settings.service import (
    Argon2Settings,
    HttpOptions,
    LegalSettings,
    Settings,
    SettingsInvalid,
    read_settings,
)
from .settings.theme import ThemeSettings
from .storage import SqlStorage
from .wiring import from_settings, ports_from_settings, relay_of

if TYPE_CHECKING:
    from .metrics import Metrics

__all__ = [
    "app_of",
    "brakes_of",
    "create_app_from_environment",
    "create_app_from_settings",
    "legal_of",
    "make_app",
    "metrics_of",
    "theme_of",
]

_PURPOSE = b"monespace-flows/1/form"


def create_app_from_settings(
    settings: Settings,
    *,
    registry: Registry | None = None,
    messaging: Messaging | None = None,
) -> Starlette:
    """Make the app that ``monespace serve`` serves, with all that goes on behind it.

    Messages leave and events are handed over by threads of this process, from now on; once a day
    one of the processes purges.  They end with the app's lifespan, where the server sends one,
    else with the process.  ``app.state.flows`` are the journeys, for a host that listens to
    events.

    Args:
        settings: what :func:`~monespace_backends.read_settings` read.
        registry: a registry of the host's own, instead of the one that the settings name.
        messaging: a way out of the host's own, instead of those that the settings name.

    Raises:
        SettingsInvalid: with all that cannot be opened, or that names what there is not.
    """
    metrics = metrics_of(settings)
    ports = evolve(
        ports_from_settings(settings, registry=registry, messaging=messaging), observer=metrics
    )
    relay = relay_of(ports, settings.policy, delivers=settings.relay)
    service = _Service.of(ports, settings, relay)
    try:
        flows = from_settings(settings, ports=ports, relay=relay)
        app = app_of(flows, settings, keys_in_use(ports.secrets, settings.keys_file), metrics)
    except BaseException:
        service.stop()
        raise
    if metrics is not None:
        metrics.watch_storage(ports.storage, flows.watch, ports.clock)
    service.start()
    app.state.flows = flows
    app.router.lifespan_context = service.lifespan
    return app


def create_app_from_environment(environment: Mapping[str, str] = os.environ) -> Starlette:
    """Make the app of the settings that the environment names.

    Args:
        environment: ``MONESPACE_CONFIG`` names the settings file, other ``MONESPACE_…`` variables
            win over it, or stand in for it.

    Raises:
        SettingsInvalid: with all that is missing or wrong.
    """
    named = environment.get("MONESPACE_CONFIG")
    return create_app_from_settings(read_settings(Path(named) if named else None, environment))


@frozen
class _Service:
    """What goes on behind an app, begun and ended together."""

    storage: SqlStorage
    relay: RelayThread
    keeper: Housekeeper

    @classmethod
    def of(cls, ports: Ports, settings: Settings, relay: RelayThread) -> _Service:
        storage = ports.storage
        assert isinstance(storage, SqlStorage)  # noqa: S101 - narrows: settings open no other
        retention = settings.policy.journeys.retention
        return cls(storage, relay, Housekeeper(storage, ports.secrets, ports.clock, retention))

    def start(self) -> None:
        atexit.register(self.stop)
        self.relay.start()
        self.keeper.start()

    def stop(self) -> None:
        atexit.unregister(self.stop)
        self.relay.stop()
        self.keeper.stop()
        self.storage.close()

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        del app
        try:
            yield
        finally:
            await run_sync(self.stop)


# --- the app -------------------------------------------------------------------------------------


def make_app(flows: Flows, keys: Keys, **settings: Any) -> Starlette:
    """Make an app whose forms are signed under keys of their own.

    Args:
        flows: the journeys.
        keys: what the keys of form tokens are derived from, so that no key has two uses.
        settings: further fields of :class:`~monespace_http.HttpSettings`.
    """
    settings["keys"] = tuple(digest(key, _PURPOSE, sha256) for key in keys.values)
    return create_app(flows, HttpSettings(**settings))


def app_of(flows: Flows, settings: Settings, keys: Keys, metrics: Metrics | None) -> Starlette:
    """Make the app that settings ask for.

    Args:
        flows: the journeys.
        settings: how they are shown.
        keys: those in use.
        metrics: what counts, if anything does.

    Raises:
        SettingsInvalid: something in ``[http]`` or ``[metrics]`` cannot be used.
    """
    options, storage = settings.http, flows.ports.storage
    try:
        return make_app(
            flows,
            keys,
            trusted_proxies=options.trusted_proxies,
            answer_floor=options.answer_floor,
            answer_jitter=options.answer_jitter,
            body_wait=options.body_wait,
            threads=options.threads,
            hashing=_hashing_places(settings.argon2, options.workers),
            hashing_queue=options.hashing_queue,
            language=settings.texts.language,
            templates=options.templates,
            csp=options.csp,
            theme=theme_of(settings.theme),
            cookie_prefix=options.cookie_prefix,
            return_hosts=options.return_hosts,
            cors_origins=options.cors_origins,
            legal=legal_of(settings.legal),
            brakes=brakes_of(options),
            meter=metrics,
            metrics_token=settings.metrics.read_token() if settings.metrics else None,
            counts=storage.counts() if isinstance(storage, SqlStorage) else None,
        )
    except ValueError as error:
        raise SettingsInvalid([f"http: {error}"]) from None


def legal_of(settings: LegalSettings) -> Legal:
    """What the legal pages name, as settings say it."""
    return Legal(**asdict(settings))


def theme_of(settings: ThemeSettings) -> Theme:
    """How the pages look, as settings say it.

    Raises:
        SettingsInvalid: telling all that is wrong with it.
    """
    try:
        return Theme(**asdict(settings))
    except ValueError as error:
        raise SettingsInvalid([str(error)]) from None


def brakes_of(options: HttpOptions) -> Brakes:
    """What one address may do, as settings say it.

    Raises:
        SettingsInvalid: they name a brake that is none.
    """
    known = {one.name for one in fields(Brakes)}
    unknown = sorted(set(options.brakes) - known)
    if unknown:
        told = f"http.brakes.{unknown[0]} is unknown: {', '.join(sorted(known))}"
        raise SettingsInvalid([told])
    return Brakes(**options.brakes)


def _hashing_places(argon2: Argon2Settings, workers: int) -> int:
    """No more at once than there are cores for: others would only take them from light steps."""
    cores = (os.cpu_count() or 1) // workers
    return max(1, min(argon2.concurrency, cores // argon2.parallelism))


# --- what is measured ----------------------------------------------------------------------------


def metrics_of(settings: Settings) -> Metrics | None:
    """Make what counts, where the settings ask for it.

    Raises:
        SettingsInvalid: the extra is not installed.
    """
    if settings.metrics is None:
        return None
    from .metrics import Metrics, MetricsMissing

    try:
        return Metrics()
    except MetricsMissing as error:
        raise SettingsInvalid([f"metrics: {error}"]) from None
