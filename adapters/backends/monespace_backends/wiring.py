"""The one place where an application on real backends is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from argon2.profiles import RFC_9106_LOW_MEMORY
from attrs import define, field

from monespace_flows.chart import Flow
from monespace_flows.driver import Flows
from monespace_flows.errors import MonespaceError, TextsInvalid
from monespace_flows.flows import STANDARD
from monespace_flows.policy import Policy
from monespace_flows.ports import Clock, Ports

from .blocklist import read_blocklist
from .clock import SystemClock
from .emails import Emails
from .keyring import open_keys
from .messaging import Gateway, Messaging, Sender
from .messaging.smtp import SmtpMail
from .passwords import Argon2Passwords
from .registry.opening import open_registry
from .relay import RelayThread, make_relay
from .secrets import read_keys
from .settings.service import Argon2Settings, Settings, SettingsInvalid
from .storage import SqlStorage, open_storage

__all__ = ["from_settings", "make_passwords", "ports_from_settings", "relay_of"]

Made = TypeVar("Made")


def from_settings(
    settings: Settings,
    *,
    flows: Iterable[Flow] = STANDARD,
    ports: Ports | None = None,
    relay: RelayThread | None = None,
) -> Flows:
    """Put the journeys together on real backends.

    Unless ``settings.relay`` is off, messages are delivered by a thread of this process, which
    starts with the first of them.

    Args:
        settings: what :func:`~monespace_backends.settings.service.read_settings` read.
        flows: the journeys; a host adds its own: ``(*STANDARD, MINE)``.
        ports: those made before, by default those of :func:`ports_from_settings`.
        relay: the thread that delivers, for those who stop it themselves.

    Raises:
        SettingsInvalid: with all that cannot be opened, or all texts that could not be shown.
        ChartRefused: something is missing in a flow; the message says what.
    """
    ports = ports or ports_from_settings(settings)
    if relay is None and settings.relay:
        relay = relay_of(ports, settings.policy)
    wake = None if relay is None else relay.wake
    try:
        return Flows(
            ports,
            settings.policy,
            settings.site,
            wake=wake,
            flows=flows,
            texts=settings.texts.by_language(),
            language=settings.texts.own,
        )
    except TextsInvalid as error:
        raise SettingsInvalid(f"texts.file: {fault}" for fault in error.faults) from None


def ports_from_settings(settings: Settings, clock: Clock | None = None) -> Ports:
    """Open every backend.

    Raises:
        SettingsInvalid: with all that cannot be opened: keys, registry, database, mail server's
            authority, list of passwords.
    """
    opening = _Opening()
    clock = clock or SystemClock()
    keys = opening.take("keys_file", lambda: read_keys(settings.keys_file))
    registry = opening.take(
        "registry",
        lambda: open_registry(settings.registry, settings.dial_codes, settings.registry_may_lose),
    )
    own = opening.take("texts.file", settings.texts.by_language) or {}
    email = opening.take("smtp.ca_file", lambda: _mail(settings, own))
    storage = opening.take("database", lambda: _storage(settings))
    blocklist = opening.take(
        "passwords.blocklist", lambda: read_blocklist(settings.passwords.blocklist)
    )
    secrets = None
    if keys is not None and storage is not None:
        secrets = opening.take("keys_file", partial(open_keys, storage, keys, clock))
    if (
        opening.problems
        or secrets is None
        or registry is None
        or email is None
        or storage is None
        or blocklist is None
    ):
        if storage is not None:
            storage.close()
        raise SettingsInvalid(opening.problems)
    return Ports(
        registry=registry,
        storage=storage,
        secrets=secrets,
        passwords=make_passwords(settings.argon2),
        emails=Emails(),
        messaging=Messaging(email=email, sms=_sms(settings)),
        clock=clock,
        blocklist=blocklist,
    )


def relay_of(ports: Ports, policy: Policy) -> RelayThread:
    """Make the thread that delivers what waits in these ports' storage."""
    return RelayThread(
        make_relay(
            ports.storage,
            ports.secrets,
            ports.messaging,
            ports.clock,
            policy=policy.relaying,
            observer=ports.observer,
        )
    )


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
    return open_storage(
        settings.database,
        pool_size=settings.pool_size,
        session_life=settings.policy.sessions.absolute,
    )


def _mail(settings: Settings, own: Mapping[str, Mapping[str, str]]) -> SmtpMail:
    smtp, deadline = settings.smtp, settings.policy.deliveries.deadline
    return SmtpMail(smtp, Sender(smtp.sender, smtp.sender_name), deadline=deadline, own=own)


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
