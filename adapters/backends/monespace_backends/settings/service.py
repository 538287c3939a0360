"""The settings of an application on real backends: a TOML file, under the environment.

``MONESPACE_DATABASE`` stands for ``database``, ``MONESPACE_SMTP__HOST`` for ``host`` in the table
``[smtp]``: the environment wins.  Whatever is missing, wrong or unknown is told at once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from attrs import Attribute, field, frozen
from attrs.validators import ge, gt, le

from monespace_flows.driver.case import Site
from monespace_flows.policy import Policy

from ..clock import paris
from ..registry import (
    MAY_LOSE,
    CsvSource,
    ModuleSource,
    RegistrySource,
    as_source,
)
from ..storage.database import Database, as_database
from .addresses import is_private
from .messaging import MessagingSettings, SmsSettings, SmtpSettings
from .metrics import MetricsSettings
from .sources import SettingsInvalid, read_sources, read_table, read_toml
from .support import SupportSettings
from .texts import TextsSettings
from .theme import ThemeSettings
from .webhooks import WebhookSettings, named_webhooks

__all__ = [
    "Argon2Settings",
    "HttpOptions",
    "LegalSettings",
    "LoggingSettings",
    "MessagingSettings",
    "MetricsSettings",
    "Settings",
    "SettingsInvalid",
    "SmsSettings",
    "SmtpSettings",
    "proxy_doubt",
    "read_by_all",
    "read_policy",
    "read_settings",
    "require_fit_for_workers",
]


@frozen(kw_only=True)
class LegalSettings:
    """Who publishes, hosts and answers for the site; what is left out is shown as empty."""

    publisher: str | None = None
    address: str | None = None
    contact: str | None = None
    director: str | None = None
    hosting: str | None = None
    dpo: str | None = None
    recipients: tuple[str, ...] = ()
    accessibility: Literal["none", "partial", "full"] = "none"
    audit: str | None = None
    gaps: tuple[str, ...] = ()
    accessibility_contact: str | None = None


_ZERO = timedelta(0)
_SMALLEST_MEMORY = 19_456  # KiB: OWASP's floor for argon2id


def _is_base(_: object, __: Attribute[str], url: str) -> None:
    try:
        Site(base_url=url)
    except ValueError:
        raise ValueError("must be like https://monespace.example") from None


def _are_networks(_: object, __: Attribute[tuple[str, ...]], networks: tuple[str, ...]) -> None:
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            raise ValueError("must hold networks such as 10.0.0.0/8") from None


def _are_apart(_: object, __: Attribute[Any], webhooks: dict[str, WebhookSettings]) -> None:
    names = [it.listener for it in webhooks.values()]
    for written, it in webhooks.items():
        if names.count(it.listener) > 1:
            raise ValueError(f"({written}): another one has the same address: give each a name")


@frozen(kw_only=True)
class Argon2Settings:
    """The work that a password costs.

    Attributes:
        memory_cost: in KiB.
        time_cost: how often it goes through the memory.
        parallelism: how many cores one hash takes.
        concurrency: how many are made at once.
        wait: how long others wait for their turn.
    """

    memory_cost: int = field(default=65_536, validator=ge(_SMALLEST_MEMORY))
    time_cost: int = field(default=3, validator=[ge(2), le(20)])
    parallelism: int = field(default=4, validator=[ge(1), le(16)])
    concurrency: int = field(default=4, validator=ge(1))
    wait: timedelta = field(default=timedelta(seconds=5), validator=ge(_ZERO))


@frozen(kw_only=True)
class PasswordSettings:
    """Which passwords are refused beside ours.

    Attributes:
        blocklist: a list of a host's own, or of a known breach.
    """

    blocklist: Path | None = None


@frozen(kw_only=True)
class LoggingSettings:
    """How ``serve`` and ``relay`` log.

    Attributes:
        format: ``"text"`` for people, ``"json"`` for what collects logs.
    """

    format: Literal["text", "json"] = "text"


@frozen(kw_only=True)
class HttpOptions:
    """How it is served; :class:`~monespace_http.HttpSettings` says the rest.

    Attributes:
        host: where it listens.
        port: the port where it listens; 0 takes a free one.
        workers: how many processes of ``monespace serve`` answer on the one port; other servers
            have a setting of their own.
        head_wait: how long the head of a request may take to arrive.
        connections: how many there are at most; beyond them the one that has been silent longest
            makes room.
        csp: adds sources to directives of the pages' content security policy:
            ``csp = { "img-src" = ["https://cdn.example"] }``.
    """

    host: str = "127.0.0.1"
    port: int = field(default=8000, validator=[ge(0), le(65_535)])
    trusted_proxies: tuple[str, ...] = field(default=(), validator=_are_networks)
    answer_floor: timedelta = timedelta(milliseconds=400)
    answer_jitter: timedelta = timedelta(milliseconds=100)
    body_wait: timedelta = timedelta(seconds=10)
    workers: int = field(default=1, validator=ge(1))
    threads: int = field(default=16, validator=ge(1))
    hashing_queue: int = field(default=16, validator=ge(0))
    head_wait: timedelta = field(default=timedelta(seconds=10), validator=gt(_ZERO))
    connections: int = field(default=500, validator=ge(1))
    templates: Path | None = None
    cookie_prefix: str | None = None
    return_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    csp: dict[str, tuple[str, ...]] = field(factory=dict)
    brakes: dict[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Settings:
    """Everything that an application on real backends must be told.

    ``registry`` and ``smtp`` may be left out by a host that hands its own port over, ``smtp`` where
    ``messaging`` names one too.

    Attributes:
        base_url: the address that people type.
        database: where everything is kept: a URL as SQLAlchemy writes it, or a table.
        keys_file: the file of the keys under which it is sealed.
        registry: where the doctors are asked for: a file's path, or a table.
        smtp: the mail server.
        messaging: what stands for mail server and SMS provider.
        sms: the SMS provider.
        name: what messages call the site.
        zone: the time zone in which messages name an hour.
        registry_may_lose: so many of a registry file's people in a hundred may leave at once.
        relay: whether this process delivers messages, or leaves that to ``monespace relay``.
        pool_size: how many connections to the database each process holds at most.
        argon2: the work that a password costs.
        passwords: which passwords are refused.
        policy: every number and switch of the journeys.
        texts: the language, and the host's own words.
        http: how it is served.
        metrics: who may read what is measured.
        logging: how it logs.
        theme: how the pages look.
        webhooks: who is told of events over HTTP, by whoever delivers messages.
        legal: what the legal pages name.
        support: what support's commands need.
    """

    base_url: str = field(validator=[is_private, _is_base])
    database: Database = field(converter=as_database)
    keys_file: Path
    registry: RegistrySource | None = field(default=None, converter=as_source)
    smtp: SmtpSettings | None = None
    messaging: MessagingSettings = field(factory=MessagingSettings)
    sms: SmsSettings | None = None
    name: str = "Mon Espace"
    zone: ZoneInfo = field(factory=paris)
    registry_may_lose: int = field(default=MAY_LOSE, validator=[ge(0), le(100)])
    relay: bool = True
    pool_size: int = field(default=16, validator=ge(1))
    argon2: Argon2Settings = Argon2Settings()
    passwords: PasswordSettings = PasswordSettings()
    policy: Policy = field(factory=Policy)
    texts: TextsSettings = field(factory=TextsSettings)
    http: HttpOptions = field(factory=HttpOptions)
    metrics: MetricsSettings | None = None
    logging: LoggingSettings = LoggingSettings()
    theme: ThemeSettings = field(factory=ThemeSettings)
    webhooks: dict[str, WebhookSettings] = field(factory=dict, validator=_are_apart)
    legal: LegalSettings = field(factory=LegalSettings)
    support: SupportSettings = field(factory=SupportSettings)

    @property
    def dial_codes(self) -> frozenset[int]:
        """The countries where codes are sent by SMS: none where nothing sends them."""
        return self.messaging.dial_codes if self.sms is None else self.sms.dial_codes

    @property
    def registry_file(self) -> Path:
        """The file that the registry is.

        Raises:
            SettingsInvalid: it is none.
        """
        match self.registry:
            case CsvSource(file=file):
                return file
            case ModuleSource(target=target):
                told = f"{target} answers, there is no file"
            case _:
                told = "it is no file"
        raise SettingsInvalid([f"registry: {told}"])

    @property
    def site(self) -> Site:
        """Where the site stands, as messages must name it."""
        return Site(base_url=self.base_url, name=self.name, zone=self.zone)


def read_settings(
    path: Path | None,
    environment: Mapping[str, str] = os.environ,
    *,
    handed: Iterable[Literal["registry", "messaging"]] = (),
) -> Settings:
    """Read settings from a TOML file, if any, under the environment.

    Args:
        path: the file; paths in it are meant from its directory.
        environment: the variables; those that begin with ``MONESPACE_`` count.
        handed: the ports that a host hands over, whose settings need not be there.

    Raises:
        SettingsInvalid: with all that is missing, wrong or unknown.
    """
    table, misplaced = read_sources(path, environment)
    if "webhooks" in table:
        table["webhooks"] = named_webhooks(table["webhooks"])
    needed = {"registry", "messaging"}.difference(handed)
    messaging = table.get("messaging")
    if "messaging" in needed and not (
        isinstance(messaging, Mapping) and messaging.get("kind") == "module"
    ):
        needed.add("smtp")
    base = Path() if path is None else path.parent
    return read_table(Settings, table, base, misplaced, needed=needed - {"messaging"})


_BY_ALL = stat.S_IROTH | stat.S_IWOTH


def read_by_all(settings: Settings, config: Path | None) -> Iterator[str]:
    """Name the files that every account of this machine may read: they hold keys or birth dates."""
    named = {"settings": config, "keys": settings.keys_file, "registry": None}
    if isinstance(settings.registry, CsvSource):
        named["registry"] = settings.registry.file
    for what, path in named.items():
        if isinstance(path, Path) and path.exists() and path.stat().st_mode & _BY_ALL:
            yield f"{what} ({path})"


def proxy_doubt(settings: Settings) -> str | None:
    """Say what is wrong when a proxy must be there and is not named."""
    if settings.http.trusted_proxies or settings.base_url.startswith("http://"):
        return None
    return (
        "base_url is https, so a proxy speaks TLS before this service, but http.trusted_proxies "
        "names none: all people share one brake, and one of them can stop everybody. Name its "
        'network: trusted_proxies = ["10.0.0.0/8"]'
    )


def require_fit_for_workers(settings: Settings) -> None:
    """Check that several processes on one port do together what one does by itself.

    Raises:
        SettingsInvalid: telling all that each of them would do for itself alone.
    """
    workers, metrics = settings.http.workers, settings.metrics
    if workers == 1:
        return
    problems = []
    if settings.http.brakes.get("storage", "memory://").startswith("memory:"):
        problems.append(
            f"http.workers: {workers} processes would each count for themselves what an address "
            'may do: write storage = "database" into [http.brakes], or the address of a Redis '
            "server (threads of one process are http.threads)"
        )
    if metrics is not None and (metrics.token or metrics.token_file):
        problems.append(
            "metrics.token: each scrape would be answered by another one of the workers: give "
            "metrics.port instead; each worker takes one, from that number on"
        )
    if metrics is not None and metrics.port and metrics.relay_port:
        last = metrics.port + workers - 1
        if metrics.port <= metrics.relay_port <= last:
            problems.append(
                f"metrics.relay_port: the workers take the ports {metrics.port} to {last}"
            )
    if problems:
        raise SettingsInvalid(problems)


def read_policy(path: Path) -> Policy:
    """Read a policy from a TOML file with a table for each of its parts.

    Raises:
        SettingsInvalid: with all that is wrong or unknown.
    """
    return read_table(Policy, read_toml(path), path.parent)
