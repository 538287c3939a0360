"""The journeys beside a WSGI host, in the same process."""

from typing import Any

from a2wsgi import ASGIMiddleware
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from monespace_flows import Flows
from monespace_http import HttpSettings, create_app


def beside(host: Any, flows: Flows, settings: HttpSettings, at: str) -> DispatcherMiddleware:
    """Put the journeys below a path; at the root, ``""``, the host's pages are below ``/site``."""
    asgi: Any = create_app(flows, settings)
    pages: Any = ASGIMiddleware(asgi)
    if at:
        return DispatcherMiddleware(host, {at: pages})
    return DispatcherMiddleware(pages, {"/site": host})
