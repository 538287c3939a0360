"""A Flask host: WSGI, with the journeys beside it in the same process."""

from typing import Any

from a2wsgi import ASGIMiddleware
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from monespace_flows import Flows
from monespace_http import HttpSettings, create_app, session_of_environ, sign_in_url


def make_host(flows: Flows, settings: HttpSettings) -> Flask:
    """Make the host's app."""
    host = Flask(__name__)

    @host.get("/membres")
    def members() -> ResponseReturnValue:
        session = session_of_environ(request.environ)
        if session is None:
            return redirect(sign_in_url(request.path, request.environ))
        return f"Bonjour {session.email}"

    pages: Any = create_app(flows, settings)
    beside: Any = {"/compte": ASGIMiddleware(pages)}
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, beside)  # type: ignore[method-assign]  # as Flask's manual says
    return host
