"""The demo's inbox: every e-mail and SMS that was delivered, newest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .frame import Frame

__all__ = ["inbox_page"]

_BLANK: Mapping[str, Any] = dict.fromkeys(("id", "at", "channel", "to", "subject", "text", "html"))
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


def inbox_page(
    messages: Callable[[], Sequence[Mapping[str, Any]]], path: str = "/demo/boite"
) -> Route:
    """Make the route of an inbox page, for ``HttpSettings.extra_routes``.

    ``messages`` reads what was delivered, oldest first, with the keys of ``messages.jsonl``; it
    is called in a worker thread at each request.
    """

    async def inbox(request: Request) -> Response:
        frame: Frame = request.app.state.frame
        found = await anyio.to_thread.run_sync(messages)
        delivered = [{**_BLANK, **each} for each in reversed(found)]
        return frame.page(
            request,
            "inbox.html",
            title="Boîte de démonstration",
            texts=[each for each in delivered if each["channel"] == "sms"],
            mails=[each for each in delivered if each["channel"] == "email"],
            live=_live,
            when=_when,
        )

    return Route(path, inbox, methods=["GET"])


def _when(at: str) -> str:
    """Write an instant for people; the sender's own zone is not known, so it says which it is."""
    try:
        return f"{datetime.fromisoformat(at).astimezone(UTC):%d/%m/%Y à %H:%M:%S} (UTC)"
    except ValueError:
        return at


def _live(text: str) -> Markup:
    """Escape a text and make its web addresses links."""
    woven, position = Markup(), 0
    for match in _ADDRESS.finditer(text):
        woven += escape(text[position : match.start()])
        woven += Markup('<a href="{0}">{0}</a>').format(match[0])
        position = match.end()
    return woven + escape(text[position:])
