"""Puts the pages and the JSON together in one ASGI app."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from monespace_flows.driver import Flows
from monespace_flows.errors import PortUnavailable
from monespace_flows.texts import LANGUAGES

from .async_flows import AsyncFlows
from .bridge import Bridge, remember
from .json.service import json_endpoints
from .pages.assets import load_static, make_templates
from .pages.errors import ErrorPages
from .pages.forms import FormTokens
from .pages.frame import Frame
from .pages.journey import JourneyPage
from .pages.legal import legal_endpoints
from .pages.press import press
from .pages.site import site_endpoints
from .pages.words import Speaker
from .places import Endpoint, Places, routes
from .settings import HttpSettings
from .transport.addresses import Origins, PrefixMiddleware, Returns, is_loopback
from .transport.apps import Apps
from .transport.brake import Brake
from .transport.guard import Guard
from .transport.headers import HttpProblem, SecurityHeaders
from .transport.languages import Languages
from .transport.metering import Metering, metrics_page
from .transport.workers import Lanes, Workers

__all__ = ["create_app"]


def create_app(flows: Flows, settings: HttpSettings) -> Starlette:
    """Make the app, to be served as it is or mounted under any prefix; it has no lifespan."""
    public_url = settings.public_url or flows.site.base_url
    secure = urlsplit(public_url).scheme == "https"
    returns = Returns(public_url, settings.return_hosts)
    bridge = Bridge.of(flows, settings)
    remember(bridge)
    meter, lanes = settings.meter, _lanes(settings)
    brake = Brake(
        settings.brakes, settings.keys[0], settings.counts, meter.braked if meter else None
    )
    awaited = AsyncFlows(flows, settings, lanes, brake)
    static = load_static(settings.theme.files)
    catalogue = flows.catalogue
    frame = Frame(
        flows=awaited,
        settings=settings,
        cookies=bridge.cookies,
        returns=returns,
        tokens=FormTokens(settings.keys),
        templates=make_templates(settings.templates),
        static=static.version,
        speaker=Speaker(catalogue, flows.site.zone),
        places=Places(flows.flows),
    )
    answer = ErrorPages(frame).answer
    endpoints = [
        *json_endpoints(awaited, settings, bridge.cookies),
        Endpoint("GET", "/static/{version}/{name}", static.serve),
        *_metrics(settings, lanes),
        *_pages(frame),
    ]
    app = Starlette(
        routes=[*routes(endpoints), *settings.extra_routes],
        middleware=[
            Middleware(PrefixMiddleware),
            *([Middleware(Metering, meter)] if meter else ()),
            Middleware(
                SecurityHeaders,
                secure,
                _languages(settings, catalogue.default),
                _sources(settings, returns),
            ),
            *([Middleware(Apps, settings.cors_origins)] if settings.cors_origins else ()),
            Middleware(Guard, _origins(public_url, settings), answer, {bridge.mark: bridge}),
        ],
        exception_handlers=dict.fromkeys((HttpProblem, HTTPException, PortUnavailable), answer),
    )
    # Its redirects are made with the Host header.
    app.router.redirect_slashes = False
    app.state.frame = frame
    return app


def _sources(settings: HttpSettings, returns: Returns) -> Mapping[str, tuple[str, ...]]:
    """What may be loaded and gone to: browsers judge by it where a form's answer leads, too."""
    forms = (*settings.csp.get("form-action", ()), *returns.origins)
    return {**settings.csp, "form-action": forms}


def _languages(settings: HttpSettings, own: str) -> Languages:
    if settings.language == "auto":
        return Languages(tuple(sorted(LANGUAGES, key=lambda code: code != own)))
    return Languages((settings.language or own,))


def _lanes(settings: HttpSettings) -> Lanes:
    return Lanes(
        light=Workers(settings.threads),
        hashing=Workers(settings.hashing, queue=settings.hashing_queue, name="passwords"),
        # One at a time: it lets no other thread run for as long as it takes.
        scoring=Workers(1, queue=4, name="strength"),
        watching=Workers(2),
    )


def _metrics(settings: HttpSettings, lanes: Lanes) -> list[Endpoint]:
    meter, token = settings.meter, settings.metrics_token
    if meter is None:
        return []
    for name in ("light", "hashing", "scoring", "watching"):
        meter.watch_lane(name, getattr(lanes, name).look)
    if token is None:
        return []
    return [Endpoint("GET", "/metrics", metrics_page(meter, token, lanes.watching))]


def _origins(public_url: str, settings: HttpSettings) -> Origins:
    loopback = settings.loopback_hosts
    if loopback is None:
        loopback = is_loopback(urlsplit(public_url).hostname or "")
    return Origins(public_url, loopback, settings.cors_origins)


def _pages(frame: Frame) -> list[Endpoint]:
    journeys = [JourneyPage(flow, frame) for flow in frame.flows.declared.values()]
    sign_in = next(it for it in journeys if it.path == frame.places.sign_in)
    return [
        *site_endpoints(frame, sign_in),
        *legal_endpoints(frame),
        *(Endpoint("GET", it.path, it.show) for it in journeys),
        *(Endpoint("POST", it.path, partial(press, it)) for it in journeys),
    ]
