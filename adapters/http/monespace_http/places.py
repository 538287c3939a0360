"""What is served where: the table of endpoints, and the address of each place below the mount."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monespace_flows.chart import Flow
from monespace_flows.screens import Place

__all__ = [
    "FOOTER",
    "Endpoint",
    "Operation",
    "Places",
    "routes",
]

_LEGAL: Mapping[str, str] = {
    Place.TERMS.value: "/conditions",
    Place.PRIVACY.value: "/confidentialite",
    "cookies": "/cookies",
    "notices": "/mentions-legales",
    "accessibility": "/accessibilite",
}
_OWN: Mapping[str, str] = {
    Place.HOME.value: "/",
    Place.FORGOTTEN.value: "/identifiants-oublies",
    Place.RPPS_HELP.value: "/ou-trouver-mon-rpps",
    Place.ASSISTANCE.value: "/assistance",
    **_LEGAL,
}
"""The pages that no flow stands behind."""
_FOOT_ALONE = _LEGAL.keys() - {place.value for place in Place}
"""Those that no screen ever links to."""

FOOTER = ("accessibility", "notices", "privacy", "cookies", "terms")
"""The links at the foot of every page.  Their words differ from those of the screens, which link
to two of these places in the guide's own words: nobody meets the same link twice on a page."""


@frozen
class Places:
    """Every place of an application, by its name: a flow's is the flow's.

    ``paths`` are the addresses below the mount.

    Raises:
        ValueError: no flow is for guests.
    """

    flows: Mapping[str, Flow]
    paths: Mapping[str, str] = field(init=False)
    sign_in: str = field(init=False)

    @paths.default
    def _every_path(self) -> dict[str, str]:
        return {**_OWN, **{name: it.path for name, it in self.flows.items()}}

    @sign_in.default
    def _first_for_guests(self) -> str:
        for flow in self.flows.values():
            if flow.for_guests:
                return flow.path
        raise ValueError("no flow is for guests: pages need one where people sign in")

    @property
    def home(self) -> str:
        """Where whoever is signed in comes first."""
        return self.paths[Place.HOME.value]

    @property
    def pages(self) -> frozenset[str]:
        """The addresses that can be opened again by GET."""
        return frozenset(path for name, path in self.paths.items() if name not in _FOOT_ALONE)

    def for_members(self) -> tuple[Flow, ...]:
        """What the banner offers whoever is signed in."""
        return tuple(flow for flow in self.flows.values() if flow.needs_session)

    def hrefs(self, prefix: str) -> dict[str, str]:
        """Every place's address under a mount."""
        return {name: prefix + path for name, path in self.paths.items()}


# --- One table of what is served; the routes and the OpenAPI document are both read from it ------

Handler = Callable[[Request], Awaitable[Response]]


@frozen(kw_only=True)
class Operation:
    """What OpenAPI tells of an endpoint: its body, its answers by status, its bearer.

    An answer is one of some types, or of none where there is no body; statuses that carry a
    problem document are in ``problems``.  ``id`` is what generated code calls it.
    """

    id: str
    tag: Literal["journeys", "links", "sessions", "service"] = "journeys"
    summary: str
    about: str = ""
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

    # What the manual says of a page that no flow stands behind.
    dispatch.__doc__ = next(iter(handlers.values())).__doc__
    return dispatch
