"""The one place where an application on real backends is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from argon2.profiles import RFC_9106_LOW_MEMORY
from attrs import define, field

from monespace_flows.chart import Flow
from monespace_flows.driver import Flows
from monespace_flows.driver.dispatcher import Dispatcher
from monespace_flows.driver.relay import LANES
from monespace_flows.errors import MonespaceError, TextsInvalid
from monespace_flows.events import EVENTS
from monespace_flows.flows import STANDARD
from monespace_flows.policy import Policy
from monespace_flows.ports import Clock, Ports, Registry, Secrets
from monespace_flows.ports import Messaging as WayOut

from .blocklist import read_blocklist
from .clock import SystemClock
from .emails import Emails
from .keyring import open_keys
from .messaging import Gateway, Messaging, Sender
from .messaging.looks import Looks
from .messaging.smtp import SmtpMail
from .passwords import Argon2Passwords
from .registry.opening import open_registry
from .relay import RelayThread, make_relay
from .secrets import read_keys
from .settings.service import (
    Argon2Settings,
    MessagingSettings,
    Settings,
    SettingsInvalid,
)
from .settings.webhooks import WebhookSettings
from .storage import SqlStorage, open_storage
from .targets import check_methods, made

__all__ = [
    "close_flows",
    "from_settings",
    "hand_webhooks_over",
    "make_passwords",
    "messaging_of",
    "ports_from_settings",
    "relay_of",
    "webhooks_of",
]

Made = TypeVar("Made")


def from_settings(
    settings: Settings,
    *,
    flows: Iterable[Flow] = STANDARD,
    ports: Ports | None = None,
    relay: RelayThread | None = None,
    registry: Registry | None = None,
    messaging: WayOut | None = None,
    wake: Callable[[], None] | None = None,
) -> Flows:
    """Put the journeys together on real backends.

    Threads of this process deliver, from now on until it ends: handlers of :meth:`.Flows.on` are
    called in one of them, and messages leave by the others unless ``settings.relay`` is off.

    Args:
        settings: what :func:`~monespace_backends.settings.service.read_settings` read.
        flows: the journeys; a host adds its own: ``(*STANDARD, MINE)``.
        ports: those made before, by default those of :func:`ports_from_settings`.
        relay: the threads that deliver, for those who start and stop them themselves.
        registry: a registry of the host's own, instead of the one that the settings name.
        messaging: a way out of the host's own, instead of those that the settings name.
        wake: told beside these threads when messages may wait, for what else delivers them
            (:class:`monespace_backends.jobs.DeliveryJobs`).

    Raises:
        SettingsInvalid: with all that cannot be opened, or all texts that could not be shown.
        ChartRefused: something is missing in a flow; the message says what.
    """
    ports = ports or ports_from_settings(settings, registry=registry, messaging=messaging)
    threads = relay or relay_of(ports, settings.policy, delivers=settings.relay)
    made = _flows(settings, ports, _both(threads.wake, wake), flows)
    threads.hand_over("events", made.hand_events_over())
    if settings.relay:
        hand_webhooks_over(threads, webhooks_of(settings, ports))
    if relay is None:
        threads.start()  # what an earlier process left behind leaves now
        _own[made] = threads
    return made


_own: WeakKeyDictionary[Flows, RelayThread] = WeakKeyDictionary()
"""The threads that were begun for those who stop none themselves."""


def close_flows(flows: Flows) -> None:
    """End what :func:`from_settings` began for these journeys: threads, then connections.

    What is at hand is finished.  A process that ends needs it not.
    """
    threads = _own.pop(flows, None)
    if threads is not None:
        threads.stop()
    storage = flows.ports.storage
    if isinstance(storage, SqlStorage):
        storage.close()


def _both(first: Callable[[], None], second: Callable[[], None] | None) -> Callable[[], None]:
    if second is None:
        return first

    def call() -> None:
        first()
        second()

    return call


def _flows(
    settings: Settings, ports: Ports, wake: Callable[[], None], flows: Iterable[Flow]
) -> Flows:
    try:
        return Flows(
            ports,
            settings.policy,
            settings.site,
            wake=wake,
            flows=flows,
            texts=settings.texts.by_language,
            language=settings.texts.own,
        )
    except TextsInvalid as error:
        raise SettingsInvalid(f"texts.file: {fault}" for fault in error.faults) from None


def ports_from_settings(
    settings: Settings,
    clock: Clock | None = None,
    *,
    registry: Registry | None = None,
    messaging: WayOut | None = None,
) -> Ports:
    """Open every backend.

    Args:
        settings: what to open.
        clock: another than the system's.
        registry: a host's own, in place of the one that settings name.
        messaging: a host's own, in place of ``[smtp]`` and ``[sms]``.

    Raises:
        SettingsInvalid: with all that cannot be opened: keys, registry, database, mail server's
            authority, list of passwords.
    """
    opening = _Opening()
    clock = clock or SystemClock()
    storage, secrets = _kept(opening, settings, clock)
    if registry is None:
        registry = opening.take("registry", lambda: _registry(settings))
    own = opening.take("texts.file", lambda: settings.texts.by_language) or {}
    if messaging is None:
        messaging = _messaging(settings, opening, own)
    blocklist = opening.take(
        "passwords.blocklist", lambda: read_blocklist(settings.passwords.blocklist)
    )
    if opening.problems:
        if storage is not None:
            storage.close()
        raise SettingsInvalid(opening.problems)
    return Ports(
        registry=_there(registry),
        storage=_there(storage),
        secrets=_there(secrets),
        passwords=make_passwords(settings.argon2),
        emails=Emails(),
        messaging=_there(messaging),
        clock=clock,
        blocklist=_there(blocklist),
    )


def _kept(
    opening: _Opening, settings: Settings, clock: Clock
) -> tuple[SqlStorage | None, Secrets | None]:
    """Open the database, and the keys beside what it knows of them."""
    storage = opening.take("database", lambda: _storage(settings))
    keys = opening.take("keys_file", lambda: read_keys(settings.keys_file))
    if keys is None or storage is None:
        return storage, None
    return storage, opening.take("keys_file", partial(open_keys, storage, keys, clock))


def _there(opened: Made | None) -> Made:
    assert opened is not None  # noqa: S101 - narrows: else there is a problem
    return opened


def relay_of(ports: Ports, policy: Policy, *, delivers: bool = True) -> RelayThread:
    """Make the threads that deliver what waits in these ports' storage.

    Args:
        ports: what is delivered, and how.
        policy: the waits.
        delivers: whether SMS and e-mails leave; else only handlers are called, once some are
            handed over.
    """
    relay = make_relay(
        ports.storage,
        ports.secrets,
        ports.messaging,
        ports.clock,
        policy=policy.relaying,
        observer=ports.observer,
    )
    return RelayThread(relay, lanes=LANES if delivers else {})


def webhooks_of(settings: Settings, ports: Ports) -> dict[str, Dispatcher]:
    """Make what tells each webhook of events, by the names of their listeners.

    Raises:
        SettingsInvalid: with all that cannot be used: secrets, the extra that is missing.
    """
    opening = _Opening()
    made = {
        it.listener: opening.take(f"webhooks.{name}", partial(_webhook, it, settings, ports))
        for name, it in settings.webhooks.items()
    }
    if opening.problems:
        raise SettingsInvalid(opening.problems)
    return {name: it for name, it in made.items() if it is not None}


def hand_webhooks_over(threads: RelayThread, webhooks: Mapping[str, Dispatcher]) -> None:
    """Tell each webhook in a lane of its own: one that hangs holds back no other."""
    for name, dispatcher in webhooks.items():
        threads.hand_over(f"webhook {name}", dispatcher)


def _webhook(webhook: WebhookSettings, settings: Settings, ports: Ports) -> Dispatcher:
    try:
        from .messaging.webhooks import Webhook  # here, so that only who has any needs httpx2
    except ModuleNotFoundError:
        raise ValueError("needs httpx2: pip install 'monespace-flows[webhooks]'") from None
    deliveries = settings.policy.deliveries
    told = Webhook(
        webhook.url,
        webhook.read_keys(),
        ports.clock,
        timeout=webhook.timeout,
        patience=webhook.patience,
        deadline=deliveries.deadline,
    )
    dispatcher = Dispatcher(ports, deliveries)
    for kind in webhook.events:
        dispatcher.on(EVENTS[kind], told, webhook.listener)
    return dispatcher


def make_passwords(settings: Argon2Settings) -> Argon2Passwords:
    """Make the store of passwords that settings ask for."""
    parameters = replace(
        RFC_9106_LOW_MEMORY,
        memory_cost=settings.memory_cost,
        time_cost=settings.time_cost,
        parallelism=settings.parallelism,
    )
    return Argon2Passwords(parameters, concurrency=settings.concurrency, wait=settings.wait)


@define
class _Opening:
    """Opens one thing after the other, and notes why those that fail do."""

    problems: list[str] = field(factory=list)

    def take(self, setting: str, make: Callable[[], Made]) -> Made | None:
        try:
            return make()
        except (MonespaceError, ValueError) as error:
            self.problems.append(f"{setting}: {error}")
        except OSError as error:
            self.problems.append(f"{setting}: cannot be read ({error.strerror})")
        return None


def _storage(settings: Settings) -> SqlStorage:
    database = settings.database
    return open_storage(
        database.url,
        **database.naming,
        pool_size=settings.pool_size,
        session_life=settings.policy.sessions.absolute,
    )


def _registry(settings: Settings) -> Registry:
    if settings.registry is None:
        raise ValueError("is missing: name one in the settings, or hand it over")
    return open_registry(settings.registry, settings.dial_codes, settings.registry_may_lose)


def _messaging(
    settings: Settings, opening: _Opening, own: Mapping[str, Mapping[str, str]]
) -> WayOut | None:
    target, smtp = settings.messaging.target, settings.smtp
    if target is not None:
        return opening.take("messaging", lambda: messaging_of(settings.messaging))
    if smtp is None:
        opening.problems.append("smtp: is missing: give it in the settings, or hand messaging over")
        return None
    if settings.messaging.dial_codes and settings.sms is None:
        opening.problems.append("messaging.dial_codes: without [sms] nothing sends these codes")
        return None
    deadline = settings.policy.deliveries.deadline
    theme = settings.theme
    looks = opening.take(
        "theme", lambda: Looks(name=theme.name, colours=theme.colours, dark=theme.dark)
    )
    sender = Sender(smtp.sender, smtp.sender_name)
    email = opening.take(
        "smtp.ca_file", lambda: SmtpMail(smtp, sender, deadline=deadline, own=own, looks=looks)
    )
    return None if email is None else Messaging(email=email, sms=_sms(settings))


def messaging_of(settings: MessagingSettings) -> WayOut:
    """Make the port for messages that a host wrote.

    Raises:
        TargetInvalid: it cannot be imported, called, or used as one.
    """
    target = settings.target or ""
    made_port = made(target, settings.options, "messaging")
    check_methods(made_port, target, {"deliver": "deliver(message)"}, "Messaging")
    return cast("WayOut", made_port)


def _sms(settings: Settings) -> Gateway | None:
    sms = settings.sms
    if sms is None:
        return None
    from .messaging.sms import HttpSmsGateway  # here, so that only those who send SMS need httpx2

    return HttpSmsGateway(
        sms.url,
        sms.key,
        sender=sms.sender,
        timeout=sms.timeout,
        deadline=settings.policy.deliveries.deadline,
    )
