"""A Django host: by ASGI, and by WSGI.

A project has its settings, its ``urls`` and its views in files of their own; ``asgi.py`` and
``wsgi.py`` then hold what the two functions at the end do.
"""

from typing import Any

import django
from a2wsgi import ASGIMiddleware
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from starlette.types import ASGIApp, Receive, Scope, Send
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from monespace_flows import Flows
from monespace_http import (
    HttpSettings,
    create_app,
    current_session,
    session_of_environ,
    sign_in_url,
)

if not django_settings.configured:
    django_settings.configure(
        ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="of the example alone", USE_TZ=True
    )
    django.setup()


def members(request: HttpRequest) -> HttpResponse:
    """Greet whoever is signed in; under ASGI a view without ``async`` runs in a thread."""
    is_asgi = hasattr(request, "scope")
    session = current_session(request) if is_asgi else session_of_environ(request.META)
    if session is None:
        asked = request if is_asgi else request.META
        return HttpResponseRedirect(sign_in_url(request.path, asked))
    return HttpResponse(f"Bonjour {session.email}", content_type="text/plain; charset=utf-8")


urlpatterns = [path("membres", members)]


def make_host(flows: Flows, settings: HttpSettings) -> ASGIApp:
    """Make what ``asgi.py`` calls ``application``."""
    pages, host = create_app(flows, settings), get_asgi_application()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/compte/"):
            await pages({**scope, "root_path": "/compte"}, receive, send)
        else:
            await host(scope, receive, send)

    return application


def make_wsgi_host(flows: Flows, settings: HttpSettings) -> Any:
    """Make what ``wsgi.py`` calls ``application``."""
    pages: Any = create_app(flows, settings)
    beside: Any = {"/compte": ASGIMiddleware(pages)}
    return DispatcherMiddleware(get_wsgi_application(), beside)
