"""One table of what is served; the routes and the OpenAPI document are both read from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["Endpoint", "Operation", "routes"]

Handler = Callable[[Request], Awaitable[Response]]


@frozen(kw_only=True)
class Operation:
    """What OpenAPI tells of an endpoint: its body, its answers by status, its bearer.

    An answer is one of some types, or of none where there is no body; statuses that carry a
    problem document are in ``problems``.
    """

    summary: str
    body: type | None = None
    answers: Mapping[int, tuple[type, ...]]
    problems: tuple[int, ...] = ()
    bearer: Literal["journey", "session", "session or nothing"] | None = None


@frozen
class Endpoint:
    """A method and a path, who answers, and the operation where it is part of the JSON."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    handler: Handler
    operation: Operation | None = None


def routes(endpoints: Iterable[Endpoint]) -> list[Route]:
    """Make one route a path, so that a wrong method is told of all the right ones."""
    by_path: dict[str, dict[str, Handler]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint.handler
    return [
        Route(path, _dispatch(handlers), methods=list(handlers))
        for path, handlers in by_path.items()
    ]


def _dispatch(handlers: Mapping[str, Handler]) -> Handler:
    async def dispatch(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return dispatch
