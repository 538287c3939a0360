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


def make_host(flows: Flows, settings: HttpSettings) -> Starlette:
    """Make the host's app."""
    return Starlette(
        routes=[Mount("/compte", create_app(flows, settings)), Route("/membres", members)]
    )
