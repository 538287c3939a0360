"""What a host may choose about HTTP: one frozen record, checked as a whole."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from attrs import Attribute, field, fields, frozen
from attrs.validators import ge, in_, optional
from starlette.routing import BaseRoute

from .theme import Theme
from .transport.addresses import is_host, is_loopback, is_origin
from .transport.brake import Brakes
from .transport.counts import Counts
from .transport.metering import Meter
from .transport.policy import check_sources

__all__ = ["HttpSettings", "Legal"]

_ZERO = timedelta(0)

_Conformity = Literal["none", "partial", "full"]


@frozen(kw_only=True)
class Legal:
    """What the legal pages name; a block left empty is shown as still to be completed.

    Attributes:
        publisher: who publishes the site, and is the controller of personal data.
        address: where they are.
        contact: an e-mail address or a telephone number.
        director: the person responsible for what the site says.
        hosting: the name, address and telephone of who hosts it.
        dpo: how to reach the data protection officer.
        recipients: who receives personal data beside the publisher.
        accessibility: what an audit found; ``"none"`` until there was one.
        audit: who made it, when and by what.
        gaps: what does not conform.
        accessibility_contact: how to tell of an obstacle; by default ``contact``.
    """

    publisher: str | None = None
    address: str | None = None
    contact: str | None = None
    director: str | None = None
    hosting: str | None = None
    dpo: str | None = None
    recipients: tuple[str, ...] = ()
    accessibility: _Conformity = "none"
    audit: str | None = None
    gaps: tuple[str, ...] = ()
    accessibility_contact: str | None = None

    @property
    def empty(self) -> tuple[str, ...]:
        """The names of what is still to be filled in."""
        optional = {"recipients", "accessibility", "accessibility_contact"}
        if self.accessibility == "full":
            optional.add("gaps")
        names = (each.name for each in fields(Legal))
        return tuple(name for name in names if name not in optional and not getattr(self, name))


def _check_keys(_: object, __: Attribute[tuple[bytes, ...]], keys: tuple[bytes, ...]) -> None:
    if not keys or any(len(key) < 32 for key in keys):
        raise ValueError("keys: give at least one key of 32 bytes or more, the newest first")


def _check_public_url(_: object, __: Attribute[str | None], url: str | None) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("public_url: give the address people type, such as https://site.example")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("public_url: must be https, or http on this very machine")


_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}", re.ASCII)


def _check_prefix(_: object, __: Attribute[str | None], prefix: str | None) -> None:
    if prefix is not None and _PREFIX.fullmatch(prefix) is None:
        raise ValueError("cookie_prefix: give 1 to 32 of A-Z, a-z, 0-9, - and _, a letter first")


def _check_hosts(_: object, __: Attribute[tuple[str, ...]], hosts: tuple[str, ...]) -> None:
    if not all(map(is_host, hosts)):
        raise ValueError("return_hosts: name hosts such as portail.example or portail.example:8443")


def _check_origins(_: object, __: Attribute[tuple[str, ...]], origins: tuple[str, ...]) -> None:
    if not all(map(is_origin, origins)):
        raise ValueError("cors_origins: name origins such as https://app.example, without a path")


def _check_proxies(_: object, __: Attribute[tuple[str, ...]], networks: tuple[str, ...]) -> None:
    for network in networks:
        ipaddress.ip_network(network)


def _check_token(_: object, __: Attribute[str | None], token: str | None) -> None:
    if token is not None and len(token) < 16:
        raise ValueError("metrics_token: give 16 characters or more, which nobody can guess")


def _check_csp(_: object, __: Attribute[Any], extra: Mapping[str, tuple[str, ...]]) -> None:
    check_sources(extra)


def _hashing_places() -> int:
    return max(1, (os.cpu_count() or 1) // 4)


@frozen(kw_only=True)
class HttpSettings:
    """Settings of the HTTP adapter; only ``keys`` has no default.

    (Texts are replaced in ``Flows``.)

    Attributes:
        keys: sign the form tokens, newest first; older ones are still read.
        public_url: the address people type, by default that of the site in ``flows``: cookies are
            ``Secure`` when it is https, posts from another origin and requests for another host
            are refused.
        loopback_hosts: whether the names of this very machine are served too; by default when
            ``public_url`` has one.
        cookie_prefix: what names of cookies begin with, by default ``monespace`` and the path of
            ``public_url``: instances on one host name leave each other alone.
        return_hosts: other sites to whose pages whoever signs in may come back (``?return_to=``);
            this one's are always among them.
        cors_origins: where browser apps may use the JSON from.
        trusted_proxies: the networks whose ``X-Forwarded-For`` is believed.
        answer_floor: how long answers that tell something about a person (identity, sign-in,
            reset) take at least.
        answer_jitter: a random part of it is added.
        body_wait: how long a body may take to arrive.
        threads: how many calls run at once.
        hashing: how many steps that hash a password run at once; by default one for each four
            cores, since each hash takes four.
        hashing_queue: how many more such steps may wait; whoever comes then is told to come back
            (503).
        brakes: how much one address may do; none, with ``None``.
        meter: counts and times what is answered (``monespace_backends.metrics.Metrics``).
        metrics_token: with it, ``GET /metrics`` shows that to whoever sends it as a bearer.
        counts: where the brakes count when their ``storage`` is ``database``:
            ``SqlStorage.counts()``, or a store of a host's own.
        language: that of the pages and the JSON, by default the application's own; ``"auto"`` lets
            ``Accept-Language`` choose.
        legal: fills the legal pages.
        theme: how the pages look.
        csp: adds sources to directives of the pages' content security policy:
            ``{"img-src": ("https://cdn.example",)}``.
        templates: a directory whose templates stand in for ours of the same name, such as
            ``assistance.html``; what lies in its folder ``slots`` is put into ours: ``head.html``,
            ``footer.html``, ``home.html``.
        extra_routes: are added to ours.
    """

    keys: tuple[bytes, ...] = field(repr=False, validator=_check_keys)
    public_url: str | None = field(default=None, validator=_check_public_url)
    loopback_hosts: bool | None = None
    cookie_prefix: str | None = field(default=None, validator=_check_prefix)
    return_hosts: tuple[str, ...] = field(default=(), validator=_check_hosts)
    cors_origins: tuple[str, ...] = field(default=(), validator=_check_origins)
    trusted_proxies: tuple[str, ...] = field(default=(), validator=_check_proxies)
    answer_floor: timedelta = field(default=timedelta(milliseconds=400), validator=ge(_ZERO))
    answer_jitter: timedelta = field(default=timedelta(milliseconds=100), validator=ge(_ZERO))
    body_wait: timedelta = field(default=timedelta(seconds=10), validator=ge(_ZERO))
    threads: int = field(default=16, validator=ge(1))
    hashing: int = field(factory=_hashing_places, validator=ge(1))
    hashing_queue: int = field(default=16, validator=ge(0))
    brakes: Brakes | None = field(factory=Brakes)
    meter: Meter | None = None
    metrics_token: str | None = field(default=None, repr=False, validator=_check_token)
    counts: Counts | None = field(default=None, repr=False)
    language: Literal["fr", "en", "auto"] | None = field(
        default=None, validator=optional(in_(("fr", "en", "auto")))
    )
    legal: Legal = field(factory=Legal)
    theme: Theme = field(factory=Theme)
    csp: Mapping[str, tuple[str, ...]] = field(factory=dict, validator=_check_csp)
    templates: Path | None = None
    extra_routes: tuple[BaseRoute, ...] = ()
