"""The journeys over HTTP: JSON, server-rendered pages, cookies, on Starlette."""

from __future__ import annotations

try:
    from .app import create_app
    from .bridge import (
        SessionMiddleware,
        WsgiSessionMiddleware,
        aware_session,
        current_session,
        keep_session,
        session_of_environ,
        sign_in_url,
    )
    from .pages.showcase import theme_page
    from .pages.site import inbox_page
    from .settings import HttpSettings, Legal
    from .theme import Theme
    from .transport.addresses import Prefixed
    from .transport.brake import Brakes
    from .transport.guard import LinkTokenFilter, hide_link_tokens, request_id
except ModuleNotFoundError as missing:
    if missing.name and missing.name.split(".")[0].startswith("monespace"):
        raise
    raise ModuleNotFoundError(
        "monespace_http needs more than the core: pip install 'monespace-flows[http]'",
        name=missing.name,
    ) from missing

__all__ = [
    "Brakes",
    "HttpSettings",
    "Legal",
    "LinkTokenFilter",
    "Prefixed",
    "SessionMiddleware",
    "Theme",
    "WsgiSessionMiddleware",
    "aware_session",
    "create_app",
    "current_session",
    "hide_link_tokens",
    "inbox_page",
    "keep_session",
    "request_id",
    "session_of_environ",
    "sign_in_url",
    "theme_page",
]
