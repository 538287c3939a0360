"""The gate: foreign hosts, unforeseen errors and secrets in logs stop here."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from secrets import token_hex

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .addresses import Origins, route_path
from .headers import HttpProblem

__all__ = [
    "Guard",
    "LinkTokenFilter",
    "hide_link_tokens",
    "request_id",
]

# --- One-time links stay out of access logs, which name every path -------------------------------

_LINK = re.compile(r"(/lien/)[^\s?/\"]+")
_ACCESS_LOGS = ("uvicorn.access", "gunicorn.access", "hypercorn.access", "_granian")


class LinkTokenFilter(logging.Filter):
    """Replaces the token of ``/lien/{token}`` in a record's message and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record and let it pass."""
        if isinstance(record.msg, str):
            record.msg = _hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hide(a) if isinstance(a, str) else a for a in record.args)
        elif isinstance(record.args, dict):
            record.args = {
                name: _hide(value) if isinstance(value, str) else value
                for name, value in record.args.items()
            }
        return True


def _hide(text: str) -> str:
    return _LINK.sub(r"\1[...]", text)


def hide_link_tokens(*loggers: str) -> None:
    """Put the filter on access logs: those of the usual servers, or those named."""
    for name in loggers or _ACCESS_LOGS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, LinkTokenFilter) for each in logger.filters):
            logger.addFilter(LinkTokenFilter())


# --- Which request a line of the log is about -----------------------------------------------------

_request: ContextVar[str | None] = ContextVar("monespace_http.request", default=None)


def request_id() -> str | None:
    """The name of the request that is being answered, drawn for it alone; for logs.

    Worker threads know it too.  What a client calls its request is not believed.
    """
    return _request.get()


# --- The gate ------------------------------------------------------------------------------------

_log = logging.getLogger("monespace_http")

# Asked by machines that watch over us, under whatever name they know us by.
_WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})


class Guard:
    """Checks host and origin, and answers for errors that no handler took.

    What is let through is marked with whose app it is in.

    Starlette's own last resort stands outside all middleware: its answer would lack our headers,
    and its re-raised error would be logged with its message, which may quote what was typed.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: Origins,
        answer: Callable[[Request, Exception], Awaitable[Response]],
        marks: Mapping[str, object],
    ) -> None:
        self.app = app
        self.marks = marks
        self.origins = origins
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        _request.set(token_hex(8))

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if route_path(scope) not in _WATCHED:
                self.origins.check_host(scope)
            self.origins.check_origin(scope)
            scope.update(self.marks)
            await self.app(scope, receive, watched_send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last resort
            if not isinstance(error, HttpProblem):
                _report(scope, error)
            if not started:
                response = await self.answer(Request(scope), error)
                await response(scope, receive, send)


def _report(scope: Scope, error: Exception) -> None:
    """Log where it happened and of which type: no message, no path, no value."""
    route = getattr(scope.get("route"), "path", "?")
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s at %s %s\n%s", type(error).__name__, scope["method"], route, frames)
