"""Puts the pages and the JSON together in one ASGI app."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from monespace_flows.driver import Flows
from monespace_flows.errors import PortUnavailable
from monespace_flows.screens import Place

from .async_flows import AsyncFlows
from .json.service import json_endpoints
from .pages.assets import load_static, make_templates
from .pages.errors import ErrorPages
from .pages.forms import FormTokens
from .pages.frame import Frame
from .pages.journey import JourneyPage
from .pages.legal import LegalPages
from .pages.press import press
from .pages.site import LinkPage, SitePages
from .places import PATHS, Places
from .routing import Endpoint, routes
from .settings import HttpSettings
from .transport.addresses import Origins, PrefixMiddleware, is_loopback
from .transport.brake import Brake
from .transport.guard import Guard
from .transport.headers import Cookies, SecurityHeaders
from .transport.problems import HttpProblem
from .transport.workers import Workers

__all__ = ["create_app"]


def create_app(flows: Flows, settings: HttpSettings) -> Starlette:
    """Make the app, to be served as it is or mounted under any prefix; it has no lifespan."""
    public_url = settings.public_url or flows.site.base_url
    secure = urlsplit(public_url).scheme == "https"
    brake = Brake(settings.brakes, settings.keys[0])
    awaited = AsyncFlows(flows, settings, Workers(settings.workers), brake)
    static = load_static()
    frame = Frame(
        flows=awaited,
        settings=settings,
        cookies=Cookies(secure),
        tokens=FormTokens(settings.keys),
        templates=make_templates(settings.templates),
        static=static.version,
        places=Places(flows.flows),
    )
    answer = ErrorPages(frame).answer
    endpoints = [
        *json_endpoints(awaited, settings),
        Endpoint("GET", "/static/{version}/{name}", static.serve),
        *_pages(frame),
    ]
    app = Starlette(
        routes=[*routes(endpoints), *settings.extra_routes],
        middleware=[
            Middleware(PrefixMiddleware),
            Middleware(SecurityHeaders, secure),
            Middleware(Guard, _origins(public_url, settings), answer),
        ],
        exception_handlers=dict.fromkeys((HttpProblem, HTTPException, PortUnavailable), answer),
    )
    # Its redirects are made with the Host header.
    app.router.redirect_slashes = False
    app.state.frame = frame
    return app


def _origins(public_url: str, settings: HttpSettings) -> Origins:
    loopback = settings.loopback_hosts
    if loopback is None:
        loopback = is_loopback(urlsplit(public_url).hostname or "")
    return Origins(public_url, loopback)


def _pages(frame: Frame) -> list[Endpoint]:
    journeys = [JourneyPage(flow, frame) for flow in frame.flows.declared.values()]
    site = SitePages(frame, next(it for it in journeys if it.path == frame.places.sign_in))
    link = LinkPage(frame)
    pages = [
        Endpoint("GET", PATHS[Place.HOME], site.home),
        Endpoint("GET", PATHS[Place.FORGOTTEN], site.forgotten),
        Endpoint("GET", PATHS[Place.RPPS_HELP], site.rpps_help),
        Endpoint("GET", PATHS[Place.ASSISTANCE], site.assistance),
        *LegalPages(frame).endpoints(),
        Endpoint("GET", "/lien/{token}", link.show),
        Endpoint("POST", "/lien/{token}", link.use),
        Endpoint("POST", "/deconnexion", site.sign_out),
        Endpoint("POST", "/renvoyer-confirmation", site.resend_confirmation),
        Endpoint("POST", "/accepter-conditions", site.accept_terms),
        Endpoint("POST", "/securite", site.strength),
    ]
    for journey in journeys:
        pages.append(Endpoint("GET", journey.path, journey.show))
        pages.append(Endpoint("POST", journey.path, partial(press, journey)))
    return pages
