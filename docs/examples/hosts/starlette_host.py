"""A Starlette host."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from monespace_flows import Flows
from monespace_http import HttpSettings, aware_session, create_app, sign_in_url


async def members(request: Request) -> Response:
    """Greet whoever is signed in; anybody else signs in first, and comes back."""
    session = await aware_session(request)
    if session is None:
        return RedirectResponse(sign_in_url(request.url.path, request))
    return PlainTextResponse(f"Bonjour {session.email}")


def make_host(flows: Flows, settings: HttpSettings, at: str = "/compte") -> Starlette:
    """Make the host's app; at ``""``, its root, the journeys answer for all that it does not."""
    return Starlette(routes=[Route("/membres", members), Mount(at, create_app(flows, settings))])
