"""A Flask host: WSGI, with the journeys beside it in the same process."""

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from monespace_flows import Flows
from monespace_http import HttpSettings, session_of_environ, sign_in_url

from .wsgi import beside


def make_host(flows: Flows, settings: HttpSettings, at: str = "/compte") -> Flask:
    """Make the host's app."""
    host = Flask(__name__)

    @host.get("/membres")
    def members() -> ResponseReturnValue:
        session = session_of_environ(request.environ)
        if session is None:
            return redirect(sign_in_url(url_for("members"), request.environ))
        return f"Bonjour {session.email}"

    host.wsgi_app = beside(host.wsgi_app, flows, settings, at)  # type: ignore[method-assign]  # as Flask's manual says
    return host
