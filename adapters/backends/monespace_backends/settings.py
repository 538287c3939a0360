"""The settings of an application on real backends: a TOML file, under the environment.

``MONESPACE_DATABASE`` stands for ``database``, ``MONESPACE_SMTP__HOST`` for ``host`` in the table
``[smtp]``: the environment wins.  Whatever is missing, wrong or unknown is told at once.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Attribute, field, frozen
from attrs.validators import ge, gt, le

from monespace_flows.driver.site import Site
from monespace_flows.policy import Policy

from .dial_codes import FRENCH_DIAL_CODES
from .mailing import Sender, SmtpOptions
from .settings_tables import FromEnvironment, SettingsInvalid, read_table

__all__ = [
    "Argon2Settings",
    "HttpOptions",
    "Settings",
    "SettingsInvalid",
    "SmsSettings",
    "SmtpSettings",
    "SupportSettings",
    "read_policy",
    "read_settings",
]

_PREFIX = "MONESPACE_"
_NOT_SETTINGS = frozenset({"MONESPACE_CONFIG", "MONESPACE_DIR"})  # these say where settings are
_ZERO = timedelta(0)
_SMALLEST_MEMORY = 19_456  # KiB: OWASP's floor for argon2id


def _paris() -> ZoneInfo:
    try:
        return ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:  # a machine without tzdata: hours are then told in UTC
        return ZoneInfo("UTC")


def _is_private(_: object, __: Attribute[str], url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ValueError("must begin with https://, or with http:// on this very machine")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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


@frozen(kw_only=True)
class SmtpSettings(SmtpOptions):
    """The mail server, and whom e-mails come from."""

    sender: str = field(validator=_is_sender)
    sender_name: str = "Ordre des médecins"


@frozen(kw_only=True)
class SmsSettings:
    """The SMS provider; ``dial_codes`` are the countries where codes are sent by SMS."""

    url: str = field(validator=_is_private)
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
class HttpOptions:
    """How ``monespace serve`` serves; the HTTP adapter says what each means."""

    host: str = "127.0.0.1"
    port: int = field(default=8000, validator=[ge(0), le(65_535)])
    trusted_proxies: tuple[str, ...] = field(default=(), validator=_are_networks)
    answer_floor: timedelta = timedelta(milliseconds=400)
    answer_jitter: timedelta = timedelta(milliseconds=100)
    body_wait: timedelta = timedelta(seconds=10)
    workers: int = field(default=16, validator=ge(1))
    templates: Path | None = None
    brakes: dict[str, str] = field(factory=dict)


@frozen(kw_only=True)
class SupportSettings:
    """Where it is written who read whose journey; unless set, beside the settings."""

    access_log: Path | None = None

    def access_log_of(self, config: Path) -> Path:
        """The file of access records of a service whose settings file this is."""
        return self.access_log or config.parent / "access.jsonl"


@frozen(kw_only=True)
class Settings:
    """Everything that an application on real backends must be told.

    ``base_url`` is the address people type; ``zone`` the time zone in which messages name an
    hour.  Without ``sms`` no code is offered by SMS.  ``relay``: whether this process delivers
    messages, or leaves that to ``monespace relay``.
    """

    base_url: str = field(validator=[_is_private, _is_base])
    database: str = field(repr=False)
    keys_file: Path
    registry: Path
    smtp: SmtpSettings
    sms: SmsSettings | None = None
    name: str = "Mon Espace"
    zone: ZoneInfo = field(factory=_paris)
    relay: bool = True
    pool_size: int = field(default=16, validator=ge(1))
    argon2: Argon2Settings = Argon2Settings()
    policy: Policy = field(factory=Policy)
    http: HttpOptions = field(factory=HttpOptions)
    support: SupportSettings = field(factory=SupportSettings)

    @property
    def site(self) -> Site:
        """Where the site stands, as messages must name it."""
        return Site(base_url=self.base_url, name=self.name, zone=self.zone)


def read_settings(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read settings from a TOML file, if any, under the environment.

    Args:
        path: the file; paths in it are meant from its directory.
        environment: the variables; those that begin with ``MONESPACE_`` count.

    Raises:
        SettingsInvalid: with all that is missing, wrong or unknown.
    """
    table = {} if path is None else _toml(path)
    misplaced = [
        problem
        for name, value in sorted(environment.items())
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS and value
        for problem in _overlay(table, name, value)
    ]
    try:
        settings = read_table(Settings, table, Path() if path is None else path.parent)
    except SettingsInvalid as error:
        raise SettingsInvalid([*misplaced, *error.problems]) from None
    if misplaced:
        raise SettingsInvalid(misplaced)
    return settings


def read_policy(path: Path) -> Policy:
    """Read a policy from a TOML file with a table for each of its parts.

    Raises:
        SettingsInvalid: with all that is wrong or unknown.
    """
    return read_table(Policy, _toml(path), path.parent)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "is not in UTF-8"
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at .*\)$", str(error))  # its text may quote a value
        problem = f"is not TOML {place[0] if place else ''}".rstrip()
    raise SettingsInvalid([f"{path}: {problem}"])


def _overlay(table: dict[str, Any], variable: str, value: str) -> list[str]:
    *outer, last = variable.removeprefix(_PREFIX).lower().split("__")
    for name in outer:
        inner: object = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return [f"{variable} sets a value in {name}, which is no table"]
        table = inner
    table[last] = FromEnvironment(value)
    return []
