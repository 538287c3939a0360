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
from ..messaging import Sender, SmtpOptions
from ..registry import (
    FRENCH_DIAL_CODES,
    MAY_LOSE,
    CsvSource,
    ModuleSource,
    RegistrySource,
    as_source,
)
from ..storage.database import Database, as_database
from ..targets import is_target
from .addresses import is_loopback, is_private
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
_TOKEN = 16  # characters
_SMALLEST_MEMORY = 19_456  # KiB: OWASP's floor for argon2id


def _is_base(_: object, __: Attribute[str], url: str) -> None:
    try:
        Site(base_url=url)
    except ValueError:
        raise ValueError("must be like https://monespace.example") from None


def _is_sender(_: object, __: Attribute[str], address: str) -> None:
    Sender(address)


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
class SmtpSettings(SmtpOptions):
    """The mail server, and whom e-mails come from."""

    sender: str = field(validator=_is_sender)
    sender_name: str = "Ordre des médecins"

    def __attrs_post_init__(self) -> None:
        if self.tls == "none" and self.password is not None and not is_loopback(self.host):
            raise ValueError(
                'tls = "none" would send the password unprotected to another machine: write '
                '"starttls" or "tls", or leave the password out'
            )


@frozen(kw_only=True)
class MessagingSettings:
    """How messages leave: by ``[smtp]`` and ``[sms]``, or by what a host wrote.

    ``target`` is the class or function that makes it, as ``package.module:NAME``; ``options`` what
    it is called with, by name, not shown since a key may be among them.  ``dial_codes`` are the
    countries where it sends codes by SMS.
    """

    kind: Literal["smtp", "module"] = "smtp"
    target: str | None = field(default=None, validator=is_target)
    options: Mapping[str, Any] = field(factory=dict, repr=False)
    dial_codes: frozenset[int] = frozenset()

    def __attrs_post_init__(self) -> None:
        if (self.kind == "module") != (self.target is not None):
            raise ValueError('target goes with kind = "module": give both or neither')


@frozen(kw_only=True)
class SmsSettings:
    """The SMS provider; ``dial_codes`` are the countries where codes are sent by SMS."""

    url: str = field(validator=is_private)
    key: str = field(repr=False)
    sender: str | None = None
    timeout: timedelta = field(default=timedelta(seconds=10), validator=gt(_ZERO))
    dial_codes: frozenset[int] = FRENCH_DIAL_CODES


@frozen(kw_only=True)
class Argon2Settings:
    """The work that a password costs: memory in KiB; ``concurrency`` at once, others ``wait``."""

    memory_cost: int = field(default=65_536, validator=ge(_SMALLEST_MEMORY))
    time_cost: int = field(default=3, validator=[ge(2), le(20)])
    parallelism: int = field(default=4, validator=[ge(1), le(16)])
    concurrency: int = field(default=4, validator=ge(1))
    wait: timedelta = field(default=timedelta(seconds=5), validator=ge(_ZERO))


@frozen(kw_only=True)
class PasswordSettings:
    """Which passwords are refused beside ours: a list of a host's own, or of a known breach."""

    blocklist: Path | None = None


@frozen(kw_only=True)
class MetricsSettings:
    """Where Prometheus finds what is measured: a private port, or ``/metrics`` behind a token.

    ``port`` is for ``monespace serve``, whose workers take one each from there on, and
    ``relay_port`` for ``monespace relay``, both on
    ``host``, which nobody else should reach.  ``token`` or the file ``token_file`` opens
    ``GET /metrics`` of the pages to whoever sends it as a bearer.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    relay_port: int | None = None
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        if all(it is None for it in (self.port, self.token, self.token_file)):
            raise ValueError(
                "port (a private one, on 127.0.0.1 unless host says otherwise), token or "
                "token_file: give one of them, or anybody could read what is measured"
            )
        if self.token is not None and self.token_file is not None:
            raise ValueError("token and token_file: give one of them")
        for name in ("port", "relay_port"):
            if not 0 <= (getattr(self, name) or 0) <= 65_535:
                raise ValueError(f"{name} must be between 0 and 65535")
        if self.token is not None and len(self.token) < _TOKEN:
            raise ValueError(f"token must have {_TOKEN} characters or more, which nobody can guess")

    def read_token(self) -> str | None:
        """Read the token, from its file if it is there.

        Raises:
            SettingsInvalid: the file cannot be read, or what is in it is too short.
        """
        if self.token_file is None:
            return self.token
        try:
            token = self.token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsInvalid(
                [f"metrics.token_file: {self.token_file} cannot be read"]
            ) from None
        if len(token) < _TOKEN:
            told = f"metrics.token_file: it must hold {_TOKEN} characters or more"
            raise SettingsInvalid([told])
        return token


@frozen(kw_only=True)
class LoggingSettings:
    """How ``serve`` and ``relay`` log: ``"text"`` for people, ``"json"`` for what collects logs."""

    format: Literal["text", "json"] = "text"


@frozen(kw_only=True)
class HttpOptions:
    """How ``monespace serve`` serves; the HTTP adapter says what each means.

    ``workers`` are processes on one port; each has ``threads`` of its own in which steps are taken.
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
    cookie_prefix: str = "monespace"
    return_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    csp: dict[str, tuple[str, ...]] = field(factory=dict)
    brakes: dict[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Settings:
    """Everything that an application on real backends must be told.

    ``base_url`` is the address people type; ``zone`` the time zone in which messages name an
    hour.  ``registry`` says where the doctors are asked for; of a file's people,
    ``registry_may_lose`` in a hundred may leave at once.  It and ``smtp`` may be left out by a host
    that hands its own port over, ``smtp`` where ``messaging`` names one too.  Without ``sms`` no
    code is offered by SMS.  ``relay``: whether this process delivers
    messages, or leaves that to ``monespace relay``.  ``webhooks`` are told of events by whoever
    delivers messages.
    """

    base_url: str = field(validator=[is_private, _is_base])
    database: Database = field(converter=as_database)
    keys_file: Path
    registry: RegistrySource | None = field(default=None, converter=as_source)
    smtp: SmtpSettings | None = None
    messaging: MessagingSettings = MessagingSettings()
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
