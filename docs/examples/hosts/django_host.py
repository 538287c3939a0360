"""A Django host: by ASGI, and by WSGI.

A project has its settings, its ``urls`` and its views in files of their own; ``asgi.py`` and
``wsgi.py`` then hold what the two functions at the end do.
"""

from typing import Any

import django
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import is_valid_path, path
from starlette.types import ASGIApp, Receive, Scope, Send

from monespace_flows import Flows
from monespace_http import (
    HttpSettings,
    create_app,
    current_session,
    session_of_environ,
    sign_in_url,
)

from .wsgi import beside

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


def make_host(flows: Flows, settings: HttpSettings, at: str = "/compte") -> ASGIApp:
    """Make what ``asgi.py`` calls ``application``; at ``""`` Django answers for its pages alone."""
    pages, host = create_app(flows, settings), get_asgi_application()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")  # where a server or a host around this one put it
        path = scope.get("path", "").removeprefix(root)
        if path.startswith(f"{at}/") and not is_valid_path(path):
            await pages({**scope, "root_path": root + at}, receive, send)
        else:
            await host(scope, receive, send)

    return application


def make_wsgi_host(flows: Flows, settings: HttpSettings, at: str = "/compte") -> Any:
    """Make what ``wsgi.py`` calls ``application``."""
    return beside(get_wsgi_application(), flows, settings, at)
